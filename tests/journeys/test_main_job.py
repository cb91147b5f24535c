"""The main job over HTTP: push, figures, score, share, read, revoke; and who may not."""

from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from companies import Company, active_grant, grant_token, published_score, sign_up, workforce
from wm_api.core.resources import Resources
from wm_api.datasets.service import files

pytestmark = pytest.mark.usefixtures("worker")


@pytest.fixture
async def giver(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


@pytest.fixture
async def reader(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


async def test_a_pushed_file_becomes_figures_and_a_score(giver: Company) -> None:
    await giver.pushed_and_done(workforce(giver.id))
    figures = {
        m["metric"]: m
        for m in (await giver.call("GET", "/v1/metrics", params={"profile": "default", "limit": "200"}))["data"]
    }
    assert figures["gender_gap_mean_hourly"]["status"] == "ok"
    assert (figures["benefit_access_rate"]["status"], figures["benefit_access_rate"]["reason"]) == (
        "not_reported",
        "kind:benefit_plans",
    )
    score = (await giver.call("GET", "/v1/scores"))["data"][0]
    explanation = await giver.call("GET", f"/v1/scores/{score['id']}/explanation")
    areas = [each["points"] for each in explanation["contributions"] if each["metric"] is None]
    assert explanation["baseline"] + sum(areas) == pytest.approx(score["headline"], abs=1e-5)


async def test_the_same_bytes_twice_are_the_same_dataset(giver: Company) -> None:
    first = await giver.push(workforce(giver.id))
    again = await giver.push(workforce(giver.id), 200)
    assert again["id"] == first["id"]


async def test_the_same_bytes_under_other_dates_are_another_dataset_and_warned_of(giver: Company) -> None:
    first = await giver.push(workforce(giver.id))
    other = await giver.push(workforce(giver.id), 202, as_of="2026-01-31")
    report = await giver.call("GET", f"/v1/datasets/{other['id']}/validation")
    assert other["id"] != first["id"]
    assert "stale_copy" in {each["code"] for each in report["findings"]}


async def test_a_replayed_push_gives_the_same_answer(giver: Company) -> None:
    headers = {**giver.headers, "Content-Type": "text/csv", "Idempotency-Key": "night-1"}
    url = "/v1/datasets?kind=workforce&as_of=2025-12-31"
    first = await giver.http.post(url, headers=headers, content=workforce(giver.id))
    again = await giver.http.post(url, headers=headers, content=workforce(giver.id))
    assert (again.status_code, again.content) == (202, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    other = await giver.http.post(url, headers=headers, content=workforce(giver.id, 200))
    assert other.json()["code"] == "idempotency-key-reused"


async def test_a_grantee_reads_exactly_the_granted_detail_until_revocation(giver: Company, reader: Company) -> None:
    score_id = await published_score(giver)
    for detail, areas, metrics in (("headline", False, False), ("areas", True, False), ("metrics", True, True)):
        grant_id = await active_grant(giver, reader, detail)
        token = await grant_token(reader, grant_id)
        shared = (await giver.http.get("/v1/shared/scores", headers=token)).json()["data"][0]
        assert (shared["score_id"], shared["areas"] is not None, shared["metrics"] is not None) == (
            score_id,
            areas,
            metrics,
        )
        assert isinstance(shared["headline"], int)
        log = (await giver.call("GET", f"/v1/share-grants/{grant_id}/access-log"))["data"]
        assert [(entry["reader"]["account_id"], entry["action"]) for entry in log] == [
            (reader.id, "list"),
            (reader.id, "token"),
        ]
        await giver.call("POST", f"/v1/share-grants/{grant_id}/revocation")
        refused = await giver.http.get(f"/v1/shared/scores/{score_id}", headers=token)
        assert (refused.status_code, refused.json()["code"]) == (403, "grant-inactive")


async def test_an_unpublished_score_is_never_shared(giver: Company, reader: Company) -> None:
    await giver.pushed_and_done(workforce(giver.id))
    score = (await giver.call("GET", "/v1/scores"))["data"][0]
    token = await grant_token(reader, await active_grant(giver, reader, "metrics"))
    assert (await giver.http.get("/v1/shared/scores", headers=token)).json()["data"] == []
    assert (await giver.http.get(f"/v1/shared/scores/{score['id']}", headers=token)).status_code == 404


async def test_a_machine_can_never_publish_or_grant(giver: Company) -> None:
    await giver.pushed_and_done(workforce(giver.id))
    score = (await giver.call("GET", "/v1/scores"))["data"][0]
    key = await giver.call("POST", "/v1/api-keys", 201, json={"name": "k", "scopes": ["scores:read"]})
    machine = {"Authorization": f"Bearer {key['secret']}"}
    refused = await giver.http.post(f"/v1/scores/{score['id']}/publication", headers=machine)
    assert (refused.status_code, refused.json()["code"]) == (403, "person-required")
    assert (await giver.call("GET", f"/v1/scores/{score['id']}"))["state"] == "draft"


async def test_ac4_5_a_deleted_dataset_takes_key_bytes_figures_and_score_with_it(
    giver: Company, application: FastAPI
) -> None:
    dataset = await giver.pushed_and_done(workforce(giver.id))
    operation = await giver.call("DELETE", f"/v1/datasets/{dataset['id']}", 202)
    ended = await giver.call("GET", f"/v1/operations/{operation['id']}", params={"wait": "20"})
    assert ended["result"]["type"] == "receipt"
    gone = await giver.call("GET", f"/v1/datasets/{dataset['id']}", 410)
    receipt = await giver.call("GET", f"/v1/receipts/{gone['receipt_id']}")
    assert receipt["body"]["rows"] == 300
    assert (await giver.call("GET", "/v1/metrics"))["data"] == []
    assert {score["state"] for score in (await giver.call("GET", "/v1/scores"))["data"]} == {"withdrawn"}
    resources: Resources = application.state.resources
    with pytest.raises(FileNotFoundError):
        await resources.storage.read(files.name(UUID(giver.id), UUID(dataset["id"])))
    assert [name async for name in resources.storage.names(f"datasets/{giver.id}")] == []


async def test_a_file_with_names_is_refused_and_leaves_no_row(giver: Company) -> None:
    text = workforce(giver.id).replace("job_level,", "Employee_Name,", 1)
    problem = await giver.push(text, 422)
    assert problem["code"] == "dataset-refused"
    assert {finding["code"] for finding in problem["findings"]} >= {"unknown_column", "personal_data_suspected"}
    assert "Employee_Name" not in str(problem)
    assert (await giver.call("GET", "/v1/datasets"))["data"] == []


async def test_what_is_not_yours_is_not_found(giver: Company, reader: Company) -> None:
    dataset = await giver.pushed_and_done(workforce(giver.id))
    score = (await giver.call("GET", "/v1/scores"))["data"][0]
    for path in (
        f"/v1/datasets/{dataset['id']}",
        f"/v1/scores/{score['id']}",
        f"/v1/operations/{dataset['operation_id']}",
    ):
        problem = await reader.call("GET", path, 404)
        assert problem["code"] == "not-found"
    assert (await reader.call("GET", "/v1/metrics"))["data"] == []
