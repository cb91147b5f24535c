"""The page at /docs and the pages of problems."""

import re
from pathlib import Path

import httpx

from wm_api.core.problems import problems_by_code

PAGES = Path(__file__).resolve().parents[2] / "docs" / "problems"


async def test_the_page_loads_nothing_from_elsewhere_and_allows_no_inline_script(http: httpx.AsyncClient) -> None:
    page = await http.get("/docs")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert not re.search(r"https?:|\*", policy)
    assert not re.search(r"<script(?![^>]*\ssrc=)|\son\w+=|style=", page.text)
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert all(each.startswith("/") and not each.startswith("//") for each in loaded)
    for each in loaded:
        asset = await http.get(each)
        assert (asset.status_code, asset.headers["x-content-type-options"]) == (200, "nosniff"), each


async def test_an_asset_that_is_not_there_is_a_problem(http: httpx.AsyncClient) -> None:
    for path in ("/docs/assets/none.js", "/docs/none.js", "/docs/", "/redoc", "/openapi.json"):
        answer = await http.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json"), path


async def test_every_problem_has_its_page_with_the_meaning_and_remedy_that_is_served(http: httpx.AsyncClient) -> None:
    assert {path.stem for path in PAGES.glob("*.md")} == {*problems_by_code(), "README"}
    listed = (await http.get("/problems", params={"limit": "200"})).json()["data"]
    assert [each["code"] for each in listed] == sorted(problems_by_code())
    for each in listed:
        assert (await http.get(f"/problems/{each['code']}")).json() == each
        page = (PAGES / f"{each['code']}.md").read_text()
        assert each["meaning"] in page
        assert each["remedy"] in page
        assert f"{each['status']}: {each['title']}" in page
    assert (await http.get("/problems/none")).status_code == 404
