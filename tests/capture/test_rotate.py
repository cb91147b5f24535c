"""A crosswalk made on the customer's machine: the ids as a push keys them, under both keys, and no id in it."""

import gzip
import io
import json

import polars as pl
import pytest

from capture.customers import ACCOUNT, MAPPING, STAFF, Customer
from wm_api.capture.key_file import CustomerKey, read_key_file
from wm_api.records.crosswalk import read_crosswalk
from wm_api.records.readers import Limits


@pytest.fixture
def keys(customer: Customer) -> list[CustomerKey]:
    """The old one and a new one."""
    new = customer.folder / "new.key"
    assert customer.run("keygen", "--account", ACCOUNT, "--out", str(new)).exit_code == 0
    return [read_key_file(customer.folder / name, lambda: "") for name in ("wm.key", "new.key")]


def rotate(customer: Customer, staff: str, old: str = "wm.key", new: str = "new.key", *more: str) -> tuple[int, str]:
    files = [customer.file("staff.csv", staff), "--mapping", customer.file("staff.toml", MAPPING)]
    named = ["--old-key", str(customer.folder / old), "--new-key", str(customer.folder / new)]
    result = customer.run("rotate", *files, *named, "--out", str(customer.folder / "pairs.gz"), *more)
    return result.exit_code, result.output


def test_a_crosswalk_has_the_keys_that_a_push_sends_before_and_after(
    customer: Customer, keys: list[CustomerKey]
) -> None:
    code, output = rotate(customer, STAFF, "wm.key", "new.key", "--json")
    assert code == 0
    assert json.loads(output.splitlines()[-1]) | {"out": ""} == {
        "people": 3,
        "old_key_id": keys[0].kid,
        "new_key_id": keys[1].kid,
        "out": "",
        "exit_code": 0,
    }
    content = gzip.decompress((customer.folder / "pairs.gz").read_bytes())
    read = list[pl.DataFrame]()
    assert read_crosswalk(io.BytesIO(content), None, keys[0].kid, Limits(), read.append) == ()
    pairs = pl.concat(read)
    for column, name in (("old_key", "wm.key"), ("new_key", "new.key")):
        customer.environment["WM_CAPTURE_KEY"] = str(customer.folder / name)
        assert customer.dry_run(STAFF).exit_code == 0
        sent = pl.read_parquet(customer.folder / "out.parquet")["employee_key"]
        assert set(sent) == set(pairs[column])
    assert not any(word in content for word in (b"007", b"Zo\xc3\xab", b"2020"))


def test_two_files_of_one_key_or_of_two_accounts_rotate_nothing(customer: Customer, keys: list[CustomerKey]) -> None:
    other = str(customer.folder / "other.key")
    account = "01900000-0000-7000-8000-000000000009"
    assert customer.run("keygen", "--account", account, "--out", other).exit_code == 0
    for new, why in (("wm.key", "hold one key"), ("other.key", "different accounts")):
        code, output = rotate(customer, STAFF, new=new)
        assert (code, why in " ".join(output.split())) == (2, True)


def test_a_row_without_an_id_is_named_and_nothing_written(customer: Customer, keys: list[CustomerKey]) -> None:
    code, output = rotate(customer, STAFF.replace("008;", ";"))
    assert code == 1
    assert "the id is empty" in " ".join(output.split())
    assert not (customer.folder / "pairs.gz").exists()
