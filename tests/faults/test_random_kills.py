"""Random kills of every part while files are pushed: each file counts exactly once, and nothing is left over."""

import asyncio
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from companies import Company, sign_up
from faults.victims import Victims
from processes import processes, until
from shared import scaled
from wm_api.core import clock
from wm_api.core.encryption import Place, open_stream
from wm_api.core.keystore import KeyGone
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.datasets.models import Dataset
from wm_api.datasets.service import files
from wm_api.demo.installation import free_port
from wm_api.dev import Installation
from wm_api.events import chain, service
from wm_api.pipeline.retention import retain

pytestmark = pytest.mark.slow
KILLS, FILES, AT_ONCE = scaled(200), 20, 5
HELD, SIZES = 300, (300, 200, 1500, 4000)
"""Files of so many people are held and committed."""
SCOPES = ["datasets:write", "datasets:read", "operations:read"]
SMALL = {"WM_PUSH_BYTES": "60000", "WM_APPEND_BYTES": "65536", "WM_MAX_ATTEMPTS": "50"}
"""Most files go by parts, in several appends."""
STAFF = """\
version = 1
kind = "workforce"
[columns]
employee_key = { from = "id", as = "employee_key" }
hire_date = { from = "hired", as = "date" }
base_rate = { from = "rate", as = "decimal" }
base_rate_unit = { constant = "hour" }
currency = { constant = "USD" }
schedule_type = { constant = "full_time" }
gender = { from = "sex", as = "code", codes = { F = ["F"], M = ["M"] } }
"""
PAY = """\
version = 1
kind = "payroll"
[columns]
employee_key = { from = "id", as = "employee_key" }
period_start = { from = "start", as = "date" }
period_end = { from = "end", as = "date" }
currency = { constant = "USD" }
pay_base = { from = "pay", as = "decimal" }
"""
PATIENCE = 300.0
"""Seconds until a call that is repeated must have been answered."""
SAY_AGAIN = {"idempotency-key-in-use", "dataset-refused"}
"""A check that was killed refuses the file, and has kept nothing."""
RUN_AGAIN = {-9, 3, 4}
"""Hit; an operation that ended without; the server is away. A nightly job runs the same command again."""


@dataclass
class File:
    """A vendor's file, and what the agent is told of it."""

    path: Path
    mapping: Path
    dates: tuple[str, ...]
    kind: str
    people: int
    sha256: str = ""
    dataset: dict[str, Any] = field(default_factory=dict)
    runs: int = 0


def made(folder: Path, number: int, chance: random.Random) -> File:
    """Of two files one is payroll; sizes differ, so that some go in one call and most in parts."""
    people = SIZES[number // 2 % 4]
    path = folder / f"file-{number}.csv"
    if number % 2:
        start = date(2020, 1, 1) + timedelta(days=14 * number)
        end = start + timedelta(days=13)
        rows = [f"{person},{start},{end},{1500 + chance.randrange(90000) / 100:.2f}" for person in range(people)]
        path.write_text("id,start,end,pay\n" + "\n".join(rows) + "\n")
        return File(path, folder / "pay.toml", ("--from", str(start), "--to", str(end)), "payroll", people)
    rows = [
        f"{person},2019-0{1 + person % 9}-02,{20 + chance.randrange(4000) / 100:.2f},{'FM'[person % 2]}"
        for person in range(people)
    ]
    path.write_text("id,hired,rate,sex\n" + "\n".join(rows) + "\n")
    day = str(date(2021, 1, 1) + timedelta(days=number))
    return File(path, folder / "staff.toml", ("--as-of", day), "workforce", people)


@pytest.fixture
async def victims(own: Installation) -> AsyncIterator[Victims]:
    port, seed = free_port(), random.SystemRandom().randrange(1 << 32)
    sys.stdout.write(f"seed {seed}\n")
    more = {**SMALL, "WM_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    async with processes(own, **more) as started:
        running = Victims(own, started, port, random.Random(seed))
        await running.begin()
        yield running


async def pushed(victims: Victims, file: File, environment: dict[str, str]) -> None:
    """As a nightly job does: the same command again until it ends well."""
    command = ["push", str(file.path), "--mapping", str(file.mapping), *file.dates, "--wait", "--json"]
    while True:
        code, out, err = await victims.agent(command, environment)
        file.runs += 1
        if code == 0:
            file.dataset = json.loads(out)["dataset"]
            return
        assert code in RUN_AGAIN, (code, err.decode()[-800:], out.decode()[-800:])
        assert file.runs < 100, err.decode()[-800:]
        await asyncio.sleep(0.2)


async def committed(victims: Victims, file: File, headers: dict[str, str]) -> None:
    """Held first, then committed, by calls that are repeated with the same keys until they are answered."""
    query = {"kind": file.kind, "hold": "true", "full_time_weekly_hours": "40.00"}
    names = {"--as-of": "as_of", "--from": "period_start", "--to": "period_end"}
    query |= {names[name]: day for name, day in zip(file.dates[::2], file.dates[1::2], strict=True)}
    content = file.path.with_suffix(".parquet").read_bytes()
    parquet = {"Content-Type": "application/vnd.apache.parquet", "Idempotency-Key": f"hold-{file.path.name}"}
    for _ in range(100):
        held = await insisted(victims, "POST", "/v1/datasets", {**headers, **parquet}, params=query, content=content)
        operation = await ended(victims, held["operation_id"], headers)
        if operation["state"] == "succeeded":
            break
        parquet["Idempotency-Key"] += "+"
    mine = {**headers, "Idempotency-Key": f"commit-{file.path.name}"}
    file.dataset = await insisted(victims, "POST", f"/v1/datasets/{held['id']}/commit", mine)
    file.runs += 1
    operation = await ended(victims, file.dataset["operation_id"], headers)
    assert operation["state"] == "succeeded", f"{operation} {victims.said()}"


async def ended(victims: Victims, operation: str, headers: dict[str, str]) -> dict[str, Any]:
    while True:
        found = await insisted(victims, "GET", f"/v1/operations/{operation}", headers, params={"wait": "5"})
        if found["state"] not in {"queued", "running"}:
            return found


async def insisted(victims: Victims, method: str, path: str, headers: dict[str, str], **parts: Any) -> dict[str, Any]:
    """The answer, asked for again while the service is away or a kept key is being worked on."""
    heard: Counter[str] = Counter()
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            async with httpx.AsyncClient(base_url=victims.url, timeout=60, trust_env=False) as http:
                answer = await http.request(method, path, headers=headers, **parts)
        except httpx.TransportError:
            heard["nothing"] += 1
        else:
            if answer.is_success:
                return dict(answer.json())
            code = answer.json()["code"]
            heard[code] += 1
            assert answer.status_code == 503 or code in SAY_AGAIN, answer.text + victims.said()
        await asyncio.sleep(0.2)
    raise AssertionError(f"{method} {path} is not answered: {heard}")


async def content_of(victims: Victims, file: File, environment: dict[str, str]) -> str:
    """The digest of the bytes that leave, made without a server."""
    out = file.path.with_suffix(".parquet")
    code, _, err = await victims.agent(
        ["dry-run", str(file.path), "--mapping", str(file.mapping), *file.dates, "--out", str(out)], environment
    )
    assert code == 0, err
    return sha256(out.read_bytes()).hexdigest()


async def round_of(victims: Victims, folder: Path, first: int, environment: dict[str, str], kills: int) -> list[File]:
    """Twenty files, five at once, and kills until they are through or the kills are used up."""
    headers = {"Authorization": f"Bearer {environment['WM_API_KEY']}"}
    batch = [made(folder, number, victims.chance) for number in range(first, first + FILES)]
    for file in batch:
        file.sha256 = await content_of(victims, file, environment)
    turn = asyncio.Semaphore(AT_ONCE)

    async def in_turn(file: File) -> None:
        async with turn:
            if file.people == HELD:
                await committed(victims, file, headers)
            else:
                await pushed(victims, file, environment)

    pushing = asyncio.gather(*(in_turn(file) for file in batch))
    while not pushing.done() and sum(victims.killed.values()) < kills:
        await asyncio.sleep(victims.chance.uniform(0.05, 0.8))
        victims.revive()
        await victims.kill_one()
    while not pushing.done():
        await asyncio.sleep(0.2)
        victims.revive()
    await pushing
    return batch


async def all_pages(company: Company, path: str, **query: str) -> list[dict[str, Any]]:
    found, cursor = [], None
    while True:
        page = {"limit": "200", **query, **({"cursor": cursor} if cursor else {})}
        answer = await company.call("GET", path, params=page)
        found += answer["data"]
        cursor = answer["next_cursor"]
        if cursor is None:
            return found


async def test_random_kills_lose_nothing_count_nothing_twice_and_leave_nothing_over(
    victims: Victims, own_worker: Resources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "staff.toml").write_text(STAFF)
    (tmp_path / "pay.toml").write_text(PAY)
    async with httpx.AsyncClient(base_url=victims.url, timeout=60, trust_env=False) as http:
        company = await sign_up(http)
        body = {"name": "agent", "scopes": SCOPES}
        key = (await company.call("POST", "/v1/api-keys", 201, json=body))["secret"]
        settings = {"WM_URL": victims.url, "WM_API_KEY": key, "WM_CAPTURE_KEY": str(tmp_path / "wm.key")}
        environment = {**os.environ, **settings}
        await victims.agent(["keygen", "--account", company.id, "--out", str(tmp_path / "wm.key")], environment)
        pushes: list[File] = []
        while sum(victims.killed.values()) < KILLS:
            pushes += await round_of(victims, tmp_path, len(pushes), environment, KILLS)
        await victims.ready()
        tokens = await http.post("/v1/sessions", json={"email": company.email, "password": "gravel teapot 42 lantern"})
        company.headers = {"Authorization": f"Bearer {tokens.json()['access_token']}"}
        await until(lambda: over(company), 120)
        datasets = await all_pages(company, "/v1/datasets")
    counted = Counter(row["sha256"] for row in datasets if row["state"] == "accepted")
    assert counted == Counter(file.sha256 for file in pushes)
    assert {row["state"] for row in datasets} <= {"accepted", "refused"}
    assert all(file.dataset["sha256"] == file.sha256 for file in pushes)
    monkeypatch.setattr(clock, "now", later())
    await retain(own_worker)
    await nothing_left_over(own_worker, company, victims.own)
    runs = sum(file.runs for file in pushes)
    sys.stdout.write(f"{len(pushes)} files, {runs} runs of the agent, killed {victims.killed}\n")


async def over(company: Company) -> bool:
    rows = await all_pages(company, "/v1/operations")
    return not any(row["state"] in {"queued", "running"} for row in rows)


def later() -> Any:
    """The clock of retention: what nobody names goes after a day."""
    real = clock.now
    return lambda: real() + timedelta(hours=25)


async def nothing_left_over(resources: Resources, company: Company, own: Installation) -> None:
    """Every object is of a dataset that counts, opens, and has the hash that its row pins; the chain of events holds."""
    account = UUID(company.id)
    async with transaction(resources, account) as session:
        kept = list(await session.scalars(select(Dataset)))
        lines = [line async for line in service.chain_lines(session)]
    assert chain.verify(lines) is None
    counting = {files.name(account, row.stored_id): row for row in kept if row.state == "accepted"}
    stored = {name async for name, _ in resources.storage.listed() if str(account) in name}
    assert stored == set(counting)
    for name, row in counting.items():
        digest, place = sha256(), Place(company.id, str(row.stored_id), files.KIND)
        key = await resources.keystore.object_key(company.id, str(row.stored_id), files.KIND)
        async for block in open_stream(resources.storage.stream(name), key, place):
            digest.update(block)
        assert digest.hexdigest() == row.snapshot_sha256
    resources.keystore._cache.clear()
    for row in kept:
        if row.state == "refused" and row.object_id is not None:
            with pytest.raises(KeyGone):
                await resources.keystore.object_key(company.id, str(row.object_id), files.KIND)
    assert list((own.folder / "objects").rglob("*#*")) == []
