"""A formula that gives other figures for the same data has another version: the hash of a method does not see code.

`python tests/metrics/test_versions.py` records what is, where the change of figures is meant and versions are raised.
"""

import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from metrics.whole_company import company
from wm_api.metrics.catalogue import CATALOGUE
from wm_api.metrics.figures import Figure

FILE = Path(__file__).with_name("versions.json")
SEED, DIGITS = 20_260_101, 9


def written(figure: Figure) -> list[Any]:
    """What a reader sees of it, at so many digits that no machine's arithmetic makes a difference."""
    bounds = [figure.interval.low, figure.interval.high] if figure.interval else []
    numbers = [figure.value, figure.standard_error, *bounds, *(part.value for part in figure.groups)]
    told = [None if each is None else f"{each:.{DIGITS}g}" if abs(each) > 1e-9 else "0" for each in numbers]
    parts = [[part.dimension, part.group, part.n] for part in (*figure.groups, *figure.excluded)]
    return [figure.status.value, figure.reason, figure.n, figure.basis, told, parts]


def now() -> dict[str, list[str]]:
    """Of each metric its version, and a digest of its figures of one company in every profile."""
    figures = company(SEED, 400).figures()
    return {
        key: [
            definition.version,
            sha256(json.dumps([written(each) for each in figures[key].values()]).encode()).hexdigest()[:16],
        ]
        for key, definition in CATALOGUE.items()
    }


@pytest.fixture(scope="module")
def computed() -> dict[str, list[str]]:
    return now()


@pytest.mark.parametrize("metric", CATALOGUE)
def test_other_figures_have_another_version(metric: str, computed: dict[str, list[str]]) -> None:
    recorded = json.loads(FILE.read_text())
    assert set(recorded) == set(CATALOGUE)
    assert computed[metric] == recorded[metric], f"raise the version of {metric}, then record: see the top of this file"


if __name__ == "__main__":
    FILE.write_text(json.dumps(now(), indent=1) + "\n")
