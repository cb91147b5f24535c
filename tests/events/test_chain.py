"""The chain of events: every fault up to a head that somebody remembers is found."""

import random
from collections.abc import Callable

import pytest

from shared import scaled
from wm_api.events import chain

Chain = list[tuple[dict[str, object], bytes]]
LENGTH = 60
TYPES = ("dataset.accepted", "score.computed", "score.published", "share_grant.created")


def made(length: int, seed: int) -> Chain:
    source, previous, lines = random.Random(seed), chain.GENESIS, []
    for sequence in range(1, length + 1):
        line: dict[str, object] = {"sequence": sequence, "type": source.choice(TYPES), "id": source.getrandbits(64)}
        previous = chain.link(previous, line)
        lines.append((line, previous))
    return lines


def rehashed(lines: Chain, kept: int) -> Chain:
    """The lines after the first `kept`, numbered and linked again: what a forger with the database would do."""
    again = lines[:kept]
    previous = again[-1][1] if again else chain.GENESIS
    for sequence, (line, _) in enumerate(lines[kept:], kept + 1):
        forged = {**line, "sequence": sequence}
        previous = chain.link(previous, forged)
        again.append((forged, previous))
    return again


def flip(lines: Chain, at: int, source: random.Random) -> Chain:
    line, recorded = lines[at]
    if source.random() < 0.5:
        flipped = bytearray(recorded)
        flipped[source.randrange(32)] ^= 1 << source.randrange(8)
        return [*lines[:at], (line, bytes(flipped)), *lines[at + 1 :]]
    return [*lines[:at], ({**line, "id": source.getrandbits(64)}, recorded), *lines[at + 1 :]]


def delete(lines: Chain, at: int, source: random.Random) -> Chain:
    left = lines[:at] + lines[at + 1 :]
    return rehashed(left, at) if source.random() < 0.5 else left


def insert(lines: Chain, at: int, source: random.Random) -> Chain:
    new: dict[str, object] = {"sequence": at + 1, "type": "score.withdrawn", "id": source.getrandbits(64)}
    more = [*lines[:at], (new, chain.link(lines[at - 1][1] if at else chain.GENESIS, new)), *lines[at:]]
    return rehashed(more, at) if source.random() < 0.5 else more


def reorder(lines: Chain, at: int, source: random.Random) -> Chain:
    other = (at + source.randrange(1, len(lines))) % len(lines)
    moved = [*lines]
    moved[at], moved[other] = moved[other], moved[at]
    return rehashed(moved, min(at, other)) if source.random() < 0.5 else moved


def cut_the_tail(lines: Chain, at: int, source: random.Random) -> Chain:
    return lines[:at]


def replace_the_tail(lines: Chain, at: int, source: random.Random) -> Chain:
    return [*lines[:at], *[({**line, "id": source.getrandbits(64)}, recorded) for line, recorded in lines[at:]]]


def replace_the_tail_and_hash_again(lines: Chain, at: int, source: random.Random) -> Chain:
    return rehashed(replace_the_tail(lines, at, source), at)


FAULTS: tuple[Callable[[Chain, int, random.Random], Chain], ...] = (
    flip, delete, insert, reorder, cut_the_tail, replace_the_tail, replace_the_tail_and_hash_again,
)  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_ac5_1_every_fault_up_to_a_remembered_head_is_found(
    fault: Callable[[Chain, int, random.Random], Chain],
) -> None:
    for seed in range(scaled(2_000)):
        source, lines = random.Random(f"fault {seed}"), made(LENGTH, seed)
        remembered = source.randrange(1, LENGTH + 1)
        head = (remembered, lines[remembered - 1][1])
        assert chain.verify(lines, head) is None
        bad = fault(lines, source.randrange(remembered), source)
        assert chain.verify(bad, head) is not None, seed


def test_ac5_1_without_the_remembered_head_a_tail_hashed_again_would_pass() -> None:
    """The power of the head: the chain alone cannot tell, which is why heads are remembered elsewhere."""
    lines = made(LENGTH, 0)
    forged = replace_the_tail_and_hash_again(lines, 30, random.Random(0))
    assert chain.verify(forged) is None
    assert chain.verify(forged, (LENGTH, lines[-1][1])) is not None
