"""`python -m tools.population`, in small: records pushed through the service, scored, released, reported; restartable."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tools.population.installation import running
from tools.population.push import Journal, push_all

from wm_api.scores.inputs import recompute

ROOT = Path(__file__).resolve().parents[2]
COMPANIES, FIRST = 12, 4


@pytest.fixture
def scratch() -> Iterator[Path]:
    """Where the embedded database, which runs as nobody, may go."""
    with tempfile.TemporaryDirectory(prefix="wm-population-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.slow
def test_twelve_companies_push_records_are_scored_and_released_and_a_run_that_was_stopped_goes_on(
    scratch: Path,
) -> None:
    folder = scratch / "population"
    with running(folder, 1) as service:
        journal, said = Journal(folder / "pushed.ndjson"), list[str]()
        asyncio.run(push_all(service.url, journal, FIRST, 2026, 4, said.append))
    before = journal.file.read_text()
    journal.file.write_text(before[: before.rindex('"status"')])  # cut off while it wrote its last line
    command = [sys.executable, "-m", "tools.population", "--folder", str(folder), "--companies", str(COMPANIES)]
    ran = subprocess.run([*command, "--draws", "3"], cwd=ROOT, env=_environment(), capture_output=True, text=True)  # noqa: PLW1510
    assert ran.returncode == 0, ran.stderr
    assert f"{FIRST - 1} companies are through already" in ran.stdout
    entries = Journal(folder / "pushed.ndjson").done()
    assert sorted(entries) == list(range(COMPANIES))
    kept = [json.loads(line) for line in (folder / "records.ndjson").read_text().splitlines()]
    assert len(kept) == COMPANIES
    headlines = [recompute(record).headline for record in kept]
    scored = [each for each in headlines if each is not None]
    assert len(scored) == sum(each["status"] == "ok" for each in entries.values()) >= COMPANIES // 2
    robustness = json.loads((folder / "robustness.json").read_text())
    assert robustness["population"]["scored"] == len(scored)
    utility = json.loads((folder / "utility.json").read_text())
    assert [each["plan"] for each in utility["releases"]] == ["score_v1", "metric_v1"]
    assert utility["releases"][0]["published_values"] == 0  # twelve groups reach no gate
    assert 0 < utility["releases"][0]["groups"] <= COMPANIES
    again = subprocess.run([*command, "--draws", "3"], cwd=ROOT, env=_environment(), capture_output=True, text=True)  # noqa: PLW1510
    assert again.returncode == 0, again.stderr
    assert f"{COMPANIES} companies are through already; 0 to go." in again.stdout
    assert "is published. Nothing was drawn." in again.stdout


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("WM_")}
