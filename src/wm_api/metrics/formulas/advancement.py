"""PURE: whether people who began at the lowest levels got on."""

from dataclasses import replace

import polars as pl

from wm_api.metrics.employment import YEAR, Window, covers
from wm_api.metrics.estimates import share_of
from wm_api.metrics.figures import Figure, Part, Status, not_reported
from wm_api.metrics.formulas.pay_level import MARKET_COUNTRY, MARKET_CURRENCY, NO_REFERENCE, price_index
from wm_api.metrics.hourly_pay import hourly_growth
from wm_api.metrics.population import MetricInputs

NEEDED = ("hire_date", "termination_date", "job_level", "job_level_start", "base_rate_start")
FRONTLINE, LEAST_RISE = 2, 1.10 - 1e-9
NEARLY = 15
"""Days by which a window of two years may be off."""


def frontline_advancement_24m(inputs: MetricInputs, _: str) -> Figure:
    """Of people at level 1 or 2 on the first day of a window of 24 months and still employed on its last, percent with
    a higher level or 10 % more hourly pay beyond consumer prices; `with_leavers` counts who left as not advanced.
    """
    for column in NEEDED:
        if not inputs.has(column):
            return not_reported(column)
    start, end = window = inputs.facts.window()
    if abs((end - start).days + 1 - 2 * YEAR) > NEARLY:
        return not_reported("window:24_months")
    prices = _price_change(inputs, window)
    if prices is None:
        return NO_REFERENCE
    stays = inputs.employment.stays
    there = [stays.filter(covers(day)).select("employee_key") for day in window]
    begun = inputs.everyone().filter((pl.col("job_level_start") <= FRONTLINE).fill_null(value=False))
    cohort = begun.join(there[0], on="employee_key", how="semi", maintain_order="left")
    still = cohort.join(there[1], on="employee_key", how="semi", maintain_order="left")
    growth = pl.when(pl.col("currency") == pl.lit(inputs.currency)).then(hourly_growth(still))
    advanced = (pl.col("job_level") > pl.col("job_level_start")) | (growth >= LEAST_RISE * prices)
    figure = share_of(still, advanced, "level_or_pay_unknown", lambda n: inputs.enough("frontline_advancement_24m", n))
    return _with_leavers(figure, cohort.height - still.height) if figure.status is Status.OK else figure


def _price_change(inputs: MetricInputs, window: Window) -> float | None:
    table = inputs.references.consumer_prices
    if table is None or inputs.account.country != MARKET_COUNTRY or inputs.currency not in {None, MARKET_CURRENCY}:
        return None
    begun, ended = (price_index(table, day) for day in window)
    return None if begun is None or ended is None else ended / begun


def _with_leavers(figure: Figure, left: int) -> Figure:
    n = (figure.n or 0) + left
    below = Part("with_leavers", n, (figure.value or 0.0) * (figure.n or 0) / n)
    return replace(figure, groups=(*figure.groups, below), basis="window_of_24_months")


FORMULAS = {"frontline_advancement_24m": frontline_advancement_24m}
