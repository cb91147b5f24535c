"""What each attack reached on ours and on the naive release, printed at the end of `make attacks`."""

from collections.abc import Callable

import pytest

from shared import SCALE

TOLD: list[str] = []


@pytest.fixture
def told() -> Callable[[str], None]:
    """One line of figures."""
    return TOLD.append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if TOLD and SCALE >= 25:
        terminalreporter.section("attacks: ours, and the naive release beside it")
        for line in sorted(TOLD):
            terminalreporter.write_line(line)
