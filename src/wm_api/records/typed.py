"""The layout of a stored dataset: a stream of length-prefixed Parquet segments, so that no reader needs it whole."""

import asyncio
import io
from collections.abc import AsyncIterator, Sequence
from hashlib import sha256

import polars as pl

PREFIX = 8


def pack(frame: pl.DataFrame) -> bytes:
    """One segment. The same frame gives the same bytes. Most is of keys, which nothing packs and lz4 soon lets be."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="lz4", statistics=False)
    parquet = buffer.getvalue()
    return len(parquet).to_bytes(PREFIX, "big") + parquet


async def unpack(blocks: AsyncIterator[bytes], columns: Sequence[str] | None = None) -> AsyncIterator[pl.DataFrame]:
    """The segments of a stream of bytes, whatever its block boundaries; of them `columns`, as far as they are there."""
    waiting = bytearray()
    async for block in blocks:
        waiting += block
        while len(waiting) >= PREFIX:
            end = PREFIX + int.from_bytes(waiting[:PREFIX], "big")
            if len(waiting) < end:
                break
            segment = bytes(waiting[PREFIX:end])
            del waiting[:end]
            yield await asyncio.to_thread(_opened, segment, columns)
    if waiting:
        raise ValueError("the stored dataset is cut")


def _opened(segment: bytes, columns: Sequence[str] | None) -> pl.DataFrame:
    if columns is None:
        return pl.read_parquet(segment)
    there = pl.read_parquet_schema(io.BytesIO(segment))
    return pl.read_parquet(segment, columns=[name for name in columns if name in there])


class SnapshotHash:
    """SHA-256 over all segments: what a score pins."""

    def __init__(self) -> None:
        self._digest = sha256()

    def update(self, segment: bytes) -> None:
        self._digest.update(segment)

    def hex(self) -> str:
        return self._digest.hexdigest()
