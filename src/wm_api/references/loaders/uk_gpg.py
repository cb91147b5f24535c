"""PURE: employers' statutory gender pay gap returns of Great Britain, quartiles between employers."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from wm_api.references.loaders.cells import cells, quartiles
from wm_api.references.loaders.original import WrongFile, coded, numbers, read_table, spanned
from wm_api.references.sectors import divisions

SIZES = {
    "Less than 250": "1-249",
    "250 to 499": "250-499",
    "500 to 999": "500-999",
    "1000 to 4999": "1000-4999",
    "5000 to 19,999": "5000+",
    "20,000 or more": "5000+",
    "Not Provided": None,
}
MEAN, MEDIAN, MEN_PAID, WOMEN_PAID = (
    "DiffMeanHourlyPercent", "DiffMedianHourlyPercent", "MaleBonusPercent", "FemaleBonusPercent",
)  # fmt: skip
VARIABLE = {"gender_gap_mean_variable": "DiffMeanBonusPercent", "gender_gap_median_variable": "DiffMedianBonusPercent"}
QUARTERS = {
    "Q1": "FemaleLowerQuartile",
    "Q2": "FemaleLowerMiddleQuartile",
    "Q3": "FemaleUpperMiddleQuartile",
    "Q4": "FemaleTopQuartile",
}
NUMBERS = (MEAN, MEDIAN, MEN_PAID, WOMEN_PAID, *VARIABLE.values(), *QUARTERS.values())
LEAST_EMPLOYERS, LARGEST_GAP = 30, 100.0
DUE = "DueDate"


def read(path: Path, edition: str) -> pl.DataFrame:
    """Cells by ISIC section x size, by section, of all: of each gap its size and, as part `signed`, the gap itself."""
    table = returns(path)
    _of_year(table, edition)
    values = _values(table)
    sectors = values.explode("sectors", empty_as_null=True).drop_nulls("sectors").rename({"sectors": "sector"})
    sized = sectors.drop_nulls("size_band")
    return cells(
        *(
            quartiles(frame, by, LEAST_EMPLOYERS)
            for frame, by in ((sized, ["sector", "size_band"]), (sectors, ["sector"]), (values, []))
        )
    )


def returns(path: Path) -> pl.DataFrame:
    """Every return, with numbers, size band and the ISIC sections of its SIC codes; code 1, public sector, has none."""
    table = read_table(path, ("EmployerId", "SicCodes", "EmployerSize", DUE, *NUMBERS))
    table = coded(numbers(table, *NUMBERS), "EmployerSize", SIZES).rename({"EmployerSize": "size_band"})
    codes = pl.col("SicCodes").fill_null("").str.extract_all(r"\d{2,}")
    section = pl.element().str.zfill(5).str.slice(0, 2).replace_strict(dict(divisions()), default=None)
    return table.with_columns(codes.list.eval(section).list.drop_nulls().list.unique().list.sort().alias("sectors"))


def _of_year(table: pl.DataFrame, edition: str) -> None:
    """Returns of 2021-22 are due in spring 2022: an edition that is named after another year would say so for ever."""
    years = table.get_column(DUE).str.extract(r"(20\d\d)").drop_nulls().cast(pl.Int32)
    due = sorted(years.unique().to_list())
    if due != [int(edition[:4]) + 1]:
        named = f"{due[0] - 1}-{due[0] % 100:02d}" if len(due) == 1 else "one reporting year"
        raise WrongFile(
            f"Column {DUE} says that these returns were due in {spanned(due)}. Load the file of one reporting year and"
            f" name the edition after it: {named}."
        )


def _values(table: pl.DataFrame) -> pl.DataFrame:
    """One row an employer, metric and part. An employer with an hourly gap above 100 in size is left out."""
    kept = table.filter((pl.col(MEAN).abs() <= LARGEST_GAP) & (pl.col(MEDIAN).abs() <= LARGEST_GAP))
    frames = [
        kept.select("sectors", "size_band", pl.lit(metric).alias("metric"), pl.lit(part).alias("part"),
                    pl.lit(unit).alias("unit"), value.alias("value"))
        for (metric, part, unit), value in _readings().items()
    ]  # fmt: skip
    return pl.concat(frames, how="vertical_relaxed").drop_nulls("value")


def _readings() -> Mapping[tuple[str, str | None, str], pl.Expr]:
    receipt = pl.col(MEN_PAID) - pl.col(WOMEN_PAID)
    paying = pl.when((pl.col(MEN_PAID) > 0) | (pl.col(WOMEN_PAID) > 0)).then(receipt)
    gaps: dict[tuple[str, str], pl.Expr] = {
        ("gender_gap_mean_hourly", "percent"): pl.col(MEAN),
        ("gender_gap_median_hourly", "percent"): pl.col(MEDIAN),
        ("variable_receipt_gap", "percentage_points"): paying,
        **{(metric, "percent"): pl.col(column) for metric, column in VARIABLE.items()},
    }
    found: dict[tuple[str, str | None, str], pl.Expr] = {}
    for (metric, unit), gap in gaps.items():
        found[metric, None, unit], found[metric, "signed", unit] = gap.abs(), gap
    quarters = QUARTERS.items()
    return found | {("pay_quarter_female_share", name, "percent"): pl.col(column) for name, column in quarters}
