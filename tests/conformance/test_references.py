"""The packaged reference figures: derived again from the open data byte for byte, and equal to the published figures."""

import csv
import importlib.util
import json
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl
import pytest

from shared import SHARED, needs_shared
from wm_api.benchmarks.public_sources import cells_of_editions, packaged_statistics
from wm_api.references import tables
from wm_api.references.loaders.bls_ebs import COLUMNS
from wm_api.references.loaders.bls_jolts import NATION, annual_rates
from wm_api.references.loaders.flat_series import read_series
from wm_api.references.loaders.industry_codes import followed, isic_sections
from wm_api.references.loaders.uk_gpg import SIZES, returns
from wm_api.references.sectors import divisions, sections_of
from wm_api.references.sources import SOURCES

ROOT = Path(__file__).resolve().parents[2]
DATA = SHARED / "data"
PRICES = ROOT / "src/wm_api/references/data/us_cpi_u_2026_08.csv"
FOLDER = ROOT / "src/wm_api/references/data"
PACKAGED = sorted(FOLDER.glob("*.[cj]s*"))


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference_figures", ROOT / "tools/derive/reference_figures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def expected(folder: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / folder / "expected.json").read_text())
    return found


def packaged(name: str) -> list[dict[str, str]]:
    file = next(each for each in PACKAGED if each.name == name)
    return list(csv.DictReader(file.read_text().splitlines()))


def turnover(name: str) -> dict[tuple[str, str], float]:
    return {(row["metric"], row["industry"]): float(row["p50"]) for row in packaged(name)}


def cell(metric: str, section: str | None) -> dict[str, str]:
    level = "sector" if section else "all"
    rows = packaged("uk_gpg_2021_22.csv")
    return next(
        r for r in rows if (r["metric"], r["part"], r["level"], r["sector"]) == (metric, "", level, section or "")
    )


@needs_shared
def test_the_script_derives_every_packaged_file_byte_for_byte(tmp_path: Path) -> None:
    script().main(DATA, tmp_path)
    made = {file.name for file in tmp_path.rglob("*") if file.is_file()}
    assert made == {file.name for file in PACKAGED}
    for file in PACKAGED:
        assert (tmp_path / "references/data" / file.name).read_bytes() == file.read_bytes(), file.name


def test_each_packaged_file_has_a_source_an_edition_a_licence_a_script_a_period_and_hashes() -> None:
    stated = json.loads((FOLDER / "provenance.json").read_text())
    page = (ROOT / "docs/sources.md").read_text()
    files = {file.name: file for file in PACKAGED if file.name != "provenance.json"}
    assert stated.keys() == files.keys()
    shown = {"source", "url", "licence", "reference_period", "derived_by", "sha256"}
    for name, entry in stated.items():
        assert set(entry) == {*shown, "table_of", "edition", "original_sha256"}
        assert all(entry.values())
        assert (ROOT / entry["derived_by"]).exists()
        assert entry["sha256"] == sha256(files[name].read_bytes()).hexdigest()
        line = next(line for line in page.splitlines() if f"/{name} |" in line)
        assert all(entry[key] in line for key in shown)


def test_a_reference_cell_between_employers_has_thirty_of_them() -> None:
    cells = [each for each in cells_of_editions(packaged_statistics()) if each.kind == "quartiles"]
    assert min(each.n or 0 for each in cells) >= 30
    levels = {each.level for each in cells}
    assert levels == {"all", "sector", "sector_size_band"}


@needs_shared
def test_the_uk_returns_are_those_that_were_published() -> None:
    returns = pl.read_csv(DATA / "uk_gpg/uk_gpg_2021_2022.csv.gz", infer_schema=False)
    median = returns.get_column("DiffMedianHourlyPercent").cast(pl.Float64)
    year = expected("uk_gpg")["years"]["2021_2022"]
    assert (returns.height, (median > 0).sum(), (median == 0).sum(), (median < 0).sum()) == (10491, 8178, 899, 1414)
    counts = [year[name] for name in ("rows", "employers_paying_men_more", "equal", "women_more")]
    assert counts == [10491, 8178, 899, 1414]
    assert (year["quartile_blank"], year["bonus_gap_blank"]) == (197, 2807)
    assert median.median() == pytest.approx(year["median_of_median_gap"])
    assert median.mean() == pytest.approx(year["mean_of_median_gap"], abs=0.6e-6)
    mean = returns.get_column("DiffMeanHourlyPercent").cast(pl.Float64)
    assert mean.median() == pytest.approx(year["median_of_mean_gap"])
    for at, value in year["median_gap_percentiles_type7"].items():
        assert median.quantile(int(at) / 100, interpolation="linear") == pytest.approx(value)
    quarters = [f"Female{name}Quartile" for name in ("Lower", "LowerMiddle", "UpperMiddle", "Top")]
    shares = [returns.get_column(name).cast(pl.Float64) for name in quarters]
    assert [round(each.mean(), 6) for each in shares] == year["mean_female_share_by_quartile"]  # type: ignore[arg-type]
    assert (shares[0].null_count(), returns.get_column("DiffMedianBonusPercent").null_count()) == (197, 2807)


def test_the_quartiles_of_gaps_between_employers_are_those_of_the_page() -> None:
    def quartiles(metric: str, section: str | None) -> list[float]:
        return [float(cell(metric, section)[name]) for name in ("p25", "p50", "p75")]

    assert {cell(m, None)["n"] for m in ("gender_gap_median_hourly", "gender_gap_mean_hourly")} == {"10478"}
    assert quartiles("gender_gap_median_hourly", None) == [3.5, 11.1, 22.4]
    assert quartiles("gender_gap_mean_hourly", None) == [6.0, 13.4, 22.2]
    assert (cell("variable_receipt_gap", None)["n"], quartiles("variable_receipt_gap", None)) == (
        "7807",
        [1.1, 3.4, 8.2],
    )
    assert cell("gender_gap_median_hourly", "C")["n"] == "1324"
    assert quartiles("gender_gap_median_hourly", "C") == [4.5, 9.8, 17.2]
    assert quartiles("gender_gap_mean_hourly", "C") == [5.975, 12.0, 18.7]


@needs_shared
def test_an_annual_level_of_turnover_is_the_sum_of_its_months() -> None:
    rows = pl.read_parquet(DATA / "bls_jolts/jolts_all.parquet").with_columns(pl.col(pl.Categorical).cast(pl.String))
    levels = rows.filter((pl.col("ratelevel_code") == "L") & (pl.col("dataelement_code") != "JO"))
    month = pl.col("period") != "M13"
    years = levels.group_by("series_id", "year").agg(
        pl.col("value").filter(month).sum().alias("months"),
        month.sum().alias("count"),
        pl.col("value").filter(~month).first().alias("annual"),
    )
    whole = years.filter((pl.col("count") == 12) & pl.col("annual").is_not_null())
    assert whole.height > 1000
    assert whole.filter((pl.col("months") - pl.col("annual")).abs() > 1e-6).height == 0


def test_turnover_of_2021_is_the_published_annual_rate_not_twelve_rounded_months() -> None:
    rates = turnover("bls_jolts_2021.csv")
    published = {"000000": (47.2, 32.7), "300000": (39.9, 28.0), "720000": (86.3, 70.7), "900000": (18.1, 10.8)}
    for industry, pair in published.items():
        assert (rates["turnover_rate", industry], rates["voluntary_turnover_rate", industry]) == pair
    assert rates["turnover_rate", "000000"] != 47.5


@needs_shared
def test_every_annual_rate_of_the_nation_is_the_published_one() -> None:
    stated = next(value for value in expected("bls_jolts").values() if isinstance(value, dict) and _annual(value))
    rates = turnover("bls_jolts_2021.csv")
    compared = 0
    for name, figures in stated.items():
        for metric, code in (("turnover_rate", "TS_2021"), ("voluntary_turnover_rate", "QU_2021")):
            assert rates[metric, name[:6]] == figures[code]
            compared += 1
    assert compared == len([metric for metric, _ in rates if metric != "quits_rate_monthly"])


def _annual(value: dict[str, Any]) -> bool:
    return any(isinstance(each, dict) and "TS_2021" in each for each in value.values())


@needs_shared
def test_wages_by_occupation_are_those_that_were_published() -> None:
    rows = pl.read_parquet(DATA / "bls_oews/oews_2025_all.parquet").with_columns(pl.col(pl.Categorical).cast(pl.String))
    assert rows.height == 370172
    for stated in expected("bls_oews")["cells"].values():
        place = [pl.col(name) == stated[name] for name in ("area_code", "industry_code", "occupation_code")]
        found = rows.row(by_predicate=pl.all_horizontal(place), named=True)
        for name in ("hourly_p10", "hourly_median", "hourly_p90", "hourly_mean", "annual_median"):
            assert round(found[name], 2) == stated[name]
    annual = pl.col("hourly_median").cast(pl.Float64) * 2080 - pl.col("annual_median")
    assert rows.select(annual.abs().max()).item() < 15.4
    percentiles = [f"hourly_{name}" for name in ("p10", "p25", "median", "p75", "p90")]
    falling = pl.any_horizontal(pl.col(low) > pl.col(high) for low, high in pairwise(percentiles))
    assert rows.filter(falling).height == 0


def test_market_pay_is_the_median_of_the_nation() -> None:
    pay = tables.market_pay(tables.packaged_table("bls_oews"))
    assert (pay["00-0000"], pay["33-3051"], pay["29-1141"]) == (24.51, 36.64, 46.9)
    assert len(pay) == 1104


@needs_shared
def test_the_concordances_have_the_published_counts_and_holes() -> None:
    folder = DATA / "industry_codes"
    stated = expected("industry_codes")

    def ambiguous(name: str) -> tuple[int, int]:
        pairs = pl.read_csv(folder / name, infer_schema=False).drop_nulls()
        counts = pairs.group_by(pairs.columns[0]).agg(pl.col(pairs.columns[1]).n_unique().alias("n"))
        return counts.height, counts.filter(pl.col("n") > 1).height

    assert ambiguous("naics2017_to_isic4.csv.gz") == (stated["naics2017_codes"], 326)
    assert ambiguous("naics2022_to_naics2017.csv.gz") == (stated["naics2022_codes"], 79)
    pairs = pl.read_csv(folder / "uksic2007_to_nace2.csv.gz", infer_schema=False)
    reached = set(pairs.drop_nulls().get_column(pairs.columns[0]))
    codes = pl.read_csv(folder / "uksic2007_codes.csv.gz", infer_schema=False).get_column("code")
    assert [code for code in codes if code not in reached] == ["74990", "98000", "99999"]
    assert stated["uk_subclasses_without_nace"] == ["74990", "98000", "99999"]


def test_an_industry_code_finds_its_sections_and_an_unclear_one_finds_several() -> None:
    assert sections_of("naics_2022", "311812") == ("C",)
    assert sections_of("uk_sic_2007", "74990") == ("M",)
    assert sections_of("nace_2", "C10.1") == ("C",)
    assert len(sections_of("naics_2017", "11")) > 1
    assert sections_of(None, None) == ()


@needs_shared
def test_the_medians_of_gaps_by_section_and_size_are_those_that_were_published() -> None:
    """Of all returns; the cells that companies are compared with leave gaps above 100 out."""
    year = expected("uk_gpg")["years"]["2021_2022"]
    gaps = returns(DATA / "uk_gpg/uk_gpg_2021_2022.csv.gz").rename({"DiffMedianHourlyPercent": "gap"})
    found = gaps.explode("sectors", empty_as_null=True).drop_nulls("sectors").group_by("sectors")
    sections = {name: (n, gap) for name, n, gap in found.agg(pl.len(), pl.col("gap").median()).iter_rows()}
    assert sections == {
        name: (each["n"], pytest.approx(each["median"]))
        for name, each in year["median_of_median_gap_by_section"].items()
    }
    sizes = gaps.group_by("size_band").agg(pl.len().alias("n"), pl.col("gap").median())
    sized = {name: (n, gap) for name, n, gap in sizes.iter_rows()}
    stated = year["median_of_median_gap_by_size"]
    for name, band in SIZES.items():
        if band != "5000+":
            assert sized[band] == (stated[name]["n"], pytest.approx(stated[name]["median"]))
    assert sized["5000+"][0] == stated["5000 to 19,999"]["n"] + stated["20,000 or more"]["n"]


@needs_shared
@pytest.mark.slow
def test_every_annual_rate_of_every_element_and_year_is_the_published_one() -> None:
    stated = expected("bls_jolts")["published_annual_M13_rates_pct"]
    compared = 0
    for year in ("2018", "2019", "2020", "2021"):
        rows = annual_rates(DATA / "bls_jolts/jolts_all.parquet", year)
        rates = {(element, industry): rate for element, industry, rate in rows.iter_rows()}
        for name, figures in stated.items():
            for code, figure in figures.items():
                if code.endswith(year):
                    assert rates[code[:2], name[:6]] == figure, (name, code)
                    compared += 1
    assert compared == sum(len(figures) for figures in stated.values())
    assert compared > 500


@needs_shared
@pytest.mark.slow
def test_sums_of_twelve_rounded_monthly_rates_are_as_stated_and_are_not_the_annual_rate() -> None:
    """Read as our loader reads; what is summed here is what we never do."""
    stated, compared = expected("bls_jolts")["industries"], 0
    for year in ("2019", "2020", "2021"):
        sums = monthly_sums(year)
        for name, figures in stated.items():
            for code, figure in figures.items():
                if code[3:7] == year:
                    assert sums[code[:2], name[:6]] == pytest.approx(figure, abs=1e-9), (name, code)
                    compared += 1
    assert compared == sum(len(figures) for figures in stated.values())
    annual = expected("bls_jolts")["published_annual_M13_rates_pct"]["000000 Total nonfarm"]["TS_2021"]
    assert stated["000000 Total nonfarm"]["TS_2021_sum_of_12_monthly_rates_pct"] != annual


def monthly_sums(year: str) -> dict[tuple[str, str], float]:
    """By element and industry of the nation, of all sizes, as they are printed month by month."""
    series = pl.col("series_id").str
    rows = read_series(DATA / "bls_jolts/jolts_all.parquet", "JTU").filter(
        (series.slice(9, 9) == NATION) & (series.slice(20, 1) == "R") & (pl.col("year") == int(year))
    )
    months = rows.filter(pl.col("period") != "M13").select(
        series.slice(18, 2).alias("element"), series.slice(3, 6).alias("industry"), "value"
    )
    sums = months.group_by("element", "industry").agg(pl.col("value").sum().round(1))
    return {(element, industry): value for element, industry, value in sums.iter_rows()}


@needs_shared
def test_every_stated_wage_of_nation_state_and_metropolitan_area_is_loaded() -> None:
    wages = SOURCES["bls_oews"].read(DATA / "bls_oews/oews_2025_all.parquet", "2025-05")
    known = {(area, soc): wage for area, soc, wage in wages.iter_rows()}
    for name, each in expected("bls_oews")["cells"].items():
        code = each["area_code"]
        area = "US" if code == "0000000" else code[:2] if code.endswith("00000") else code[2:]
        soc = f"{each['occupation_code'][:2]}-{each['occupation_code'][2:]}"
        assert known[area, soc] == each["hourly_median"], name
    packaged_rows = sum(1 for area, _ in known if area == "US" or len(area) == 2)
    assert packaged_rows == len(packaged("bls_oews_2025_05.csv"))


@needs_shared
@pytest.mark.parametrize("year", ["2025", "2010"])
def test_every_stated_share_with_sick_leave_is_loaded(year: str) -> None:
    cells = SOURCES["bls_ebs"].read(DATA / "bls_ebs_sick_leave/ebs_psl_access_2010_2025.csv.gz", year)
    private = cells.filter(pl.col("ownership") == "private")
    shares = dict(private.select("industry", "p50").iter_rows())
    row = expected("bls_ebs_sick_leave")[f"row_{year}_private"]
    stated = {code: float(row[column]) for column, code in COLUMNS.items() if row[column]}
    assert shares == {code: pytest.approx(100 * share) for code, share in stated.items()}
    of_all = dict(cells.filter(pl.col("industry").is_null()).select("ownership", "p50").iter_rows())
    whole: dict[str | None, float] = {"private": 80.0, "government": 93.0, None: 82.0}
    assert {name: of_all[name] for name in whole} == whole if year == "2025" else of_all["private"] == 63.0


@needs_shared
def test_pay_over_the_living_wage_is_the_published_ratio_in_every_county() -> None:
    """One adult with two children, 40 hours; the wage of the first half of 2022 moved to the mean of 2021."""
    folder = DATA / "living_wage_qcew"
    wages = SOURCES["living_wage"].read(folder / "mit_living_wage_2022.csv.gz", "2022-H1")
    household = wages.filter(pl.col("adults") == 1, pl.col("children") == 2).select("county", "hourly_usd")
    prices = SOURCES["us_cpi_u"].opened(PRICES.read_text())
    before, after = tables.prices_of(prices, "2022-H1"), tables.prices_of(prices, "2021")
    assert (before, after) == (288.347, 270.970)
    county = pl.col("state").str.zfill(2) + pl.col("county").str.zfill(3)
    pay = pl.read_csv(folder / "qcew_county_2021.csv.gz", infer_schema=False).select(
        county.alias("county"), pl.col("annualaverageweeklywage").cast(pl.Float64).alias("weekly")
    )
    ratio = pl.read_csv(folder / "published_wage_to_living_wage_ratio.csv.gz", infer_schema=False).filter(
        pl.col("year") == "2021"
    )
    published = ratio.select(county.alias("county"), pl.col("ratio_living_wage").cast(pl.Float64, strict=False))
    joined = household.join(pay, on="county").join(published.drop_nulls(), on="county")
    ours = pl.col("weekly") / (40 * pl.col("hourly_usd") * after / before)
    off = joined.with_columns(ours.alias("ours")).with_columns(
        (pl.col("ours") / pl.col("ratio_living_wage") - 1).abs().alias("off")
    )
    assert off.height == expected("living_wage_qcew")["reproduced_2021"]["counties"]
    assert off.select(pl.col("off").max()).item() < 4.7e-7
    assert f"{after:.3f}/{before}" == expected("living_wage_qcew")["reproduced_2021"]["deflator_2022_to_2021"]
    relative = off.select((pl.col("ours") / pl.col("ratio_living_wage")).median()).item()
    assert relative == pytest.approx(expected("living_wage_qcew")["reproduced_2021"]["median_rel"], abs=1e-7)
    assert (
        off.select(pl.col("off").max()).item()
        < expected("living_wage_qcew")["reproduced_2021"]["max_abs_rel_diff"] * 1.02
    )
    found = off.rows_by_key("county", named=True, unique=True)
    for name, each in expected("living_wage_qcew")["examples_2021"].items():
        row = found[name.replace("-", "")]
        assert (row["weekly"], row["hourly_usd"]) == (each["qcew_weekly"], each["living_wage_2022"])
        assert row["ratio_living_wage"] == pytest.approx(each["published_ratio"], abs=1e-7)
        assert round(row["ours"], 7) == pytest.approx(each["recomputed"], abs=1.1e-7)


@needs_shared
def test_the_earlier_file_of_living_wages_repeats_two_counties_which_count_once() -> None:
    wages = SOURCES["living_wage"].read(DATA / "living_wage_qcew/mit_living_wage_2018.csv.gz", "2018")
    assert wages.height == 37704


@needs_shared
def test_uk_sic_and_nace_share_the_divisions_of_isic_and_nace_2_1_does_not() -> None:
    folder = DATA / "industry_codes"
    isic = isic_sections(folder)
    nace = followed(folder / "nace2_to_isic4.csv.gz", isic)
    for table in (nace, followed(folder / "uksic2007_to_nace2.csv.gz", nace)):
        codes = {code: found for code, found in table.items() if code[:1].isdigit()}
        assert len(codes) > 900
        assert {code: "".join(found) for code, found in codes.items()} == {
            code: divisions()[code[:2]] for code in codes
        }
    assert sections_of("nace_2_1", "K62.10") == ("J",)
    assert sections_of("nace_2_1", "62.10") == ("J",)
    assert sections_of("nace_2_1", "L") == ("K",)
    assert sections_of("nace_2_1", "01.1") == ("A",)
    assert sections_of("nace_2_1", "46.11") == ("G", "N")
