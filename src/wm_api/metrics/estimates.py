"""PURE: means, medians and shares with their errors (domain.md 3.5); none depends on the order of rows."""

from collections.abc import Callable, Mapping
from math import floor, fsum, sqrt

import polars as pl

from wm_api.metrics.distributions import wilson
from wm_api.metrics.figures import Figure, Interval, Part, Status

BOTH = ("F", "M")


def mean_of(values: pl.Series) -> float:
    """Exactly rounded."""
    return fsum(values.to_list()) / len(values)


def standard_error_of_mean(values: pl.Series) -> float:
    n = len(values)
    if n < 2:  # noqa: PLR2004 - one value has no spread
        return 0.0
    squares = (values - mean_of(values)) ** 2
    return sqrt(fsum(squares.to_list()) / (n - 1) / n)


def quantile_of(values: pl.Series, share: float) -> float:
    """Linear between the two nearest."""
    found = values.quantile(share, interpolation="linear")
    return float(found) if found is not None else 0.0


def median_of(values: pl.Series) -> float:
    return quantile_of(values, 0.5)


def standard_error_of_median(values: pl.Series) -> float:
    """From order statistics."""
    ordered, n = values.sort(), len(values)
    j = max(1, floor((n + 1) / 2 - 0.98 * sqrt(n)))
    return float(ordered[n - j] - ordered[j - 1]) / 3.92


def ratio_of_sums(y: pl.Series, x: pl.Series) -> tuple[float | None, float]:
    """Sum y / sum x over people, with its error; None where sum x is 0."""
    n, total = len(x), fsum(x.to_list())
    if not total:
        return None, 0.0
    ratio = fsum(y.to_list()) / total
    squares = fsum(((y - ratio * x) ** 2).to_list())
    return ratio, sqrt(n / (n - 1) * squares) / total if n > 1 else 0.0


def gini_of(values: pl.Series) -> float | None:
    """0 where all are equal; of n values at most (n - 1) / n. None where they sum to 0."""
    ordered, n = values.sort(), len(values)
    total = fsum(ordered.to_list())
    centred = ordered * pl.int_range(1 - n, n + 1, 2, eager=True)  # 2 i - (n + 1): rounds once, not twice
    return fsum(centred.to_list()) / (n * total) if total else None


def share_error(count: float, n: int) -> float:
    """Standard error of a share in percent, p = (k + 2) / (n + 4)."""
    p = (count + 2) / (n + 4)
    return 100 * sqrt(p * (1 - p) / (n + 4))


def ratio_error(over: tuple[float, float], under: tuple[float, float]) -> float:
    """Of a ratio of two values, each with its error, the lower one not 0."""
    (a, error_a), (b, error_b) = over, under
    return sqrt((error_a / b) ** 2 + (a * error_b / b**2) ** 2)


def share_of(people: pl.DataFrame, holds: pl.Expr, unknown: str, enough: Callable[[int], bool]) -> Figure:
    """Percent of people of whom it holds, women and men apart; of those of whom it is known."""
    marked = people.with_columns(holds.alias("holds"))
    known = marked.filter(pl.col("holds").is_not_null())
    n, count = known.height, int(known.get_column("holds").sum())
    excluded = (Part(unknown, people.height - n),) if people.height > n else ()
    if not enough(n):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=by_gender(known), excluded=excluded)
    shares = dict(known.group_by("gender").agg(100 * pl.col("holds").mean()).iter_rows())
    groups = by_gender(known, {code: shares[code] for code in BOTH if code in shares})
    interval = Interval(*wilson(count, n))
    return Figure(Status.OK, 100 * count / n, n, groups, share_error(count, n), interval, excluded=excluded)


def of_both(people: pl.DataFrame, column: str) -> tuple[pl.Series, pl.Series]:
    """The column of women and that of men."""
    gender, values = people.get_column("gender"), people.get_column(column)
    women, men = (values.filter(gender == code) for code in BOTH)
    return women, men


def around(value: float, se: float, low: float | None = None, high: float | None = None) -> Interval:
    """95 %, kept inside what is possible."""
    lower, upper = value - 1.96 * se, value + 1.96 * se
    return Interval(lower if low is None else max(low, lower), upper if high is None else min(high, upper))


def by_gender(people: pl.DataFrame, values: Mapping[str, float] | None = None) -> tuple[Part, ...]:
    """Women and men among people, with a value each where there is one."""
    counts = dict(people.get_column("gender").value_counts().iter_rows())
    return tuple(Part(code, counts.get(code, 0), (values or {}).get(code)) for code in BOTH)
