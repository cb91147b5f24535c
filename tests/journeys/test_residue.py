"""What was refused leaves nothing behind, what was accepted lies sealed: searched byte by byte in a real process tree."""

import asyncio
import base64
import csv
import gzip
import io
import json
import struct
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from companies import Company, sign_up, workforce
from processes import Processes, processes, served
from residue import found, searched
from shared import SHARED, needs_shared, scaled
from wm_api.capture.key_file import make_key_file
from wm_api.core.resources import opened
from wm_api.core.settings import Settings
from wm_api.datasets.service import files
from wm_api.dev import Installation
from wm_api.records import employee_keys

FILE = SHARED / "data" / "hr_synthetic" / "HRDataset_v14.csv.gz"
PART = "application/partial-upload"
MAPPING = """
version = 1
kind = "workforce"
[facts]
as_of = 2025-12-31
[source]
format = "csv"
date = "%Y-%m-%d"
[columns]
employee_key = { from = "Staff", as = "employee_key" }
hire_date = { from = "Hired", as = "date" }
base_rate = { from = "Rate", as = "decimal" }
base_rate_unit = { constant = "year" }
currency = { constant = "USD" }
schedule_type = { constant = "full_time" }
gender = { from = "Sex", as = "code", codes = { F = ["F"], M = ["M"] } }
"""


@pytest.fixture(scope="module")
async def started(own: Installation) -> AsyncIterator[Processes]:
    async with processes(own) as started:
        started.start("worker")
        yield started


@pytest.fixture(scope="module")
async def client(started: Processes) -> AsyncIterator[httpx.AsyncClient]:
    async with served(started) as client:
        yield client


async def uploaded(
    company: Company, content: bytes, encoding: dict[str, str], as_of: str = "2025-12-31"
) -> dict[str, str]:
    """Through the large path; the operation at its end."""
    begin = {"Content-Type": "text/csv", "Upload-Complete": "?0", "Upload-Length": str(len(content)), **encoding}
    upload = (await company.call("POST", "/v1/uploads", 201, headers=begin))["id"]
    half = len(content) // 2
    for start, part, last, status in ((0, content[:half], "?0", 204), (half, content[half:], "?1", 200)):
        headers = {"Content-Type": PART, "Upload-Offset": str(start), "Upload-Complete": last}
        await company.call("PATCH", f"/v1/uploads/{upload}", status, headers=headers, content=part)
    query = {"upload_id": upload, "kind": "workforce", "as_of": as_of}
    dataset = await company.call("POST", "/v1/datasets", 202, params=query)
    return await at_end(company, dataset["operation_id"])


async def at_end(company: Company, operation: str) -> dict[str, str]:
    ended: dict[str, str] = await company.call("GET", f"/v1/operations/{operation}", params={"wait": "30"})
    return ended


@needs_shared
async def test_ac2_3_an_hr_file_pushed_raw_is_refused_on_each_path_and_leaves_no_full_name_anywhere(
    client: httpx.AsyncClient, own: Installation, started: Processes
) -> None:
    company, since = await sign_up(client), time.time()
    packed = await asyncio.to_thread(FILE.read_bytes)
    raw = gzip.decompress(packed)
    names = [row["Employee_Name"].strip() for row in csv.DictReader(io.StringIO(raw.decode("utf-8-sig")))]
    zipped = {"Content-Encoding": "gzip"}
    for content, encoding in ((raw, {}), (packed, zipped)):
        for more in ({}, {"dry_run": "true"}):
            query = {"kind": "workforce", "as_of": "2025-12-31", **more}
            headers = {"Content-Type": "text/csv", **encoding}
            status = 200 if more else 422
            answer = await company.call("POST", "/v1/datasets", status, params=query, content=content, headers=headers)
            codes = {finding["code"] for finding in answer["findings"]}
            assert codes >= {"unknown_column", "personal_data_suspected", "missing_required_column"}
        ended = await uploaded(company, content, encoding)
        assert ended["state"] == "failed", ended
    marks = [name.encode() for name in names if "," in name]
    assert len(marks) > 300
    places = await searched(own, started, since)
    assert any("/pg_wal/" in place for place in places)
    assert any(place.endswith("/serve.log") for place in places)
    assert await found(places, marks) == set()
    assert await found(places, [company.email.encode()]) != set()  # the search finds what is there
    (started.logs / "tmp" / "planted").write_bytes(raw[:5000])
    planted = await searched(own, started, since)
    assert {place for place, _ in await found(planted, marks[:10])} == {str(started.logs / "tmp" / "planted")}
    (started.logs / "tmp" / "planted").unlink()
    left = await asyncio.to_thread(lambda: [*(own.folder / "objects").rglob(f"*{company.id}*/*")])
    assert [file for file in left if file.is_file()] == []


def planted_in(account_id: str, number: int) -> tuple[bytes, str]:
    """A file that must be refused, and the mark in it: as a column, a cell, a heading, or behind a line end in quotes."""
    mark, way = f"Zq{number:05}Marked", number % 4
    header, *rows = workforce(account_id, 30).splitlines()
    if way == 0:
        header, rows = f"{header},full_name", [f"{row},{mark} Person" for row in rows]
    elif way == 1:
        rows[7] = rows[7].replace("11-1021", f"{mark} Person")
    elif way == 2:
        header, rows = f"{header},{mark} Person", [f"{row},1" for row in rows]
    else:
        rows[3] = rows[3].replace("11-1021", f'"11-1021\n{mark} Person"')
    return "\n".join([header, *rows]).encode() + b"\n", mark


async def refused(company: Company, content: bytes, number: int) -> None:
    """By one of five ways: plain or packed, at once, as a dry run, or by parts."""
    packed, dry = number % 2 == 1, number % 5 == 2
    body, encoding = (gzip.compress(content), {"Content-Encoding": "gzip"}) if packed else (content, {})
    if number % 5 == 3:
        ended = await uploaded(company, body, encoding)
        assert ended["state"] == "failed", ended
        return
    query = {"kind": "workforce", "as_of": "2025-12-31", **({"dry_run": "true"} if dry else {})}
    headers = {"Content-Type": "text/csv", "Idempotency-Key": f"refused-{number}", **encoding}
    answer = await company.call(
        "POST", "/v1/datasets", 200 if dry else 422, params=query, content=body, headers=headers
    )
    assert answer["findings"]


@pytest.mark.slow
async def test_ac2_3_five_hundred_refused_files_leave_no_byte_anywhere(
    client: httpx.AsyncClient, own: Installation, started: Processes
) -> None:
    company, since, marks = await sign_up(client), time.time(), list[bytes]()
    for number in range(scaled(500)):
        content, mark = planted_in(company.id, number)
        await refused(company, content, number)
        marks.append(mark.encode())
    places = await searched(own, started, since)
    assert await found(places, marks) == set()
    assert await found({"sent": content}, marks) != set()
    left = await asyncio.to_thread(lambda: [*(own.folder / "objects").rglob(f"*{company.id}*/*")])
    assert [file for file in left if file.is_file()] == []
    assert (await company.call("GET", "/v1/datasets", params={"state": "accepted"}))["data"] == []


async def test_ac1_4_neither_an_id_nor_the_key_that_the_agent_sends_for_it_is_left_anywhere(
    client: httpx.AsyncClient, own: Installation, started: Processes, tmp_path: Path
) -> None:
    company, since = await sign_up(client), time.time()
    ids = [f"ZQ-{number:06}-marked" for number in range(scaled(1000))]
    key = make_key_file(tmp_path / "wm.key", company.id)
    rows = [f"{each},2020-01-02,{51000 + 7 * n},{'FM'[n % 2]}" for n, each in enumerate(ids)]
    extract = await asyncio.to_thread(
        written_file, tmp_path / "extract.csv", "\n".join(["Staff,Hired,Rate,Sex", *rows])
    )
    mapping = await asyncio.to_thread(written_file, tmp_path / "mapping.toml", MAPPING)
    scopes = ["datasets:read", "datasets:write", "operations:read"]
    secret = (await company.call("POST", "/v1/api-keys", 201, json={"name": "a", "scopes": scopes}))["secret"]
    environment = {**started.environment, "WM_URL": str(client.base_url), "WM_API_KEY": secret}
    environment["WM_CAPTURE_KEY"] = str(tmp_path / "wm.key")
    command = ["-m", "wm_api.capture", "push", str(extract), "--mapping", str(mapping), "--wait"]
    agent = await asyncio.create_subprocess_exec(sys.executable, *command, env=environment)
    assert await agent.wait() == 0
    tokens = [employee_keys.make(key.secret, company.id, key.epoch, each) for each in ids]
    ended = await uploaded(company, csv_of(tokens), {}, "2025-11-30")
    assert ended["state"] == "succeeded", str(ended)
    bodies = [employee_keys.parse(token).mac for token in tokens]
    raw = [base64.urlsafe_b64decode(body + "=") for body in bodies]
    marks = [mark.encode() for mark in (*ids, *tokens, *bodies)] + raw
    assert await found(await searched(own, started, since), marks) == set()
    assert await found({"sent": csv_of(tokens), "ids": "".join(ids).encode()}, marks) != set()


def written_file(file: Path, text: str) -> Path:
    file.write_text(text)
    return file


def csv_of(tokens: list[str]) -> bytes:
    rows = [f"{token},2020-01-02,{30 + n % 7}.25,hour,USD,full_time,{'FM'[n % 2]}" for n, token in enumerate(tokens)]
    return "\n".join(["employee_key,hire_date,base_rate,base_rate_unit,currency,schedule_type,gender", *rows]).encode()


async def test_ac4_2_wages_and_keys_lie_nowhere_in_plain_before_and_after_a_deletion(
    client: httpx.AsyncClient, own: Installation, started: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    company, since = await sign_up(client), time.time()
    header, *rows = workforce(company.id, 2 * scaled(1000)).splitlines()
    wages = [f"{41.0071 + 0.02 * number:.4f}" for number in range(len(rows))]  # no reference table has such figures
    marked = [cells_of(row, number, wage) for number, (row, wage) in enumerate(zip(rows, wages, strict=True))]
    dataset = await company.push("\n".join([header, *marked]) + "\n")
    assert (await at_end(company, dataset["operation_id"]))["state"] == "succeeded"
    keys = [row.partition(",")[0] for row in rows]
    doubles = [struct.pack("<d", float(wage)) for wage in wages]
    for name, value in own.environment.items():
        monkeypatch.setenv(name, value)
    stored = await stored_keys(company)
    assert len(stored) == len(keys)
    marks = [mark.encode() for mark in (*wages, *keys)] + doubles + stored
    before = await searched(own, started, since)
    figures = json.dumps(await company.call("GET", "/v1/metrics", params={"limit": "200"}))
    shown = [wage.encode() for wage in wages if wage in figures]
    assert len(shown) <= 3  # a median, a bound of its interval, a mean that begins with the same digits
    assert await found(before, [mark for mark in marks if mark not in shown]) == set()
    assert any(company.id in place and "/objects/" in place for place in before)
    operation = await company.call("DELETE", f"/v1/datasets/{dataset['id']}", 202)
    assert (await at_end(company, operation["id"]))["state"] == "succeeded"
    after = await searched(own, started, since)
    assert await found(after, marks) == set()
    assert not any(company.id in place and "/objects/" in place for place in after)
    assert await found({"sent": "\n".join(marked).encode(), "kept": b"".join(stored)}, marks) != set()


def cells_of(row: str, number: int, wage: str) -> str:
    """Everybody is employed, women and men are even in number: so no median is anybody's wage."""
    cells = row.split(",")
    return ",".join([*cells[:2], "", "", wage, *cells[5:8], "FM"[number % 2], *cells[9:]])


async def stored_keys(company: Company) -> list[bytes]:
    """Employee keys as the sealed file has them."""
    async with opened(Settings()) as resources:
        (name,) = [name async for name in resources.storage.names(f"datasets/{company.id}")]
        records = files.open_records(resources, UUID(company.id), UUID(name.rpartition("/")[2]))
        return [key async for frame in records for key in frame.get_column("employee_key").to_list()]
