"""A refused file leaves nothing behind: not in the database, its log, the object store, Redis or the key store."""

import asyncio
import csv
import gzip
import io

import asyncpg
import httpx

from companies import sign_up
from shared import SHARED, needs_shared
from wm_api.dev import Installation

FILE = SHARED / "data" / "hr_synthetic" / "HRDataset_v14.csv.gz"


def bytes_below(installation: Installation) -> list[bytes]:
    return [file.read_bytes() for file in installation.folder.rglob("*") if file.is_file()]


@needs_shared
async def test_a_refused_hr_file_leaves_no_full_name_in_any_store(
    http: httpx.AsyncClient, installation: Installation
) -> None:
    company = await sign_up(http)
    raw = gzip.decompress(await asyncio.to_thread(FILE.read_bytes))
    names = [row["Employee_Name"].strip() for row in csv.DictReader(io.StringIO(raw.decode("utf-8-sig")))]
    problem = await company.push(raw.decode("utf-8-sig"), 422)
    codes = {finding["code"] for finding in problem["findings"]}
    assert codes >= {"unknown_column", "personal_data_suspected", "missing_required_column"}
    admin = await asyncpg.connect(installation.admin_url)
    await admin.execute("CHECKPOINT")
    await admin.close()
    stored = await asyncio.to_thread(bytes_below, installation)
    assert len(stored) > 100
    marked = [name.encode() for name in names if "," in name]
    assert len(marked) > 300
    assert [name for name in marked if any(name in content for content in stored)] == []
    assert any(company.email.encode() in content for content in stored)  # the search finds what is there
