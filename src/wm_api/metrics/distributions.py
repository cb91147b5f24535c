"""PURE: quantiles and intervals that re-compute exactly: Student t, Poisson, Wilson."""

from collections.abc import Callable
from functools import cache
from math import exp, lgamma, log, log1p, sqrt

Z95 = 1.96  # as the page has it; 0 of 12 gives 24.3


def wilson(count: float, n: int) -> tuple[float, float]:
    """95 % interval of a share, in percent (Wilson 1927)."""
    p, z2 = count / n, Z95 * Z95
    middle, half = p + z2 / (2 * n), Z95 * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return 100 * max(0.0, (middle - half) / (1 + z2 / n)), 100 * min(1.0, (middle + half) / (1 + z2 / n))


@cache
def poisson(count: int) -> tuple[float, float]:
    """Exact 95 % interval of a count of events (Garwood 1936)."""
    low = 0.0 if count == 0 else _solve(lambda m: 1 - _poisson_cdf(count - 1, m) - 0.025, 0.0, float(count) + 1)
    return low, _solve(lambda m: 0.025 - _poisson_cdf(count, m), float(count), 2.0 * count + 20)


def binomial(count: int, n: int) -> tuple[float, float]:
    """Exact 95 % interval of a probability of which `count` of `n` came (Clopper and Pearson 1934)."""

    def above(probability: float) -> float:  # the chance of more than so many is a beta's, increasing
        return _incomplete_beta(count + 1, n - count, probability) - 0.975

    def reached(probability: float) -> float:
        return _incomplete_beta(count, n - count + 1, probability) - 0.025

    low = 0.0 if count == 0 else _solve(reached, 0.0, 1.0)
    return low, 1.0 if count == n else _solve(above, 0.0, 1.0)


def _poisson_cdf(count: int, mean: float) -> float:
    """Q(count + 1, mean), the regularised upper incomplete gamma function, by its series or continued fraction."""
    if mean <= 0:
        return 1.0
    a = count + 1
    front = exp(a * log(mean) - mean - lgamma(a))
    return 1 - front * _gamma_series(a, mean) if mean < a + 1 else front * _gamma_fraction(a, mean)


def _gamma_series(a: float, x: float) -> float:
    term = total = 1 / a
    while term > total * 1e-17:
        a += 1
        term *= x / a
        total += term
    return total


def _gamma_fraction(a: float, x: float) -> float:
    tiny, b = 1e-300, x + 1 - a
    c, d = 1 / tiny, 1 / b
    total, i, change = d, 0, 0.0
    while abs(change - 1) > 1e-15:  # noqa: PLR2004 - to the last digit
        i += 1
        b += 2
        step = i * (a - i)
        d = 1 / ((step * d + b) or tiny)
        c = (b + step / c) or tiny
        change = c * d
        total *= change
    return total


def _solve(function: Callable[[float], float], low: float, high: float) -> float:
    """Where an increasing function passes zero, to the last digit."""
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if function(middle) < 0 else (low, middle)
    return (low + high) / 2


@cache
def t_quantile(probability: float, degrees: int) -> float:
    """Quantile of Student's t for a probability above one half."""
    return _solve(lambda t: _t_cdf(t, degrees) - probability, 0.0, 1e4)


def _t_cdf(t: float, degrees: int) -> float:
    x = degrees / (degrees + t * t)
    return 1 - 0.5 * _incomplete_beta(degrees / 2, 0.5, x)


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """Regularised, by the continued fraction of Lentz."""
    if x in {0.0, 1.0}:
        return x
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(a, b, x) / a
    return 1 - front * _fraction(b, a, 1 - x) / b


def _fraction(a: float, b: float, x: float) -> float:
    tiny, c, d = 1e-300, 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d or tiny)
    total = d
    for m in range(1, 500):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / ((1 + step * d) or tiny)
            c = (1 + step / c) or tiny
            total *= c * d
        if abs(c * d - 1) < 1e-15:  # noqa: PLR2004 - to the last digit
            break
    return total
