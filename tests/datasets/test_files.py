"""Files between the child and the store: keyed again, sealed, the same snapshot in any form, nothing left of a refusal."""

import asyncio
import gzip
import hmac
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import uuid4

import polars as pl
import pytest
from backports import zstd
from obstore.exceptions import BaseError

from extracts import KEYS, PAYROLL, as_csv, as_ndjson, as_parquet, payroll_row
from wm_api.core.keystore import KeyGone
from wm_api.core.resources import Resources
from wm_api.core.storage import open_store
from wm_api.datasets.service.files import StoredFile, check_and_store, open_records
from wm_api.records.intake import Report
from wm_api.records.readers import CSV, NDJSON, PARQUET

ROWS = [payroll_row(person, month, hours_regular="160") for month in (1, 2, 3) for person in range(200)]


async def blocks_of(content: bytes, piece: int) -> AsyncIterator[bytes]:
    for start in range(0, len(content), piece):
        yield content[start : start + piece]


async def test_the_same_rows_pin_the_same_snapshot_and_keys_are_keyed_again(resources: Resources) -> None:
    account, snapshots = uuid4(), set()
    for content, media_type, piece, encoding in (
        (as_csv(ROWS), CSV, 999, None),
        (as_csv(ROWS), CSV, 1 << 20, None),
        (zstd.compress(as_csv(ROWS)), CSV, 999, "zstd"),
        (as_ndjson(ROWS), NDJSON, 999, None),
        (gzip.compress(as_ndjson(ROWS)), NDJSON, 1 << 20, "gzip"),
        (as_parquet(ROWS, 50), PARQUET, 777, None),
    ):
        dataset, opened = uuid4(), partial(blocks_of, content, piece)
        stored = await check_and_store(resources, account, dataset, opened, media_type, encoding, PAYROLL)
        assert isinstance(stored, StoredFile)
        snapshots.add(stored.snapshot_sha256)
    assert len(snapshots) == 1
    records = pl.concat([frame async for frame in open_records(resources, account, dataset)])
    server_key = await resources.keystore.employee_key_key(str(account))
    again = [hmac.digest(server_key, key.encode(), "sha256") for key in KEYS[:200]]
    assert records.get_column("employee_key").to_list() == again * 3
    assert records.get_column("hours_regular").sum() == 600 * 160
    other = await check_and_store(resources, uuid4(), uuid4(), lambda: blocks_of(as_csv(ROWS), 999), CSV, None, PAYROLL)
    assert isinstance(other, StoredFile)
    assert other.snapshot_sha256 not in snapshots


async def test_a_refusal_after_parts_were_stored_leaves_neither_key_nor_bytes(resources: Resources) -> None:
    account, dataset = uuid4(), uuid4()
    rows = [*ROWS, {**ROWS[0], "pay_base": "7.00"}]
    report = await check_and_store(
        resources, account, dataset, lambda: blocks_of(as_csv(rows), 999), CSV, None, PAYROLL
    )
    assert isinstance(report, Report)
    assert [finding.code for finding in report.findings] == ["duplicate_row_conflict"]
    with pytest.raises(KeyGone):
        await resources.keystore.object_key(str(account), str(dataset), "dataset")
    with pytest.raises(FileNotFoundError):
        await resources.storage.read(f"datasets/{dataset}")


async def test_a_store_that_fails_ends_the_push_with_its_own_error_and_no_key(
    resources: Resources, tmp_path: Path
) -> None:
    (tmp_path / "datasets").write_bytes(b"a file where the folder should be")
    broken = replace(resources, storage=open_store(tmp_path.as_uri()))
    account, dataset = uuid4(), uuid4()
    rows = [
        payroll_row(person, month, run_no=f"{run}")
        for run in range(1, 21)
        for month in range(1, 13)
        for person in range(400)
    ]
    async with asyncio.timeout(50):
        with pytest.raises((OSError, BaseError)):
            await check_and_store(
                broken, account, dataset, lambda: blocks_of(as_csv(rows), 1 << 20), CSV, None, PAYROLL
            )
    with pytest.raises(KeyGone):
        await resources.keystore.object_key(str(account), str(dataset), "dataset")
