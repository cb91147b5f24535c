"""Files that take long first, so that no process works through the last long one alone."""

from collections import defaultdict

import pytest

LONG = {
    "tests/faults/test_worker_processes.py": 1000,  # real workers would do first what other files left queued
    "tests/conformance/test_demo_on_real_input.py": 300,
    "tests/releases/test_population.py": 150,
    "tests/faults/test_random_kills.py": 100,
    "tests/datasets/test_any_order.py": 100,
    "tests/structure/test_image.py": 60,
    "tests/structure/test_own_servers.py": 60,
    "tests/security/test_matrix.py": 60,
    "tests/contract/test_generated.py": 60,
    "tests/datasets/test_undo.py": 25,
    "tests/security/test_events.py": 25,
    "tests/corpus/test_refusals.py": 20,
    "tests/faults/test_kill_points.py": 20,
    "tests/security/test_no_echo.py": 20,
    "tests/security/test_revocation.py": 20,
    "tests/journeys/test_demo.py": 20,
}
"""Seconds of files with few tests that take long. A guess: it decides the order, not what runs."""
DEAREST = {"own": 8.0, "worker": 4.0, "http": 1.2, "resources": 0.3}
"""Seconds of a test by the dearest fixture that it asks for."""
PURE = 0.03


def longest_first(items: list[pytest.Item]) -> None:
    """Whole files are moved; within a file the order stays."""
    seconds: defaultdict[str, float] = defaultdict(float)
    for item in items:
        seconds[_file(item)] += _guess(item)
    for file, guess in LONG.items():
        if file in seconds:
            seconds[file] += guess
    items.sort(key=lambda item: -seconds[_file(item)])


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def _guess(item: pytest.Item) -> float:
    asked = item.fixturenames if isinstance(item, pytest.Function) else ()
    return next((cost for name, cost in DEAREST.items() if name in asked), PURE)
