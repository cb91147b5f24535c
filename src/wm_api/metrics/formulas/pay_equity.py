"""PURE: gaps of hourly pay. UK SI 2017/172 regs 8 and 9; Directive (EU) 2023/970 Art. 9; ESRS S1-16."""

from collections.abc import Callable
from math import sqrt

import polars as pl

from wm_api.metrics.estimates import (
    around,
    by_gender,
    mean_of,
    median_of,
    of_both,
    standard_error_of_mean,
    standard_error_of_median,
)
from wm_api.metrics.figures import Figure, Part, Status
from wm_api.metrics.hourly_pay import WITH_ANNUAL
from wm_api.metrics.population import MetricInputs
from wm_api.metrics.profiles import Question, answer

Statistic = Callable[[pl.Series], float]
LEAST_OF_X = 10


def gap(men: float, women: float) -> float | None:
    """Men's less women's in percent of men's; None where men's is 0."""
    return (men - women) / men * 100 if men else None


def gap_error(men: float, women: float, error_of_men: float, error_of_women: float) -> float:
    return 100 * sqrt((error_of_women / men) ** 2 + (women * error_of_men / men**2) ** 2)


def _hourly_gap(inputs: MetricInputs, metric: str, profile: str, middle: Statistic, error: Statistic) -> Figure:
    people, excluded = inputs.paid(profile, "r")
    women, men = of_both(people, "r")
    n, counts = people.height, by_gender(people)
    if not inputs.enough(metric, n, len(men), len(women)):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=counts, excluded=excluded)
    m, f = middle(men), middle(women)
    value = gap(m, f)
    if value is None:
        return Figure.missing(Status.UNDEFINED, n=n, groups=counts, excluded=excluded)
    se = gap_error(m, f, error(men), error(women))
    groups = (*by_gender(people, {"F": f, "M": m}), *_beside(people, m, middle, profile))
    return Figure(
        Status.OK, value, n, groups, se, around(value, se), currency=inputs.currency, excluded=excluded, basis="hourly"
    )


def _beside(people: pl.DataFrame, m: float, middle: Statistic, profile: str) -> tuple[Part, ...]:
    """What the profile shows beside its gap: that of gender X, that of gross annual pay."""
    own = answer(Question.GENDER_X, profile).code == "own_gap"
    annual = answer(Question.HOURLY_PAY, profile).code.endswith(WITH_ANNUAL)
    return (*(_of_x(people, m, middle) if own else ()), *(_of_year(people, middle) if annual else ()))


def _of_year(people: pl.DataFrame, middle: Statistic) -> tuple[Part, ...]:
    known = people.filter((pl.col("gross_annual") > 0).fill_null(value=False))
    women, men = of_both(known, "gross_annual")
    if not len(women) or not len(men):
        return ()
    return (Part("gap_of_gross_annual", known.height, gap(middle(men), middle(women))),)


def _of_x(people: pl.DataFrame, m: float, middle: Statistic) -> tuple[Part, ...]:
    """Gender X has its own gap where there are enough people."""
    pay = people.filter(pl.col("gender") == "X").get_column("r")
    if len(pay) < LEAST_OF_X:
        return ()
    x = middle(pay)
    return Part("X", len(pay), x), Part("gap_of_X", len(pay), gap(m, x))


def gender_gap_mean_hourly(inputs: MetricInputs, profile: str) -> Figure:
    """Men's mean hourly pay less women's, in percent of men's (reg 8; Art. 9(1)(a))."""
    return _hourly_gap(inputs, "gender_gap_mean_hourly", profile, mean_of, standard_error_of_mean)


def gender_gap_median_hourly(inputs: MetricInputs, profile: str) -> Figure:
    """Men's median hourly pay less women's, in percent of men's (reg 9; Art. 9(1)(c))."""
    return _hourly_gap(inputs, "gender_gap_median_hourly", profile, median_of, standard_error_of_median)


FORMULAS = {
    "gender_gap_median_hourly": gender_gap_median_hourly,
    "gender_gap_mean_hourly": gender_gap_mean_hourly,
}
