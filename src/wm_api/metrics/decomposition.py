"""PURE: a gap of means in two parts, one explained by controls and one not (Oaxaca 1973; Neumark 1988; Jann 2008)."""

from dataclasses import dataclass

import numpy as np

from wm_api.metrics.regression import Design, Flags, Matrix, Solution, solved


@dataclass(frozen=True, slots=True)
class Decomposition:
    """The two parts add up to the raw gap."""

    name: str
    explained: float
    unexplained: float


def raw_gap(y: Matrix, marked: Flags) -> float:
    """Mean of the others less that of the group."""
    return float(y[~marked].mean() - y[marked].mean())


def decompositions(design: Design, y: Matrix) -> tuple[Decomposition, ...]:
    """The first column marks the group, which is compared with all others.

    `pooled_with_group`: coefficients of everybody beside that of the group. `male_coefficients`: those of the others,
    left out where the group has controls that no other has. `neumark_pooled`: those of everybody, the group not marked.
    """
    marked = design.value[:, 0] > 0
    unmarked = design.marking(np.zeros(len(y)))
    raw, apart = raw_gap(y, marked), _mean_row(unmarked.of(~marked)) - _mean_row(unmarked.of(marked))
    with_group, pooled = solved(design, y), solved(unmarked, y)
    others = solved(unmarked.of(~marked), y[~marked])
    readings = [("pooled_with_group", with_group)] if 0 in with_group.kept else []
    readings += [("male_coefficients", others)] if others.kept == pooled.kept else []
    readings += [("neumark_pooled", pooled)]
    return tuple(_parts(name, found, apart, raw) for name, found in readings)


def _mean_row(design: Design) -> Matrix:
    n = len(design.column)
    return design.transposed_times(np.ones(n)) / n


def _parts(name: str, found: Solution, apart: Matrix, raw: float) -> Decomposition:
    """`apart` has 0 in the group's place, so its own coefficient explains nothing."""
    explained = float(apart @ found.coefficients)
    return Decomposition(name, explained, raw - explained)
