"""A score beside the published one that it restates: which datasets took the place of which, which figures moved."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from wm_api.datasets.models import Dataset, DatasetState
from wm_api.scores.changes import other_references
from wm_api.scores.errors import RestatesNothing
from wm_api.scores.models import Score

PINNED = ("benchmark_release", "contributed_release", "methodology", "account")
Links = Mapping[UUID, Dataset]


@dataclass(frozen=True, slots=True)
class Change:
    """`old` counted before and `new` does now; one of them is None where nothing took a place."""

    old: Dataset | None
    new: Dataset | None
    reason: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A metric of one profile whose value or status differs; readings as kept with each score."""

    metric: str
    profile: str
    old: Mapping[str, Any] | None
    new: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Restatement:
    old: Score
    new: Score
    causes: Sequence[str]
    changes: Sequence[Change]
    moved: Sequence[Moved]


async def restatement_of(session: AsyncSession, new: Score) -> Restatement:
    """Raises RestatesNothing: also where the figures of either went with a deleted dataset."""
    old = await session.scalar(select(Score).where(Score.id == new.restates)) if new.restates else None
    if old is None or "metrics" not in old.record or "metrics" not in new.record:
        raise RestatesNothing
    before, after = ({UUID(each) for each in score.dataset_ids} for score in (old, new))
    related = await _related(session, before ^ after)
    changes = list(_changes(before - after, after - before, related))
    causes = ["datasets"] if changes else []
    causes += [name for name in PINNED if _differs(old.record.get(name), new.record.get(name))]
    causes += ["references"] if other_references(old, new) else []
    return Restatement(old, new, causes, changes, list(_moved(old, new)))


def _differs(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> bool:
    """A fact that only one of the two had to hold has not changed."""
    if old is None or new is None:
        return old is not new
    return any(old[name] != new[name] for name in old.keys() & new.keys())


async def _related(session: AsyncSession, ids: set[UUID]) -> Links:
    """These datasets, and all that are tied to them by what took the place of what."""
    chain = select(Dataset.id, Dataset.supersedes).where(Dataset.id.in_(ids)).cte("chain", recursive=True)
    tied = aliased(Dataset)
    more = select(tied.id, tied.supersedes).join(
        chain, or_(tied.supersedes == chain.c.id, tied.id == chain.c.supersedes)
    )
    chain = chain.union(more)
    rows = await session.scalars(select(Dataset).where(Dataset.id.in_(select(chain.c.id))))
    return {row.id: row for row in rows}


def _changes(gone: set[UUID], come: set[UUID], related: Links) -> Iterator[Change]:
    left = set(come)
    for each in sorted(gone):
        later = next((one for one in sorted(left) if each in _replaced_by(one, related)), None)
        earlier = next((one for one in sorted(left) if one in _replaced_by(each, related)), None)
        new = later or earlier
        left.discard(new or each)
        amends = later is not None and related[later].amends is not None
        yield Change(
            related[each], related.get(new) if new else None, _reason(related[each], later, earlier, amends=amends)
        )
    for each in sorted(left):
        yield Change(None, related[each], "added")


def _replaced_by(dataset_id: UUID, related: Links) -> set[UUID]:
    """All whose place it took, one after the other."""
    found, each = set[UUID](), related[dataset_id].supersedes
    while each is not None and each in related and each not in found:
        found.add(each)
        each = related[each].supersedes
    return found


def _reason(old: Dataset, later: UUID | None, earlier: UUID | None, *, amends: bool) -> str:
    if later is not None:
        return "amended" if amends else "superseded"
    if earlier is not None or old.state == DatasetState.REVERTED:
        return "reverted"
    return "superseded" if old.state == DatasetState.SUPERSEDED else "removed"


def _moved(old: Score, new: Score) -> Iterator[Moved]:
    """Of both scores all metrics of all profiles; of scores from before those were kept the scored ones."""
    before, after = old.figures, new.figures
    if before is None or after is None:
        before, after = {"default": old.record["metrics"]}, {"default": new.record["metrics"]}
    for profile in sorted(before.keys() | after.keys()):
        one, other = before.get(profile, {}), after.get(profile, {})
        for metric in sorted(one.keys() | other.keys()):
            was, now = one.get(metric), other.get(metric)
            if was is None or now is None or any(was[name] != now[name] for name in ("value", "status")):
                yield Moved(metric, profile, was, now)
