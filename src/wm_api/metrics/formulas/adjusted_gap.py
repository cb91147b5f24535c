"""PURE: adjusted gaps, ordinary least squares with HC3 (Jann 2008; Fortin, Lemieux, Firpo 2011)."""

from collections.abc import Sequence
from math import exp

import numpy as np
import polars as pl

from wm_api.metrics.decomposition import decompositions, raw_gap
from wm_api.metrics.distributions import t_quantile
from wm_api.metrics.employment import YEAR
from wm_api.metrics.estimates import BOTH, by_gender, mean_of
from wm_api.metrics.figures import Figure, Interval, Part, Status, not_reported
from wm_api.metrics.formulas.pay_equity import gap
from wm_api.metrics.population import MetricInputs
from wm_api.metrics.regression import Design, Fit, Matrix, fit_first
from wm_api.records.checks import optional

ROWS_A_PARAMETER = 10
WIDEST = 100.0  # log points: so few rows a parameter say nothing
LEVEL, RATING = "job_level", "performance_band"
UNTAINTED = ("job_family", "work_region")
CONTROLS = (LEVEL, *UNTAINTED)
"""Level and rating are outcomes of the employer's own decisions: tainted, so there is a run without them."""
LINE = 5.0  # percent; Directive (EU) 2023/970 Art. 10
MARKET = "US"


def adjusted_gender_gap(inputs: MetricInputs, profile: str) -> Figure:
    """100 x (1 - exp(beta_F)): log pay on woman + level + family + region + tenure + tenure squared.

    In the groups the raw gap, its parts by each decomposition in hundredths of a log point, and the runs with other
    controls: `without_level`, and `with_rating` where there is one.
    """
    if not inputs.has(LEVEL):
        return not_reported(LEVEL)
    paid, excluded = inputs.paid(profile, "r")
    people = _comparable(paid.filter(pl.col("gender").is_in(BOTH)), inputs)
    excluded += (Part("gender_or_control_unknown", paid.height - people.height),) if paid.height > people.height else ()
    n, groups = people.height, by_gender(people)
    too_few = Figure.missing(Status.INSUFFICIENT_N, n=n, groups=groups, excluded=excluded)
    if not inputs.enough("adjusted_gender_gap", n, *(part.n or 0 for part in groups)):
        return too_few
    design, women = design_of(people, _marks(people, "gender", "F")), people.get_column("gender") == "F"
    if not _enough_rows(inputs, design):
        return too_few
    pay = _log_pay(people)
    fit = fit_first(design, pay)
    if fit is None:  # no level, family or region has both
        return Figure.missing(Status.UNDEFINED, n=n, groups=groups, excluded=excluded)
    found = _gap_of(fit)
    if found is None:
        return too_few
    value, se, interval = found
    means = [mean_of(people.filter(each).get_column("r")) for each in (~women, women)]
    shown = (Part("raw_gap", n, gap(*means)), *_parts(design, pay), *_other_runs(inputs, people), *groups)
    verdict = verdict_of(interval)
    return Figure(Status.OK, value, n, shown, se, interval, "ols_hc3", excluded=excluded, verdict=verdict)


def _gap_of(fit: Fit | None) -> tuple[float, float, Interval] | None:
    """In percent with its error and interval; None where the rows are too few to say."""
    half = t_quantile(0.975, fit.degrees) * fit.hc3 if fit is not None and fit.degrees > 0 else WIDEST
    if fit is None or half >= WIDEST:
        return None
    interval = Interval(100 * (1 - exp(fit.beta + half)), 100 * (1 - exp(fit.beta - half)))
    return 100 * (1 - exp(fit.beta)), 100 * exp(fit.beta) * fit.hc3, interval


def verdict_of(interval: Interval) -> str:
    """Whether the gap is 5 % or more in size, beyond what chance explains."""
    if interval.low > LINE or interval.high < -LINE:
        return "above_line"
    return "below_line" if interval.low > -LINE and interval.high < LINE else "not_resolved"


def _parts(design: Design, pay: Matrix) -> tuple[Part, ...]:
    """In hundredths of a log point, which add up to the raw gap of logs."""
    n, found = len(pay), []
    for each in decompositions(design, pay):
        found.append(Part("explained", n, 100 * each.explained, each.name))
        found.append(Part("unexplained", n, 100 * each.unexplained, each.name))
    return (Part("raw_log_gap", n, 100 * raw_gap(pay, design.value[:, 0] > 0)), *found)


def _other_runs(inputs: MetricInputs, people: pl.DataFrame) -> tuple[Part, ...]:
    """The gap under other controls, where those leave people enough."""
    runs: list[tuple[str, pl.DataFrame, Sequence[str]]] = [("without_level", people, UNTAINTED)]
    if RATING in people.columns:
        runs.append(("with_rating", people.filter(pl.col(RATING).is_not_null()), (*CONTROLS, RATING)))
    found = []
    for name, rows, controls in runs:
        design = design_of(rows, _marks(rows, "gender", "F"), controls)
        run = _gap_of(fit_first(design, _log_pay(rows))) if rows.height and _enough_rows(inputs, design) else None
        if run is not None:
            found.append(Part(name, rows.height, run[0], "controls", run[2]))
    return tuple(found)


def adjusted_race_gap(inputs: MetricInputs, profile: str) -> Figure:
    """The adjusted gap of each group against all others; the largest in size, with its own interval."""
    if inputs.account.country != MARKET:
        return Figure.missing(Status.NOT_APPLICABLE, "country")
    for column in ("race_ethnicity", LEVEL):
        if not inputs.has(column):
            return not_reported(column)
    paid, excluded = inputs.paid(profile, "r")
    known = paid.filter((pl.col("race_ethnicity") != "unknown").fill_null(value=False))
    people = _comparable(known, inputs)
    left = paid.height - people.height
    excluded += (Part("race_or_control_unknown", left),) if left else ()
    n, race = people.height, people.get_column("race_ethnicity").cast(pl.String)
    counts = {code: count for code, count in sorted(race.value_counts().iter_rows()) if 0 < count < n}
    compared = [code for code, count in counts.items() if inputs.enough("adjusted_race_gap", n, count, n - count)]
    too_few = Figure.missing(Status.INSUFFICIENT_N, n=n, groups=by_gender(people), excluded=excluded)
    if not compared:
        return too_few
    design, pay = design_of(people, _marks(people, "race_ethnicity", compared[0])), _log_pay(people)
    if not _enough_rows(inputs, design):
        return too_few
    marked = {code: design.marking(_marks(people, "race_ethnicity", code)) for code in compared}
    found = {code: _gap_of(fit_first(each, pay)) for code, each in marked.items()}
    gaps = {code: each for code, each in found.items() if each is not None}
    if not gaps:
        return Figure.missing(Status.UNDEFINED, n=n, groups=by_gender(people), excluded=excluded)
    value, se, interval = max(gaps.values(), key=lambda each: abs(each[0]))
    parts = (Part(code, counts[code], each[0], "race_ethnicity", each[2]) for code, each in gaps.items())
    shown, verdict = (*parts, *by_gender(people)), verdict_of(interval)
    return Figure(Status.OK, value, n, shown, se, interval, "ols_hc3", excluded=excluded, verdict=verdict)


def _enough_rows(inputs: MetricInputs, design: Design) -> bool:
    return not inputs.least or len(design.column) >= ROWS_A_PARAMETER * design.width


def _log_pay(people: pl.DataFrame) -> Matrix:
    return np.asarray(np.log(people.get_column("r").to_numpy()))


def _marks(people: pl.DataFrame, column: str, code: str) -> Matrix:
    return (people.get_column(column).cast(pl.String) == code).cast(pl.Float64).to_numpy()


def _comparable(people: pl.DataFrame, inputs: MetricInputs) -> pl.DataFrame:
    """People whose level and tenure are known, in an order that no file decides."""
    people = people.filter(pl.col(LEVEL).is_not_null())
    if inputs.has("hire_date"):
        since = pl.coalesce(optional(people, "original_hire_date").cast(pl.Date), pl.col("hire_date"))
        tenure = ((pl.lit(inputs.day) - since).dt.total_days() / YEAR).alias("tenure")
        people = people.with_columns(tenure).filter(pl.col("tenure").is_not_null())
    read = {"employee_key", "gender", "race_ethnicity", "r", "tenure", RATING, *CONTROLS}
    return people.select(name for name in people.columns if name in read).sort("employee_key")


def design_of(people: pl.DataFrame, marked: Matrix, controls: Sequence[str] = CONTROLS) -> Design:
    """Marked, constant, a column a code of each control beyond its first, tenure and its square."""
    n = people.height
    columns = [np.zeros(n, np.int64), np.ones(n, np.int64)]
    values = [marked, np.ones(n)]
    width = 2
    for name in controls:
        if name in people.columns and n:
            codes = people.get_column(name).cast(pl.String).fill_null("").rank("dense").cast(pl.Int64).to_numpy() - 1
            columns.append(np.where(codes > 0, width + codes - 1, 0))
            values.append((codes > 0).astype(np.float64))
            width += int(codes.max())
    if "tenure" in people.columns and people.get_column("tenure").n_unique() > 1:
        tenure = people.get_column("tenure").to_numpy()
        for power in (tenure, tenure**2):
            columns.append(np.full(n, width))
            values.append(power)
            width += 1
    return Design(np.column_stack(columns), np.column_stack(values), width)


FORMULAS = {
    "adjusted_gender_gap": adjusted_gender_gap,
    "adjusted_race_gap": adjusted_race_gap,
}
