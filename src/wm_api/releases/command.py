"""`wm-api release-benchmarks`: make a release, go on with one that was stopped, or give one up."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import date

from sqlalchemy.exc import IntegrityError

from wm_api.benchmarks.contributed.budget import DELTA, MOST_RHO_OF_YEAR, epsilon_of
from wm_api.benchmarks.contributed.entries import AGE, SINCE, by_cell
from wm_api.benchmarks.contributed.models import ReleaseRun
from wm_api.benchmarks.contributed.plan import COUNT_EPS, PLANS, Plan
from wm_api.benchmarks.contributed.tree import Node, nodes
from wm_api.core.resources import Resources, opened
from wm_api.core.settings import Settings
from wm_api.core.transactions import transaction
from wm_api.releases import ledger, service
from wm_api.releases.errors import CannotRelease

AT_ONCE = 100
"""Cells in one transaction."""
Say = Callable[[str], None]
_DRAWN = {"aq3": "quartiles", "median": "the median"}


async def release_benchmarks(settings: Settings, name: str, plan: Plan, day: date, say: Say) -> None:
    """Raises CannotRelease."""
    async with _caps(name), opened(settings, settings.release_url) as resources:
        run = await _begun(resources, name, plan, day, say)
        if run.published_at is not None:
            say(f"{name} is published. Nothing was drawn.")
            return
        await _draw_all(resources, run, say)
        async with transaction(resources, None) as session:
            await service.publish(session, run)
        say(f"{name} is published; its snapshot is deleted.")


async def abandon_release(settings: Settings, name: str, say: Say) -> None:
    """Raises CannotRelease."""
    async with opened(settings, settings.release_url) as resources, transaction(resources, None) as session:
        run = await service.run_of(session, name)
        if run is None:
            raise CannotRelease(f"There is no release {name}.")
        await service.abandon(session, run)
    say(f"{name} is abandoned; its snapshot is deleted. What it spent stays spent, and it counts as one of its year.")


@asynccontextmanager
async def _caps(name: str) -> AsyncIterator[None]:
    """The database keeps the caps, too, and one open release: what it refuses is said like what we refuse."""
    try:
        yield
    except IntegrityError as error:
        raise CannotRelease(
            f"The database refused it: a cap is reached, or another release began at the same moment. What is not"
            f" committed was not spent. Look with --dry-run; if {name} was begun, give it up with --abandon."
        ) from error


async def _begun(resources: Resources, name: str, plan: Plan, day: date, say: Say) -> ReleaseRun:
    async with transaction(resources, None) as session:
        begun = await service.run_of(session, name)
        if begun is not None:
            return _going_on(begun, plan)
        run = await service.start(session, name, plan, day)
    say(f"{name}: the snapshot of {day} is taken.")
    return run


def _going_on(run: ReleaseRun, plan: Plan) -> ReleaseRun:
    if run.abandoned_at is not None:
        raise CannotRelease(f"{run.name} was abandoned. Choose another name.")
    if run.plan != plan.name:
        raise CannotRelease(f"{run.name} is of plan {run.plan}. Go on with --plan {run.plan}.")
    return run


async def _draw_all(resources: Resources, run: ReleaseRun, say: Say) -> None:
    plan = PLANS[run.plan]
    async with transaction(resources, None) as session:
        groups = by_cell(await service.snapshot_of(session, run), plan)
    cells, done = nodes(plan.levels), 0
    for some in _batches(cells):
        async with transaction(resources, None) as session:
            await ledger.draw(session, run, plan, some, groups)
        done += len(some)
        say(f"{done} of {len(cells)} cells drawn ({some[0].level})")


def _batches(cells: Sequence[Node]) -> Iterator[list[Node]]:
    """Never two levels in one: a cell is drawn when those above it are there."""
    for level in dict.fromkeys(node.level for node in cells):
        of_level = [node for node in cells if node.level == level]
        for first in range(0, len(of_level), AT_ONCE):
            yield of_level[first : first + AT_ONCE]


async def what_it_costs(settings: Settings, plan: Plan, day: date) -> list[str]:
    """A line each; nothing is written, and nothing is said of who takes part. Raises CannotRelease."""
    async with opened(settings, settings.release_url) as resources, transaction(resources, None) as session:
        spent = max((await ledger.spent_in(session, day.year, nodes(plan.levels))).values())
        number = await service.allowed(session, plan, day)
    cost = plan.cost
    return [
        f"Plan {plan.name}: {len(plan.statistics)} statistics in {len(nodes(plan.levels))} cells.",
        *(line for level in plan.levels for line in _of_level(plan, level)),
        f"Groups count that are admitted, here since {day - SINCE} or before, with a score of {day - AGE} or before",
        "and an owner who agreed. How many there are is said to nobody: only noisy counts are drawn, and charged.",
        f"A path from the root to a cell costs at most rho {cost.rho:g}, a sum of epsilons of {cost.eps:g};",
        f"that is epsilon {epsilon_of(cost.rho):.2f} at delta {DELTA:g}.",
        f"Of {day.year} rho {MOST_RHO_OF_YEAR - spent:g} is left at the least, before this release.",
        f"{day.year} has spent rho {spent:g} of {MOST_RHO_OF_YEAR:g}; this would be its release {number} of 2.",
        "Nothing was drawn and nothing is spent.",
    ]


def _of_level(plan: Plan, level: str) -> Iterator[str]:
    """What is drawn in each of its cells, and from how many groups on."""
    cells = sum(node.level == level for node in nodes(plan.levels))
    yield f"- {level}, {cells} {'cell' if cells == 1 else 'cells'}: a noisy count, epsilon {COUNT_EPS:g}"
    alike: dict[tuple[str, float, int], list[str]] = {}
    for each in plan.statistics:
        share = each.shares[level]
        alike.setdefault((_DRAWN[each.mechanism], share.eps, share.gate), []).append(each.name)
    for (drawn, eps, gate), names in alike.items():
        yield f"    {drawn} of {', '.join(names)}: epsilon {eps:g} each, from a noisy count of {gate} on"
