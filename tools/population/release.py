"""Groups admitted, releases made by `wm-api release-benchmarks` when they count, and what is read of them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from tools.population.installation import Running

from wm_api.benchmarks.contributed.contributions import admit
from wm_api.benchmarks.contributed.drawing import Drawn
from wm_api.benchmarks.contributed.entries import LEAST_EMPLOYEES, SINCE, Entry, entries_of
from wm_api.benchmarks.contributed.plan import METRIC_V1, SCORE_V1, Plan
from wm_api.core.resources import opened
from wm_api.core.transactions import transaction
from wm_api.releases import ledger, service
from wm_api.releases.admission import group_name
from wm_api.releases.candidates import candidates

PLANS = (SCORE_V1, METRIC_V1)
YEAR = timedelta(days=366)
RECORDS = """SELECT s.record FROM scores s JOIN accounts a ON a.id = s.account_id WHERE s.state = 'draft'
  ORDER BY a.name"""
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Released:
    """A release as it was published, and the groups that it was drawn from, which a population may know."""

    name: str
    plan: Plan
    day: date
    entries: list[Entry]
    cells: Mapping[tuple[str, str], Drawn]


async def admit_all(running: Running, entries: Iterable[Mapping[str, Any]], say: Say) -> None:
    """The operator's word on each, as `wm-api admit-contributor` gives it; again, it does no harm."""
    large = [each for each in entries if each["people"] >= LEAST_EMPLOYEES]
    async with opened(running.settings, running.settings.release_url) as resources:
        for each in large:
            account = UUID(each["account"])
            async with transaction(resources, account) as session:
                await admit(session, account, group_name(each["group"]), each["people"])
    say(f"{len(large)} companies of {LEAST_EMPLOYEES} people and more are admitted.")


def release(running: Running, say: Say) -> list[tuple[str, Plan]]:
    """One plan a year: both together would pass the cap of a year. A release that is there stays as it is."""
    made = []
    for number, plan in enumerate(PLANS):
        days = SINCE.days + 1 + number * YEAR.days
        name = f"contributed-{number + 1}.{plan.name}"
        command = [sys.executable, "-m", "tools.population.later", str(days), "release-benchmarks"]
        ended = subprocess.run(
            [*command, "--name", name, "--plan", plan.name],
            env={**os.environ, **running.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode:
            raise SystemExit(f"release-benchmarks ended with {ended.returncode}: {ended.stderr or ended.stdout}")
        say(ended.stdout.splitlines()[-1])
        made.append((name, plan))
    return made


async def read(running: Running, name: str, plan: Plan) -> Released:
    """The groups are those of the day of the release, however long ago it was made."""
    url = running.settings.release_url
    async with opened(running.settings, url) as resources, transaction(resources, None) as session:
        run = await service.run_of(session, name)
        if run is None:
            raise SystemExit(f"There is no release {name}.")
        found = [each async for each in candidates(session, run.day)]
        return Released(name, plan, run.day, entries_of(found, plan, run.day), await ledger.kept(session, run.id))


async def records(running: Running) -> list[dict[str, Any]]:
    """The record of every company's open draft, by their numbers."""
    connection = await asyncpg.connect(running.installation.admin_url.rpartition("/")[0] + "/wm")
    try:
        rows = await connection.fetch(RECORDS)
    finally:
        await connection.close()
    return [json.loads(row["record"]) for row in rows]
