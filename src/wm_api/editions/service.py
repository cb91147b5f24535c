"""Load an edition once; find the newest of each source, and the tables that a pin names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import polars as pl
from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from wm_api.core import clock
from wm_api.core.ids import new_id
from wm_api.editions.models import ReferenceEdition
from wm_api.references.packaged import packaged_editions
from wm_api.references.sources import SOURCES, EditionRefused, Source, in_order


@dataclass(frozen=True, slots=True)
class Loaded:
    row: ReferenceEdition
    table: pl.DataFrame


async def load(session: AsyncSession, source: Source, edition: str, sha256: str, table: str) -> bool:
    """Whether it is new: the same original again changes nothing. Raises EditionRefused for another of its name."""
    values = {
        "id": new_id(),
        "source": source.name,
        "edition": edition,
        "sha256": sha256,
        "title": source.title,
        "url": source.url,
        "licence": source.licence,
        "label": source.said(edition),
        "rows": table.count("\n") - 1,
        "table": table,
        "loaded_at": clock.now(),
    }
    key = ["source", "edition"]
    made = (
        insert(ReferenceEdition)
        .values(values)
        .on_conflict_do_nothing(index_elements=key)
        .returning(ReferenceEdition.id)
    )
    if await session.scalar(made) is not None:
        return True
    of_this_name = ReferenceEdition.source == source.name, ReferenceEdition.edition == edition
    if await session.scalar(select(ReferenceEdition.sha256).where(*of_this_name)) != sha256:
        raise EditionRefused(
            f"Edition {edition} of {source.name} is loaded from another file, and an edition never changes."
            f" Load a corrected file as {edition.partition('.')[0]}.1, or the number after the last."
        )
    return False


async def load_packaged(session: AsyncSession) -> None:
    for each in packaged_editions():
        await load(session, each.source, each.edition, each.sha256, each.table)


async def newest(session: AsyncSession) -> dict[str, ReferenceEdition]:
    """By source, without its table: the last in the order of names, whenever it was loaded."""
    rows = sorted(await session.scalars(select(ReferenceEdition)), key=lambda row: in_order(row.edition))
    return {row.source: row for row in rows}


async def chosen(
    session: AsyncSession, sources: Iterable[str], pins: Mapping[str, str] | None = None
) -> dict[str, Loaded]:
    """Of these sources the editions of the pins, by name; without pins the newest. What has none is absent."""
    if pins is None:
        pins = {source: row.edition for source, row in (await newest(session)).items()}
    wanted = [(source, pins[source]) for source in sources if source in pins]
    named = tuple_(ReferenceEdition.source, ReferenceEdition.edition).in_(wanted)
    rows = await session.scalars(select(ReferenceEdition).where(named).options(undefer(ReferenceEdition.table)))
    return {row.source: Loaded(row, opened(row.source, row.table)) for row in rows}


@lru_cache(maxsize=16)
def opened(source: str, table: str) -> pl.DataFrame:
    return SOURCES[source].opened(table)
