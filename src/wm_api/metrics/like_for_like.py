"""PURE: how figures of a day changed over a year among the people who were there on both days, in the same entities.

An own definition, after the matched samples of index numbers: joiners, leavers and what was bought, sold, opened or
closed move no figure, as in `real_wage_growth_stayers`.
"""

from dataclasses import dataclass

import polars as pl

from wm_api.metrics.figures import Figure, Status
from wm_api.metrics.formulas import FORMULAS
from wm_api.metrics.population import MetricInputs
from wm_api.metrics.profiles import DEFAULT

SITE = "establishment_code"
COMPARED = (
    *("median_hourly_pay", "market_pay_ratio", "living_wage_share", "living_wage_gap_depth"),
    *("pay_ratio_top_median", "pay_p90_p10_ratio", "gini_pay"),
    *("gender_gap_mean_hourly", "gender_gap_median_hourly", "adjusted_gender_gap"),
    *("representation_share", "leadership_representation_ratio", "disclosure_rate"),
    *("permanent_share", "guaranteed_hours_share", "collective_bargaining_coverage"),
)
"""Figures of a day that the workforce gives alone: those of a period have no people who were there all along."""


@dataclass(frozen=True, slots=True)
class Change:
    """A figure of the same people on the day and a year before; `n` are those people. `change` is value less before."""

    status: Status
    reason: str | None = None
    n: int | None = None
    before: float | None = None
    value: float | None = None
    change: float | None = None
    currency: str | None = None


def not_compared(reason: str) -> dict[str, Change]:
    return dict.fromkeys(COMPARED, Change(Status.NOT_REPORTED, reason))


def like_for_like(now: MetricInputs, before: MetricInputs) -> dict[str, Change]:
    """Every compared metric in profile default, each computed twice, of the matched people alone."""
    keys = matched(now, before)
    figures = [{name: FORMULAS[name](each.of_people(keys), DEFAULT) for name in COMPARED} for each in (now, before)]
    return {name: _change(keys.height, *(found[name] for found in figures)) for name in COMPARED}


def matched(now: MetricInputs, before: MetricInputs) -> pl.DataFrame:
    """employee_key of who is employed on both days, on each in an entity that both days have, where files name them."""
    days = [each.people() for each in (now, before)]
    if all(SITE in people.columns for people in days):
        sites = [people.select(pl.col(SITE).cast(pl.String)) for people in days]
        both = sites[0].join(sites[1], on=SITE, how="semi", nulls_equal=True).to_series().unique().to_list()
        days = [people.filter(pl.col(SITE).cast(pl.String).is_in(both, nulls_equal=True)) for people in days]
    return days[0].select("employee_key").join(days[1].select("employee_key"), on="employee_key", how="semi")


def _change(n: int, now: Figure, before: Figure) -> Change:
    missing = next((each for each in (now, before) if each.status is not Status.OK), None)
    if missing is not None:
        return Change(missing.status, missing.reason, n)
    if now.currency != before.currency:
        return Change(Status.NOT_APPLICABLE, "currency_differs", n)
    if now.value is None or before.value is None:
        return Change(Status.UNDEFINED, None, n)
    return Change(Status.OK, None, n, before.value, now.value, now.value - before.value, now.currency)
