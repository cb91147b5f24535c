"""Many scored inputs as arrays: companies down, the metrics of the methodology across."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from wm_api.benchmarks.fallback import Place, by_place, find
from wm_api.benchmarks.public_sources import Cell
from wm_api.scores.case import Case
from wm_api.scores.methodology import Methodology
from wm_api.scores.peers import peers_of
from wm_api.scores.quartiles import Quartiles
from wm_api.scores.results import ScoreInput

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
SLACK = 1e-12


@dataclass(frozen=True, slots=True)
class Peers:
    """Quartiles by company and metric; NaN where there are none. `declared`: the release has the centre alone."""

    q25: Floats
    q50: Floats
    q75: Floats
    declared: Flags

    @classmethod
    def of(cls, found: Sequence[dict[str, Quartiles]], methodology: Methodology) -> "Peers":
        none = Quartiles(np.nan, np.nan, np.nan)
        table = [[each.get(rule.metric, none) for rule in methodology.metrics] for each in found]
        q25, q50, q75 = (np.array([[getattr(q, name) for q in row] for row in table]) for name in ("q25", "q50", "q75"))
        return cls(q25, q50, q75, np.array([[q.declared for q in row] for row in table]))


@dataclass(frozen=True)
class Population:
    """`value` is NaN without one, `missing` was not reported, `higher` are the peers one level up."""

    methodology: Methodology
    value: Floats
    error: Floats
    applies: Flags
    missing: Flags
    peers: Peers
    higher: Peers

    @property
    def size(self) -> int:
        return len(self.value)

    @cached_property
    def enough(self) -> Flags:
        """Who has a score: coverage, four areas, pay and retention among them."""
        rules, held = self.methodology.metrics, ~np.isnan(self.value)
        weights = np.array([self.methodology.weight(rule.metric) for rule in rules])
        covered = held @ weights >= self.methodology.least_coverage * (self.applies @ weights) - SLACK
        there = {}
        for area in self.methodology.areas:
            inside = weights * np.array([rule.area == area for rule in rules])
            there[area] = (held @ inside > 0) & (
                held @ inside >= self.methodology.area_share * (self.applies @ inside) - SLACK
            )
        required = np.all([there[area] for area in self.methodology.required_areas], axis=0)
        return np.asarray(covered & required & (np.sum(list(there.values()), axis=0) >= self.methodology.least_areas))

    @classmethod
    def of(
        cls,
        inputs: Sequence[ScoreInput],
        places: Sequence[Place],
        cells: tuple[Cell, ...],
        methodology: Methodology,
    ) -> "Population":
        rows = [list(Case(each, methodology).readings.values()) for each in inputs]
        status = np.array([[each.status for each in row] for row in rows])
        value = np.array([[np.nan if each.value is None else each.value for each in row] for row in rows], float)
        error = np.array([[each.standard_error or 0.0 for each in row] for row in rows])
        peers = Peers.of([dict(each.peers) for each in inputs], methodology)
        up = {place: higher(cells, place, methodology) for place in set(places)}
        return cls(
            methodology, np.where(status == "ok", value, np.nan), error, status != "not_applicable",
            status == "not_reported", peers, Peers.of([up[place] for place in places], methodology),
        )  # fmt: skip


def higher(cells: tuple[Cell, ...], place: Place, methodology: Methodology) -> dict[str, Quartiles]:
    """The peers as if the cells that are found were not there; where nothing stands above them, the same."""
    known = by_place(cells)
    found = (find(known, rule.metric, place) for rule in methodology.metrics)
    dropped = {id(each.cell) for each in found if each is not None}
    rest = tuple(cell for cell in cells if id(cell) not in dropped)
    return {**peers_of(cells, place, methodology), **peers_of(rest, place, methodology)}
