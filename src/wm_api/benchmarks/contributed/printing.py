"""PURE: what is shown of a draw: the band of the count, values on their grid, the error beside them."""

import math
from decimal import ROUND_HALF_UP, Decimal

from wm_api.benchmarks.contributed.plan import LEAST, Scale

_BANDS = ((500, "500+"), (200, "200-499"), (100, "100-199"), (50, "50-99"))
ERROR_AT_GATE = 0.05
"""Of the range, at 95 %: what a quartile may be off by at its gate."""


def published(n: int, noisy: int, gate: int) -> bool:
    """Whether a statistic comes out of a cell of n groups."""
    return n >= LEAST and noisy >= gate


def band_of(noisy: int) -> str:
    """All that is ever shown of a count. Raises ValueError below the lowest gate."""
    for low, band in _BANDS:
        if noisy >= low:
            return band
    raise ValueError("a count that is under every gate has no band")


def least_of(band: str) -> int:
    """The lower end of a band."""
    return next(low for low, each in _BANDS if each == band)


def on_grid(value: float, scale: Scale) -> float:
    """Rounded half up, once."""
    grid = Decimal(str(scale.grid))
    steps = (Decimal(str(value)) / grid).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return float(steps * grid)


def error_of(scale: Scale, gate: int, band: str) -> float:
    """What each value may be off by (95 %): 5 % of the range at the gate, less with the groups; and the rounding."""
    sampling = ERROR_AT_GATE * scale.range * min(1.0, gate / least_of(band))
    return round(min(ERROR_AT_GATE * scale.range, math.hypot(sampling, scale.grid / 2)), 6)
