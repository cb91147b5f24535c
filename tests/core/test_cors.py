"""Pages of the listed origins may send and read every header that the contract has; others none."""

import json
from pathlib import Path

import httpx
import pytest

from wm_api.core.resources import Resources
from wm_api.core.settings import Settings
from wm_api.main import create_app

ORIGIN = "https://app.example"
CONTRACT = json.loads((Path(__file__).resolve().parents[2] / "openapi" / "v1.json").read_text())


@pytest.fixture
async def browser(settings: Settings, resources: Resources) -> httpx.AsyncClient:
    application = create_app(settings.model_copy(update={"cors_origins": (ORIGIN,)}), resources)
    return httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://test")


def _listed(response: httpx.Response, name: str) -> set[str]:
    return {each.strip().lower() for each in response.headers.get(name, "").split(",")}


async def test_a_listed_origin_may_send_and_read_every_header_of_the_contract(browser: httpx.AsyncClient) -> None:
    operations = [each for methods in CONTRACT["paths"].values() for each in methods.values()]
    asked = {p["name"].lower() for each in operations for p in each.get("parameters", ()) if p["in"] == "header"}
    answered = {
        name.lower()
        for each in operations
        for answer in each["responses"].values()
        for name in answer.get("headers", ())
    }
    ask = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    preflight = await browser.options("/v1/datasets", headers=ask)
    assert asked | {"authorization", "content-type"} <= _listed(preflight, "access-control-allow-headers")
    answer = await browser.get("/healthz", headers={"Origin": ORIGIN})
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    plain = {"cache-control", "content-type", "allow", "www-authenticate"}
    assert answered - plain <= _listed(answer, "access-control-expose-headers")


async def test_another_origin_may_nothing(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/healthz", headers={"Origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in answer.headers
