"""Originals become tables: cuttings of the published files, and files that are not the published ones."""

import gzip
from pathlib import Path

import polars as pl
import pytest

from wm_api.references.loaders.original import WrongFile
from wm_api.references.loaders.uk_gpg import returns
from wm_api.references.sources import SOURCES

ORIGINALS = Path(__file__).parent / "originals"
OWN = Path(__file__).resolve().parents[2] / "tools/derive/originals"
PRICES = OWN / "cu.data.CUUR0000SA0"
MINIMA = (OWN / "legal_minima.csv").read_text()
LIVING_WAGE = """year,state,county,adults,children,wage
2021,1,1,2 Adults (Both Working),2 Children,20.50
2021,1,1,1 Adult,0 Children,15.00
2021,48,113,2 Adults (Both Working),2 Children,24.00
2021,48,113,2 Adults (Both Working),2 Children,24.00
2021,48,113,1 Adult,0 Children,17.25
2021,48,201,1 Adult,0 Children,
"""
OEWS = """AREA,AREA_TITLE,AREA_TYPE,PRIM_STATE,NAICS,NAICS_TITLE,I_GROUP,OWN_CODE,OCC_CODE,OCC_TITLE,O_GROUP,H_MEDIAN,A_MEDIAN
99,U.S.,1,US,000000,Cross-industry,cross-industry,1235,33-3051,Police,detailed,36.64,"76,210"
99,U.S.,1,US,000000,Cross-industry,cross-industry,1235,25-2021,Teachers,detailed,*,"62,400"
99,U.S.,1,US,000000,Cross-industry,cross-industry,1235,29-1249,Surgeons,detailed,#,#
99,U.S.,1,US,622000,Hospitals,3-digit,5,29-1141,Nurses,detailed,47.00,"97,760"
48,Texas,2,TX,000000,Cross-industry,cross-industry,1235,00-0000,All,total,23.38,"48,620"
6,California,2,CA,000000,Cross-industry,cross-industry,1235,00-0000,All,total,28.00,"58,240"
41700,San Antonio,4,TX,000000,Cross-industry,cross-industry,1235,33-3051,Police,detailed,35.51,"73,860"
"""


def written(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text)
    return folder / name


def table(source: str, path: Path, edition: str) -> pl.DataFrame:
    return SOURCES[source].read(path, edition)


def cell(cells: pl.DataFrame, metric: str, part: str | None = None, **place: str | None) -> dict[str, object]:
    keys = {
        "metric": metric,
        "part": part,
        "sector": None,
        "size_band": None,
        "industry": None,
        "ownership": None,
    } | place
    return cells.row(by_predicate=pl.all_horizontal(pl.col(k).eq_missing(v) for k, v in keys.items()), named=True)


def test_returns_of_employers_become_quartiles_of_their_gaps() -> None:
    cells = table("uk_gpg", ORIGINALS / "uk_gpg.csv", "2021-22")
    mine = returns(ORIGINALS / "uk_gpg.csv").filter(pl.col("DiffMedianHourlyPercent").abs() <= 100)
    gaps = mine.get_column("DiffMedianHourlyPercent")
    whole = cell(cells, "gender_gap_median_hourly")
    assert whole["n"] == 39
    assert whole["p25"] == pytest.approx(gaps.abs().quantile(0.25, interpolation="linear"))
    assert cell(cells, "gender_gap_median_hourly", "signed")["p50"] == pytest.approx(gaps.median())
    assert cell(cells, "gender_gap_median_hourly", sector="C", size_band="250-499")["n"] == 36
    share = mine.get_column("FemaleTopQuartile")
    assert cell(cells, "pay_quarter_female_share", "Q4")["p50"] == pytest.approx(share.median())


def test_an_employer_counts_once_in_each_section_and_the_code_of_the_public_sector_in_none() -> None:
    found = returns(ORIGINALS / "uk_gpg.csv").select(pl.col("SicCodes").str.split(","), "sectors")
    by_codes = {tuple(code.strip() for code in codes): sectors for codes, sectors in found.iter_rows()}
    assert by_codes["1", "85320"] == ["P"]
    assert by_codes["1240",] == ["A"]


def test_turnover_is_the_published_rate_of_the_year_unadjusted() -> None:
    cells = table("bls_jolts", ORIGINALS / "jt.data.1.AllItems", "2021")
    rates = {(row["metric"], row["industry"]): row["p50"] for row in cells.iter_rows(named=True)}
    assert rates == {
        ("turnover_rate", "000000"): 47.2,
        ("turnover_rate", "300000"): 39.9,
        ("voluntary_turnover_rate", "000000"): 32.7,
        ("voluntary_turnover_rate", "300000"): 28.0,
        ("quits_rate_monthly", "000000"): 2.725,
        ("quits_rate_monthly", "300000"): 2.333333,
    }
    earlier = table("bls_jolts", ORIGINALS / "jt.data.1.AllItems", "2020")
    assert cell(earlier, "turnover_rate", industry="000000")["p50"] == 56.8


def test_access_to_sick_leave_is_by_industry_and_ownership() -> None:
    cells = table("bls_ebs", ORIGINALS / "ebs.csv", "2025")
    assert set(cells.get_column("profile")) == {"us"}
    found = [
        cell(cells, "benefit_access_rate", "sick_leave", industry=i, ownership=o)["p50"]
        for i, o in ((None, None), (None, "private"), (None, "government"), ("720000", "private"))
    ]
    assert found == [82.0, 80.0, 93.0, 55.0]
    assert cells.filter(pl.col("industry") == "611100", pl.col("ownership") == "private").height == 0


def test_wages_are_of_all_industries_by_area_and_a_top_coded_one_is_clipped_to_the_highest_printed(
    tmp_path: Path,
) -> None:
    wages = table("bls_oews", written(tmp_path, "all_data_M_2025.csv", OEWS), "2025-05")
    assert list(wages.iter_rows()) == [
        ("06", "00-0000", 28.0),
        ("41700", "33-3051", 35.51),
        ("48", "00-0000", 23.38),
        ("US", "25-2021", 30.0),
        ("US", "29-1249", 47.0),
        ("US", "33-3051", 36.64),
    ]


def test_living_wages_are_by_county_and_household_and_a_repeated_county_counts_once(tmp_path: Path) -> None:
    packed = tmp_path / "living_wage.csv.gz"
    packed.write_bytes(gzip.compress(LIVING_WAGE.encode()))
    wages = table("living_wage", packed, "2022-H1")
    assert list(wages.iter_rows()) == [
        ("01001", 1, 1, 0, 15.0),
        ("01001", 2, 2, 2, 20.5),
        ("48113", 1, 1, 0, 17.25),
        ("48113", 2, 2, 2, 24.0),
    ]


def test_consumer_prices_have_months_and_published_annual_means() -> None:
    prices = {(year, period): index for year, period, index in table("us_cpi_u", PRICES, "2026-08").iter_rows()}
    assert (prices[2021, "year"], prices[2025, "year"]) == (270.970, 321.943)
    months = [prices[2021, f"{month:02d}"] for month in range(1, 13)]
    assert sum(months) / 12 == pytest.approx(270.970, abs=5e-4)
    assert (2025, "10") not in prices
    assert (2026, "year") not in prices


@pytest.mark.parametrize("source", SOURCES)
def test_a_table_is_read_back_as_it_was_written(source: str, tmp_path: Path) -> None:
    originals = {
        "uk_gpg": (ORIGINALS / "uk_gpg.csv", "2021-22"),
        "bls_jolts": (ORIGINALS / "jt.data.1.AllItems", "2021"),
        "bls_ebs": (ORIGINALS / "ebs.csv", "2010"),
        "bls_oews": (written(tmp_path, "wages.csv", OEWS), "2025-05"),
        "living_wage": (written(tmp_path, "living.csv", LIVING_WAGE), "2022"),
        "us_cpi_u": (PRICES, "2026-08"),
        "legal_minimum": (OWN / "legal_minima.csv", "2026-11"),
    }
    made = table(source, *originals[source])
    assert made.height
    assert SOURCES[source].opened(SOURCES[source].written(made)).equals(made)


def cut_off(of: str) -> str:
    """Up to the last line of this element, without it."""
    lines = (ORIGINALS / "jt.data.1.AllItems").read_text().splitlines(keepends=True)
    last = max(at for at, line in enumerate(lines) if f"{of}\t" in line.replace(" ", "") and "\tM13\t" in line)
    return "".join(lines[:last])


def replaced(name: str, old: str, new: str, times: int = -1) -> str:
    text = (ORIGINALS / name).read_text(encoding="utf-8-sig")
    assert old in text
    return text.replace(old, new, times)


WRONG = {
    "another file": ("uk_gpg", "x.csv", "a,b\n1,2\n", "2021-22", "There is no column EmployerId. The columns are: a, b."),
    "headings alone": ("living_wage", "x.csv", LIVING_WAGE.splitlines()[0], "2022", "no row"),
    "no table": ("bls_oews", "x.xlsx", "not a workbook", "2025-05", "cannot be read as a table"),
    "no number": ("living_wage", "x.csv", LIVING_WAGE.replace("20.50", "twenty"), "2022", "Column wage has 1 values that are no"),
    "another household": ("living_wage", "x.csv", LIVING_WAGE.replace("1 Adult", "One"), "2022", "Column adults has 1 values"),
    "two wages": ("living_wage", "x.csv", LIVING_WAGE.replace("24.00", "25.00", 1), "2022", "Load one edition at a time"),
    "a size": ("uk_gpg", "x.csv", replaced("uk_gpg.csv", "250 to 499", "250-499"), "2021-22", "Column EmployerSize has 1"),
    "another year": ("bls_ebs", "x.csv", (ORIGINALS / "ebs.csv").read_text(), "2026", "Column year has no 2026; it has 2010 to 2025"),
    "returns of another year": ("uk_gpg", "x.csv", replaced("uk_gpg.csv", "", ""), "2022-23", "due in 2022"),
    "returns of two years": ("uk_gpg", "x.csv", replaced("uk_gpg.csv", ",2022/04/05 ", ",2023/04/05 ", 1), "2022-23", "due in 2022 to 2023"),
    "prices to another month": ("us_cpi_u", "cu", PRICES.read_text(), "2026-09", "last month in the file is 2026-08"),
    "prices without a month": ("us_cpi_u", "cu", PRICES.read_text(), "2026", "Name the edition after it"),
    "cut off": ("bls_jolts", "jt.data", cut_off("TSR"), "2021", "was cut off"),
    "cut off before the nation": ("bls_jolts", "jt.data", replaced("jt.data.1.AllItems", "JTU000000", "JTU100000"), "2021", "was cut off"),
    "a picture": ("bls_jolts", "jt.data", "\x89PNG\x1b[2J" + "\x00" * 500, "2021", "The columns are: ?PNG?[2J?"),
    "no annual figure": ("bls_jolts", "jt.data", (ORIGINALS / "jt.data.1.AllItems").read_text(), "2022", "it has those of 2020 to 2021"),
    "another survey": ("us_cpi_u", "jt.data", (ORIGINALS / "jt.data.1.AllItems").read_text(), "2022", "begins with CUUR0000SA0"),
    "one industry": ("bls_oews", "x.csv", OEWS.replace(",000000,", ",622000,"), "2025-05", "Column NAICS has no 000000"),
    "no place": ("legal_minimum", "x.csv", MINIMA.replace("US,", "USA,", 1), "2026-11", "Column place has 1 values"),
    "no day": ("legal_minimum", "x.csv", MINIMA.replace("2023-12-31", "31.12.2023"), "2026-11", "Column until has 1 values"),
    "no pay": ("legal_minimum", "x.csv", MINIMA.replace("7.25", "0"), "2026-11", "Column hourly has 1 values"),
    "twice": ("bls_oews", "x.csv", OEWS + OEWS.splitlines()[1].replace("36.64", "37.00"), "2025-05", "one median twice"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_is_refused_with_column_and_remedy_and_no_value(case: str, tmp_path: Path) -> None:
    source, name, text, edition, words = WRONG[case]
    with pytest.raises(WrongFile) as refused:
        table(source, written(tmp_path, name, text), edition)
    said = str(refused.value)
    assert words in said
    assert "Load" in said or "Known are" in said or "Name the edition" in said
    assert said.isprintable()
    assert len(said) < 600
    assert "twenty" not in said
