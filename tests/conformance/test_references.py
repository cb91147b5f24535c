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
from wm_api.benchmarks.public_sources import packaged_release
from wm_api.references import tables

ROOT = Path(__file__).resolve().parents[2]
DATA = SHARED / "data"
FOLDERS = ("references/data", "benchmarks/data")
PACKAGED = [file for folder in FOLDERS for file in sorted((ROOT / "src/wm_api" / folder).glob("*.[cj]s*"))]


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


def cell(metric: str, section: str | None) -> dict[str, str]:
    level = "sector" if section else "all"
    rows = packaged("uk_gpg_2021_22.csv")
    return next(r for r in rows if (r["metric"], r["level"], r["sector"]) == (metric, level, section or ""))


@needs_shared
def test_the_script_derives_every_packaged_file_byte_for_byte(tmp_path: Path) -> None:
    script().main(DATA, tmp_path)
    made = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    assert made == {str(file.relative_to(ROOT / "src/wm_api")) for file in PACKAGED}
    for file in PACKAGED:
        assert (tmp_path / file.relative_to(ROOT / "src/wm_api")).read_bytes() == file.read_bytes(), file.name


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_packaged_file_has_a_source_a_licence_a_script_a_period_and_its_own_hash(folder: str) -> None:
    stated = json.loads((ROOT / "src/wm_api" / folder / "provenance.json").read_text())
    page = (ROOT / "docs/sources.md").read_text()
    files = {
        file.name: file for file in PACKAGED if file.parent.match(f"*/{folder}") and file.name != "provenance.json"
    }
    assert stated.keys() == files.keys()
    for name, entry in stated.items():
        assert set(entry) == {"source", "url", "licence", "reference_period", "derived_by", "sha256"}
        assert all(entry.values())
        assert (ROOT / entry["derived_by"]).exists()
        assert entry["sha256"] == sha256(files[name].read_bytes()).hexdigest()
        line = next(line for line in page.splitlines() if f"/{name} |" in line)
        assert all(value in line for value in entry.values())


def test_a_reference_cell_between_employers_has_thirty_of_them() -> None:
    cells = [each for each in packaged_release().cells if each.kind == "quartiles"]
    assert min(each.n or 0 for each in cells) >= 30
    levels = {each.level for each in cells}
    assert levels == {"all", "sector", "sector_size_band"}


@needs_shared
def test_the_uk_returns_are_those_that_were_published() -> None:
    returns = pl.read_csv(DATA / "uk_gpg/uk_gpg_2021_2022.csv.gz", infer_schema=False)
    median = returns.get_column("DiffMedianHourlyPercent").cast(pl.Float64)
    year = expected("uk_gpg")["years"]["2021_2022"]
    assert (returns.height, (median > 0).sum(), (median == 0).sum(), (median < 0).sum()) == (10491, 8178, 899, 1414)
    assert year["rows"] == 10491
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
    rates = {(row["metric"], row["industry_code"]): float(row["rate"]) for row in packaged("bls_jolts_2021.csv")}
    published = {"000000": (47.2, 32.7), "300000": (39.9, 28.0), "720000": (86.3, 70.7), "900000": (18.1, 10.8)}
    for industry, pair in published.items():
        assert (rates["turnover_rate", industry], rates["voluntary_turnover_rate", industry]) == pair
    assert rates["turnover_rate", "000000"] != 47.5


@needs_shared
def test_every_annual_rate_of_the_nation_is_the_published_one() -> None:
    stated = next(value for value in expected("bls_jolts").values() if isinstance(value, dict) and _annual(value))
    rates = {(row["metric"], row["industry_code"]): float(row["rate"]) for row in packaged("bls_jolts_2021.csv")}
    compared = 0
    for name, figures in stated.items():
        for metric, code in (("turnover_rate", "TS_2021"), ("voluntary_turnover_rate", "QU_2021")):
            assert rates[metric, name[:6]] == figures[code]
            compared += 1
    assert compared == len(rates)


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
    pay = tables.market_pay_p50()
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
    assert tables.sections_of("naics_2022", "311812") == ("C",)
    assert tables.sections_of("uk_sic_2007", "74990") == ("M",)
    assert tables.sections_of("nace_2", "C10.1") == ("C",)
    assert len(tables.sections_of("naics_2017", "11")) > 1
    assert tables.sections_of(None, None) == ()
