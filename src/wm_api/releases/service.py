"""A release from its snapshot to its publication; every step may be the last before a kill, and is not done twice."""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.benchmarks.contributed import budget
from wm_api.benchmarks.contributed.entries import Entry, commitment_of, entries_of
from wm_api.benchmarks.contributed.models import ReleaseEntry, ReleaseRun
from wm_api.benchmarks.contributed.plan import PLANS, Plan
from wm_api.benchmarks.contributed.tree import node_of, nodes
from wm_api.benchmarks.models import BenchmarkCell, BenchmarkRelease
from wm_api.core import clock
from wm_api.core.ids import new_id
from wm_api.events.chain import canonical_json
from wm_api.releases.candidates import candidates
from wm_api.releases.errors import CannotRelease
from wm_api.releases.ledger import kept, spent_in

LABEL, PREFIX = "Contributed by verified groups", "contributed-"


async def run_of(session: AsyncSession, name: str) -> ReleaseRun | None:
    return await session.scalar(select(ReleaseRun).where(ReleaseRun.name == name))


async def allowed(session: AsyncSession, plan: Plan, day: date) -> int:
    """The number of the next release of the year. Raises CannotRelease where a cap would be passed, or one is open.

    What an open one will spend is not in the ledger yet, so two at once could not both be sure to end.
    """
    opened = await session.scalar(select(ReleaseRun.name).where(ReleaseRun.commitment_key.is_not(None)))
    if opened is not None:
        raise CannotRelease(f"{opened} is not at its end: go on with --name {opened}, or add --abandon to give it up.")
    number = (await session.scalars(select(func.count()).where(ReleaseRun.year == day.year))).one() + 1
    if number > budget.RELEASES_A_YEAR:
        raise CannotRelease(f"{day.year} has its {budget.RELEASES_A_YEAR} releases. The next may be made next year.")
    cells = nodes(plan.levels)
    try:
        budget.check(plan.charges(cells), await spent_in(session, day.year, cells))
    except budget.OverBudget as error:
        raise CannotRelease(f"Not in {day.year}: {error}. Choose a smaller plan, or the next year.") from error
    return number


async def start(session: AsyncSession, name: str, plan: Plan, day: date) -> ReleaseRun:
    """Take the snapshot, without a name of anybody, and commit to it. Raises CannotRelease."""
    if not name.startswith(PREFIX):
        raise CannotRelease(f"The name of a contributed release begins with {PREFIX}, as in {PREFIX}{day.year}.")
    number = await allowed(session, plan, day)
    entries = entries_of([each async for each in candidates(session, day)], plan, day)
    key = secrets.token_bytes(32)
    run = ReleaseRun(
        id=new_id(),
        name=name,
        plan=plan.name,
        day=day,
        year=day.year,
        number=number,
        commitment=commitment_of(entries, key),
        commitment_key=key,
        started_at=clock.now(),
    )
    session.add(run)
    await session.flush()
    rows = [
        {"release_id": run.id, "position": at, "sector": each.sector, "region": each.region, "figures": each.values}
        for at, each in enumerate(entries)
    ]
    if rows:
        await session.execute(insert(ReleaseEntry), rows)
    return run


async def snapshot_of(session: AsyncSession, run: ReleaseRun) -> list[Entry]:
    """Raises CannotRelease where it is not the one that was committed to."""
    rows = select(ReleaseEntry).where(ReleaseEntry.release_id == run.id).order_by(ReleaseEntry.position)
    entries = [Entry(row.sector, row.region, tuple(row.figures)) for row in await session.scalars(rows)]
    if run.commitment_key is None or not hmac.compare_digest(
        run.commitment, commitment_of(entries, run.commitment_key)
    ):
        raise CannotRelease("The snapshot is not the one that this release began with. It stays unpublished.")
    return entries


async def publish(session: AsyncSession, run: ReleaseRun) -> None:
    """All cells at once. The snapshot and the key of its commitment go in the same transaction."""
    again = await _locked(session, run)
    if again.published_at is not None:
        return
    if again.abandoned_at is not None:
        raise CannotRelease(f"{run.name} was abandoned meanwhile. It stays unpublished.")
    now, cells = clock.now(), await _cells(session, again)
    content = [{name: value for name, value in cell.items() if name not in {"id", "release_id"}} for cell in cells]
    await session.execute(
        insert(BenchmarkRelease).values(
            id=run.id,
            name=run.name,
            source="contributed",
            label=f"{LABEL}, release {run.year}",
            published_at=now,
            sha256=sha256(canonical_json({"cells": content})).hexdigest(),
            sources=[],
            plan=run.plan,
        )
    )
    if cells:
        await session.execute(insert(BenchmarkCell), cells)
    await _end(session, run, published_at=now)


async def abandon(session: AsyncSession, run: ReleaseRun) -> None:
    """Snapshot and key go; run and ledger stay, for what was drawn may have been seen. Raises CannotRelease."""
    again = await _locked(session, run)
    if again.published_at is not None:
        raise CannotRelease(f"{run.name} is published: that cannot be undone.")
    if again.abandoned_at is None:
        await _end(session, run, abandoned_at=clock.now())


async def _locked(session: AsyncSession, run: ReleaseRun) -> ReleaseRun:
    locked = select(ReleaseRun).where(ReleaseRun.id == run.id).with_for_update()
    return (await session.scalars(locked.execution_options(populate_existing=True))).one()


async def _end(session: AsyncSession, run: ReleaseRun, **at: datetime) -> None:
    await session.execute(delete(ReleaseEntry).where(ReleaseEntry.release_id == run.id))
    await session.execute(update(ReleaseRun).where(ReleaseRun.id == run.id).values(commitment_key=None, **at))


async def _cells(session: AsyncSession, run: ReleaseRun) -> Sequence[dict[str, object]]:
    """As they are read: by the names of the benchmark cells."""
    units = {statistic.name: statistic.unit for statistic in PLANS[run.plan].statistics}
    rows = []
    for (cell, statistic), value in sorted((await kept(session, run.id)).items()):
        node, shown = node_of(cell), asdict(value)
        band = shown.pop("band")
        rows.append({
            "id": new_id(),
            "release_id": run.id,
            "metric": statistic,
            "level": node.level,
            "sector": node.sector,
            "region": node.region,
            "kind": "centre" if value.p25 is None else "quartiles",
            "unit": units[statistic],
            "label": f"contributed ({band} groups, release {run.year})",
            "contributors_band": band,
            **shown,
        })  # fmt: skip
    return rows
