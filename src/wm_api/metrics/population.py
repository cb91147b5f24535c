"""PURE: who counts, on a day or over a period, and what an hour of their work is paid."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import polars as pl

from wm_api.records.checks import employed_on, optional
from wm_api.records.facts import Facts

PER_YEAR = {"week": 52, "fortnight": 26, "four_week": 13, "semimonth": 24, "month": 12, "year": 1, "day": 260}
UK_DAYS = {"week": 7, "fortnight": 14, "four_week": 28, "semimonth": 15.22, "month": 30.44, "year": 365.25, "day": 1.4}
WEEKS = 52
COUNTED = ("employee", "apprentice")
LENGTHS = ((7, 52), (14, 26), (28, 13), (16, 24), (31, 12), (366, 1))
SUMS = ("ordinary_pay", "paid_hours", "regular_hours", "overtime_hours", "commission", "bonus", "periods")
ORDINARY = ("pay_base", "pay_allowance", "pay_shift_premium", "pay_piece", "pay_paid_leave")


@dataclass(frozen=True, slots=True)
class AccountFacts:
    country: str
    industry_scheme: str | None = None
    industry_code: str | None = None


@dataclass(frozen=True, slots=True)
class References:
    """Reference tables that metrics read; None where none is loaded."""

    market_pay_p50: Mapping[str, float] | None = None
    consumer_prices: Mapping[int, float] | None = None
    living_wage: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class MetricInputs:
    """All that the formulas read. `least` False switches the least group sizes off (worked examples)."""

    workforce: pl.DataFrame
    facts: Facts
    payroll: pl.DataFrame | None
    references: References
    account: AccountFacts
    least: bool = True
    cache: dict[str, pl.DataFrame] = field(default_factory=dict, compare=False)

    @property
    def day(self) -> date:
        return self.facts.reference_day

    def has(self, *columns: str) -> bool:
        return set(columns) <= set(self.workforce.columns)

    def people(self, profile: str = "default") -> pl.DataFrame:
        """snap(d): one row a person, with hourly pay `r0` (without) and `r` (with variable pay)."""
        if profile not in self.cache:
            self.cache[profile] = people_on(self, profile)
        return self.cache[profile]

    def full(self, profile: str = "default") -> pl.DataFrame:
        """The people who are not on reduced or unpaid leave."""
        return self.people(profile).filter(pl.col("full_pay"))


def counted_spells(inputs: MetricInputs) -> pl.DataFrame:
    """Spells of employees and apprentices, in the currency of most rows, each with its last day `end`."""
    frame = inputs.workforce
    counted = optional(frame, "worker_type", "employee").cast(pl.String).is_in(COUNTED)
    end = optional(frame, "termination_date").cast(pl.Date)
    # Columns first: a literal as a filter does not fit a frame of several chunks.
    marked = frame.with_columns(end.alias("end"), counted.alias("counted"))
    return marked.filter(pl.col("counted")).drop("counted")


def people_on(inputs: MetricInputs, profile: str) -> pl.DataFrame:
    """A person counts once: hours and pay summed, attributes from the spell with most hours, then highest pay."""
    spells = counted_spells(inputs)
    spells = spells.filter(employed_on(spells, inputs.day)).with_columns(**_pay(spells, inputs.facts, profile))
    spells = spells.sort(
        [
            "employee_key",
            "hours",
            "annual",
            *(c for c in ("job_code", "job_level", "base_rate") if c in spells.columns),
        ],
        descending=[False, True, True, *(False for c in ("job_code", "job_level", "base_rate") if c in spells.columns)],
        nulls_last=True,
    )
    firsts = [
        pl.col(c).first() for c in spells.columns if c not in {"employee_key", "hours", "annual", "gender", "rate"}
    ]
    gender = pl.col("gender").cast(pl.String)
    variable = "variable_pay_12m"
    if variable in spells.columns:
        firsts = [first for first in firsts if first.meta.output_name() != variable]
        firsts.append(pl.when(pl.col(variable).is_not_null().any()).then(pl.col(variable).sum()).alias(variable))
    people = spells.group_by("employee_key", maintain_order=True).agg(
        *firsts,
        pl.col("hours").sum(),
        pl.col("annual").sum(),
        pl.col("rate").first(),
        pl.when(gender.n_unique() == 1).then(gender.first()).otherwise(pl.lit("U")).alias("gender"),
    )
    weekly = UK_WEEK if profile == "uk" else WEEKS
    r0 = pl.when(pl.col("hours") > 0).then(pl.col("annual") / (weekly * pl.col("hours"))).otherwise(pl.col("rate"))
    extra = optional(people, variable, 0.0) / (weekly * pl.col("hours"))
    people = people.with_columns(r0.alias("r0")).with_columns((pl.col("r0") + extra.fill_null(0.0)).alias("r"))
    people = _with_payroll(people, inputs.payroll, profile)
    leave = optional(people, "pay_status", "active").cast(pl.String).is_in(["leave_reduced_pay", "leave_unpaid"])
    return people.with_columns((~leave).alias("full_pay"))


UK_WEEK = 365.25 / 7


def _pay(spells: pl.DataFrame, facts: Facts, profile: str) -> dict[str, pl.Expr]:
    """`hours` a week, `annual` pay, and `rate` an hour where only that is known."""
    full = facts.full_time_weekly_hours
    scheduled = pl.when(optional(spells, "schedule_type").cast(pl.String) == "full_time").then(full)
    hours = pl.coalesce(optional(spells, "weekly_hours").cast(pl.Float64), scheduled)
    unit = pl.col("base_rate_unit").cast(pl.String)
    years = {name: 365.25 / days for name, days in UK_DAYS.items()} if profile == "uk" else PER_YEAR
    weeks = UK_WEEK if profile == "uk" else WEEKS
    factor = unit.replace_strict(years, default=None, return_dtype=pl.Float64)
    hourly = unit == "hour"
    whole = optional(spells, "base_rate_basis", "actual").cast(pl.String) == "full_time_equivalent"
    share = pl.when(whole & ~hourly).then(hours / full).otherwise(1.0)
    annual = pl.when(hourly).then(pl.col("base_rate") * weeks * hours).otherwise(pl.col("base_rate") * factor * share)
    paid = pl.col("base_rate") > 0
    return {
        "hours": hours,
        "annual": pl.when(paid).then(annual),
        "rate": pl.when(paid & hourly).then(pl.col("base_rate")),
    }


def _with_payroll(people: pl.DataFrame, payroll: pl.DataFrame | None, profile: str) -> pl.DataFrame:
    """Where a person has paid hours in the window, hourly pay comes from there."""
    if payroll is None or payroll.is_empty():
        return people
    joined = people.join(payroll, on="employee_key", how="left", maintain_order="left")
    measured = pl.col("paid_hours") > 0
    if profile == "uk":
        return joined
    r0 = pl.col("ordinary_pay") / pl.col("paid_hours")
    if "bonus" in payroll.columns:
        yearly = pl.col("variable_annual") * pl.col("periods") / pl.col("per_year")
        r = r0 + (yearly + pl.col("commission")) / pl.col("paid_hours")
    else:
        r = r0 + (pl.col("r") - pl.col("r0"))
    return joined.with_columns(
        pl.when(measured).then(r0).otherwise(pl.col("r0")).alias("r0"),
        pl.when(measured).then(r).otherwise(pl.col("r")).alias("r"),
    )


class PayrollSums:
    """Payroll of a window, summed a person from partial sums a batch, so that memory stays flat."""

    def __init__(self, window: tuple[date, date]) -> None:
        self._window = window
        self._partial: pl.DataFrame | None = None
        self._variable = False

    def add(self, frame: pl.DataFrame) -> None:
        self._variable |= bool({"pay_bonus", "pay_commission"} & set(frame.columns))
        part = _partial(frame, self._window)
        self._partial = part if self._partial is None else _combined(pl.concat([self._partial, part], how="diagonal"))

    def summary(self) -> pl.DataFrame | None:
        """One row a person: ordinary_pay, paid_hours, regular_hours and overtime_hours (actual hours only),
        periods, per_year; and where the files say who has variable pay: commission, bonus, variable_annual (a year's).
        """
        if self._partial is None:
            return None
        span = pl.col("per_year") / pl.col("periods")
        annual = pl.min_horizontal(span, 12 / pl.col("bonus_months"))
        summed = self._partial.with_columns((pl.col("bonus") * pl.coalesce(annual, span)).alias("variable_annual"))
        sums = (*SUMS[:-1], "variable_annual")
        summary = summed.group_by("employee_key").agg(pl.col(*sums).sum(), pl.col("periods", "per_year").max())
        return summary if self._variable else summary.drop("bonus", "commission", "variable_annual")


def summarise_payroll(frames: Iterable[pl.DataFrame], window: tuple[date, date]) -> pl.DataFrame | None:
    sums = PayrollSums(window)
    for frame in frames:
        sums.add(frame)
    return sums.summary()


def _partial(frame: pl.DataFrame, window: tuple[date, date]) -> pl.DataFrame:
    inside = frame.filter((pl.col("period_end") >= window[0]) & (pl.col("period_end") <= window[1]))
    days = (pl.col("period_end") - pl.col("period_start")).dt.total_days() + 1
    by_length = pl.lit(1.0)
    for longest, times in reversed(LENGTHS):
        by_length = pl.when(days <= longest).then(float(times)).otherwise(by_length)
    frequency = optional(inside, "frequency").cast(pl.String)
    per_year = frequency.replace_strict({**PER_YEAR, "other": None}, default=None, return_dtype=pl.Float64)
    actual = optional(inside, "hours_source", "actual").cast(pl.String) == "actual"
    rows = inside.select(
        "employee_key",
        "period_start",
        pl.sum_horizontal(optional(inside, name, 0.0) for name in ORDINARY).alias("ordinary_pay"),
        (optional(inside, "hours_regular", 0.0) + optional(inside, "hours_paid_leave", 0.0)).alias("paid_hours"),
        pl.when(actual).then(optional(inside, "hours_regular", 0.0)).otherwise(0.0).alias("regular_hours"),
        pl.when(actual).then(optional(inside, "hours_overtime", 0.0)).otherwise(0.0).alias("overtime_hours"),
        optional(inside, "pay_commission", 0.0).cast(pl.Float64).alias("commission"),
        optional(inside, "pay_bonus", 0.0).cast(pl.Float64).alias("bonus"),
        optional(inside, "bonus_months").cast(pl.Float64).alias("bonus_months"),
        pl.coalesce(per_year, by_length).alias("per_year"),
    )
    return rows.group_by("employee_key", "bonus_months").agg(
        pl.col(*SUMS[:-1]).sum(),
        pl.col("per_year").max(),
        pl.col("period_start").n_unique().cast(pl.Float64).alias("periods"),
    )


def _combined(parts: pl.DataFrame) -> pl.DataFrame:
    return parts.group_by("employee_key", "bonus_months").agg(pl.col(*SUMS).sum(), pl.col("per_year").max())


def person_days(spells: pl.DataFrame, window: tuple[date, date]) -> int:
    """Employed person-days in the window, first and last day included; a day of two jobs of one person counts once."""
    start, end = window
    clipped = spells.select(
        "employee_key",
        pl.max_horizontal(pl.col("hire_date"), pl.lit(start)).alias("from"),
        pl.min_horizontal(pl.col("end").fill_null(end), pl.lit(end)).alias("to"),
    ).filter(pl.col("from") <= pl.col("to"))
    clipped = clipped.sort("employee_key", "from", "to")
    reached = pl.col("to").cum_max().shift(1).over("employee_key")
    begin = pl.max_horizontal(pl.col("from"), reached + timedelta(days=1))
    days = ((pl.col("to") - begin).dt.total_days() + 1).clip(lower_bound=0)
    return int(clipped.select(days.sum()).item() or 0)
