"""PURE: gaps of variable pay. UK SI 2017/172 regs 10 to 12; Directive (EU) 2023/970 Art. 9(1)(b), (d), (e)."""

from math import sqrt

import polars as pl

from wm_api.metrics.estimates import (
    around,
    by_gender,
    mean_of,
    median_of,
    of_both,
    share_error,
    standard_error_of_mean,
    standard_error_of_median,
)
from wm_api.metrics.figures import Figure, Part, Status, not_reported
from wm_api.metrics.formulas.pay_equity import Statistic, gap, gap_error
from wm_api.metrics.population import LEAVE_OUT, MetricInputs
from wm_api.metrics.profiles import Question, answer

LEAST_WITHOUT = 10  # people who receive nothing; domain.md 3.3


def gender_gap_mean_variable(inputs: MetricInputs, profile: str) -> Figure:
    """Gap of mean variable pay among those who receive some (reg 10; Art. 9(1)(b))."""
    return _gap_of_amounts(inputs, "gender_gap_mean_variable", profile, mean_of, standard_error_of_mean)


def gender_gap_median_variable(inputs: MetricInputs, profile: str) -> Figure:
    """Gap of median variable pay among those who receive some (reg 11; Art. 9(1)(d))."""
    return _gap_of_amounts(inputs, "gender_gap_median_variable", profile, median_of, standard_error_of_median)


def _gap_of_amounts(inputs: MetricInputs, metric: str, profile: str, middle: Statistic, error: Statistic) -> Figure:
    found = _with_variable_pay(inputs, profile)
    if isinstance(found, Figure):
        return found
    known, excluded = found
    receiving = known.filter(pl.col("variable") > 0)
    people = receiving.filter(pl.col("currency") == pl.lit(inputs.currency))
    counts = (
        ("no_variable_pay", known.height - receiving.height),
        ("other_currency", receiving.height - people.height),
    )
    excluded += tuple(Part(reason, count) for reason, count in counts if count)
    women, men = of_both(people, "variable")
    n, by_sex = people.height, by_gender(people)
    if not len(men) or not len(women) or not inputs.enough(metric, n, len(men), len(women)):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=by_sex, excluded=excluded)
    m, f = middle(men), middle(women)
    se, groups = gap_error(m, f, error(men), error(women)), by_gender(people, {"F": f, "M": m})
    value, currency = gap(m, f), inputs.currency
    return Figure(
        Status.OK, value, n, groups, se, around(value or 0.0, se), "recipients", currency=currency, excluded=excluded
    )


def variable_receipt_gap(inputs: MetricInputs, profile: str) -> Figure:
    """Share of men receiving variable pay less that of women, in percentage points (reg 12; Art. 9(1)(e))."""
    found = _with_variable_pay(inputs, profile)
    if isinstance(found, Figure):
        return found
    people, excluded = found
    (f, n_f), (m, n_m) = ((int((amounts > 0).sum()), len(amounts)) for amounts in of_both(people, "variable"))
    none = int((people.get_column("variable") <= 0).sum())
    too_few = inputs.least and none < LEAST_WITHOUT
    if too_few or not inputs.enough("variable_receipt_gap", people.height, n_f, n_m):
        return Figure.missing(Status.INSUFFICIENT_N, n=people.height, groups=by_gender(people), excluded=excluded)
    share_f, share_m = 100 * f / n_f, 100 * m / n_m
    se = sqrt(share_error(f, n_f) ** 2 + share_error(m, n_m) ** 2)
    value = share_m - share_f
    groups = by_gender(people, {"F": share_f, "M": share_m})
    return Figure(Status.OK, value, people.height, groups, se, around(value, se, -100.0, 100.0), excluded=excluded)


def _with_variable_pay(inputs: MetricInputs, profile: str) -> tuple[pl.DataFrame, tuple[Part, ...]] | Figure:
    """Whose `variable` pay of the window is known, of those that the profile asks about; payroll comes first."""
    everybody = answer(Question.WHO_RECEIVES, profile).code == "everybody"
    there = inputs.people(profile)
    people = there if everybody else inputs.full(profile)
    on_leave = there.height - people.height
    amounts = [pl.col("bonus") + pl.col("commission")] if "bonus" in people.columns else []
    amounts += [pl.col("variable_pay_12m")] if "variable_pay_12m" in people.columns else []
    if not amounts:
        return not_reported("variable_pay_12m")
    known = people.with_columns(pl.coalesce(*amounts).alias("variable")).filter(pl.col("variable").is_not_null())
    unknown, why = people.height - known.height, "no_payroll" if "bonus" in people.columns else "variable_pay_unknown"
    counts = ((LEAVE_OUT, on_leave), (why, unknown))
    return known, tuple(Part(reason, n) for reason, n in counts if n)


FORMULAS = {
    "gender_gap_mean_variable": gender_gap_mean_variable,
    "gender_gap_median_variable": gender_gap_median_variable,
    "variable_receipt_gap": variable_receipt_gap,
}
