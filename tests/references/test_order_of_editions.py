"""Which edition is the newest does not depend on how many corrections there were."""

from itertools import pairwise
from random import Random

import pytest

from wm_api.references.sources import NAME, in_order

ORDERED = ("2021", "2021.1", "2021.2", "2021.9", "2021.10", "2021.100", "2021-22", "2021-22.3", "2022", "2025-05.2",
           "2025-05.10", "2025-10", "2025-10.1", "2025-10.11")  # fmt: skip


def test_corrections_are_ordered_by_number_and_not_as_text() -> None:
    for seed in range(20):
        shuffled = Random(seed).sample(ORDERED, len(ORDERED))
        assert tuple(sorted(shuffled, key=in_order)) == ORDERED
    assert all(in_order(one) < in_order(other) for one, other in pairwise(ORDERED))
    assert all(NAME.fullmatch(name) for name in ORDERED)


@pytest.mark.parametrize("name", ["2021.0", "2021.01", "2021.", "2021.1000", "2021.x"])
def test_a_correction_has_one_spelling(name: str) -> None:
    """Two names of one place in the order would leave it to chance which counts."""
    assert NAME.fullmatch(name) is None
