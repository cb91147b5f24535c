"""AC8.1, AC8.2, AC8.4, S25, S26, S28: no file harms the service; each ends in a clear refusal, and nothing is left."""

import asyncio
import itertools
import json
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from bombs.corpus import CLIMBED, CSV, MIB, Bomb, corpus, crosswalk_bombs
from companies import SECRET, Company, sign_up, workforce
from installed import own_servers
from processes import Process, Processes, processes, served, until
from residue import readers_of
from wm_api.dev import Installation
from wm_api.records.crosswalk import crosswalk

pytestmark = [pytest.mark.slow, pytest.mark.measures]
QUERY = {"kind": "payroll", "period_start": "2025-01-01", "period_end": "2025-12-31"}
LONGEST, MORE_MEMORY = 120.0, 50.0
AT_ONCE = 20


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """Of these tests alone: they look at all objects, and a worker would end what others have left in the queue."""
    with own_servers("wm-bombs-", durable=False) as running:
        yield running


@pytest.fixture(scope="module")
async def started(installation: Installation) -> AsyncIterator[Processes]:
    async with processes(installation) as started:
        yield started


@pytest.fixture(scope="module")
async def client(started: Processes) -> AsyncIterator[httpx.AsyncClient]:
    async with served(started) as client:
        client.timeout = httpx.Timeout(150)
        yield client


def resident(process: Process) -> float:
    """Megabytes that a process has had at most."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


async def thrown(client: httpx.AsyncClient, company: Company, bomb: Bomb) -> httpx.Response:
    headers = {**company.headers, "Content-Type": bomb.media_type}
    if bomb.encoding:
        headers["Content-Encoding"] = bomb.encoding
    return await client.post("/v1/datasets", params=QUERY, headers=headers, content=bomb.content)


async def healthy(client: httpx.AsyncClient, waits: list[float]) -> None:
    """Asks again and again how long an answer to somebody else takes."""
    while True:
        begun = time.perf_counter()
        assert (await client.get("/healthz")).status_code == 200
        waits.append(time.perf_counter() - begun)
        await asyncio.sleep(0.1)


def objects(installation: Installation) -> set[str]:
    return {str(file) for file in (installation.folder / "objects").rglob("*") if file.is_file()}


def climbed() -> bool:
    """Whether an archive wrote where it wanted to."""
    return Path(f"{CLIMBED}.csv").exists()


async def test_ac8_1_every_bomb_is_a_clear_refusal_and_the_service_goes_on(
    client: httpx.AsyncClient, started: Processes, installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    company, bombs, api = await sign_up(client), corpus(), started.running[0]
    good = await company.push(workforce(company.id, 60))
    before, memory, waits, longest = objects(installation), resident(api), list[float](), dict[str, float]()
    asking = asyncio.create_task(healthy(client, waits))
    for name, bomb in bombs.items():
        begun = time.perf_counter()
        answer = await thrown(client, company, bomb)
        longest[name] = time.perf_counter() - begun
        assert (answer.status_code, answer.json()["code"]) == (422, "dataset-refused"), (name, answer.text[:300])
        assert answer.json()["findings"], name
        assert any(each["severity"] == "refuse" for each in answer.json()["findings"]), name
        assert readers_of(api.pid) == [], name
    asking.cancel()
    assert len(bombs) >= 40
    assert max(longest.values()) < LONGEST
    assert resident(api) - memory < MORE_MEMORY
    assert objects(installation) == before
    assert not list((started.logs / "tmp").iterdir())
    assert not climbed()
    assert (await company.call("GET", f"/v1/datasets/{good['id']}"))["state"] == "accepted"
    name, seconds = max(longest.items(), key=lambda each: each[1])
    with capsys.disabled():
        sys.stdout.write(
            f"\n{len(bombs)} bombs refused; longest {seconds:.1f} s ({name}); API {resident(api) - memory:+.0f} MB;"
            f" longest wait of another {max(waits):.2f} s\n"
        )


async def upload(client: httpx.AsyncClient, company: Company, content: bytes) -> float:
    """Seconds of a good file by the resumable path, until all of its bytes are acknowledged."""
    begun = time.perf_counter()
    headers = {"Content-Type": CSV, "Upload-Complete": "?0", "Upload-Length": str(len(content))}
    made = await company.call("POST", "/v1/uploads", 201, headers=headers)
    part = {"Content-Type": "application/partial-upload", "Upload-Offset": "0", "Upload-Complete": "?1"}
    sent = await client.patch(f"/v1/uploads/{made['id']}", headers={**company.headers, **part}, content=content)
    assert sent.status_code == 200
    return time.perf_counter() - begun


async def test_ac8_2_twenty_bombs_at_once_delay_a_good_upload_of_ten_megabytes_at_most_twofold(
    client: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    thrower, good, bombs = await sign_up(client), await sign_up(client), list(corpus().values())
    content = workforce(good.id, 60).encode() * (10 * MIB // 7500)
    alone = min([await upload(client, good, content) for _ in range(5)])
    enough = asyncio.Event()

    async def throw_on(first: int) -> list[int]:
        """The next bomb as soon as there is an answer to the one before."""
        codes = []
        for bomb in itertools.cycle(bombs[first:] + bombs[:first]):
            if enough.is_set():
                break
            codes.append((await thrown(client, thrower, bomb)).status_code)
        return codes

    flying = [asyncio.create_task(throw_on((7 * n) % len(bombs))) for n in range(AT_ONCE)]
    await asyncio.sleep(0.3)
    beside = min([await upload(client, good, content) for _ in range(5)])
    enough.set()
    answers = [code for codes in await asyncio.gather(*flying) for code in codes]
    assert set(answers) <= {422, 503}
    with capsys.disabled():
        sys.stdout.write(
            f"\n10 MB alone {alone:.2f} s, with {AT_ONCE} bombs at any moment ({len(answers)} in all) {beside:.2f} s:"
            f" {beside / alone:.1f}x\n"
        )
    assert beside < 2 * alone + 0.2  # a tenth of a second alone: what two cores cannot share shows in so little


async def test_a_crosswalk_is_read_as_every_file_and_no_bomb_harms_the_service(
    client: httpx.AsyncClient, started: Processes, installation: Installation
) -> None:
    company, api = await sign_up(client), started.running[0]
    await company.push(workforce(company.id, 60))
    bombs = crosswalk_bombs()
    before, memory = objects(installation), resident(api)
    for name, bomb in bombs.items():
        headers = {**company.headers, "Content-Type": CSV} | (
            {"Content-Encoding": bomb.encoding} if bomb.encoding else {}
        )
        begun = time.perf_counter()
        answer = await client.post("/v1/employee-key-rotations", headers=headers, content=bomb.content)
        assert time.perf_counter() - begun < LONGEST, name
        assert (answer.status_code, answer.json()["code"]) == (422, "rotation-refused"), (name, answer.text[:300])
        assert answer.json()["findings"], name
        assert readers_of(api.pid) == [], name
    assert resident(api) - memory < MORE_MEMORY
    assert objects(installation) == before


async def test_the_memory_of_a_crosswalk_of_a_hundred_thousand_people_is_that_of_its_body_and_its_links(
    client: httpx.AsyncClient, started: Processes
) -> None:
    people, api = 100_000, started.running[0]
    company = await sign_up(client)
    await company.push(workforce(company.id, 60))
    pairs = crosswalk(company.id, (SECRET, "1"), (b"\x21" * 32, "1"), [str(each) for each in range(people)])
    content, memory = pairs.write_csv().encode(), resident(api)
    made = await company.call("POST", "/v1/employee-key-rotations", 201, content=content, headers={"Content-Type": CSV})
    assert made["pairs"] == people
    body, links = len(content) / MIB, 64 * people / MIB
    assert resident(api) - memory < body + 3 * links + MORE_MEMORY


async def test_a_bomb_by_parts_is_refused_by_its_operation_and_its_bytes_are_gone(
    client: httpx.AsyncClient, started: Processes, installation: Installation
) -> None:
    company, bombs = await sign_up(client), corpus()
    started.start("worker")
    before = objects(installation)
    for name in ("gzip: four gigabytes of one row", "Parquet: a megabyte in twenty thousand rows", "500,000 columns"):
        bomb = bombs[name]
        headers = {"Content-Type": bomb.media_type, "Upload-Complete": "?0", "Upload-Length": str(len(bomb.content))}
        headers |= {"Content-Encoding": bomb.encoding} if bomb.encoding else {}
        made = await company.call("POST", "/v1/uploads", 201, headers=headers)
        part = {"Content-Type": "application/partial-upload", "Upload-Offset": "0", "Upload-Complete": "?1"}
        await company.call("PATCH", f"/v1/uploads/{made['id']}", headers=part, content=bomb.content)
        dataset = await company.call("POST", "/v1/datasets", 202, params={**QUERY, "upload_id": made["id"]})

        async def failed(operation: str = dataset["operation_id"]) -> bool:
            row = await company.call("GET", f"/v1/operations/{operation}", params={"wait": "5"})
            assert row["state"] != "succeeded", json.dumps(row)
            return bool(row["state"] == "failed" and row["error"]["code"] == "dataset-refused")

        await until(failed, LONGEST)
    assert objects(installation) == before
