"""Ciphertexts: what was cut, swapped, flipped, moved or rolled back is refused; a destroyed key stays destroyed."""

import asyncio
import random
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared import scaled
from wm_api.core.encryption import CHUNK, HEADER, TAG, Place, Tampered, new_key, open_sealed, seal
from wm_api.core.keystore import KeyGone, KeyStore

PLACE = Place("a", "o", "dataset", 2)
ELSEWHERE = (
    Place("b", "o", "dataset", 2), Place("a", "p", "dataset", 2), Place("a", "o", "upload", 2),
    Place("a", "o", "dataset", 1), Place("a", "o", "dataset", 3), Place("ao", "", "dataset", 2),
)  # fmt: skip


def damaged(sealed: bytes) -> Iterator[bytes]:
    """Cut at each border, chunks swapped, dropped and repeated, and bits flipped anywhere."""
    block = CHUNK + TAG
    header, chunks = sealed[:HEADER], [sealed[at : at + block] for at in range(HEADER, len(sealed), block)]
    yield from (b"".join([header, *chunks[:count]]) for count in range(len(chunks)))
    for at in range(len(chunks) - 1):
        swapped = [*chunks[:at], chunks[at + 1], chunks[at], *chunks[at + 2 :]]
        yield b"".join([header, *swapped])
        yield b"".join([header, *chunks[:at], *chunks[at + 1 :]])
        yield b"".join([header, *chunks[: at + 1], *chunks[at:]])
    yield from (sealed[:-1], sealed + b"x", b"", sealed[:5], header, chunks[0])
    for seed in range(scaled(500)):
        at = random.Random(seed).randrange(len(sealed))
        yield sealed[:at] + bytes([sealed[at] ^ 1 << seed % 8]) + sealed[at + 1 :]


def test_ac4_3_a_ciphertext_that_is_not_as_it_was_sealed_is_refused() -> None:
    key, plain = new_key(), secrets.token_bytes(2 * CHUNK + 17)
    sealed = seal(plain, key, PLACE)
    assert open_sealed(sealed, key, PLACE) == plain
    for number, bad in enumerate(damaged(sealed)):
        try:
            open_sealed(bad, key, PLACE)
        except Tampered:
            continue
        pytest.fail(f"case {number} was opened")


@pytest.mark.parametrize("place", ELSEWHERE)
def test_ac4_3_a_ciphertext_of_another_row_account_kind_or_version_is_refused(place: Place) -> None:
    key = new_key()
    with pytest.raises(Tampered):
        open_sealed(seal(b"37.50", key, PLACE), key, place)
    with pytest.raises(Tampered):
        open_sealed(seal(b"37.50", key, PLACE), new_key(), PLACE)


def contents_below(folder: Path) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


async def test_ac4_3_a_wrapped_key_in_the_place_of_another_opens_nothing(tmp_path: Path) -> None:
    master, objects = secrets.token_bytes(32), (("a", "o"), ("a", "p"), ("b", "o"))
    first = KeyStore(tmp_path.as_uri(), master)
    for account, name in objects:
        await first.make_object_key(account, name, "dataset")
    contents = await asyncio.to_thread(contents_below, tmp_path)
    assert len(contents) == 5  # two accounts, three objects
    for file, own in contents.items():
        for other in set(contents.values()) - {own}:
            file.write_bytes(other)
            fresh = KeyStore(tmp_path.as_uri(), master)
            with pytest.raises(Tampered):
                for account, name in objects:
                    await fresh.object_key(account, name, "dataset")
        file.write_bytes(own)


async def test_a_destroyed_object_key_never_comes_back(tmp_path: Path) -> None:
    store = KeyStore(tmp_path.as_uri(), secrets.token_bytes(32))
    made = await store.make_object_key("a", "o", "dataset")
    assert await store.object_key("a", "o", "dataset") == made
    await store.destroy_object_key("a", "o", "dataset")
    for call in (store.object_key, store.make_object_key):
        with pytest.raises(KeyGone):
            await call("a", "o", "dataset")
    assert made not in b"".join((await asyncio.to_thread(contents_below, tmp_path)).values())
