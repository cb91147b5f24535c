"""Which scores a grant shows, and that nothing else of them leaves."""

from datetime import date
from uuid import UUID

import httpx
import pytest

from companies import Company, grant_token, sign_up
from score_drafts import computed_score, draft_like, publication
from wm_api.core.resources import Resources
from wm_api.core.transactions import driver_transaction
from wm_api.metrics.catalogue import CATALOGUE
from wm_api.scores.methodology import load_methodology
from wm_api.scores.models import Score
from wm_api.scores.service import shared_document

pytestmark = pytest.mark.usefixtures("worker")
DAYS = (date(2025, 12, 31), date(2025, 6, 30), date(2025, 9, 30))  # the newest day is published first


@pytest.fixture
async def giver(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


@pytest.fixture
async def reader(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


async def granted(giver: Company, reader: Company, detail: str = "headline", **scope: object) -> str:
    body = {
        "grantee": {"account_id": reader.id},
        "score_scope": scope,
        "detail": detail,
        "purpose": "lending",
        "expires_at": "2027-06-01T00:00:00Z",
    }
    grant = await giver.call("POST", "/v1/share-grants", 201, json=body)
    await reader.call("POST", f"/v1/share-grants/{grant['id']}/acceptance", json={})
    return str(grant["id"])


async def read(reader: Company, grant_id: str, path: str = "", **parts: object) -> httpx.Response:
    token = await grant_token(reader, grant_id)
    return await reader.http.get(f"/v1/shared/scores{path}", headers=token, **parts)  # type: ignore[arg-type]


async def test_latest_shows_the_newest_day_that_stands_whatever_was_made_last(
    giver: Company, reader: Company, resources: Resources
) -> None:
    newest, _, middle = [await publication(giver, resources, day) for day in DAYS]
    grant_id = await granted(giver, reader, scores="latest")
    answer = (await read(reader, grant_id, params={"limit": 1})).json()
    assert ([each["score_id"] for each in answer["data"]], answer["next_cursor"]) == ([newest], None)
    assert (await read(reader, grant_id, f"/{newest}")).status_code == 200
    assert (await read(reader, grant_id, f"/{middle}")).status_code == 404
    await giver.call("DELETE", f"/v1/scores/{newest}/publication")
    gone = await read(reader, grant_id, f"/{newest}")
    assert (gone.status_code, gone.json()["code"]) == (410, "gone")
    assert [each["score_id"] for each in (await read(reader, grant_id)).json()["data"]] == [middle]
    assert (await read(reader, grant_id, f"/{middle}")).status_code == 200


async def test_all_pages_through_what_stands_and_listed_shows_the_listed_only(
    giver: Company, reader: Company, resources: Resources
) -> None:
    made = [await publication(giver, resources, day) for day in DAYS]
    draft = await draft_like(giver, resources, await computed_score(giver, resources), date(2024, 12, 31))
    grant_id = await granted(giver, reader, scores="all")
    first = (await read(reader, grant_id, params={"limit": 2})).json()
    rest = (await read(reader, grant_id, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [each["score_id"] for each in first["data"] + rest["data"]] == made[::-1]
    assert rest["next_cursor"] is None
    listed = await granted(giver, reader, scores="listed", score_ids=[made[1], draft])
    assert [each["score_id"] for each in (await read(reader, listed)).json()["data"]] == [made[1]]
    for score_id, status in ((made[1], 200), (made[0], 404), (draft, 404)):
        assert (await read(reader, listed, f"/{score_id}")).status_code == status


async def test_listing_a_foreign_score_is_refused_as_one_that_never_was(
    giver: Company, reader: Company, resources: Resources
) -> None:
    foreign = await publication(reader, resources)
    answers = []
    for score_id in (foreign, "01900000-0000-7000-8000-000000000000"):
        body = {
            "grantee": {"account_id": reader.id},
            "score_scope": {"scores": "listed", "score_ids": [score_id]},
            "detail": "headline",
            "purpose": "lending",
            "expires_at": "2027-06-01T00:00:00Z",
        }
        refused = await giver.call("POST", "/v1/share-grants", 404, json=body)
        answers.append({name: value for name, value in refused.items() if name != "request_id"})
        assert score_id not in str(refused)
    assert answers[0] == answers[1]


async def test_ac3_3_a_bound_grant_shows_the_publications_of_its_giver_only_and_none_once_it_has_ended(
    giver: Company, reader: Company, resources: Resources
) -> None:
    other = await sign_up(giver.http)
    score_id, foreign = await publication(giver, resources), await publication(other, resources)
    mine, theirs = await granted(giver, reader), await granted(other, reader)

    async def seen(grant_id: str | None) -> set[str]:
        async with driver_transaction(resources, UUID(reader.id), UUID(grant_id) if grant_id else None) as open_:
            return {str(row["id"]) for row in await open_.connection.fetch("SELECT id FROM score_publications")}

    assert [await seen(each) for each in (mine, theirs, None)] == [{score_id}, {foreign}, set()]
    await giver.call("POST", f"/v1/share-grants/{mine}/revocation")
    assert [await seen(each) for each in (mine, theirs)] == [set(), {foreign}]


@pytest.mark.parametrize("detail", ["headline", "areas", "metrics"])
async def test_the_preview_is_what_the_grantee_reads(
    giver: Company, reader: Company, resources: Resources, detail: str
) -> None:
    score_id = await publication(giver, resources)
    body = {
        "grantee": {"account_id": reader.id},
        "detail": detail,
        "purpose": "lending",
        "expires_at": "2027-06-01T00:00:00Z",
    }
    grant = await giver.call("POST", "/v1/share-grants", 201, json=body)
    preview = await giver.call("GET", f"/v1/share-grants/{grant['id']}/preview")
    await reader.call("POST", f"/v1/share-grants/{grant['id']}/acceptance", json={})
    assert preview == (await read(reader, grant["id"])).json()
    assert preview["data"] == [(await read(reader, grant["id"], f"/{score_id}")).json()]
    await reader.call("GET", f"/v1/share-grants/{grant['id']}/preview", 404)


def test_what_leaves_is_rounded_half_up_once() -> None:
    metric = {"metric": "turnover_rate", "status": "ok", "value": 12.25}
    missing = {"metric": "promotion_rate", "status": "insufficient_n", "value": None}
    result = {
        "headline": 68.5,
        "star": 4,
        "interval95": [60.5, 73.499999],
        "data_grade": "B",
        "areas": [{"area": "pay", "score": 62.5, "weight": 0.3, "status": "ok"}],
        "metrics": [metric, missing],
    }
    document = shared_document(Score(result=result, record={"peers": {}}, methodology="sis-2026.1"))
    assert (document["headline"], document["interval"]) == (69, {"low": 61, "high": 73, "level": 0.95})
    assert document["areas"][0]["score"] == 63
    assert [each["value"] for each in document["metrics"]] == [12.3, None]


def test_every_metric_that_may_leave_rests_on_ten_people_by_its_own_least_number() -> None:
    for rule in load_methodology().metrics:
        definition = CATALOGUE[rule.metric]
        assert max(definition.minimum_n, definition.minimum_group_n or 0) >= 10, rule.metric
