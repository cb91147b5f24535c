"""Derives the packaged reference figures from the open data: python tools/derive/reference_figures.py [DATA [OUT]].

Writes into src/wm_api: references/data and benchmarks/data, with provenance.json beside each.
"""

import json
import sys
from hashlib import sha256
from pathlib import Path

import polars as pl

ROOT = Path(__file__).resolve().parents[2]
SIZES = {
    "Less than 250": "1-249",
    "250 to 499": "250-499",
    "500 to 999": "500-999",
    "1000 to 4999": "1000-4999",
    "5000 to 19,999": "5000+",
    "20,000 or more": "5000+",
}
LEAST_EMPLOYERS = 30
CPI = {2019: 255.657, 2020: 258.811, 2021: 270.970, 2022: 292.655, 2023: 304.702, 2024: 313.689, 2025: 321.943}
FLSA, MILOG = "29 USC 206(a)(1)(C)", "MiLoG section 1"
LEGAL_MINIMA = (
    ("US", "USD", "7.25", "2009-07-24", "", FLSA),
    ("DE", "EUR", "12.00", "2022-10-01", "2023-12-31", MILOG),
    ("DE", "EUR", "12.41", "2024-01-01", "2024-12-31", f"{MILOG}, MiLoV4"),
    ("DE", "EUR", "12.82", "2025-01-01", "2025-12-31", f"{MILOG}, MiLoV4"),
    ("DE", "EUR", "13.90", "2026-01-01", "2026-12-31", f"{MILOG}, MiLoV5"),
    ("DE", "EUR", "14.60", "2027-01-01", "2027-12-31", f"{MILOG}, MiLoV5"),
)
"""Place, currency, hourly, first and last day, law. A last day is where the law that is known ends."""
SOURCES = {
    "legal_minima.csv": (
        "Minimum wage of adults: US Fair Labor Standards Act, German Mindestlohngesetz; the law is named in each line",
        "https://www.dol.gov/agencies/whd/minimum-wage, https://www.gesetze-im-internet.de/milog/",
        "public domain (statutes)",
        "US from 2009-07-24, Germany from 2022-10-01 to 2027-12-31",
    ),
    "uk_gpg_2021_22.csv": (
        "Gender pay gap service, employers' returns 2021-22",
        "https://gender-pay-gap.service.gov.uk",
        "Open Government Licence v3",
        "2021-22",
    ),
    "bls_jolts_2021.csv": (
        "BLS Job Openings and Labor Turnover Survey, annual rates of the nation by industry",
        "https://www.bls.gov/jlt/",
        "US public domain",
        "2021",
    ),
    "market_pay_us_2025.csv": (
        "BLS Occupational Employment and Wage Statistics, hourly medians of the nation",
        "https://www.bls.gov/oes/",
        "US public domain",
        "May 2025",
    ),
    "consumer_prices_us.csv": (
        "BLS CPI-U, US city average, all items (CUUR0000SA0), annual means",
        "https://www.bls.gov/cpi/",
        "US public domain",
        "2019 to 2025",
    ),
    "sectors.json": (
        "NAICS 2017 and 2022, ISIC 4, NACE 2, UK SIC 2007 and their concordances",
        "https://unstats.un.org/unsd/classifications",
        "MIT tables of public lists",
        "lists in force in 2022",
    ),
}


def sections(data: Path) -> dict[str, str]:
    """ISIC division to section, in the order of the list."""
    codes = pl.read_csv(data / "industry_codes/isic4_codes.csv.gz", infer_schema=False)
    found, section = {}, ""
    for code, level in codes.select("code", "level").iter_rows():
        if level == "SECTION":
            section = code
        elif level == "DIVISION":
            found[code] = section
    return found


def sectors(data: Path) -> dict[str, object]:
    divisions = sections(data)
    folder = data / "industry_codes"
    pairs = pl.read_csv(folder / "naics2017_to_isic4.csv.gz", infer_schema=False)
    naics2017: dict[str, set[str]] = {}
    for source, target in pairs.iter_rows():
        naics2017.setdefault(source, set()).add(divisions[target[:2]])
    naics2022: dict[str, set[str]] = {}
    for source, target in pl.read_csv(folder / "naics2022_to_naics2017.csv.gz", infer_schema=False).iter_rows():
        naics2022.setdefault(source, set()).update(naics2017.get(target, set()))
    tables = {"naics_2017": naics2017, "naics_2022": naics2022}
    return {
        "divisions": divisions,
        **{
            name: {code: "".join(sorted(found)) for code, found in sorted(table.items())}
            for name, table in tables.items()
        },
    }


def quartiles(frame: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    cut = [
        pl.col("size").quantile(at, interpolation="linear").alias(f"p{round(100 * at)}")
        for at in (0.1, 0.25, 0.5, 0.75, 0.9)
    ]
    cells = frame.group_by(["metric", *by]).agg(pl.len().alias("n"), *cut).filter(pl.col("n") >= LEAST_EMPLOYERS)
    missing = [pl.lit(None, dtype=pl.String).alias(name) for name in ("sector", "size_band") if name not in by]
    return cells.with_columns(*missing, pl.lit("_".join(by) or "all").alias("level"))


def gender_pay(data: Path) -> pl.DataFrame:
    """Quartiles of the size of gaps between employers, by ISIC section and size."""
    returns = pl.read_csv(data / "uk_gpg/uk_gpg_2021_2022.csv.gz", infer_schema=False)
    numbers = ("DiffMeanHourlyPercent", "DiffMedianHourlyPercent", "MaleBonusPercent", "FemaleBonusPercent")
    returns = returns.with_columns(pl.col(*numbers).cast(pl.Float64))
    returns = returns.filter((pl.col(numbers[0]).abs() <= 100) & (pl.col(numbers[1]).abs() <= 100))
    bonus = (pl.col("MaleBonusPercent") > 0) | (pl.col("FemaleBonusPercent") > 0)
    values = {
        "gender_gap_mean_hourly": pl.col("DiffMeanHourlyPercent").abs(),
        "gender_gap_median_hourly": pl.col("DiffMedianHourlyPercent").abs(),
        "variable_receipt_gap": pl.when(bonus).then((pl.col("MaleBonusPercent") - pl.col("FemaleBonusPercent")).abs()),
    }
    size = pl.col("EmployerSize").replace_strict(SIZES, default=None).alias("size_band")
    codes = pl.col("SicCodes").fill_null("").str.extract_all(r"\d+").alias("codes")
    each = pl.concat(
        [
            returns.select("EmployerId", size, codes, pl.lit(m).alias("metric"), v.alias("size"))
            for m, v in values.items()
        ]
    ).drop_nulls("size")
    divisions = sections(data)
    sector = pl.col("codes").str.zfill(5).str.slice(0, 2).replace_strict(divisions, default=None).alias("sector")
    in_sectors = each.explode("codes", empty_as_null=True).filter(pl.col("codes").str.len_chars() > 1)
    in_sectors = in_sectors.with_columns(sector).drop_nulls("sector").unique(["EmployerId", "metric", "sector"])
    sized = in_sectors.drop_nulls("size_band")
    parts = [quartiles(sized, ["sector", "size_band"]), quartiles(in_sectors, ["sector"]), quartiles(each, [])]
    order = ["metric", "level", "sector", "size_band", "n", "p10", "p25", "p50", "p75", "p90"]
    cells = pl.concat([part.select(order) for part in parts]).sort("metric", "level", "sector", "size_band")
    return cells.with_columns(pl.col("p10", "p25", "p50", "p75", "p90").round(6))


def jolts(data: Path) -> pl.DataFrame:
    """Annual rates of the nation in percent, by industry: total separations and quits."""
    rows = pl.read_parquet(data / "bls_jolts/jolts_all.parquet").with_columns(
        pl.col(pl.Categorical).cast(pl.String), pl.col("year").cast(pl.Int32)
    )
    annual = rows.filter(
        (pl.col("year") == 2021)
        & (pl.col("period") == "M13")
        & (pl.col("ratelevel_code") == "R")
        & (pl.col("state_code") == "00")
        & (pl.col("sizeclass_code") == "00")
        & pl.col("dataelement_code").is_in(["TS", "QU"])
    )
    metric = pl.col("dataelement_code").replace_strict({"TS": "turnover_rate", "QU": "voluntary_turnover_rate"})
    found = annual.select(metric.alias("metric"), "industry_code", "industry_text", pl.col("value").alias("rate"))
    return found.unique().sort("metric", "industry_code")


def market_pay(data: Path) -> pl.DataFrame:
    """Hourly p50 of the nation by SOC code; major groups end in 0000."""
    rows = pl.read_parquet(data / "bls_oews/oews_2025_all.parquet").with_columns(pl.col(pl.Categorical).cast(pl.String))
    nation = rows.filter((pl.col("area_code") == "0000000") & (pl.col("industry_code") == "000000"))
    hourly = pl.coalesce(pl.col("hourly_median"), pl.col("annual_median") / 2080).cast(pl.Float64).round(2)
    code = pl.col("occupation_code").str.slice(0, 2) + "-" + pl.col("occupation_code").str.slice(2, 4)
    return nation.select(code.alias("soc_code"), hourly.alias("p50_hourly_usd")).drop_nulls().sort("soc_code")


def provenance(folder: Path) -> dict[str, dict[str, str]]:
    """Where each file of a folder comes from, and its hash."""
    names = ("source", "url", "licence", "reference_period")
    return {
        file.name: {
            **dict(zip(names, SOURCES[file.name], strict=True)),
            "derived_by": "tools/derive/reference_figures.py",
            "sha256": sha256(file.read_bytes()).hexdigest(),
        }
        for file in sorted(folder.iterdir())
        if file.name in SOURCES
    }


def main(data: Path, out: Path) -> None:
    references, benchmarks = out / "references/data", out / "benchmarks/data"
    for folder in (references, benchmarks):
        folder.mkdir(parents=True, exist_ok=True)
    (references / "sectors.json").write_text(json.dumps(sectors(data), separators=(",", ":"), sort_keys=True) + "\n")
    market_pay(data).write_csv(references / "market_pay_us_2025.csv")
    prices = pl.DataFrame({"year": list(CPI), "index": list(CPI.values())})
    prices.write_csv(references / "consumer_prices_us.csv")
    names = ["place", "currency", "hourly", "since", "until", "law"]
    pl.DataFrame(LEGAL_MINIMA, schema=names, orient="row").write_csv(references / "legal_minima.csv")
    gender_pay(data).write_csv(benchmarks / "uk_gpg_2021_22.csv")
    jolts(data).write_csv(benchmarks / "bls_jolts_2021.csv")
    for folder in (references, benchmarks):
        (folder / "provenance.json").write_text(json.dumps(provenance(folder), indent=1) + "\n")


if __name__ == "__main__":
    arguments = [Path(argument) for argument in sys.argv[1:]]
    main(*(arguments + [ROOT.parent / "shared/data", ROOT / "src/wm_api"][len(arguments) :]))
