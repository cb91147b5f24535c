"""PURE: which groups of a company may be shown, so that nothing small is found by subtracting what is.

Complementary (secondary) suppression: Cox 1980, doi.org/10.1080/01621459.1980.10477481; Hundepool and others 2012,
Statistical Disclosure Control, chapter 4.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

LEAST = 10
"""People: fewer are never shown, nor found by subtraction."""
NOTHING = 1e-5
MOST_FREE = 12
"""Independent sums that are looked through, with all their combinations; of more one group less is shown."""
Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]
Group = tuple[str, str]
"""A dimension and a group of it."""


@dataclass(slots=True)
class _Table:
    """Cells are the groups of all dimensions crossed, with their people; `holds` are the cells of each group."""

    people: NDArray[np.int64]
    holds: Mapping[Group, Flags]
    hidden: set[Group] = field(default_factory=set)

    def count(self, cells: Flags) -> int:
        return int(self.people[cells].sum())

    def shown(self, dimension: str | None = None) -> list[Group]:
        """The smallest first."""
        found = (each for each in self.holds if each not in self.hidden and dimension in {None, each[0]})
        return sorted(found, key=lambda each: (self.count(self.holds[each]), each))

    def complete(self, dimension: str) -> None:
        """The hidden groups together are what the whole less the shown ones gives: never few people, nor one group."""
        hidden = [each for each in self.hidden if each[0] == dimension]
        shown = self.shown(dimension)
        while hidden and shown and (len(hidden) == 1 or sum(self.count(self.holds[h]) for h in hidden) < LEAST):
            self.hidden.add(shown[0])
            hidden.append(shown.pop(0))

    def leak(self) -> Flags | None:
        """Cells of few people in all, whose sum follows from those of the whole and of the groups shown.

        What follows from groups is sums of atoms: of the sets of cells that no shown group tells apart.
        """
        groups = np.array([np.ones(len(self.people), dtype=bool), *(self.holds[each] for each in self.shown())])
        atoms, atom_of = np.unique(groups, axis=1, return_inverse=True)
        sizes = np.bincount(atom_of.ravel(), self.people)
        few = np.flatnonzero((sizes > 0) & (sizes < LEAST))
        basis = _sums_of(atoms.astype(np.float64), few)
        if len(basis) > MOST_FREE:
            return np.isin(atom_of.ravel(), few)
        choices = (np.arange(2 ** len(basis))[:, None] >> np.arange(len(basis))) & 1
        sums = choices @ basis
        whole = (np.abs(sums * (sums - 1)) < NOTHING).all(axis=1)
        counts = sums.round() @ sizes[few]
        found = np.flatnonzero(whole & (counts > 0) & (counts < LEAST))
        return np.isin(atom_of.ravel(), few[sums[found[0]].round() == 1]) if len(found) else None


def _sums_of(known: Numbers, few: NDArray[np.int64]) -> Numbers:
    """A basis of the sums of some atoms alone that follow from what is known, each with an atom that no other has."""
    _, sizes, axes = np.linalg.svd(known, full_matrices=False)
    axes = axes[sizes > NOTHING]
    _, lengths, sums = np.linalg.svd(axes[:, few], full_matrices=False)
    basis = sums[lengths > 1 - NOTHING**2]  # what is known of these atoms alone keeps its length
    for row in range(len(basis)):  # Gauss and Jordan
        rest = np.abs(basis[row:])
        pivot, column = np.unravel_index(rest.argmax(), rest.shape)
        basis[[row, row + pivot]] = basis[[row + pivot, row]]
        basis[row] /= basis[row, column]
        others = np.arange(len(basis)) != row
        basis[others] -= np.outer(basis[others, column], basis[row])
    return basis


def hidden_groups(dimensions: Sequence[str], cells: Mapping[tuple[str, ...], int]) -> set[Group]:
    """`cells`: people by the groups of all dimensions. Hides the small groups, and of the others the smallest until
    neither the whole less shown groups, nor one dimension less another, gives under 10 people.
    """
    keys = sorted(cells)
    holds = {
        (dimension, group): np.array([key[place] == group for key in keys])
        for place, dimension in enumerate(dimensions)
        for group in sorted({key[place] for key in keys})
    }
    table = _Table(np.array([cells[key] for key in keys], np.int64), holds)
    table.hidden |= {each for each, held in holds.items() if table.count(held) < LEAST}
    for dimension in dimensions:
        table.complete(dimension)
    while table.shown() and (leak := table.leak()) is not None:
        touching = next((each for each in table.shown() if (holds[each] & leak).any()), table.shown()[0])
        table.hidden.add(touching)
        table.complete(touching[0])
    return table.hidden
