"""Where the open data and the worked examples lie, and how long the long tests are."""

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="the open data of ../shared are not here")
SCALE = float(os.environ.get("WM_TEST_SCALE", "1"))


def scaled(full: int) -> int:
    """A fiftieth of a criterion's count, at least 20; WM_TEST_SCALE=50 runs the whole."""
    return int(max(20, full * SCALE / 50))
