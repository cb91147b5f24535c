"""The object store: whole or not at all, and nobody takes away what another is writing."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from wm_api.core.storage import Storage, open_store


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return open_store((tmp_path / "objects").as_uri())


async def blocks(*given: bytes | Exception) -> AsyncIterator[bytes]:
    for block in given:
        if isinstance(block, Exception):
            raise block
        yield block


async def test_blocks_that_end_with_an_error_leave_no_object_and_the_error_is_raised(storage: Storage) -> None:
    with pytest.raises(PermissionError, match="the caller's own"):
        await storage.put("datasets/a/b", blocks(b"x" * 100, PermissionError("the caller's own")))
    assert [name async for name, _ in storage.listed()] == []
    await storage.put("datasets/a/b", blocks(b"x" * 100))
    assert await storage.read("datasets/a/b") == b"x" * 100


async def test_names_are_those_below_a_prefix_and_whole(storage: Storage, tmp_path: Path) -> None:
    for name in ("uploads/a/one/1", "uploads/a/one/2", "uploads/a/two/1"):
        await storage.put(name, b"x")
    (tmp_path / "objects/uploads/a/one/3#1").write_bytes(b"half")
    assert sorted([name async for name in storage.names("uploads/a/one")]) == ["uploads/a/one/1", "uploads/a/one/2"]
    assert "uploads/a/one/3#1" in [name async for name, _ in storage.listed()]


async def test_what_a_lost_writer_left_goes_and_what_another_writes_stays(storage: Storage, tmp_path: Path) -> None:
    await storage.put("uploads/a/one/1", b"x")
    own = [tmp_path / "objects" / name for name in ("uploads/a/one/2#1", "uploads/a/one#1")]
    other = [tmp_path / "objects" / name for name in ("uploads/a/two#1", "uploads/a/ones#1")]
    for file in (*own, *other):
        file.write_bytes(b"half")
    await storage.delete_unfinished("uploads/a/one")
    assert [file.exists() for file in (*own, *other)] == [False, False, True, True]
    assert await storage.read("uploads/a/one/1") == b"x"
