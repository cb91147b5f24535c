"""PURE: who is paid less an hour than the law of the place asks (`below_legal_minimum`, domain.md 2)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from wm_api.records.checks import employed_on, optional
from wm_api.records.contract_pay import WEEKS, contract_pay
from wm_api.records.facts import Facts

PAID_BY_RESULT = ("piece", "commission")
COLUMNS = (
    *("employee_key", "hire_date", "termination_date", "worker_type", "work_country", "work_region", "pay_basis"),
    *("base_rate", "base_rate_unit", "base_rate_basis", "currency", "weekly_hours", "schedule_type", "fte"),
)


@dataclass(frozen=True, slots=True)
class LegalMinimum:
    """An hourly minimum of a country (ISO 3166-1) or region (ISO 3166-2); `until` None: no end is known."""

    place: str
    currency: str
    hourly: float
    since: date
    until: date | None

    def holds_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


def in_force(minima: Iterable[LegalMinimum], day: date) -> dict[str, float]:
    """By place and currency, what holds on a day."""
    return {f"{each.place} {each.currency}": each.hourly for each in minima if each.holds_on(day)}


def minimum_of_place(frame: pl.DataFrame, minima: Mapping[str, float], home: str) -> pl.Expr:
    """Of each row the minimum in its currency, of `work_region`, else `work_country`, else `home`; empty where none is.

    Of a region and its country the higher one holds.
    """
    place = pl.coalesce(optional(frame, "work_region"), optional(frame, "work_country"), pl.lit(home)).cast(pl.String)
    places = (pl.concat_str(each, pl.lit(" "), "currency") for each in (place, place.str.slice(0, 2)))
    return pl.max_horizontal(each.replace_strict(minima, default=None, return_dtype=pl.Float64) for each in places)


def below_minimum(frame: pl.DataFrame, facts: Facts, minima: Mapping[str, float], home: str) -> pl.Series:
    """Marks employees on the reference day whose hourly rate, in cents, is under the minimum of their place of work.

    Only rates in the currency of the minimum are compared. Left out: rates of 0, rates whose hours are not known,
    piece and commission pay, and whoever is no plain employee, as apprentices and interns, who may have minima of
    their own.
    """
    pay = contract_pay(frame, facts.full_time_weekly_hours)
    hourly = pl.coalesce(pay["rate"], pay["annual"] / (WEEKS * pay["hours"])).round(2)
    minimum = minimum_of_place(frame, minima, home)
    plain = optional(frame, "worker_type", "employee").cast(pl.String) == "employee"
    by_result = optional(frame, "pay_basis", "").cast(pl.String).is_in(PAID_BY_RESULT)
    counted = plain & ~by_result & employed_on(frame, facts.reference_day)
    return frame.select((counted & (hourly < minimum)).fill_null(value=False).alias("below")).to_series()
