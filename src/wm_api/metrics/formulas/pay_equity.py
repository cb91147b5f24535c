"""PURE: pay gaps. UK SI 2017/172 regs 8 to 12; Directive (EU) 2023/970 Art. 9; ESRS S1-16."""

from collections.abc import Callable
from math import sqrt

import polars as pl

from wm_api.metrics.estimates import (
    BOTH,
    around,
    by_gender,
    mean_of,
    median_of,
    share_error,
    standard_error_of_mean,
    standard_error_of_median,
)
from wm_api.metrics.figures import Figure, Part, Status, not_reported
from wm_api.metrics.population import MetricInputs
from wm_api.metrics.profiles import Question, answer

Statistic = Callable[[pl.Series], float]
LEAST_OF_X = 10
LEAST_WITHOUT = 10  # people who receive nothing; domain.md 3.3


def gap(men: float, women: float) -> float | None:
    """Men's less women's in percent of men's; None where men's is 0."""
    return (men - women) / men * 100 if men else None


def _hourly_gap(inputs: MetricInputs, metric: str, profile: str, middle: Statistic, error: Statistic) -> Figure:
    people, excluded = inputs.paid(profile, "r")
    women, men = (people.filter(pl.col("gender") == code).get_column("r") for code in BOTH)
    n, counts = people.height, by_gender(people)
    if not inputs.enough(metric, n, len(men), len(women)):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=counts, excluded=excluded)
    m, f = middle(men), middle(women)
    value = gap(m, f)
    if value is None:
        return Figure.missing(Status.UNDEFINED, n=n, groups=counts, excluded=excluded)
    se = 100 * sqrt((error(women) / m) ** 2 + (f * error(men) / m**2) ** 2)
    groups = (*by_gender(people, {"F": f, "M": m}), *(_of_x(people, m, middle) if _x_has_its_own(profile) else ()))
    return Figure(
        Status.OK, value, n, groups, se, around(value, se), currency=inputs.currency, excluded=excluded, basis="hourly"
    )


def _x_has_its_own(profile: str) -> bool:
    return answer(Question.GENDER_X, profile).code == "own_gap"


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


def variable_receipt_gap(inputs: MetricInputs, profile: str) -> Figure:
    """Share of men receiving variable pay less that of women, in percentage points (reg 12; Art. 9(1)(e)).

    Profiles uk and us look at all employees, those on reduced or unpaid leave too.
    """
    everybody = answer(Question.WHO_RECEIVES, profile).code == "everybody"
    people = inputs.people(profile) if everybody else inputs.full(profile)
    amounts = [pl.col("bonus") + pl.col("commission")] if "bonus" in people.columns else []
    amounts += [pl.col("variable_pay_12m")] if "variable_pay_12m" in people.columns else []
    if not amounts:
        return not_reported("variable_pay_12m")
    received = (pl.coalesce(*amounts) > 0).alias("received")
    known = people.with_columns(received).filter(pl.col("received").is_not_null())
    unknown, why = people.height - known.height, "no_payroll" if "bonus" in people.columns else "variable_pay_unknown"
    return _receipt(inputs, known, (Part(why, unknown),) if unknown else ())


def _receipt(inputs: MetricInputs, people: pl.DataFrame, excluded: tuple[Part, ...]) -> Figure:
    counts = {}
    for code in BOTH:
        received = people.filter(pl.col("gender") == code).get_column("received")
        counts[code] = (int(received.sum()), len(received))
    (f, n_f), (m, n_m) = counts["F"], counts["M"]
    none = people.height - int(people.get_column("received").sum())
    too_few = inputs.least and none < LEAST_WITHOUT
    if too_few or not inputs.enough("variable_receipt_gap", people.height, n_f, n_m):
        return Figure.missing(Status.INSUFFICIENT_N, n=people.height, groups=by_gender(people), excluded=excluded)
    share_f, share_m = 100 * f / n_f, 100 * m / n_m
    se = sqrt(share_error(f, n_f) ** 2 + share_error(m, n_m) ** 2)
    value = share_m - share_f
    groups = by_gender(people, {"F": share_f, "M": share_m})
    return Figure(Status.OK, value, people.height, groups, se, around(value, se, -100.0, 100.0), excluded=excluded)


FORMULAS = {
    "gender_gap_median_hourly": gender_gap_median_hourly,
    "gender_gap_mean_hourly": gender_gap_mean_hourly,
    "variable_receipt_gap": variable_receipt_gap,
}
