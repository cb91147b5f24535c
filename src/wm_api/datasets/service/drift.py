"""A file beside the last accepted one of its source: what changed, and what of it needs an explicit yes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.datasets.models import Dataset, Source
from wm_api.datasets.service.files import StoredFile
from wm_api.datasets.service.pushes import Push
from wm_api.datasets.service.sources import standings
from wm_api.records.columns import Finding, Severity, finding
from wm_api.records.kinds import KINDS
from wm_api.records.shape import Shape, drift, shape_from

PREFIX = "drift_"


@dataclass(frozen=True, slots=True)
class LastSent:
    """Of a source: the dataset that was accepted last, its shape, and the mapping version that is in force.

    The key id of the shape is the one under which rows are stored: a rotation changes nothing in it.
    """

    dataset_id: UUID | None
    shape: Shape | None
    mapping_version: str | None


async def last_sent(session: AsyncSession, push: Push) -> LastSent | None:
    """None where no source is named, or it is there no more."""
    source = await session.scalar(select(Source).where(Source.id == push.source_id)) if push.source_id else None
    if source is None:
        return None
    last = (await standings(session, [source]))[0].last
    shape = shape_of(last)
    if last and shape:
        shape = replace(shape, key_id=last.key_id)
    return LastSent(last.id if last else None, shape, source.mapping_version)


def shape_of(dataset: Dataset | None) -> Shape | None:
    found = (dataset.report or {}).get("shape") if dataset else None
    return shape_from(found) if found else None


def drifted(push: Push, stored: StoredFile, last: LastSent | None) -> list[Finding]:
    """What is said with the push takes the need of a yes away: accept_drift of all, new_key of another key id.

    Of a held push the commit is the yes.
    """
    if last is None:
        return []
    found = list[Finding]()
    if push.said.mapping_version and last.mapping_version not in {None, push.said.mapping_version}:
        found.append(finding("drift_mapping_version"))
    if last.shape and stored.report.shape:
        shape = replace(stored.report.shape, key_id=stored.first_key_id)
        found += drift(KINDS[push.facts.kind], last.shape, shape)
    agreed = push.said.accept_drift or push.said.hold
    said_yes = {"drift_key_id"} if push.said.new_key else set()
    return [replace(each, severity=Severity.WARN) if agreed or each.code in said_yes else each for each in found]


def only_drift(findings: Iterable[Finding]) -> bool:
    """Whether a yes is all that a file needs."""
    grave = [each for each in findings if each.severity is not Severity.WARN]
    return bool(grave) and all(each.code.startswith(PREFIX) for each in grave)
