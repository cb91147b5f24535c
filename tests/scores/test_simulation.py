"""What a score would be with other metrics: the same draws, whole numbers, a limited number of times, nothing kept."""

import asyncio
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from sqlalchemy import func, select, update

from companies import Company, sign_up
from score_drafts import computed_score, draft_like
from scores.test_scoring import METHODOLOGY, S1, s1_input
from security.matrix import table_hashes
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.core.web.idempotency import IdempotentAnswer
from wm_api.dev import Installation
from wm_api.scores import inputs, methodology_router, simulation
from wm_api.scores.inputs import record_of
from wm_api.scores.models import Score, SimulationCount
from wm_api.scores.results import Guards, ScoreResult
from wm_api.scores.simulation import bounds, simulated

INPUTS = s1_input()


def s1_record(guards: Guards | None = None) -> dict[str, Any]:
    release = {"id": "r", "name": "r", "sha256": ""}
    made = record_of([], release, METHODOLOGY, "1", INPUTS.metrics, INPUTS.peers, guards or Guards())
    return dict(json.loads(json.dumps(made)))


def ends(result: ScoreResult) -> tuple[float, float]:
    assert result.interval95 is not None
    return result.interval95


def test_nothing_changed_is_the_score_itself_and_a_step_is_the_counterfactual_to_the_last_place() -> None:
    record = s1_record()
    base = simulated(record, {})
    assert base.headline == pytest.approx(S1["expected"]["score"], abs=1e-6)
    assert simulated(record, {"living_wage_share": 84.0}) == base
    moved = simulated(record, {"living_wage_share": 89.0})
    step = next(each for each in base.counterfactuals if each.metric == "living_wage_share")
    assert moved.headline is not None
    assert base.headline is not None
    assert moved.headline - base.headline == pytest.approx(step.points, abs=2e-6)
    assert ends(moved)[0] > ends(base)[0]  # the same draws: a better value never lowers an end
    assert ends(moved)[1] > ends(base)[1]


def test_the_floor_of_the_adjusted_gap_follows_the_gap_that_is_asked_for() -> None:
    record = s1_record(Guards(adjusted_gap_interval=(0.9, 5.3)))
    assert simulated(record, {}).floors == ()
    assert simulated(record, {"adjusted_gender_gap": 9.0}).floors == ("floor_adjusted_gap",)
    assert simulated(record, {"adjusted_gender_gap": -9.0}).floors == ("floor_adjusted_gap",)


def test_a_gap_may_be_to_the_disadvantage_of_men() -> None:
    assert bounds(METHODOLOGY.rule("gender_gap_mean_hourly")) == (-45, 45)
    assert bounds(METHODOLOGY.rule("permanent_share")) == (0, 100)


@pytest.fixture
async def company(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


async def a_score(company: Company, resources: Resources) -> str:
    return await draft_like(company, resources, await computed_score(company, resources))


def asked(score: str, **values: float) -> dict[str, Any]:
    return {"score_id": score, "changes": [{"metric": name, "value": value} for name, value in values.items()]}


@pytest.mark.usefixtures("worker")
async def test_a_simulation_answers_in_whole_numbers_and_leaves_the_score_as_it_was(
    company: Company, resources: Resources
) -> None:
    score = await a_score(company, resources)
    before = await company.call("GET", f"/v1/scores/{score}")
    shown = await company.call("POST", "/v1/score-simulations", json=asked(score, permanent_share=100, turnover_rate=0))
    assert shown["base_headline"] == int(before["headline"] + 0.5)
    assert shown["headline"] > shown["base_headline"]
    assert shown["interval"]["low"] <= shown["headline"] <= shown["interval"]["high"]
    assert sum(each["probability"] for each in shown["star_probabilities"]) == pytest.approx(1, abs=0.03)
    assert shown["star"] in {each["star"] for each in shown["star_probabilities"] if each["probability"]}
    areas = {each["area"]: each["score"] for each in shown["areas"]}
    assert areas["retention"] > next(each["score"] for each in before["areas"] if each["area"] == "retention")
    same = await company.call("POST", "/v1/score-simulations", json=asked(score, turnover_rate=0, permanent_share=100))
    assert {**same, "remaining": shown["remaining"]} == shown
    assert same["remaining"] == shown["remaining"] - 1
    assert await company.call("GET", f"/v1/scores/{score}") == before
    headers = company.headers | {"Idempotency-Key": "what-if"}
    await company.http.post("/v1/score-simulations", json=asked(score, turnover_rate=0), headers=headers)
    async with transaction(resources, UUID(company.id)) as session:
        assert await session.scalar(select(func.count()).select_from(Score)) == 1
        assert await session.scalar(select(func.count()).select_from(IdempotentAnswer)) == 0


@pytest.mark.usefixtures("worker")
async def test_no_table_changes_and_a_value_as_it_is_gives_the_score(
    company: Company, resources: Resources, installation: Installation
) -> None:
    """Also where it is refused. The counted turn is all that is kept."""
    score = await a_score(company, resources)
    base = await company.call("GET", f"/v1/scores/{score}")
    async with transaction(resources, UUID(company.id)) as session:
        record = (await session.get_one(Score, (UUID(company.id), UUID(score)))).record
    own = {name: each["value"] for name, each in record["metrics"].items() if each["status"] == "ok"}
    admin = await asyncpg.connect(installation.admin_url.rpartition("/")[0] + "/wm")
    before = dict([each async for each in table_hashes(admin)])
    same = await company.call("POST", "/v1/score-simulations", json=asked(score, **own))
    for body in (asked(score, headcount=1), asked(score, permanent_share=101)):
        await company.call("POST", "/v1/score-simulations", 422, json=body)
    await company.call("POST", "/v1/score-simulations", json=asked(score, permanent_share=0, turnover_rate=150))
    assert dict([each async for each in table_hashes(admin)]) == before
    await admin.close()
    assert same["headline"] == same["base_headline"] == int(base["headline"] + 0.5)
    assert (same["star"], same["floors"]) == (base["star"], base["floors"])
    assert [same["interval"][name] for name in ("low", "high")] == [
        int(base["intervals"][0][name] + 0.5) for name in ("low", "high")
    ]


@pytest.mark.usefixtures("worker")
async def test_a_value_is_a_number_and_nothing_else(company: Company, resources: Resources) -> None:
    body = asked(await a_score(company, resources), permanent_share=90)
    others: tuple[Any, ...] = ("90", True, None, [90], {}, "NaN")
    for value in others:
        wrong = {**body, "changes": [{**body["changes"][0], "value": value}]}
        refused = await company.call("POST", "/v1/score-simulations", 422, json=wrong)
        assert [each["pointer"] for each in refused["errors"]] == ["/changes/0/value"]
    raw = json.dumps(body).replace("90", "1e999")
    headers = company.headers | {"Content-Type": "application/json"}
    assert (await company.http.post("/v1/score-simulations", content=raw, headers=headers)).status_code == 422
    await company.call("POST", "/v1/score-simulations", json=asked(body["score_id"], permanent_share=90))


@pytest.mark.usefixtures("worker")
async def test_the_turn_is_kept_and_its_row_is_free_before_the_draws_begin(
    company: Company, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    score, loop, turns = await a_score(company, resources), asyncio.get_running_loop(), list[int | None]()

    async def counted() -> int | None:
        async with transaction(resources, UUID(company.id)) as session:
            return await session.scalar(select(SimulationCount.count).with_for_update(nowait=True))

    def watched(compute: Callable[..., ScoreResult]) -> Callable[..., ScoreResult]:
        def first_count(*told: Any) -> ScoreResult:
            turns.append(asyncio.run_coroutine_threadsafe(counted(), loop).result(10))
            return compute(*told)

        return first_count

    monkeypatch.setattr(simulation, "simulated", watched(simulation.simulated))
    monkeypatch.setattr(methodology_router, "under", watched(inputs.under))
    await company.call("POST", "/v1/score-simulations", json=asked(score, permanent_share=90))
    await company.call("GET", f"/v1/scores/{score}/methodologies/{METHODOLOGY.id}")
    assert turns == [1, 2]


def test_a_metric_that_counts_for_nothing_in_the_score_cannot_be_asked() -> None:
    record = s1_record()
    name = next(rule.metric for rule in METHODOLOGY.metrics if rule.worst is None and rule.metric in record["peers"])
    value = record["metrics"][name]["value"]
    assert list(simulation.errors_of(record, [(name, value)])) == []
    del record["peers"][name]
    (error,) = simulation.errors_of(record, [(name, value)])
    assert (error.code, error.pointer) == ("not_in_score", "/changes/0/metric")
    assert "neither peers nor goalposts" in error.detail


@pytest.mark.usefixtures("worker")
async def test_what_cannot_be_asked_names_the_field_and_is_not_counted(company: Company, resources: Resources) -> None:
    score = await a_score(company, resources)
    repeated = asked(score, permanent_share=1)
    repeated["changes"] *= 2
    for body, where, code in (
        (asked(score, permanent_share=100.5), "/changes/0/value", "out_of_range"),
        (asked(score, permanent_share=90, overtime_hours_share=1), "/changes/1/metric", "not_in_score"),
        (asked(score, headcount=90), "/changes/0/metric", "not_in_score"),
        (repeated, "/changes/1/metric", "repeated"),
    ):
        refused = await company.call("POST", "/v1/score-simulations", 422, json=body)
        assert [(each["pointer"], each["code"]) for each in refused["errors"]] == [(where, code)]
    other = await sign_up(company.http)
    await other.call("POST", "/v1/score-simulations", 404, json=asked(score, permanent_share=90))
    shown = await company.call("POST", "/v1/score-simulations", json=asked(score, permanent_share=90))
    assert shown["remaining"] == resources.settings.most_simulations - 1


@pytest.mark.usefixtures("worker")
async def test_a_score_without_a_headline_or_without_figures_cannot_be_asked(
    company: Company, resources: Resources
) -> None:
    score = await a_score(company, resources)
    async with transaction(resources, UUID(company.id)) as session:
        change = update(Score).where(Score.id == UUID(score))
        await session.execute(change.values(status="insufficient_data", result={"lifts": [["kind:payroll", 0.1]]}))
    refused = await company.call("POST", "/v1/score-simulations", 409, json=asked(score, permanent_share=90))
    assert (refused["code"], refused["lifts"]) == ("score-incomplete", ["kind:payroll"])
    async with transaction(resources, UUID(company.id)) as session:
        await session.execute(change.values(record={"datasets": []}))
    refused = await company.call("POST", "/v1/score-simulations", 410, json=asked(score, permanent_share=90))
    assert refused["code"] == "gone"


@pytest.mark.usefixtures("worker")
async def test_simulations_of_an_account_are_limited_and_the_next_window_begins_anew(
    company: Company, resources: Resources
) -> None:
    body = asked(await a_score(company, resources), permanent_share=90)
    await company.call("POST", "/v1/score-simulations", json=body)
    most = resources.settings.most_simulations
    async with transaction(resources, UUID(company.id)) as session:
        await session.execute(update(SimulationCount).values(count=most - 1))
    assert (await company.call("POST", "/v1/score-simulations", json=body))["remaining"] == 0
    for _ in range(2):  # a refused one is not counted
        refused = await company.http.post("/v1/score-simulations", json=body, headers=company.headers)
        assert refused.status_code == 429
        under = f"/v1/scores/{body['score_id']}/methodologies/{METHODOLOGY.id}"
        refused = await company.http.get(under, headers=company.headers)
        assert (refused.status_code, refused.json()["code"]) == (429, "rate-limited")
        assert refused.json()["violated_policies"] == ["score-simulations"]
        assert 1 <= int(refused.headers["Retry-After"]) <= resources.settings.simulation_window.total_seconds()
    async with transaction(resources, UUID(company.id)) as session:
        assert await session.scalar(select(SimulationCount.count)) == most
        earlier = SimulationCount.window_start - resources.settings.simulation_window
        await session.execute(update(SimulationCount).values(window_start=earlier))
    assert (await company.call("POST", "/v1/score-simulations", json=body))["remaining"] == most - 1
