"""Charge, then draw, then keep: all of some cells in one transaction, each key once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.benchmarks.contributed.budget import Charge, path_rho
from wm_api.benchmarks.contributed.drawing import Drawn, Due, drawn, due, parent_of
from wm_api.benchmarks.contributed.entries import Entry
from wm_api.benchmarks.contributed.models import BudgetLine, ContributedCell, ReleaseRun
from wm_api.benchmarks.contributed.plan import COUNT_EPS, Plan
from wm_api.benchmarks.contributed.tree import Node


async def draw(
    session: AsyncSession, run: ReleaseRun, plan: Plan, cells: Sequence[Node], groups: Mapping[Node, Sequence[Entry]]
) -> None:
    """Of these cells those whose count nobody has drawn: who comes second finds the line and does nothing.

    What is charged and then lost with its transaction was seen by nobody, and is drawn anew.
    """
    fresh = await _charge(session, run.id, [Charge(node.key, "count", "count", COUNT_EPS) for node in cells])
    reached = [each for node in cells if node.key in fresh for each in due(plan, node, groups.get(node, ()))]
    await _charge(session, run.id, [_charge_of(each) for each in reached])
    published = await kept(session, run.id, {each.node.parent.key for each in reached if each.node.parent})
    rows = [_row(run.id, each, value) for each in reached if (value := drawn(each, parent_of(each, published)))]
    if rows:
        await session.execute(insert(ContributedCell), rows)


def _charge_of(of: Due) -> Charge:
    return Charge(of.node.key, of.statistic.name, of.statistic.mechanism, of.share.eps)


async def _charge(session: AsyncSession, release_id: UUID, charges: Sequence[Charge]) -> set[str]:
    """Cells of the lines that are new. The database refuses what would pass a cap."""
    if not charges:
        return set()
    rows = [{"release_id": release_id, **asdict(charge), "rho": charge.rho} for charge in charges]
    lines = insert(BudgetLine).values(rows).on_conflict_do_nothing().returning(BudgetLine.cell)
    return set(await session.scalars(lines))


def _row(release_id: UUID, of: Due, value: Drawn) -> dict[str, object]:
    return {"release_id": release_id, "cell": of.node.key, "statistic": of.statistic.name, **asdict(value)}


async def kept(
    session: AsyncSession, release_id: UUID, cells: Iterable[str] | None = None
) -> dict[tuple[str, str], Drawn]:
    """What was drawn, by cell and statistic."""
    rows = select(ContributedCell).where(ContributedCell.release_id == release_id)
    if cells is not None:
        rows = rows.where(ContributedCell.cell.in_(cells))
    found = await session.scalars(rows)
    return {(r.cell, r.statistic): Drawn(r.band, r.p25, r.p50, r.p75, r.error) for r in found}


async def spent_in(session: AsyncSession, year: int, cells: Iterable[Node]) -> Mapping[str, float]:
    """What was spent (rho) in a calendar year on the path to each of these cells."""
    lines = select(BudgetLine).join(ReleaseRun, ReleaseRun.id == BudgetLine.release_id).where(ReleaseRun.year == year)
    charges = [Charge(each.cell, each.statistic, each.mechanism, each.eps) for each in await session.scalars(lines)]
    return path_rho(charges, [node.key for node in cells])
