"""PURE: what is shown of a draw: the band of the count, values on their grid, the error beside them."""

import math
from decimal import ROUND_HALF_UP, Decimal

from wm_api.benchmarks.contributed.plan import LEAST, Scale, Share

_BANDS = ((500, "500+"), (200, "200-499"), (100, "100-199"), (50, "50-99"))
ERROR_AT_GATE = 0.05
"""Of the range, at 95 %: what a quartile may be off by at its gate."""
RANKS_AT_EPS_1 = 10.0
"""Ranks that a quartile of AQ-3 at eps 1 may be off by (95 %); ADR 15 has the measurement."""
Quartiles = tuple[float, float, float]


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


def error_of(scale: Scale, share: Share, band: str, drawn: Quartiles | None = None) -> float:
    """What each value may be off by (95 %), with its rounding: 5 % of the range at the gate, less with the groups.

    Of quartiles that lie far apart it is more: where values lie thin, a rank is worth more. Only what is published
    goes in, so it tells nothing else.
    """
    half_step, most = scale.grid / 2, ERROR_AT_GATE * scale.range
    stated = min(most, math.hypot(most * min(1.0, share.gate / least_of(band)), half_step))
    apart = 0.0 if drawn is None else math.hypot(_of_spread(drawn, share, band), half_step)
    return round(max(stated, apart), 6)


def _of_spread(drawn: Quartiles, share: Share, band: str) -> float:
    """Half of the groups lie between the outer quartiles: ranks that the noise is worth, times their distance."""
    groups = max(least_of(band), share.gate)
    return RANKS_AT_EPS_1 / share.eps * (drawn[2] - drawn[0]) / (groups / 2)


def near_enough(scale: Scale, error: float) -> bool:
    """Whether values are printed at all: an error beyond 5 % of the range is none to compare with."""
    return error <= ERROR_AT_GATE * scale.range
