"""Three employers push their real extracts at once to a live installation; then none of them reaches the others."""

import asyncio
import gzip
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from agents import agent_of
from companies import Company, sign_up
from security.cast import gather_cast, push
from security.matrix import Matrix, operations_of, table_hashes
from shared import SHARED, needs_shared

pytestmark = [needs_shared, pytest.mark.slow]
DATA = SHARED / "data" / "texas_employers"
MAPPINGS = Path(__file__).resolve().parents[2] / "examples" / "mappings"
UUIDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
LISTS = (
    "account",
    "datasets",
    "operations",
    "metrics",
    "scores",
    "events",
    "members",
    "api-keys",
    "receipts",
    "share-grants",
)


def largest() -> list[str]:
    rows = {
        file.name.removesuffix(".csv.gz"): gzip.decompress(file.read_bytes()).count(b"\n")
        for file in DATA.glob("*.csv.gz")
    }
    return sorted(rows, key=lambda name: -rows[name])[:3]


async def captured(url: str, folder: Path, company: Company, employer: str) -> dict[str, Any]:
    """Key and push with `wm-capture`, and follow to the end: what it prints, and its seconds."""
    agent = await agent_of(company, url, folder)
    begun = time.perf_counter()
    pushed = await agent.push(DATA / f"{employer}.csv.gz", MAPPINGS / f"{employer}.toml")
    return {**pushed, "seconds": time.perf_counter() - begun}


async def settle(company: Company) -> None:
    ends = time.monotonic() + 120
    while time.monotonic() < ends:
        states = {each["state"] for each in (await company.call("GET", "/v1/operations"))["data"]}
        if not states & {"queued", "running"}:
            return
        await asyncio.sleep(0.2)
    raise AssertionError(company.id)


async def shown_to(company: Company) -> set[str]:
    """Every id in everything that the company can list."""
    texts = [json.dumps(await company.call("GET", f"/v1/{name}")) for name in LISTS]
    return {each for body in texts for each in UUIDS.findall(body)}


async def test_the_three_largest_employers_push_at_once_and_none_reaches_another(
    client: httpx.AsyncClient, live: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    url, folder = live
    contract = (await client.get("/v1/openapi.json")).json()
    companies, employers = [await sign_up(client) for _ in range(3)], largest()
    begun = time.perf_counter()
    pairs = zip(companies, employers, strict=True)
    pushes = await asyncio.gather(*(captured(url, folder, company, employer) for company, employer in pairs))
    seconds = time.perf_counter() - begun
    assert [each["operation"]["state"] for each in pushes] == ["succeeded"] * 3
    report = [f"three pushes at once: {seconds:.1f} s"]
    for company, employer, pushed in zip(companies, employers, pushes, strict=True):
        figures = await company.call(
            "GET", "/v1/metrics", params={"metric": "gender_gap_mean_hourly", "profile": "default"}
        )
        assert [figure["status"] for figure in figures["data"]] == ["ok"]
        rows = pushed["dataset"]["rows"]
        report.append(f"{employer}: {rows} rows, {pushed['seconds']:.1f} s, {pushed['operation']['state']}")
        assert rows > 5_000
    known = [await shown_to(company) for company in companies]
    release = {each["id"] for each in (await companies[0].call("GET", "/v1/benchmark-releases"))["data"]}
    for at, ids in enumerate(known):
        assert len(ids) > 10
        assert not ids & set.union(*(known[other] for other in range(3) if other != at)) - release
    report += await matrices(client, contract, folder, companies, pushes)
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(report) + "\n")


async def matrices(
    client: httpx.AsyncClient, contract: Any, folder: Path, companies: list[Company], pushes: list[Any]
) -> list[str]:
    """The matrix, each of the three as the caller once; the foreign dataset is the one of the real employer."""
    server = json.loads((folder / "data" / "postgres" / "server.json").read_text())
    admin = await asyncpg.connect(server["url"].rpartition("/")[0] + "/wm")
    for company, pushed in zip(companies, pushes, strict=True):
        await push(company, settle, publish=True)  # a file rich enough for a score, so that there is one to share
        company.known["dataset"], company.known["operation"] = pushed["dataset"]["id"], pushed["operation"]["id"]
    lines = []
    for at in range(3):
        mine, theirs, third = (companies[(at + step) % 3] for step in range(3))
        for company in companies:
            company.known["queued"] = company.known["operation"]
        matrix = Matrix(client, await gather_cast(mine, theirs, third), operations_of(contract))
        before = dict([each async for each in table_hashes(admin)])
        begun = time.perf_counter()
        await matrix.grantees()
        await matrix.refusals()
        await matrix.cursors_and_accounts()
        assert matrix.failures == []
        assert dict([each async for each in table_hashes(admin)]) == before
        lines.append(
            f"matrix {at + 1}: {matrix.requests} requests, {time.perf_counter() - begun:.1f} s, 0 failures, 0 rows changed"
        )
    await admin.close()
    return lines
