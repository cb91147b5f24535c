"""S27: an account keeps so many uploads, datasets and bytes; of requests at once the last place is given once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest

from companies import Company, sign_up, workforce
from wm_api.core.resources import Resources
from wm_api.core.settings import Settings
from wm_api.main import create_app

Limited = Callable[..., Any]


@pytest.fixture
def limited(settings: Settings, resources: Resources) -> Limited:
    """A company on an API with other limits."""

    @asynccontextmanager
    async def of(**limits: int) -> AsyncIterator[Company]:
        own = settings.model_copy(update=limits)
        application = create_app(own, replace(resources, settings=own))
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://test", timeout=60) as http:
            yield await sign_up(http)

    return of


async def begin(company: Company, length: int = 10) -> httpx.Response:
    headers = {"Content-Type": "text/csv", "Upload-Complete": "?0", "Upload-Length": str(length)}
    return await company.http.post("/v1/uploads", headers={**company.headers, **headers})


async def push(company: Company, day: int, people: int = 20) -> httpx.Response:
    query, headers = {"kind": "workforce", "as_of": f"2025-12-{day:02}"}, {"Content-Type": "text/csv"}
    content = workforce(company.id, people + day)
    return await company.http.post(
        "/v1/datasets", params=query, headers={**company.headers, **headers}, content=content.encode()
    )


def statuses(answers: list[httpx.Response]) -> list[int]:
    return sorted(answer.status_code for answer in answers)


async def test_open_uploads_have_a_quota_that_is_not_spent_twice(limited: Limited) -> None:
    async with limited(most_uploads=3) as company:
        answers = await asyncio.gather(*(begin(company) for _ in range(10)))
        assert statuses(answers) == [201] * 3 + [409] * 7
        refused = next(answer.json() for answer in answers if answer.status_code == 409)
        assert (refused["code"], refused["quota"], refused["limit"]) == ("quota-reached", "uploads", 3)
        one = next(answer.json()["id"] for answer in answers if answer.status_code == 201)
        await company.call("DELETE", f"/v1/uploads/{one}", 204)
        assert (await begin(company)).status_code == 201


async def test_datasets_have_a_quota_and_a_push_over_it_keeps_nothing(limited: Limited, resources: Resources) -> None:
    async with limited(most_datasets=2) as company:
        answers = await asyncio.gather(*(push(company, day) for day in range(1, 6)))
        assert statuses(answers) == [202] * 2 + [409] * 3
        kept = (await company.call("GET", "/v1/datasets"))["data"]
        assert len(kept) == 2
        assert len([name async for name in resources.storage.names(f"datasets/{company.id}")]) == 2
        again = await push(company, int(kept[0]["as_of"][-2:]))
        assert again.status_code == 200  # the same bytes are the same dataset, also at the limit


async def test_bytes_have_a_quota_that_counts_what_is_kept_and_what_is_announced(limited: Limited) -> None:
    async with limited(most_bytes=20_000) as company:
        assert (await begin(company, 19_999)).status_code == 201
        over = await begin(company, 10)
        assert (over.status_code, over.json()["quota"]) == (409, "bytes")
        assert (await push(company, 1, people=200)).json()["quota"] == "bytes"


async def test_what_was_discarded_or_waits_for_its_check_counts_for_what_it_keeps(limited: Limited) -> None:
    async with limited(most_bytes=20_000, most_datasets=1) as company:
        held = await company.push(workforce(company.id, 20), hold="true")
        assert (await push(company, 1)).json()["quota"] == "datasets"
        await company.call("POST", f"/v1/datasets/{held['id']}/discard")
        assert (await push(company, 1, people=100)).status_code == 202
