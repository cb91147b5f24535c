"""Public figures beside a benefit metric: the first cell on a fixed path, labelled, and counting in no score."""

import httpx
import pytest

from companies import sign_up
from wm_api.benchmarks.beside import beside
from wm_api.benchmarks.fallback import Place
from wm_api.benchmarks.public_sources import Cell

ACCESS = "benefit_access_rate"


def cell(
    level: str, industry: str | None, ownership: str | None, value: float, part: str | None = "sick_leave"
) -> Cell:
    at = (ACCESS, part, "us", level, None, None, industry, ownership)
    return Cell(*at, "centre", None, None, None, value, None, None, "percent", "US access 2025")


CELLS = (
    cell("all", None, None, 82.0),
    cell("ownership", None, "private", 80.0),
    cell("industry", "300000", None, 81.0),
    cell("industry_ownership", "300000", "private", 79.0),
    cell("all", None, None, 50.0, None),  # not of a part: that would be compared with
)


@pytest.mark.parametrize(
    ("sections", "ownership", "value", "where"),
    [
        (("C",), "private", 79.0, "section C, manufacturing, private"),
        (("C",), "nonprofit", 79.0, "section C, manufacturing, private"),
        (("G",), "private", 80.0, "private; industry dropped"),
        (("C", "M"), "private", 80.0, "private; sector ambiguous"),
        ((), "government", 82.0, "all workers; sector not known, ownership dropped"),
        (("C",), None, 82.0, "all workers; industry dropped, ownership not stated"),
    ],
)
def test_the_first_cell_of_the_path_is_shown_with_what_was_dropped(
    sections: tuple[str, ...], ownership: str | None, value: float, where: str
) -> None:
    for order in (CELLS, CELLS[::-1]):
        (found,) = beside(order, ACCESS, "US", Place(sections, None, ownership))
        assert (found.cell.p50, found.label) == (value, f"US access 2025 ({where})")


def test_nothing_stands_beside_a_company_of_another_country_or_another_metric() -> None:
    assert beside(CELLS, ACCESS, "DE", Place(("C",), None, "private")) == []
    assert beside(CELLS, "turnover_rate", "US", Place(("C",), None, "private")) == []


async def test_a_company_reads_the_published_share_of_its_industry_in_its_label(http: httpx.AsyncClient) -> None:
    company = await sign_up(http)
    facts = {"industry_scheme": "naics_2022", "industry_code": "311812", "ownership": "private"}
    await company.call("PATCH", "/v1/account", json=facts)
    path = "/v1/benchmark-releases/latest"
    found = await company.call("GET", f"{path}/{ACCESS}/beside")
    (sick,) = found["data"]
    published = {"part": "sick_leave", "profile": "us", "level": "industry_ownership", "industry": "300000"}
    assert {name: sick[name] for name in published} == published
    assert 0 < sick["value"] <= 100
    assert sick["label"].startswith("US access to paid sick leave 2025 (section C")
    cells = f"/v1/benchmark-releases/{found['benchmark_release_id']}/cells"
    listed = (await company.call("GET", cells, params={"metric": ACCESS, "limit": "200"}))["data"]
    assert sick["value"] in {each["p50"] for each in listed if each["industry"] == "300000"}
    assert (await company.call("GET", f"{path}/turnover_rate/beside"))["data"] == []
    assert (await company.call("GET", f"{path}/nothing/beside", 404))["code"] == "not-found"
