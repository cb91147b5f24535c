"""The report of a check in the form that Accept asks for, of a dataset and of a dry run."""

import csv
import html
import io
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from companies import Company, sign_up, workforce
from datasets.test_uploads import ended
from wm_api.core.resources import Resources

URL = "/v1/datasets?kind=workforce&as_of=2025-12-31"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture
async def company(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


def spoiled(company: Company) -> bytes:
    """Row 2 has a rate that is no number, and a mark that must come back nowhere."""
    lines = workforce(company.id, 20).splitlines()
    cells = lines[2].split(",")
    cells[4] = "zqxvalue"
    return "\n".join([*lines[:2], ",".join(cells), *lines[3:]]).encode()


async def sent(company: Company, content: Any, accept: str, more: str = "&dry_run=true") -> httpx.Response:
    headers = {**company.headers, "Content-Type": "text/csv", "Accept": accept}
    return await company.http.post(f"{URL}{more}", headers=headers, content=content)


async def read(company: Company, dataset: Any, accept: str, **headers: str) -> httpx.Response:
    given = {**company.headers, "Accept": accept, **headers}
    return await company.http.get(f"/v1/datasets/{dataset['id']}/validation", headers=given)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        (BROWSER, "text/html"),
        ("text/csv, application/json;q=0.5", "text/csv"),
        ("text/csv;q=0.2, application/*;q=0.5", "application/json"),
        ("text/html;q=0, text/*", "text/csv"),
    ],
)
async def test_the_form_is_the_one_that_is_wanted_most(company: Company, accept: str, kind: str) -> None:
    dataset = await company.push(workforce(company.id, 20))
    for answer in (await read(company, dataset, accept), await sent(company, spoiled(company), accept)):
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, kind)
        assert answer.headers["vary"] == "Accept"


async def test_a_refused_file_is_shown_to_a_person_and_no_value_of_it(company: Company) -> None:
    page, table = [await sent(company, spoiled(company), form) for form in ("text/html", "text/csv")]
    assert "Would be refused" in page.text
    assert "Whole file refused" in page.text
    lines = csv.DictReader(io.StringIO(table.text))
    found = [(line["severity"], line["column"], line["row"]) for line in lines if line["code"] == "value_not_of_type"]
    assert found == [("refuse", "base_rate", "2")]
    assert "zqxvalue" not in page.text + table.text


async def test_what_is_no_dry_run_is_406_for_a_page_before_the_body_is_read(company: Company) -> None:
    taken = []

    async def body() -> AsyncIterator[bytes]:
        taken.append(True)
        yield workforce(company.id, 20).encode()

    answer = await sent(company, body(), "text/html", "")
    assert (answer.status_code, answer.json()["code"], taken) == (406, "not-acceptable", [])
    refused = await sent(company, spoiled(company), BROWSER, "")
    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")


async def test_a_held_file_is_shown_with_its_effect_to_who_may_read_figures(
    company: Company, worker_resources: Resources
) -> None:
    held = await company.push(workforce(company.id, 300), 202, hold="true")
    assert "still being computed" in (await read(company, held, "text/html")).text
    await ended(company, worker_resources, held)
    preview = await company.call("GET", f"/v1/datasets/{held['id']}/preview")
    page = (await read(company, held, "text/html")).text
    assert "Waits for a decision" in page
    assert f"Figures of {preview['days'][0]['as_of']}" in page
    names = [each["name"] for each in preview["days"][0]["metrics"]]
    assert [name for name in names if f'<th scope="row">{name}<' not in html.unescape(page)] == []
    key = await company.call("POST", "/v1/api-keys", 201, json={"name": "k", "scopes": ["datasets:read"]})
    limited = (await read(company, held, "text/html", Authorization=f"Bearer {key['secret']}")).text
    assert "does not include the figures" in limited
    assert "Figures of" not in limited
    await company.call("POST", f"/v1/datasets/{held['id']}/commit", 202)
    assert "Figures of" not in (await read(company, held, "text/html")).text


async def test_a_repeat_with_its_key_is_the_same_page_with_the_same_policy(company: Company) -> None:
    headers = {**company.headers, "Content-Type": "text/csv", "Accept": "text/html", "Idempotency-Key": "dry-1"}
    content = workforce(company.id, 20).encode()
    first, second = [await company.http.post(f"{URL}&dry_run=true", headers=headers, content=content) for _ in range(2)]
    assert second.headers["idempotency-replayed"] == "true"
    assert second.content == first.content
    assert second.headers["content-security-policy"] == first.headers["content-security-policy"]
