"""Where a byte could have been left: every file that was written, every open file, and a dump of the database."""

import asyncio
import io
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import asyncpg
from redis.asyncio import Redis

from installed import MEMORY, OF_A_RUN
from processes import Processes
from wm_api.dev import Installation

TEMPLATE = b"wm_api.core.sandbox_template"


async def searched(own: Installation, started: Processes, since: float) -> dict[str, bytes]:
    """By place: what was written since; tables as a superuser dumps them; files that our processes hold open."""
    dump = await dumped(own)
    redis = Redis.from_url(own.redis_url)
    await redis.save()
    await redis.aclose()
    found = await asyncio.to_thread(written, (own.folder, *in_memory()), since)
    found |= await asyncio.to_thread(held, [process.pid for process in started.running])
    return {**found, "dump": dump}


async def dumped(own: Installation) -> bytes:
    admin = await asyncpg.connect(own.admin_url.rpartition("/")[0] + "/wm")
    try:
        await admin.execute("CHECKPOINT")
        names = await admin.fetch(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        content = io.BytesIO()
        for row in names:
            await admin.copy_from_table(row["relname"], output=content)
        return content.getvalue()
    finally:
        await admin.close()


def in_memory() -> list[Path]:
    """All that lies there but the servers of other tests, which no process of ours knows."""
    return [each for each in MEMORY.glob("*") if not each.name.startswith(OF_A_RUN)]


def written(folders: Iterable[Path], since: float) -> dict[str, bytes]:
    found = {}
    for folder in folders:
        for file in (folder, *folder.rglob("*")):
            with suppress(OSError):  # gone meanwhile, or of somebody else
                if file.is_file() and file.stat().st_mtime >= since - 1:
                    found[str(file)] = file.read_bytes()
    return found


def held(pids: Iterable[int]) -> dict[str, bytes]:
    """Deleted files too, as long as a process of the tree holds them."""
    found = {}
    for pid in {below for each in pids for below in (each, *descendants_of(each))}:
        for descriptor in Path(f"/proc/{pid}/fd").glob("*"):
            with suppress(OSError):
                if descriptor.is_file():
                    found[f"{pid}:{descriptor.readlink()}"] = descriptor.read_bytes()
    return found


def children_of(pid: int) -> list[int]:
    """Whichever of its threads started them."""
    found = []
    for thread in Path(f"/proc/{pid}/task").glob("*"):
        with suppress(OSError):
            found += [int(word) for word in (thread / "children").read_text().split()]
    return found


def descendants_of(pid: int) -> list[int]:
    return [below for child in children_of(pid) for below in (child, *descendants_of(child))]


def templates_of(pid: int) -> list[int]:
    """Of whose children each reads one file of the process."""
    return [child for child in children_of(pid) if TEMPLATE in command(child)]


def readers_of(pid: int) -> list[int]:
    """Processes that read a file for this one."""
    return [child for template in templates_of(pid) for child in children_of(template)]


def command(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def hits(places: dict[str, bytes], marks: Iterable[bytes]) -> set[tuple[str, bytes]]:
    """Where a mark lies in plain."""
    wanted = list(marks)
    assert len(wanted) > 0
    return {(place, mark) for place, content in places.items() for mark in wanted if mark in content}


async def found(places: dict[str, bytes], marks: Iterable[bytes]) -> set[tuple[str, bytes]]:
    return await asyncio.to_thread(hits, places, list(marks))
