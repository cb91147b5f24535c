"""A stored score: computed again from its record alone, pinned, and never changed once it is published."""

import json
import subprocess
import sys
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from companies import Company, active_grant, grant_token, sign_up, workforce
from scores.test_simulation import s1_record
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.datasets.models import Dataset
from wm_api.metrics.sources import Sources
from wm_api.records.facts import Facts
from wm_api.scores.inputs import declared_share
from wm_api.scores.judgements import data_grade
from wm_api.scores.methodology import load_methodology
from wm_api.scores.models import Score
from wm_api.scores.results import Guards

AGAIN = """
import json, sys
from wm_api.scores.inputs import digest_of, document_of, recompute
record = json.load(sys.stdin)
document = document_of(recompute(record))
print(json.dumps({"digest": digest_of(record, document), "document": document}))
"""


async def stored(resources: Resources, company: Company, score_id: str) -> dict[str, Any]:
    async with transaction(resources, UUID(company.id)) as session:
        row = (await session.scalars(select(Score).where(Score.id == UUID(score_id)))).one()
        return {name: getattr(row, name) for name in ("record", "result", "digest", "state", "status", "restates")}


def computed_again(record: dict[str, Any], hash_seed: str) -> dict[str, Any]:
    """In a process of its own, whose sets and dictionaries are in another order."""
    made = subprocess.run(
        [sys.executable, "-c", AGAIN], input=json.dumps(record), capture_output=True, text=True, check=True,
        env={"PYTHONHASHSEED": hash_seed},
    )  # fmt: skip
    found: dict[str, Any] = json.loads(made.stdout)
    return found


async def test_a_stored_score_computes_again_to_the_same_bytes_from_its_record_alone(
    http: httpx.AsyncClient, worker: None, resources: Resources
) -> None:
    company = await sign_up(http)
    await company.pushed_and_done(workforce(company.id), declared_headcount="265")
    score = (await company.call("GET", "/v1/scores"))["data"][0]
    row = await stored(resources, company, score["id"])
    for hash_seed in ("1", "4711"):
        again = computed_again(row["record"], hash_seed)
        assert again["digest"] == row["digest"] == score["digest"]
        assert again["document"] == row["result"]
    changed = json.loads(json.dumps(row["record"]))
    changed["metrics"]["permanent_share"]["value"] += 1e-6
    assert computed_again(changed, "1")["digest"] != row["digest"]


def test_the_grade_rests_on_the_kind_of_which_most_rows_were_set_aside() -> None:
    def dataset(rows: int, quarantined: int | None = None) -> Dataset:
        aside = {} if quarantined is None else {"quarantined": quarantined}
        return Dataset(report={"rows": rows, **aside})

    facts = Facts(kind="workforce", as_of=date(2025, 12, 31))
    assert Sources(facts, [dataset(300)]).quarantined_share == 0.0
    payroll = [dataset(400, 0), dataset(100, 5)]
    assert Sources(facts, [dataset(1000, 2)], payroll).quarantined_share == 0.01
    assert data_grade(Guards(headcount_ratio=1.0, quarantined_share=0.01), 1.0, load_methodology()) == "C"
    assert data_grade(Guards(headcount_ratio=1.0), 1.0, load_methodology()) == "A"


async def test_a_record_pins_datasets_release_methodology_guards_and_every_reading(
    http: httpx.AsyncClient, worker: None, resources: Resources
) -> None:
    company = await sign_up(http)
    dataset = await company.pushed_and_done(workforce(company.id), declared_headcount="300")
    score = (await company.call("GET", "/v1/scores"))["data"][0]
    record = (await stored(resources, company, score["id"]))["record"]
    assert [each["id"] for each in record["datasets"]] == [dataset["id"]]
    assert all(
        len(each["sha256"]) == 64 for each in (*record["datasets"], record["benchmark_release"], record["methodology"])
    )
    people = 300 - 38  # every eighth has left
    guards = record["guards"]
    assert guards["headcount_ratio"] == round(people / 300, 6)
    assert (guards["quarantined_share"], guards["gender_known_share"]) == (0.0, 1.0)
    assert guards["adjusted_gap_interval"] is not None
    assert len(record["metrics"]) == 16
    assert (
        record["peers"]["turnover_rate"]["label"]
        == "US separations 2021 (nondurable goods manufacturing, by NAICS code)"
    )
    assert record["peers"]["gender_gap_median_hourly"]["label"].endswith("(section C; size not stated)")
    for each in record["metrics"].values():
        assert each["value"] is None or each["value"] == float(f"{each['value']:.9g}")


async def test_a_published_score_never_changes_and_a_later_push_makes_a_draft_that_restates_it(
    http: httpx.AsyncClient, worker: None, resources: Resources
) -> None:
    giver, reader = await sign_up(http), await sign_up(http)
    dataset = await giver.pushed_and_done(workforce(giver.id))
    first = (await giver.call("GET", "/v1/scores"))["data"][0]["id"]
    await giver.call("POST", f"/v1/scores/{first}/publication")
    grant = await active_grant(giver, reader, "metrics")
    token = await grant_token(reader, grant)
    before = await stored(resources, giver, first)
    seen = (await http.get(f"/v1/shared/scores/{first}", headers=token)).json()
    await giver.pushed_and_done(workforce(giver.id, 280), supersedes=dataset["id"])
    drafts = [each for each in (await giver.call("GET", "/v1/scores"))["data"] if each["state"] == "draft"]
    assert [draft["restates"] for draft in drafts] == [first]
    assert drafts[0]["digest"] != before["digest"]
    assert await stored(resources, giver, first) == before
    assert (await http.get(f"/v1/shared/scores/{first}", headers=token)).json() == seen
    draft = await http.get(f"/v1/shared/scores/{drafts[0]['id']}", headers=token)
    assert draft.status_code == 404
    record = (await stored(resources, giver, drafts[0]["id"]))["record"]
    assert record["guards"]["previous_star"] == before["result"]["star"]


async def test_too_few_columns_give_no_score_and_name_what_would_lift_it_best_first(
    http: httpx.AsyncClient, worker: None, resources: Resources
) -> None:
    company = await sign_up(http)
    lines = [line.split(",") for line in workforce(company.id).splitlines()]
    kept = [
        lines[0].index(name)
        for name in ("employee_key", "base_rate", "base_rate_unit", "currency", "schedule_type", "gender")
    ]
    await company.pushed_and_done("\n".join(",".join(line[at] for at in kept) for line in lines) + "\n")
    score = (await company.call("GET", "/v1/scores"))["data"][0]
    assert (score["status"], score["headline"]) == ("insufficient_data", None)
    lifts = (await company.call("GET", f"/v1/scores/{score['id']}/explanation"))["lifts"]
    weights = [each["weight"] for each in lifts]
    assert weights == sorted(weights, reverse=True)
    assert lifts[0] == {"name": "column:termination_date", "weight": 0.18}
    assert {"column:job_level", "column:promotions_in_window", "kind:payroll", "kind:benefit_plans"} <= {
        each["name"] for each in lifts
    }
    assert (await stored(resources, company, score["id"]))["result"]["counterfactuals"] == []


def test_the_share_of_weight_on_declared_spreads_is_of_the_metrics_with_a_value() -> None:
    """Both turnovers (0.063 each) and market pay (0.0625), of what S1 has: all but the employer's share (0.051)."""
    record = s1_record()
    for name in ("turnover_rate", "voluntary_turnover_rate", "market_pay_ratio"):
        record["peers"][name]["declared"] = True
    assert declared_share(record) == pytest.approx((0.063 * 2 + 0.0625) / 0.949, abs=1e-6)
    record["metrics"]["turnover_rate"] = {**record["metrics"]["turnover_rate"], "status": "not_reported", "value": None}
    assert declared_share(record) == pytest.approx((0.063 + 0.0625) / (0.949 - 0.063), abs=1e-6)
    assert declared_share(s1_record()) == 0
    assert declared_share({**record, "metrics": {}}) is None
