"""Employee keys get numbers in the order of arrival, the same ones in every batch."""

from hashlib import sha256

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wm_api.metrics import key_numbers
from wm_api.metrics.key_numbers import KeyNumbers

KEYS = [sha256(str(number).encode()).digest() for number in range(3000)]
BATCHES = st.lists(st.lists(st.integers(0, 2999), max_size=60), max_size=8)


def numbered(batches: list[list[int]]) -> tuple[list[list[int]], KeyNumbers]:
    numbers = KeyNumbers()
    found = [
        numbers.of(pl.Series("employee_key", [KEYS[each] for each in batch], pl.Binary)).tolist() for batch in batches
    ]
    return found, numbers


def expected(batches: list[list[int]]) -> list[list[int]]:
    seen: dict[int, int] = {}
    return [[seen.setdefault(each, len(seen)) for each in batch] for batch in batches]


@settings(max_examples=60, deadline=None)
@given(BATCHES)
def test_a_key_has_one_number_from_its_first_batch_on(batches: list[list[int]]) -> None:
    found, numbers = numbered(batches)
    assert found == expected(batches)
    known = numbers.keys
    if known is not None:
        assert known.get_column("code").to_list() == list(range(len(numbers)))
        assert numbers.of(known.get_column("employee_key")).tolist() == list(range(len(numbers)))


def test_numbers_stay_when_the_table_grows() -> None:
    batches = [list(range(begin, begin + 500)) for begin in range(0, 2500, 250)]
    found, numbers = numbered(batches)
    assert found == expected(batches)
    assert len(numbers) == 2750


def test_keys_that_share_a_place_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_numbers, "LEAST", 4)
    monkeypatch.setattr(key_numbers, "ROOM", 2)
    batches = [list(range(begin, begin + 12)) * 2 for begin in range(0, 120, 9)]
    assert numbered(batches)[0] == expected(batches)
