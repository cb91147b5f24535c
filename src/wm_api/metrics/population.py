"""PURE: who counts, on a day or over a period, and what an hour of their work is paid."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

import polars as pl

from wm_api.metrics.benefit_access import Held
from wm_api.metrics.catalogue import CATALOGUE
from wm_api.metrics.employment import Employment, employment_of
from wm_api.metrics.figures import Part
from wm_api.metrics.hourly_pay import Reading, reading_of, spell_pay, with_hourly_pay
from wm_api.metrics.payroll import Weeks
from wm_api.metrics.persons import agreed_gender, one_row_a_person, with_repeats_merged
from wm_api.metrics.profiles import Question, answer
from wm_api.records.checks import employed_on, optional
from wm_api.records.facts import Facts

COUNTED = ("employee", "apprentice")
REDUCED = ("leave_reduced_pay", "leave_unpaid")
LEAVE_OUT = "leave_without_full_pay"
"""Why people on such leave are counted out."""
OF_PERSONS = ("spells", "persons", "_everyone")
"""Frames that are made once, with what is known of each person from their own records alone."""
Paid = tuple[pl.DataFrame, tuple[Part, ...]]
"""People, and who is counted out by reason."""


@dataclass(frozen=True, slots=True)
class AccountFacts:
    country: str
    industry_scheme: str | None = None
    industry_code: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class References:
    """Reference tables that metrics read; None where none is loaded."""

    market_pay_p50: Mapping[str, float] | None = None
    """Of the nation, by occupation."""
    consumer_prices: Mapping[int, float] | None = None
    living_wage: Mapping[str, float] | None = None
    """Hourly on the day, by county; by the two digits of a state the median of its counties."""
    living_wage_one_adult: Mapping[str, float] | None = None
    legal_minima: Mapping[str, float] | None = None
    """By place and currency, what holds on the day."""
    market_pay_of_states: Mapping[str, float] = field(default_factory=dict)
    """By the two digits of a state and the occupation."""
    pins: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By source the edition, and the hash of its original, that the tables are of."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Who was employed on an earlier day: employee_key and gender, one row a person."""

    day: date
    people: pl.DataFrame


def snapshot_rows(frame: pl.DataFrame, day: date) -> pl.DataFrame:
    """The spells of employees and apprentices that cover a day, in a batch of a workforce."""
    covering = frame.with_columns(employed_on(frame, day).alias("covers"), counted(frame).alias("counted"))
    return covering.filter("covers", "counted").select("employee_key", pl.col("gender").cast(pl.String))


def snapshot_of(batches: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """One row a person; conflicting genders are U."""
    rows = pl.concat(batches).unique()
    return with_repeats_merged(rows, lambda doubles: doubles.group_by("employee_key").agg(agreed_gender()))


def counted(workforce: pl.DataFrame) -> pl.Expr:
    return optional(workforce, "worker_type", "employee").cast(pl.String).is_in(COUNTED)


@dataclass(frozen=True)
class MetricInputs:
    """All that the formulas read. `least` False switches the least group sizes off (worked examples)."""

    workforce: pl.DataFrame
    facts: Facts
    payroll: pl.DataFrame | None
    references: References
    account: AccountFacts
    previous: Snapshot | None = None
    plans: pl.DataFrame | None = None
    enrolments: pl.DataFrame | None = None
    weeks: tuple[Weeks, ...] = ()
    least: bool = True
    cache: dict[Reading, pl.DataFrame] = field(default_factory=dict, compare=False)
    held: dict[tuple[str, str], Held | None] = field(init=False, default_factory=dict, compare=False)
    """Who has access to benefits and who takes part, by profile: several figures ask."""
    paid_cache: dict[tuple[Reading, bool, str], Paid] = field(default_factory=dict, compare=False)

    @property
    def day(self) -> date:
        return self.facts.reference_day

    def of_people(self, keys: pl.DataFrame) -> "MetricInputs":
        """All records of these people alone. Plans are everybody's, weeks are looked up by person; who left between two
        snapshots is not known to be of them, and left out.
        """

        def theirs(frame: pl.DataFrame) -> pl.DataFrame:
            return frame.join(keys, on="employee_key", how="semi", maintain_order="left")

        found = replace(
            self,
            workforce=theirs(self.workforce),
            payroll=None if self.payroll is None else theirs(self.payroll),
            enrolments=None if self.enrolments is None else theirs(self.enrolments),
            previous=None,
            cache={reading: theirs(people) for reading, people in self.cache.items()},
            paid_cache={},
        )
        # A row a person: of some people it is what it is of all, and need not be made again for each group.
        made = {name: theirs(frame) for name, frame in vars(self).items() if name in OF_PERSONS}
        vars(found).update(made)
        if "employment" in vars(self):
            vars(found)["employment"] = Employment(theirs(self.employment.stays))
        return found

    def of_workforce_alone(self) -> "MetricInputs":
        """Without what other files say."""
        return replace(
            self, payroll=None, weeks=(), previous=None, plans=None, enrolments=None, cache={}, paid_cache={}
        )

    def has(self, *columns: str) -> bool:
        return set(columns) <= set(self.workforce.columns)

    def enough(self, metric: str, n: float, *groups: float) -> bool:
        """Whether a figure may rest on so many people, and on such groups."""
        definition = CATALOGUE[metric]
        overall = definition.minimum_n if self.least else 1
        each = (definition.minimum_group_n or 0) if self.least else 1
        return n >= overall and all(group >= each for group in groups)

    @cached_property
    def spells(self) -> pl.DataFrame:
        """Spells of employees and apprentices, in every currency, each with its last day `end` (empty: none known)."""
        end = optional(self.workforce, "termination_date").cast(pl.Date)
        # Columns first: a literal as a filter does not fit a frame of several chunks.
        marked = self.workforce.with_columns(end.alias("end"), counted(self.workforce).alias("counted"))
        return marked.filter(pl.col("counted")).drop("counted")

    @cached_property
    def currency(self) -> str | None:
        """The currency of most rows that count: pay metrics use it alone. Who left before the window does not."""
        gone = (pl.col("end") < self.facts.window()[0]).fill_null(value=False).alias("gone")
        counts = self.spells.with_columns(gone).filter(~pl.col("gone")).get_column("currency").value_counts()
        first = counts.sort(["count", "currency"], descending=[True, False]).get_column("currency")
        return str(first[0]) if len(first) else None

    @cached_property
    def employment(self) -> Employment:
        """Employment over time, where the file has hire dates."""
        return employment_of(self.spells, self.day)

    @cached_property
    def undated(self) -> tuple[Part, ...]:
        """How many people have a spell without a hire date, which employment over time cannot hold."""
        if not self.has("hire_date"):
            return ()
        late = (pl.col("end") >= self.facts.window()[0]).fill_null(value=True)
        n = self.spells.filter(pl.col("hire_date").is_null() & late).get_column("employee_key").n_unique()
        return (Part("hire_date_unknown", n),) if n else ()

    @cached_property
    def persons(self) -> pl.DataFrame:
        """One row for each person of the file: employee_key, gender, exempt from overtime in any job, hourly in all."""
        exempt = (optional(self.spells, "overtime_exempt").cast(pl.String) == "exempt").fill_null(value=False)
        basis, unit = optional(self.spells, "pay_basis").cast(pl.String), pl.col("base_rate_unit").cast(pl.String)
        hourly = (pl.coalesce(basis == "hourly", unit == "hour")).alias("hourly")
        rows = self.spells.select("employee_key", pl.col("gender").cast(pl.String), exempt.alias("exempt"), hourly)
        merged = (agreed_gender(), pl.col("exempt").any(), pl.col("hourly").all())
        return with_repeats_merged(rows, lambda doubles: doubles.group_by("employee_key").agg(merged))

    def people(self, profile: str = "default") -> pl.DataFrame:
        """snap(d): one row a person, with hourly pay `r0` (without) and `r` (with variable pay)."""
        reading = reading_of(profile)
        if reading not in self.cache:
            on_day = self._on_day.with_columns(**spell_pay(self._on_day, self.facts, reading))
            people = with_hourly_pay(one_row_a_person(on_day), self.payroll, reading)
            leave = optional(people, "pay_status", "active").cast(pl.String).is_in(REDUCED)
            self.cache[reading] = people.with_columns((~leave).alias("full_pay"))
        return self.cache[reading]

    @cached_property
    def _on_day(self) -> pl.DataFrame:
        """Spells that cover the day; readings share their columns, so that each adds its own alone."""
        return self.spells.filter(employed_on(self.spells, self.day))

    def everyone(self) -> pl.DataFrame:
        """One row for each person employed on any day of the window, from the latest spell: leavers too.

        Where hires and leavers are known with the `days` of it on which they were employed; empty of unknown hires.
        """
        return self._everyone

    @cached_property
    def _everyone(self) -> pl.DataFrame:
        if not self.has("hire_date"):
            return self.people()
        start, end = self.facts.window()
        inside = (pl.col("hire_date") <= end) & (pl.col("end").is_null() | (pl.col("end") >= start))
        touching = self.spells.filter(inside)
        everyone = one_row_a_person(
            touching.with_columns(**spell_pay(touching, self.facts, reading_of("default"))), latest=True
        )
        if not self.has("termination_date"):
            return everyone
        stays = self.employment.person_days((start, end)).select("employee_key", "days")
        days = with_repeats_merged(stays, lambda doubles: doubles.group_by("employee_key").agg(pl.col("days").sum()))
        return everyone.join(days, on="employee_key", how="left", maintain_order="left")

    def full(self, profile: str = "default") -> pl.DataFrame:
        """The people who are not on reduced or unpaid leave."""
        return self.people(profile).filter(pl.col("full_pay"))

    def paid(self, profile: str, rate: str) -> Paid:
        """Who is in the profile's gaps, with positive pay in the currency of most rows, and who is counted out, by the
        first reason.
        """
        everybody = answer(Question.WHO, profile).code == "everybody"
        key = (reading_of(profile), everybody, rate)
        if key not in self.paid_cache:
            self.paid_cache[key] = self._paid(self.people(profile), rate, everybody=everybody)
        return self.paid_cache[key]

    def _paid(self, people: pl.DataFrame, rate: str, *, everybody: bool) -> Paid:
        leave = pl.lit(value=False) if everybody else ~pl.col("full_pay")
        elsewhere = pl.col("currency") != pl.lit(self.currency)
        unpaid = ~(pl.col(rate) > 0).fill_null(value=False)
        why = pl.when(leave).then(pl.lit(LEAVE_OUT)).when(elsewhere).then(pl.lit("other_currency"))
        why = why.when(unpaid).then(pl.lit("no_hourly_pay"))
        marked = people.with_columns(why.alias("out"))
        counts = marked.get_column("out").drop_nulls().value_counts().sort("out")
        return marked.filter(pl.col("out").is_null()), tuple(Part(reason, n) for reason, n in counts.iter_rows())
