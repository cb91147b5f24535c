"""PURE: a score's input, sorted by what each metric may do; values at 9 significant digits."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from hashlib import sha256
from math import fsum
from statistics import NormalDist

import numpy as np

from wm_api.scores.areas import aggregate, area_scores
from wm_api.scores.methodology import Methodology
from wm_api.scores.results import Reading, ScoreInput
from wm_api.scores.steps import Array, Steps, metric_steps

PLACES, DIGITS = 6, 9
NORMAL_95 = 1.96


def significant(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.{DIGITS}g}")


def places(value: float) -> float:
    return round(value, PLACES) + 0.0


def quantile(values: Array, at: float) -> float:
    return float(np.quantile(values, at, method="linear"))


def value_of(reading: Reading) -> float:
    return significant(reading.value) or 0.0


def error_of(reading: Reading) -> float:
    return significant(reading.standard_error) or 0.0


@lru_cache(maxsize=256)
def draws(seed: str, name: str, count: int) -> Array:
    """Standard normal draws that anybody can repeat: SHA-256 of "seed|name|d", d from 1."""
    begun, heads = sha256(f"{seed}|{name}|".encode("ascii")), bytearray()
    for number in _numbers(count):
        whole = begun.copy()  # three times as quick as a hash from its beginning
        whole.update(number)
        heads += whole.digest()[:8]
    shares = ((np.frombuffer(heads, ">u8") >> 12) + 0.5) / 2**52
    return np.array([*map(NormalDist().inv_cdf, shares.tolist())])


@lru_cache(maxsize=4)
def _numbers(count: int) -> tuple[bytes, ...]:
    return tuple(b"%d" % d for d in range(1, count + 1))


@dataclass(frozen=True)
class Case:
    """One input under one methodology. Metrics come in the order of the methodology, whatever that of the input."""

    inputs: ScoreInput
    methodology: Methodology

    @cached_property
    def readings(self) -> dict[str, Reading]:
        """A metric with neither peers nor goalposts cannot be placed: it does not apply."""
        unknown = Reading("not_reported", reason=None)
        found = {rule.metric: self.inputs.metrics.get(rule.metric, unknown) for rule in self.methodology.metrics}
        placed = {r.metric for r in self.methodology.metrics if r.worst is not None or r.metric in self.inputs.peers}
        return {
            n: each if n in placed else replace(each, status="not_applicable", reason="no_reference")
            for n, each in found.items()
        }

    @cached_property
    def ok(self) -> dict[str, Reading]:
        return {n: each for n, each in self.readings.items() if each.status == "ok" and each.value is not None}

    @cached_property
    def applies(self) -> list[str]:
        return [name for name, reading in self.readings.items() if reading.status != "not_applicable"]

    @cached_property
    def coverage(self) -> float:
        """Weight with a value over the weight that applies."""
        whole = fsum(self.methodology.weight(name) for name in self.applies)
        return fsum(self.methodology.weight(name) for name in self.ok) / whole if whole else 0.0

    def steps_of(self, metric: str, reading: Reading, x: Array, shift: Array | float = 0.0) -> Steps:
        return metric_steps(x, error_of(reading), self.methodology.rule(metric), self.inputs.peers.get(metric), shift)

    def steps(self) -> dict[str, Steps]:
        """Steps 1 to 4 of every metric with a value."""
        return {name: self.steps_of(name, reading, np.array([value_of(reading)])) for name, reading in self.ok.items()}

    def drawn(self, metric: str, reading: Reading) -> Steps:
        """The steps of every draw."""
        z = self._draws(metric)
        return self.steps_of(metric, reading, value_of(reading) + error_of(reading) * z, self._moved(metric))

    def _moved(self, metric: str) -> Array | float:
        """How far the quartiles lie off in each draw: contributed ones carry noise, reference ones none."""
        quartiles = self.inputs.peers.get(metric)
        error = quartiles.error if quartiles else 0.0
        return error / NORMAL_95 * self._draws(f"peers:{metric}") if error else 0.0

    def _draws(self, name: str) -> Array:
        return draws(self.inputs.seed, name, self.methodology.draws)

    def total(self, scores: Mapping[str, Array]) -> Array:
        return aggregate(area_scores(scores, self.methodology, self.applies), self.methodology)

    def runs(self, drawn: Mapping[str, Array]) -> tuple[Array, Array]:
        """All draws twice: what was not reported at the low bound, then at the high one."""
        missing = [name for name, reading in self.readings.items() if reading.status == "not_reported"]
        low, high = (
            self.total({**drawn, **{name: np.array([float(bound)]) for name in missing}})
            for bound in self.methodology.missing_bounds
        )
        return low, high
