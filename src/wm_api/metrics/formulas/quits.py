"""PURE: who quits, month by month, and women beside men. JOLTS; GRI 401-1."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date

import polars as pl

from wm_api.metrics.distributions import binomial
from wm_api.metrics.employment import Employment, Window, mid_months
from wm_api.metrics.estimates import BOTH, by_gender, mean_of, ratio_error
from wm_api.metrics.figures import Figure, Interval, Part, Status
from wm_api.metrics.formulas.retention import QUIT, annual_rate, person_years, unknown_reasons
from wm_api.metrics.population import MetricInputs


def quits_rate_monthly(inputs: MetricInputs, _: str) -> Figure:
    """The plain mean over the calendar months of the window of quits in percent of the people employed on the 12th.

    A month that the window cuts has no rate, and one in which nobody is employed on that day neither.
    """
    unknown = unknown_reasons(inputs)
    if isinstance(unknown, Figure):
        return unknown
    window, employment = inputs.facts.window(), inputs.employment
    quits = employment.separations(window).filter(pl.col("why") == QUIT)
    left = dict(quits.group_by(pl.col("end").dt.truncate("1mo")).len().iter_rows())
    days = [day for day in mid_months(window) if _whole(day, window)]
    months = zip(employment.on_each(days), (left.get(day.replace(day=1), 0) for day in days), strict=True)
    counts = [(employed, count) for employed, count in months if employed]
    years, groups = sum(employed for employed, _ in counts) / 12, _years_by_gender(employment, days)
    if not counts:
        return Figure.missing(Status.UNDEFINED, n=0, groups=groups, excluded=unknown)
    if not inputs.enough("quits_rate_monthly", years):
        return Figure.missing(Status.INSUFFICIENT_N, n=round(years), groups=groups, excluded=unknown)
    rates = pl.Series([100 * count / employed for employed, count in counts])
    return Figure(Status.OK, mean_of(rates), round(years), groups, basis=f"{len(rates)}_months", excluded=unknown)


def _years_by_gender(employment: Employment, days: Sequence[date]) -> tuple[Part, ...]:
    """Person-years of women and of men, a month for each day on which somebody was employed."""
    stays = employment.stays
    of_each = (Employment(stays.filter(pl.col("gender") == code)).on_each(days) for code in BOTH)
    return tuple(Part(code, round(sum(counts) / 12)) for code, counts in zip(BOTH, of_each, strict=True))


def _whole(day: date, window: Window) -> bool:
    last = monthrange(day.year, day.month)[1]
    return window[0] <= day.replace(day=1) and day.replace(day=last) <= window[1]


def turnover_gap(inputs: MetricInputs, _: str) -> Figure:
    """The voluntary rate of women over that of men.

    Given how many quit in all, women among them are binomial: the interval is that of Clopper and Pearson for their
    share, brought to person-years.
    """
    unknown = unknown_reasons(inputs)
    if isinstance(unknown, Figure):
        return unknown
    window, employment = inputs.facts.window(), inputs.employment
    years = person_years(employment.person_days(window), window)
    counts = by_gender(employment.separations(window).filter(pl.col("why") == QUIT))
    rates = {part.group: annual_rate(part.n or 0, years[part.group], (), "person_days") for part in counts}
    groups = tuple(Part(code, round(years[code]), each.value, interval=each.interval) for code, each in rates.items())
    n, (women, men) = round(sum(years.values())), (part.n or 0 for part in counts)
    if not inputs.enough("turnover_gap", n, *years.values()):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=groups, excluded=unknown)
    if not men:
        return Figure.missing(Status.UNDEFINED, n=n, groups=groups, excluded=unknown)
    over, under = ((rates[code].value or 0.0, rates[code].standard_error or 0.0) for code in BOTH)
    low, high = (share / (1 - share) * years["M"] / years["F"] for share in binomial(women, women + men))
    error, interval = ratio_error(over, under), Interval(low, high)
    return Figure(Status.OK, over[0] / under[0], n, groups, error, interval, "person_days", excluded=unknown)


FORMULAS = {
    "quits_rate_monthly": quits_rate_monthly,
    "turnover_gap": turnover_gap,
}
