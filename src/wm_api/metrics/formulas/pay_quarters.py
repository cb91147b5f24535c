"""PURE: women by quarter of hourly pay. UK SI 2017/172 reg 13; Directive (EU) 2023/970 Art. 9(1)(f)."""

from fractions import Fraction
from math import floor

import numpy as np
import polars as pl
from numpy.typing import NDArray

from wm_api.metrics.estimates import by_gender
from wm_api.metrics.figures import Figure, Part, Status
from wm_api.metrics.population import MetricInputs
from wm_api.metrics.profiles import Question, answer

QUARTERS = 4
EXTRAS = (0, 3, 1)  # places that do not divide by four go to Q1, Q4, Q2
SAME_RATE = 9  # places: a rate that comes two ways, by the hour and by the year, is one rate


def quarter_sizes(n: int) -> list[int]:
    sizes = [n // QUARTERS] * QUARTERS
    for extra in EXTRAS[: n % QUARTERS]:
        sizes[extra] += 1
    return sizes


def women_by_quarter(pay: pl.Series, women: pl.Series, *, whole: bool) -> list[Fraction]:
    """Women in four quarters by rank; ties share places proportionally, or as whole people (largest remainder).

    Cut by rank, not by the value of a quartile; the same for every order of rows (worked example E1).
    """
    return by_quarter(pay, women.cast(pl.Int64), whole=whole)


def by_quarter(pay: pl.Series, held: pl.Series, *, whole: bool = False) -> list[Fraction]:
    """What people hold, a whole number each, summed in four quarters by rank of pay."""
    rates = pl.DataFrame({"pay": pay.round(SAME_RATE), "held": held}).group_by("pay")
    levels = rates.agg(pl.len().cast(pl.Int64).alias("n"), pl.col("held").sum().cast(pl.Int64)).sort("pay")
    tied, held_tied = levels.get_column("n").to_numpy(), levels.get_column("held").to_numpy()
    places = _places(tied, quarter_sizes(len(pay)))
    inside = places == tied
    totals = [Fraction(int(held_tied[inside[quarter]].sum())) for quarter in range(QUARTERS)]
    for level in np.flatnonzero(~inside.any(axis=0)).tolist():
        exact = [Fraction(int(held_tied[level] * taken), int(tied[level])) for taken in places[:, level]]
        shares = _whole(exact) if whole else exact
        totals = [total + share for total, share in zip(totals, shares, strict=True)]
    return totals


def _places(tied: NDArray[np.int64], sizes: list[int]) -> NDArray[np.int64]:
    """How many places each group of equal pay takes in each quarter."""
    after = np.cumsum(tied)
    ends = np.cumsum(sizes)
    low = np.maximum.outer(ends - sizes, after - tied)
    return np.asarray(np.maximum(np.minimum.outer(ends, after) - low, 0))


def _whole(exact: list[Fraction]) -> list[Fraction]:
    floors = [floor(share) for share in exact]
    left = int(sum(exact)) - sum(floors)
    for quarter in sorted(range(QUARTERS), key=lambda q: (floors[q] - exact[q], q))[:left]:
        floors[quarter] += 1
    return [Fraction(share) for share in floors]


def pay_quarter_female_share(inputs: MetricInputs, profile: str) -> Figure:
    """Percent of women in four quarters of hourly pay. F and M with positive pay only (decision 31)."""
    paid, excluded = inputs.paid(profile, "r")
    people = paid.filter(pl.col("gender").is_in(["F", "M"]))
    others = paid.height - people.height
    excluded += (Part("gender_x_or_unknown", others),) if others else ()
    women = people.get_column("gender") == "F"
    n, n_f = people.height, int(women.sum())
    if n < QUARTERS or not inputs.enough("pay_quarter_female_share", n, n_f, n - n_f):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=by_gender(people), excluded=excluded)
    basis = answer(Question.TIES, profile).code
    counts = women_by_quarter(people.get_column("r"), women, whole=basis == "whole_people")
    quarters = zip(counts, quarter_sizes(n), strict=True)
    parts = tuple(Part(f"Q{index}", size, float(100 * count / size)) for index, (count, size) in enumerate(quarters, 1))
    return Figure(Status.OK, None, n, (*parts, *by_gender(people)), basis=basis, excluded=excluded)


FORMULAS = {
    "pay_quarter_female_share": pay_quarter_female_share,
}
