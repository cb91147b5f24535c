"""Whatever of a stored score is changed, also with a digest that fits, is found; and what cannot be compared says why."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, update

from beside import succeeded
from companies import Company, sign_up, workforce
from scores.test_restatement import draft, published, pushed
from wm_api.core.encryption import Tampered
from wm_api.core.resources import Resources
from wm_api.core.settings import Settings
from wm_api.core.transactions import transaction
from wm_api.datasets.models import Dataset
from wm_api.datasets.service import files
from wm_api.dev import Installation
from wm_api.scores import methodology
from wm_api.scores.inputs import digest_of, document_of, recompute
from wm_api.scores.methodology.signature import NotSigned
from wm_api.scores.models import Score, ScorePublication
from wm_api.scores.verification import CAME_LATER, at_digits, verify
from wm_api.scores.verify_command import GONE, verify_score

Record = dict[str, Any]
Change = Callable[[Record], object]


@pytest.fixture
async def company(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


async def scored(company: Company, resources: Resources) -> UUID:
    await pushed(company, resources, 300)
    return UUID((await draft(company))["id"])


async def kept(company: Company, resources: Resources, score: UUID) -> Score:
    async with transaction(resources, UUID(company.id)) as session:
        return await session.get_one(Score, (UUID(company.id), score))


async def changed(company: Company, resources: Resources, score: UUID, **values: Any) -> set[str]:
    """The parts that differ then."""
    if values:
        async with transaction(resources, UUID(company.id)) as session:
            await session.execute(update(Score).where(Score.id == score).values(**values))
    parts = (await verify(resources, UUID(company.id), score)).parts
    return {name for name, equal in parts.items() if not equal}


async def test_a_digit_that_was_changed_is_found_wherever_it_stands(
    company: Company, worker_resources: Resources
) -> None:
    score = await scored(company, worker_resources)
    row = await kept(company, worker_resources, score)
    result: Record = dict(row.result)
    area = [{**result["areas"][0], "score": result["areas"][0]["score"] + 1e-6}, *result["areas"][1:]]
    assert await changed(company, worker_resources, score) == set()
    for values, parts in (
        ({"result": {**result, "headline": result["headline"] + 1e-6}}, {"headline"}),
        ({"result": {**result, "areas": area}}, {"areas"}),
        ({"headline": result["headline"] + 1e-6}, {"headline"}),  # what the list shows
        ({"star": result["star"] % 5 + 1}, {"star"}),
        ({"status": "insufficient_data"}, {"status"}),
        ({"digest": "0" * 64}, {"digest"}),
    ):
        assert await changed(company, worker_resources, score, **values) == parts
        whole = {name: getattr(row, name) for name in ("result", "headline", "star", "status", "digest")}
        assert await changed(company, worker_resources, score, **whole) == set()


async def test_a_record_that_was_made_better_is_found_though_result_and_digest_fit_it(
    company: Company, worker_resources: Resources
) -> None:
    score = await scored(company, worker_resources)
    row = await kept(company, worker_resources, score)
    changes: list[tuple[Change, str]] = [
        (lambda record: record["metrics"]["turnover_rate"].update(value=1.0), "metrics"),
        (lambda record: record["metrics"].pop("turnover_rate"), "metrics"),
        (lambda record: record["peers"].pop("gender_gap_mean_hourly"), "peers"),
        (lambda record: record["guards"].pop("below_legal_minimum"), "guards"),
        (lambda record: record["guards"].update(adjusted_gap_interval=None), "guards"),
        (
            lambda record: record["methodology"].update(sha256=methodology.load_methodology().sha256[::-1]),
            "methodology",
        ),
        (lambda record: record["datasets"][0].update(sha256="0" * 64), "datasets"),
    ]
    for change, part in changes:
        record: Record = json.loads(json.dumps(row.record))
        change(record)
        pinned = {**record, "methodology": row.record["methodology"]}
        result = json.loads(json.dumps(document_of(recompute(pinned))))
        fitting = {"headline": result["headline"], "star": result["star"], "digest": digest_of(record, result)}
        assert part in await changed(company, worker_resources, score, record=record, result=result, **fitting)


async def test_a_part_of_the_record_that_was_taken_away_is_found(company: Company, worker_resources: Resources) -> None:
    score = await scored(company, worker_resources)
    row = await kept(company, worker_resources, score)
    for taken in set(row.record) - CAME_LATER:
        record = {name: each for name, each in row.record.items() if name != taken}
        fitting = digest_of(record, row.result)
        differ = await changed(company, worker_resources, score, record=record, digest=fitting)
        assert differ & {taken, "digest"}, taken


async def test_the_star_before_is_that_of_the_score_before(company: Company, worker_resources: Resources) -> None:
    first = await pushed(company, worker_resources, 300)
    before = await kept(company, worker_resources, UUID(await published(company)))
    await pushed(company, worker_resources, 290, supersedes=first)
    score = UUID((await draft(company))["id"])
    assert await changed(company, worker_resources, score) == set()
    row = await kept(company, worker_resources, score)
    record = {**row.record, "guards": {**row.record["guards"], "previous_star": (before.star or 0) % 5 + 1}}
    result = json.loads(json.dumps(document_of(recompute(record))))
    fitting = {"star": result["star"], "result": result, "digest": digest_of(record, result)}
    assert "guards" in await changed(company, worker_resources, score, record=record, **fitting)


async def test_what_it_is_shared_as_is_compared_until_it_is_withdrawn(
    company: Company, worker_resources: Resources
) -> None:
    await pushed(company, worker_resources, 300)
    score = UUID(await published(company))
    found = await verify(worker_resources, UUID(company.id), score)
    assert found.parts["publication"]
    async with transaction(worker_resources, UUID(company.id)) as session:
        row = (await session.scalars(select(ScorePublication).where(ScorePublication.id == score))).one()
        whole = row.document
    for document in (
        {**whole, "headline": whole["headline"] + 1},
        {name: each for name, each in whole.items() if name != "star"},
        {**whole, "metrics": [{"metric": each["metric"]} for each in whole["metrics"]]},
    ):
        async with transaction(worker_resources, UUID(company.id)) as session:
            of_score = update(ScorePublication).where(ScorePublication.id == score)
            await session.execute(of_score.values(document=document))
        assert await changed(company, worker_resources, score) == {"publication"}
    await company.call("DELETE", f"/v1/scores/{score}/publication")
    found = await verify(worker_resources, UUID(company.id), score)
    assert (all(found.parts.values()), "publication" in found.parts) == (True, False)


async def test_the_verdict_comes_last_and_says_which_version_made_the_score(
    company: Company, worker_resources: Resources, settings: Settings
) -> None:
    score = await scored(company, worker_resources)
    row = await kept(company, worker_resources, score)
    record = {**row.record, "code_version": "0.0.9"}
    result = json.loads(json.dumps(document_of(recompute(record))))
    values = {name: result[name] for name in ("headline", "star")} | {"digest": digest_of(record, result)}
    assert await changed(company, worker_resources, score, record=record, result=result, **values) == set()
    whole, lines = await verify_score(settings, score)
    assert whole
    assert lines[-2].startswith("It was computed by wm-api 0.0.9; this is ")
    await changed(company, worker_resources, score, digest="0" * 64)
    whole, lines = await verify_score(settings, score)
    assert (whole, lines[-1]) == (False, f"The score is not what its inputs give: 1 of {len(lines) - 2} parts differ.")
    assert f"{'digest':<24}DIFFERS" in lines


async def test_a_file_that_is_not_as_it_was_stored_is_named(
    company: Company, worker_resources: Resources, settings: Settings
) -> None:
    score = await scored(company, worker_resources)
    async with transaction(worker_resources, UUID(company.id)) as session:
        stored = (await session.scalars(select(Dataset))).one().stored_id
    name, storage = files.name(UUID(company.id), stored), worker_resources.storage
    sealed = b"".join([block async for block in storage.stream(name)])
    await storage.put(name, sealed[:-20] + bytes([sealed[-20] ^ 1]) + sealed[-19:])
    assert await verify_score(settings, score) == (False, [GONE[Tampered]])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Of the methodologies, one's own."""
    for each in ("sis-2026.1.json", "sis-2026.1.jws", "keys.json"):
        (tmp_path / each).write_bytes(methodology.FILES.joinpath(each).read_bytes())
    monkeypatch.setattr(methodology, "FILES", tmp_path)
    yield tmp_path
    methodology.load_sheet.cache_clear()
    methodology.load_methodology.cache_clear()


async def test_a_methodology_that_is_gone_or_another_is_named(
    company: Company, worker_resources: Resources, settings: Settings, folder: Path
) -> None:
    score = await scored(company, worker_resources)
    file = folder / "sis-2026.1.json"
    raw = file.read_bytes()
    loose = raw.replace(b'"hysteresis": 0.8', b'"hysteresis": 0.7')
    assert loose != raw
    for content, kind in ((loose, NotSigned), (None, FileNotFoundError)):
        methodology.load_sheet.cache_clear()
        methodology.load_methodology.cache_clear()
        file.unlink() if content is None else file.write_bytes(content)
        assert await verify_score(settings, score) == (False, [GONE[kind]])
    file.write_bytes(raw)


async def test_a_release_that_is_gone_is_named(
    company: Company, worker_resources: Resources, settings: Settings
) -> None:
    score = await scored(company, worker_resources)
    gone = UUID("01900000-0000-7000-8000-000000000000")
    async with transaction(worker_resources, UUID(company.id)) as session:
        await session.execute(update(Score).where(Score.id == score).values(benchmark_release_id=gone))
    whole, (line,) = await verify_score(settings, score)
    assert (whole, line.startswith("A benchmark release")) == (False, True)


async def test_the_number_of_threads_changes_no_digit(
    company: Company, worker_resources: Resources, installation: Installation
) -> None:
    score = await scored(company, worker_resources)
    command = [sys.executable, "-m", "wm_api", "verify-score", "--data-dir", str(installation.folder), str(score)]
    for threads in ("1", "3"):
        ended = await asyncio.to_thread(
            subprocess.run, command, capture_output=True, text=True, check=False,
            env={**os.environ, "POLARS_MAX_THREADS": threads},
        )  # fmt: skip
        assert (ended.returncode, ended.stdout.splitlines()[-1]) == (0, "The score is what its inputs give.")
        assert "DIFFERS" not in ended.stdout
        assert not ended.stderr  # no terminal, no progress


async def test_the_order_of_rows_changes_no_digit(company: Company, worker_resources: Resources) -> None:
    row = await kept(company, worker_resources, await scored(company, worker_resources))
    other = await sign_up(company.http)
    heading, *lines = workforce(other.id, 300).splitlines()
    made = await other.push("\n".join([heading, *reversed(lines)]) + "\n", 202)
    await succeeded(other, worker_resources, made["operation_id"])
    turned = await kept(other, worker_resources, UUID((await draft(other))["id"]))
    for name in ("metrics", "peers", "guards"):
        assert turned.record[name] == row.record[name]
    assert at_digits(turned.figures or {}) == at_digits(row.figures or {})
