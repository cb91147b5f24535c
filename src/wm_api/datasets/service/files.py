"""Files of records: checked in the sandbox, keyed again, sealed and stored; opened segment by segment."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar
from uuid import UUID

import polars as pl

from wm_api.core.encryption import Place, Sealer, open_stream
from wm_api.core.resources import Resources
from wm_api.core.sandbox import ChildKilled, OnProgress, Order, Part, check
from wm_api.datasets.service.key_links import KeyLinks, StoredKeys, keyed, links_of, tokens_of
from wm_api.records.columns import Finding
from wm_api.records.facts import Facts
from wm_api.records.intake import Report
from wm_api.records.limits import Limits, most_rows
from wm_api.records.looks import Known
from wm_api.records.typed import SnapshotHash, pack, unpack

T = TypeVar("T")
KIND = "dataset"


def name(account_id: UUID, object_id: UUID) -> str:
    """Random, with nothing of the input in it; the account, so that the sweep can ask whose it is."""
    return f"datasets/{account_id}/{object_id}"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An accepted file in the store: the report, the hash that a score pins, and with what it was compared."""

    report: Report
    snapshot_sha256: str
    found: tuple[Finding, ...] = ()
    """Of the report's findings those that other datasets showed."""
    beside: frozenset[UUID] | None = None
    """The datasets that it was compared with; None before it was."""
    links: KeyLinks | None = None
    """By which keys of a rotated key were stored under the first."""
    object_id: UUID | None = None
    """Under which it is stored anew, without rows that were set aside; None as it came."""

    @property
    def first_key_id(self) -> str | None:
        """Under which the rows are stored; None of a kind without keys."""
        return self.links.first_key_id if self.links else next(iter(self.report.key_ids), None)


@dataclass
class _Sink:
    """Typed parts on their way to the store: keyed again, packed, sealed, while the child reads on."""

    employee_key_key: bytes
    sealer: Sealer
    find_links: Callable[[str], Awaitable[KeyLinks | None]]
    links: KeyLinks | None = None
    queue: "asyncio.Queue[Part | None]" = field(default_factory=lambda: asyncio.Queue(maxsize=1))
    snapshot: SnapshotHash = field(default_factory=SnapshotHash)
    keys: StoredKeys = field(default_factory=StoredKeys)

    async def put(self, part: Part | None, storing: "asyncio.Task[None]") -> None:
        """Waits for its turn. A store that failed takes nothing more, and its error is raised here."""
        putting = asyncio.create_task(self.queue.put(part))
        await asyncio.wait({putting, storing}, return_when=asyncio.FIRST_COMPLETED)
        if not putting.done():
            putting.cancel()
            await storing

    async def end(self, storing: "asyncio.Task[None]") -> None:
        """What was stored so far ends here; the caller deletes it."""
        with suppress(Exception):
            await self.put(None, storing)
            await storing

    async def blocks(self) -> AsyncIterator[bytes]:
        while (part := await self.queue.get()) is not None:
            if part.new_keys and not len(self.keys):
                self.links = await self.find_links(part.new_keys[4:12].decode())
            if block := await asyncio.to_thread(self._sealed, part):
                yield block
        yield self.sealer.finish()

    def _sealed(self, part: Part) -> bytes:
        """The server's key of employee keys is used here, never in the child; each key is keyed once."""
        for tokens in tokens_of(part.new_keys):
            again = keyed(tokens, self.employee_key_key)
            self.keys.add(self.links.first(again) if self.links else again)
        numbers = part.frame.get_column("employee_key", default=None)
        segment = pack(part.frame if numbers is None else part.frame.with_columns(self.keys.of(numbers)))
        self.snapshot.update(segment)
        return self.sealer.update(segment)


async def check_and_store(
    resources: Resources,
    account_id: UUID,
    object_id: UUID,
    opened: Callable[[], AsyncIterator[bytes]],
    media_type: str,
    content_encoding: str | None,
    facts: Facts,
    on_progress: OnProgress | None = None,
) -> StoredFile | Report:
    """The stored file, or the report of a refusal, after which neither key nor bytes are left.

    `opened` gives the bytes of the file from their start; it is called again where one look at them is not enough, and
    once more after ChildKilled, which is raised where it happens again.
    """
    key = await resources.keystore.make_object_key(str(account_id), str(object_id), KIND)
    settings = resources.settings
    limits = Limits(unpacked_bytes=settings.upload_bytes, rows=most_rows(facts.kind))
    order = Order(media_type, content_encoding, facts, limits, settings.sandbox_memory_bytes, settings.sandbox_seconds)
    place = Place(str(account_id), str(object_id), KIND)
    employee_key_key = await resources.keystore.employee_key_key(str(account_id))

    async def look() -> tuple[Report | Known, _Sink]:
        sink = _Sink(employee_key_key, Sealer(key, place), partial(links_of, resources, account_id))
        found = await _stored(resources, name(account_id, object_id), sink, opened(), order, on_progress)
        return found, sink

    try:
        while True:
            found, sink = await _once_more(look)
            if not isinstance(found, Known):
                break
            order = replace(order, known=found)
    except BaseException:
        await forget(resources, account_id, object_id)
        raise
    if found.refused:
        await forget(resources, account_id, object_id)
        return found
    return StoredFile(found, sink.snapshot.hex(), links=sink.links)


async def _once_more(look: Callable[[], Awaitable[T]]) -> T:
    """Where a child is killed from outside."""
    try:
        return await look()
    except ChildKilled:
        return await look()


async def _stored(
    resources: Resources,
    stored_as: str,
    sink: _Sink,
    blocks: AsyncIterator[bytes],
    order: Order,
    on_progress: OnProgress | None,
) -> Report | Known:
    """One look at a file. Its object is whole only where the report does not refuse it."""
    storing = asyncio.create_task(resources.storage.put(stored_as, sink.blocks()))
    try:
        found = await check(blocks, order, lambda part: sink.put(part, storing), on_progress)
        if isinstance(found, Report) and not found.refused:
            await sink.put(None, storing)
            await storing
    finally:
        await sink.end(storing)
    return found


async def store(resources: Resources, account_id: UUID, object_id: UUID, frames: AsyncIterator[pl.DataFrame]) -> str:
    """Typed batches, keyed already, sealed under a key of their own; their snapshot hash. An error leaves nothing."""
    account, snapshot = str(account_id), SnapshotHash()
    key = await resources.keystore.make_object_key(account, str(object_id), KIND)
    sealer = Sealer(key, Place(account, str(object_id), KIND))

    async def blocks() -> AsyncIterator[bytes]:
        async for frame in frames:
            segment = await asyncio.to_thread(pack, frame)
            snapshot.update(segment)
            if block := sealer.update(segment):
                yield block
        yield sealer.finish()

    try:
        await resources.storage.put(name(account_id, object_id), blocks())
    except BaseException:
        await forget(resources, account_id, object_id)
        raise
    return snapshot.hex()


async def forget(resources: Resources, account_id: UUID, object_id: UUID) -> None:
    """Destroy the key, then the bytes. Safe to repeat."""
    await resources.keystore.destroy_object_key(str(account_id), str(object_id), KIND)
    await resources.storage.delete(name(account_id, object_id))


async def open_records(
    resources: Resources, account_id: UUID, object_id: UUID, columns: Sequence[str] | None = None
) -> AsyncIterator[pl.DataFrame]:
    """The typed batches of a dataset, or some columns of them. Raises KeyGone, FileNotFoundError, Tampered."""
    key = await resources.keystore.object_key(str(account_id), str(object_id), KIND)
    sealed = resources.storage.stream(name(account_id, object_id))
    opened = open_stream(sealed, key, Place(str(account_id), str(object_id), KIND))
    async for frame in unpack(opened, columns):
        yield frame


async def snapshot_of(resources: Resources, account_id: UUID, object_id: UUID) -> str:
    """The hash of what is stored, read once more. Raises KeyGone, FileNotFoundError, Tampered."""
    key = await resources.keystore.object_key(str(account_id), str(object_id), KIND)
    sealed, snapshot = resources.storage.stream(name(account_id, object_id)), SnapshotHash()
    async for block in open_stream(sealed, key, Place(str(account_id), str(object_id), KIND)):
        await asyncio.to_thread(snapshot.update, block)
    return snapshot.hex()
