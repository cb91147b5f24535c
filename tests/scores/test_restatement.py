"""A past score is computed again from what it pins, whatever was corrected since; a changed one is restated."""

import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from beside import succeeded
from companies import Company, payroll, sign_up, workforce
from wm_api.cli import app
from wm_api.core.resources import Resources
from wm_api.core.settings import Settings
from wm_api.core.transactions import transaction
from wm_api.dev import Installation
from wm_api.metrics.profiles import PROFILES
from wm_api.scores.inputs import digest_of, document_of, recompute
from wm_api.scores.models import Score
from wm_api.scores.verification import InputDeleted, as_held, verify
from wm_api.scores.verify_command import verify_score

DAY = "2025-12-31"
PERIOD = {"kind": "payroll", "period_start": "2025-11-01", "period_end": "2025-11-14"}


@pytest.fixture
async def company(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


async def pushed(company: Company, resources: Resources, people: int, **query: str) -> str:
    made = await company.push(workforce(company.id, people), 202, **query)
    await succeeded(company, resources, made["operation_id"])
    return str(made["id"])


async def paid(company: Company, resources: Resources, **query: str) -> str:
    content = payroll(company.id, "2025-11-01", "2025-11-14").encode()
    parts = {"params": {**PERIOD, **query}, "content": content, "headers": {"Content-Type": "text/csv"}}
    made = await company.call("POST", "/v1/datasets", 202, **parts)
    await succeeded(company, resources, made["operation_id"])
    return str(made["id"])


async def draft(company: Company) -> Any:
    return (await company.call("GET", "/v1/scores", params={"as_of": DAY, "state": "draft"}))["data"][0]


async def published(company: Company) -> str:
    score = (await draft(company))["id"]
    await company.call("POST", f"/v1/scores/{score}/publication")
    return str(score)


async def figures(company: Company) -> dict[tuple[str, str], tuple[float | None, str]]:
    rows = (await company.call("GET", "/v1/metrics", params={"as_of": DAY, "limit": "200"}))["data"]
    return {(row["metric"], row["profile"]): (row["value"], row["status"]) for row in rows}


async def test_a_past_score_is_computed_again_to_the_same_bytes_after_its_inputs_were_corrected(
    company: Company, worker_resources: Resources
) -> None:
    first = await pushed(company, worker_resources, 300, declared_headcount="265")
    await paid(company, worker_resources)
    old = await published(company)
    await pushed(company, worker_resources, 290, supersedes=first)
    found = await verify(worker_resources, UUID(company.id), UUID(old))
    parts = found.parts
    assert found.beyond == 0
    assert parts == dict.fromkeys(parts, True)
    assert {"datasets", "metrics", "peers", "guards", "figures", "headline", "areas", "interval95", "digest"} <= set(
        parts
    )


async def test_a_score_of_before_some_metrics_and_profiles_is_still_what_its_inputs_give(
    company: Company, worker_resources: Resources, settings: Settings
) -> None:
    """As a service of then kept it: without a profile, a metric and fields that came later. A change is still found."""
    await pushed(company, worker_resources, 300)
    score = UUID((await draft(company))["id"])
    async with transaction(worker_resources, UUID(company.id)) as session:
        row = await session.get_one(Score, (UUID(company.id), score))
        figures = {name: dict(each) for name, each in (row.figures or {}).items()}
        later = len(figures.pop("us")) + 1
        del figures["default"]["permanent_share"]
        guards = {name: each for name, each in row.record["guards"].items() if name != "size_band_fits"}
        record = {**row.record, "guards": guards}
        del record["references"]  # of before editions were pinned
        result = json.loads(json.dumps(document_of(recompute(record))))
        del result["printed_contributions"]
        kept = {"record": record, "result": result, "digest": digest_of(record, result), "figures": figures}
        await session.execute(update(Score).where(Score.id == score).values(**kept))
    whole, lines = await verify_score(settings, score)
    assert whole
    assert f"{later} figures that are computed today are not in the score." in lines
    figures["uk"]["gender_gap_mean_hourly"]["value"] *= 1 + 2e-8  # in the ninth digit
    async with transaction(worker_resources, UUID(company.id)) as session:
        await session.execute(update(Score).where(Score.id == score).values(figures=figures))
    found = await verify(worker_resources, UUID(company.id), score)
    assert [name for name, equal in found.parts.items() if not equal] == ["figures"]


def test_what_is_missing_today_differs_from_what_was_kept() -> None:
    held = {"default": {"turnover_rate": {"value": 1.0}}, "areas": [{"area": "pay"}]}
    assert as_held({"default": {}, "areas": [{"area": "pay", "new": 1}]}, held) == {
        "default": {"turnover_rate": None},
        "areas": [{"area": "pay"}],
    }
    assert as_held({"default": held["default"], "areas": []}, held)["areas"] == []


def test_only_what_came_later_may_be_missing_in_what_was_kept() -> None:
    held, again = {"guards": {"old": 1}}, {"guards": {"old": 1, "floor": True, "new": 2}}
    assert as_held(again, held, {"new"}) == {"guards": {"old": 1, "floor": True}}


async def test_the_command_says_what_is_equal_and_when_an_input_was_deleted(
    company: Company, worker_resources: Resources, settings: Settings
) -> None:
    first = await pushed(company, worker_resources, 300)
    score = UUID((await draft(company))["id"])
    whole, lines = await verify_score(settings, score)
    assert whole
    assert lines[-1] == "The score is what its inputs give."
    gone = await company.call("DELETE", f"/v1/datasets/{first}", 202)
    with pytest.raises(InputDeleted):  # as soon as the bytes are gone, and ever after
        await succeeded(company, worker_resources, gone["id"])
        await verify(worker_resources, UUID(company.id), score)
    whole, lines = await verify_score(settings, score)
    assert (whole, len(lines)) == (False, 1)
    assert "deleted" in lines[0]
    assert await verify_score(settings, UUID(company.id)) == (False, ["There is no such score."])


def test_the_command_names_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WM_DATABASE_URL", raising=False)
    ended = CliRunner().invoke(app, ["verify-score", "01900000-0000-7000-8000-000000000000"])
    assert ended.exit_code == 2
    assert "WM_DATABASE_URL" in ended.output


async def test_the_command_looks_into_the_folder_of_a_local_installation(
    company: Company, worker_resources: Resources, installation: Installation
) -> None:
    await pushed(company, worker_resources, 300)
    score = (await draft(company))["id"]
    command = ["verify-score", "--data-dir", str(installation.folder), score]
    ended = await asyncio.to_thread(CliRunner().invoke, app, command)
    assert (ended.exit_code, ended.output.splitlines()[-1]) == (0, "The score is what its inputs give.")
    assert installation.alive()


def test_the_command_makes_no_installation_where_none_is(tmp_path: Path) -> None:
    folder = tmp_path / "nothing"
    ended = CliRunner().invoke(app, ["verify-score", "--data-dir", str(folder), str(UUID(int=7))])
    assert (ended.exit_code, folder.exists()) == (1, False)
    assert ended.output == f"There is no installation in {folder}.\n"


async def test_a_restatement_shows_both_scores_what_took_whose_place_and_every_figure_that_moved(
    company: Company, worker_resources: Resources
) -> None:
    first = await pushed(company, worker_resources, 300)
    before, old = await figures(company), await published(company)
    second = await pushed(company, worker_resources, 250, supersedes=first)
    after, new = await figures(company), await draft(company)
    shown = await company.call("GET", f"/v1/scores/{new['id']}/restatement")
    assert (shown["old"]["id"], shown["new"]["id"], shown["causes"]) == (old, new["id"], ["datasets"])
    assert shown["old"]["headline"] != shown["new"]["headline"] == new["headline"]
    assert [each["score"] for each in shown["new"]["areas"]] == [each["score"] for each in new["areas"]]
    changed = shown["datasets"][0]
    assert (changed["old"], changed["new"], changed["reason"]) == (first, second, "superseded")
    moved = {
        (each["metric"], each["profile"]): tuple((each[side]["value"], each[side]["status"]) for side in ("old", "new"))
        for each in shown["metrics"]
    }
    assert moved == {each: (before[each], after[each]) for each in before if before[each] != after[each]}
    assert {profile for _, profile in moved} == set(PROFILES)


async def test_a_restatement_tells_what_was_added_and_what_was_taken_back(
    company: Company, worker_resources: Resources
) -> None:
    first = await pushed(company, worker_resources, 300)
    second = await pushed(company, worker_resources, 290, supersedes=first)
    await published(company)
    operation = await company.call("POST", f"/v1/datasets/{second}/reversal", 202)
    await succeeded(company, worker_resources, operation["id"])
    period = await paid(company, worker_resources)
    shown = await company.call("GET", f"/v1/scores/{(await draft(company))['id']}/restatement")
    found = {(each["old"], each["new"], each["reason"]) for each in shown["datasets"]}
    assert found == {(second, first, "reverted"), (None, period, "added")}


async def test_a_score_says_which_of_its_datasets_count_no_longer(
    company: Company, worker_resources: Resources
) -> None:
    """Also where the correction went to another day, so that no draft of its day restates it."""
    first = await pushed(company, worker_resources, 300)
    old = await published(company)
    assert (await company.call("GET", f"/v1/scores/{old}"))["ended_datasets"] == []
    await pushed(company, worker_resources, 299, as_of="2025-12-30", supersedes=first)
    assert (await company.call("GET", f"/v1/scores/{old}"))["ended_datasets"] == [first]
    listed = {each["id"]: each["ended_datasets"] for each in (await company.call("GET", "/v1/scores"))["data"]}
    assert listed.pop(old) == [first]
    assert set(map(tuple, listed.values())) == {()}


async def test_a_draft_whose_data_were_corrected_is_not_published(
    company: Company, worker_resources: Resources
) -> None:
    first = await pushed(company, worker_resources, 300)
    stale = (await draft(company))["id"]
    later = await company.push(workforce(company.id, 299), supersedes=first)
    refused = await company.call("POST", f"/v1/scores/{stale}/publication", 409)
    assert refused["code"] == "state-conflict"
    await succeeded(company, worker_resources, later["operation_id"])
    await published(company)


async def test_a_score_that_restates_nothing_says_so(company: Company, worker_resources: Resources) -> None:
    await pushed(company, worker_resources, 300)
    refused = await company.call("GET", f"/v1/scores/{(await draft(company))['id']}/restatement", 409)
    assert refused["code"] == "restates-nothing"
