"""The report over HTTP: three forms, for the owner with all figures, for a grantee with those of the grant."""

from datetime import date

import httpx
import pytest

from companies import Company, active_grant, grant_token, published_score, sign_up
from page import Page
from score_drafts import computed_score, draft_like
from wm_api.core.resources import Resources
from wm_api.metrics.catalogue import CATALOGUE
from wm_api.scores.report.facts import AREAS

pytestmark = pytest.mark.usefixtures("worker")


_owners: list[Company] = []


@pytest.fixture
async def owner(http: httpx.AsyncClient) -> Company:
    """Scored once: a report changes nothing."""
    if not _owners:
        company = await sign_up(http)
        company.known["score"] = await published_score(company)
        _owners.append(company)
    return _owners[0]


async def form(company: Company, path: str, kind: str, headers: dict[str, str] | None = None) -> httpx.Response:
    return await company.http.get(path, headers={**(headers or company.headers), "Accept": kind})


async def test_the_owner_reads_a_page_a_chart_and_a_document(owner: Company) -> None:
    path = f"/v1/scores/{owner.known['score']}/report"
    score = await owner.call("GET", f"/v1/scores/{owner.known['score']}")
    page = await form(owner, path, "text/html")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert f"{score['headline']:.1f}" in Page(page.content).texts
    chart = await form(owner, f"{path}?chart=areas", "image/svg+xml")
    assert (chart.status_code, chart.headers["content-type"]) == (200, "image/svg+xml")
    assert [name for name in AREAS.values() if f">{name}<" in chart.text] == [
        AREAS[each["area"]] for each in score["areas"] if each["status"] == "ok"
    ]
    quarters = await form(owner, f"{path}?chart=pay_quarters", "image/svg+xml")
    assert "Women are" in quarters.text
    document = await form(owner, path, "application/pdf")
    assert (document.content[:5], document.headers["content-type"]) == (b"%PDF-", "application/pdf")
    assert f'filename="social-impact-score-{score["as_of"]}.pdf"' in document.headers["content-disposition"]


async def test_what_is_not_made_is_refused_and_a_chart_with_nothing_to_show_is_not_found(owner: Company) -> None:
    path = f"/v1/scores/{owner.known['score']}/report"
    assert (await form(owner, path, "application/json")).status_code == 406
    assert (await form(owner, f"{path}?chart=trend", "image/svg+xml")).status_code == 404
    assert (await form(owner, f"{path}?chart=pie", "image/svg+xml")).status_code == 422


async def test_a_trend_shows_what_was_published_before(owner: Company, resources: Resources) -> None:
    model = await computed_score(owner, resources)
    company = await sign_up(owner.http)
    for day in (date(2024, 12, 31), date(2025, 6, 30)):
        early = await draft_like(company, resources, model, day)
        await company.call("POST", f"/v1/scores/{early}/publication")
    late = await draft_like(company, resources, model)
    chart = await form(company, f"/v1/scores/{late}/report?chart=trend", "image/svg+xml")
    assert "31 Dec 2024" in chart.text
    assert "The score stayed at" in chart.text


@pytest.mark.parametrize("detail", ["headline", "areas", "metrics"])
async def test_a_grantee_reads_the_figures_of_the_grant_and_no_others(owner: Company, detail: str) -> None:
    reader = await sign_up(owner.http)
    grant_id = await active_grant(owner, reader, detail)
    token = await grant_token(reader, grant_id)
    path = f"/v1/shared/scores/{owner.known['score']}/report"
    shared = (await owner.http.get(path.removesuffix("/report"), headers=token)).json()
    answer = await form(reader, path, "text/html", token)
    text = " ".join(Page(answer.content).texts)
    names = {each.name for each in CATALOGUE.values() if each.scored}
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert f"{shared['headline']} of 100 points" in text
    assert "4★" in (await form(reader, path, "image/svg+xml", token)).text
    assert any(area in text for area in AREAS.values()) is (detail != "headline")
    assert any(name in text for name in names) is (detail == "metrics")
    assert not [word for word in ("Within reach", "Beside others", "lifts the score", "Digest") if word in text]
    entries = (await owner.call("GET", f"/v1/share-grants/{grant_id}/access-log"))["data"]
    assert [each["action"] for each in entries] == ["read", "read", "read", "token"]


async def test_a_report_of_deleted_data_is_gone(http: httpx.AsyncClient) -> None:
    company = await sign_up(http)
    score_id = await published_score(company)
    score = await company.call("GET", f"/v1/scores/{score_id}")
    gone = await company.call("DELETE", f"/v1/datasets/{score['datasets'][0]['id']}", 202)
    await company.call("GET", f"/v1/operations/{gone['id']}", params={"wait": "20"})
    assert (await form(company, f"/v1/scores/{score_id}/report", "text/html")).status_code == 410
