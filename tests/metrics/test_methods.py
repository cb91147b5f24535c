"""Equal hashes, one method: what decides a value is in its hash, and every value carries it."""

import json
from dataclasses import fields, replace
from hashlib import sha256
from typing import Any
from uuid import UUID

import httpx
import pytest

from companies import Company, placed, sign_up, workforce
from wm_api.core.resources import Resources
from wm_api.metrics.catalogue import CATALOGUE
from wm_api.metrics.definition import Definition, Source
from wm_api.metrics.methods import BESIDE, method_of, method_sha256
from wm_api.metrics.profiles import LINES, Answer, Question, answer
from wm_api.metrics.reference_tables import NEEDED
from wm_api.pipeline.run import run_operation

DAY = "2025-12-31"
GAP = CATALOGUE["gender_gap_mean_hourly"]
OTHER: dict[str, Any] = {
    "key": "another",
    "unit": "ratio",
    "formula": "(mean M - mean F) / mean F x 100",
    "sources": (Source("UK SI 2017/172", "regulation 9", "https://www.legislation.gov.uk"),),
    "minimum_n": 11,
    "minimum_group_n": 11,
    "conditions": ("Another one.",),
    "inputs": ("workforce.job_level",),
    "references": ("living_wage",),
    "questions": (Question.HOURLY_PAY,),
    "version": "1.1",
}
ELSEWHERE: dict[str, Any] = {
    "name": "Another name",
    "area": "pay",
    "direction": "none",
    "decimals": 3,
    "scored": False,
}


def test_every_field_of_a_definition_is_of_the_method_or_named_beside_it() -> None:
    assert set(OTHER) | set(ELSEWHERE) == {each.name for each in fields(Definition)}
    assert set(ELSEWHERE) == BESIDE
    hashes = {name: method_of(replace(GAP, **{name: value}), "uk").sha256 for name, value in OTHER.items()}
    assert len({*hashes.values(), method_of(GAP, "uk").sha256}) == len(OTHER) + 1
    for name, value in ELSEWHERE.items():
        assert method_of(replace(GAP, **{name: value}), "uk").sha256 == method_of(GAP, "uk").sha256


@pytest.mark.parametrize("question", GAP.questions)
def test_another_answer_of_the_profile_is_another_method_of_the_metrics_that_ask(
    question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {key: method_of(each, "uk").sha256 for key, each in CATALOGUE.items()}
    monkeypatch.setitem(LINES, question, {**LINES[question], "uk": Answer("other", "In another way.")})
    changed = {key for key, each in CATALOGUE.items() if method_of(each, "uk").sha256 != before[key]}
    assert changed == {key for key, each in CATALOGUE.items() if question in each.questions}


def test_profiles_that_answer_alike_are_one_method_and_no_two_metrics_are() -> None:
    hashes = {
        (key, profile): method_sha256(key, profile) for key, each in CATALOGUE.items() for profile in each.profiles
    }
    for (one, profile), found in hashes.items():
        for (other, beside), compared in hashes.items():
            alike = one == other and all(
                answer(each, profile) == answer(each, beside) for each in CATALOGUE[one].questions
            )
            assert (found == compared) == alike


def test_every_table_that_a_definition_names_has_its_sources() -> None:
    assert {table for each in CATALOGUE.values() for table in each.references} == set(NEEDED)


def recomputed(definition: dict[str, Any], method: dict[str, Any]) -> str:
    """As docs/methodology/figures.md says it, from the answer of the catalogue alone."""
    whole = ("key", "unit", "formula", "sources", "minimum_n", "minimum_group_n", "conditions", "inputs", "references")
    content = {name: definition[name] for name in (*whole, "version")}
    content["answers"] = {each["question"]: {"code": each["code"], "text": each["text"]} for each in method["answers"]}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


async def test_a_reader_computes_every_hash_from_the_catalogue(http: httpx.AsyncClient) -> None:
    listed = (await http.get("/v1/metric-definitions", params={"limit": "200"})).json()["data"]
    assert [each["key"] for each in listed] == list(CATALOGUE)
    for each in listed:
        assert [method["profile"] for method in each["methods"]] == each["profiles"]
        assert [method["sha256"] for method in each["methods"]] == [recomputed(each, m) for m in each["methods"]]


async def read(company: Company, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    asked = {"limit": "200"}
    while True:
        page = await company.call("GET", path, params=asked)
        found += page["data"]
        if page["next_cursor"] is None:
            return found
        asked["cursor"] = page["next_cursor"]


async def test_every_value_carries_the_method_that_made_it_and_the_editions_that_it_rests_on(
    http: httpx.AsyncClient, worker_resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = await sign_up(http)
    for day, people in (("2024-12-31", 60), (DAY, 80)):
        dataset = await company.push(
            placed(workforce(company.id, people)).replace("2025-03", "2024-03"), 202, as_of=day
        )
        await run_operation(worker_resources, UUID(company.id), UUID(dataset["operation_id"]))
    values = await read(company, "/v1/metrics")
    assert {(each["metric"], each["profile"]) for each in values} == {
        (key, profile) for key, definition in CATALOGUE.items() for profile in definition.profiles
    }
    over = [*(await read(company, "/v1/metrics/breakdowns")), *(await read(company, "/v1/metrics/like-for-like"))]
    for each in [*values, *over]:
        assert each["method_sha256"] == method_sha256(each["metric"], each["profile"])
    editions = {each["metric"]: {one["source"] for one in each["references"]} for each in values}
    assert editions["market_pay_ratio"] == {"bls_oews"}
    assert editions["real_wage_growth_stayers"] == {"us_cpi_u"}
    assert editions["gender_gap_mean_hourly"] == set()

    changed = {**LINES[Question.GENDER_X], "uk": Answer("other", "In another way.")}
    monkeypatch.setitem(LINES, Question.GENDER_X, changed)  # another version comes: what is kept says what made it
    assert {each["metric"]: each["method_sha256"] for each in await read(company, "/v1/metrics")} == {
        each["metric"]: each["method_sha256"] for each in values
    }
