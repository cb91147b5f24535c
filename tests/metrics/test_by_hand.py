"""Figures of random companies against a second calculation that shares nothing with the formulas."""

from functools import cache

import pytest

from metrics.by_hand import ByHand
from metrics.whole_company import Company, company
from wm_api.metrics.catalogue import CATALOGUE
from wm_api.metrics.figures import Figure, Status

SEEDS = (5, 77, 901)
BY_HAND = [name for name in CATALOGUE if hasattr(ByHand, name)]


@cache
def both(seed: int) -> tuple[Company, dict[str, dict[str, Figure]]]:
    given = company(seed, 300)
    return given, given.figures(("default",))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("metric", BY_HAND)
def test_a_figure_is_what_plain_python_makes_of_the_rows(metric: str, seed: int) -> None:
    given, figures = both(seed)
    figure = figures[metric]["default"]
    assert figure.status is Status.OK
    assert figure.value == pytest.approx(getattr(ByHand(given), metric)(), rel=1e-9)
