"""What makes rows wrong beyond their types (domain.md 2). Each check is an expression over whole columns."""

from collections.abc import Mapping
from datetime import date, timedelta

import polars as pl

from wm_api.records.columns import Day, Finding, finding, where
from wm_api.records.currencies import SMALL_UNIT_TIMES, SMALL_UNITS
from wm_api.records.facts import Facts
from wm_api.records.kinds import RecordKind
from wm_api.records.kinds.payroll import PARTS

EARLIEST = date(1930, 1, 1)
LEAST_RAISE = 1.03 - 1e-9
BULK_PEOPLE, BULK_SHARE = 5, 0.8
UNKNOWN, MOST_UNKNOWN = {"gender": "U", "race_ethnicity": "unknown"}, 0.25
SUSPECT_CURRENCIES = ("USD", "EUR", "GBP", "CHF", "CAD", "AUD")
HOUR_PARTS = ("hours_regular", "hours_overtime", "hours_paid_leave", "hours_unpaid_leave")
LENGTHS: Mapping[str, tuple[int, int]] = {
    "week": (7, 7),
    "fortnight": (14, 14),
    "four_week": (28, 28),
    "semimonth": (13, 16),
    "month": (28, 31),
    "year": (365, 366),
}


def optional(frame: pl.DataFrame, name: str, default: object = None) -> pl.Expr:
    """The column, or its default where the file has none."""
    return (
        pl.col(name).fill_null(default)
        if name in frame.columns and default is not None
        else (pl.col(name) if name in frame.columns else pl.lit(default))
    )


def row_findings(frame: pl.DataFrame, kind: RecordKind, facts: Facts, first_row: int) -> list[Finding]:
    """Checks that need one row only."""
    rules = _own_rules(frame, kind, facts)
    latest = facts.reference_day + timedelta(days=366)
    for column in kind.columns:
        if isinstance(column.type, Day) and column.name in frame.columns:
            day = pl.col(column.name)
            rules[("date_out_of_range", column.name)] = (day < EARLIEST) | (day > latest)
    rules |= _money_ranges(frame, kind)
    masks = frame.select(mask.fill_null(value=False).alias(f"{code}\0{name}") for (code, name), mask in rules.items())
    found = []
    for (code, name), mask in zip(rules, masks.get_columns(), strict=True):
        found += where(code, name.strip(), mask, first_row)
    return found


def _money_ranges(frame: pl.DataFrame, kind: RecordKind) -> dict[tuple[str, str], pl.Expr]:
    """Amounts outside the range of their column, which is wider in currencies of small units."""
    times: pl.Expr = pl.lit(1.0)
    if "currency" in frame.columns and frame.get_column("currency").is_in(SMALL_UNITS).any():
        times = pl.when(pl.col("currency").is_in(SMALL_UNITS)).then(float(SMALL_UNIT_TIMES)).otherwise(1.0)
    return {
        ("number_out_of_range", name): (pl.col(name) < number.minimum * times) | (pl.col(name) > number.maximum * times)
        for name, number in kind.money.items()
        if name in frame.columns
    }


def _own_rules(frame: pl.DataFrame, kind: RecordKind, facts: Facts) -> dict[tuple[str, str], pl.Expr]:
    if kind.name == "workforce":
        return _workforce_rules(frame, facts)
    if kind.name == "payroll":
        return _payroll_rules(frame)
    if {"coverage_from", "coverage_to"} <= set(frame.columns):
        return {("period_inverted", "coverage_to"): pl.col("coverage_to") < pl.col("coverage_from")}
    return {}


def _workforce_rules(frame: pl.DataFrame, facts: Facts) -> dict[tuple[str, str], pl.Expr]:
    rate, unit = pl.col("base_rate"), pl.col("base_rate_unit").cast(pl.String)
    common = pl.col("currency").is_in(SUSPECT_CURRENCIES)
    suspect = common & (rate > 0) & (((unit == "hour") & (rate > 1000)) | ((unit == "year") & (rate < 2000)))  # noqa: PLR2004
    rules = {("rate_unit_suspect", "base_rate"): suspect, ("zero_pay", "base_rate"): rate == 0}
    if "hire_date" in frame.columns:
        rules["date_out_of_range", "hire_date "] = pl.col("hire_date") > facts.reference_day
    if "promotions_in_window" in frame.columns:
        rules["title_only_promotion", "promotions_in_window"] = _title_only(frame)
    if {"hire_date", "termination_date"} <= set(frame.columns):
        rules["termination_before_hire", "termination_date"] = pl.col("termination_date") < pl.col("hire_date")
        rules["leaver_before_window", "termination_date"] = pl.col("termination_date") < facts.window()[0]
    return rules


def _title_only(frame: pl.DataFrame) -> pl.Expr:
    """Promoted, and the file shows that the level is no higher or hourly pay not 3 % more."""
    columns, mask = set(frame.columns), pl.lit(value=False)
    if {"job_level", "job_level_start"} <= columns:
        mask |= (pl.col("job_level") <= pl.col("job_level_start")).fill_null(value=False)
    if "base_rate_start" in columns:
        now, then = pl.col("base_rate"), pl.col("base_rate_start")
        if {"weekly_hours", "weekly_hours_start"} <= columns:  # an hourly rate has them already
            hours = pl.col("weekly_hours") / pl.col("weekly_hours_start")
            by_hours = pl.col("base_rate_unit").cast(pl.String) != "hour"
            then *= pl.when(by_hours & hours.is_not_null()).then(hours).otherwise(1.0)
        mask |= (now < LEAST_RAISE * then).fill_null(value=False)
    return (pl.col("promotions_in_window") > 0) & mask


def _payroll_rules(frame: pl.DataFrame) -> dict[tuple[str, str], pl.Expr]:
    length = (pl.col("period_end") - pl.col("period_start")).dt.total_days() + 1
    hours = pl.sum_horizontal(optional(frame, name, 0.0) for name in HOUR_PARTS)
    parts = pl.sum_horizontal(optional(frame, name, 0.0) for name in PARTS)
    rules = {
        ("period_inverted", "period_end"): length < 1,
        ("hours_exceed_period", "hours_regular"): hours > 24 * length,
        ("negative_pay_unmatched", "pay_base"): negative_pay(frame) & optional(frame, "reverses_run_no").is_null(),
    }
    if "gross_pay" in frame.columns:
        rules["gross_mismatch", "gross_pay"] = (pl.col("gross_pay") - parts).abs() > 0.01 + 1e-9
    if "frequency" in frame.columns:
        frequency = pl.col("frequency").cast(pl.String)
        misfits = [(frequency == name) & ~length.is_between(*ends) for name, ends in LENGTHS.items()]
        rules["frequency_mismatch", "frequency"] = pl.any_horizontal(misfits)
    return rules


def gross(frame: pl.DataFrame) -> pl.Expr:
    """gross_pay, or where it is not given the sum of the parts."""
    parts = pl.sum_horizontal(optional(frame, name, 0.0) for name in PARTS)
    return pl.coalesce("gross_pay", parts) if "gross_pay" in frame.columns else parts


def negative_pay(frame: pl.DataFrame) -> pl.Expr:
    """Rows with a part of pay below zero."""
    return pl.any_horizontal(pl.col(name) < 0 for name in PARTS if name in frame.columns)


def workforce_findings(frame: pl.DataFrame, facts: Facts, people: int) -> list[Finding]:
    """Checks that need the whole file: its spells, each with the number of its `row`; `people` are employed."""
    found = _spells(frame) if "hire_date" in frame.columns else []
    if "termination_date" in frame.columns:
        ends = frame.get_column("termination_date").drop_nulls()
        if ends.is_empty():
            found.append(finding("no_leavers_reported", "termination_date"))
        elif (ends.dt.day() == 1).sum() * 2 > len(ends):
            found.append(finding("termination_day_convention", "termination_date"))
    if {"job_code", "last_level_change_date"} <= set(frame.columns):
        found += _bulk_regrades(frame)
    for column, unknown in UNKNOWN.items():
        if column in frame.columns and _share(frame, column, unknown) > MOST_UNKNOWN:
            found.append(finding("disclosure_low", column))
    if facts.declared_headcount and abs(people - facts.declared_headcount) > 0.02 * facts.declared_headcount:
        found.append(finding("headcount_mismatch"))
    return found


def _bulk_regrades(frame: pl.DataFrame) -> list[Finding]:
    """Rows of codes nearly all of whose people change level on one day, but for those that say reclass."""
    coded = frame.filter(pl.col("job_code").is_not_null())
    people = coded.group_by("job_code").agg(pl.col("employee_key").n_unique().alias("people"))
    reason = optional(coded, "last_level_change_reason").cast(pl.String)
    changed = coded.filter(pl.col("last_level_change_date").is_not_null() & reason.ne_missing("reclass"))
    days = changed.group_by("job_code", "last_level_change_date").agg(
        pl.col("employee_key").n_unique().alias("changed"), pl.col("row")
    )
    bulk = days.join(people, on="job_code").filter(
        (pl.col("people") >= BULK_PEOPLE) & (pl.col("changed") >= BULK_SHARE * pl.col("people"))
    )
    rows = bulk.select(pl.col("row").explode()).to_series().sort()
    return [finding("bulk_regrade", "last_level_change_date", rows)] if len(rows) else []


def _share(frame: pl.DataFrame, column: str, code: str) -> float:
    """Of the rows that have the code, or nothing."""
    return int((frame.get_column(column).cast(pl.String).fill_null(code) == code).sum()) / frame.height


def employed_on(frame: pl.DataFrame, day: date) -> pl.Expr:
    """Spells that cover a day, its first and last day included."""
    begun = pl.col("employee_key").is_not_null()
    if "hire_date" in frame.columns:
        begun = pl.col("hire_date").is_null() | (pl.col("hire_date") <= day)
    if "termination_date" not in frame.columns:
        return begun
    return begun & (pl.col("termination_date").is_null() | (pl.col("termination_date") >= day))


def _spells(frame: pl.DataFrame) -> list[Finding]:
    """Keys that repeat: overlapping spells are concurrent jobs, others are rehires."""
    ends = pl.col("termination_date") if "termination_date" in frame.columns else pl.lit(None, dtype=pl.Date)
    spells = frame.sort("employee_key", "hire_date", "row")
    spells = spells.with_columns(ends.fill_null(date.max).alias("end"))
    before = pl.col("end").cum_max().shift(1).over("employee_key")
    repeats = spells.with_columns(before.alias("before")).filter(pl.col("before").is_not_null())
    overlapping = repeats.filter(pl.col("hire_date") <= pl.col("before")).get_column("row").sort()
    numbered = optional(repeats, "spell_no").is_not_null()
    rehired = repeats.filter((pl.col("hire_date") > pl.col("before")) & ~numbered).get_column("row").sort()
    found = []
    if len(overlapping):
        found.append(finding("concurrent_jobs", "employee_key", overlapping))
    if len(rehired):
        found.append(finding("rehire_without_spell_no", "employee_key", rehired))
    return found
