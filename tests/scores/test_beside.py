"""What stands beside a score and is never in it, over HTTP: for the owner, and rounded for those it is shared with."""

from typing import Any

import httpx
import pytest

from companies import Company, active_grant, grant_token, sign_up, workforce
from wm_api.scores.peers import size_fits

pytestmark = pytest.mark.usefixtures("worker")


def with_workers(company: Company, kinds: dict[int, str], people: int = 300) -> str:
    """The file of everybody with a column that says who is no employee."""
    heading, *rows = workforce(company.id, people).splitlines()
    cells = [f"{row},{kinds.get(number, 'employee')}" for number, row in enumerate(rows)]
    return "\n".join([f"{heading},worker_type", *cells]) + "\n"


async def scored(company: Company, text: str, **facts: str) -> dict[str, Any]:
    await company.pushed_and_done(text, **facts)
    return dict((await company.call("GET", "/v1/scores"))["data"][0])


async def shared(owner: Company, reader: Company, score_id: str) -> dict[str, Any]:
    await owner.call("POST", f"/v1/scores/{score_id}/publication")
    token = await grant_token(reader, await active_grant(owner, reader, "headline"))
    return dict((await reader.http.get(f"/v1/shared/scores/{score_id}", headers=token)).json())


def some(count: int) -> dict[int, str]:
    """Of those who have not left."""
    return dict.fromkeys([number for number in range(300) if number % 8][:count], "contractor")


async def test_the_owner_sees_whose_word_the_data_are_and_what_the_score_does_not_hold(http: httpx.AsyncClient) -> None:
    company = await sign_up(http)
    plain = await scored(company, workforce(company.id))
    assert plain["beside"] == {
        "declared_share": plain["beside"]["declared_share"],
        "verification": "self",
        "perimeter": None,
        "contingent_share": None,
        "contingent_status": "not_reported",
        "findings": ["title_only_promotion"],
    }
    assert 0 < plain["beside"]["declared_share"] < 1
    other = await sign_up(http)
    said = await scored(other, with_workers(other, some(30)), perimeter="partial", expected_headcount="262")
    assert (said["beside"]["verification"], said["beside"]["perimeter"]) == ("reconciled", "partial")
    assert said["beside"]["contingent_share"] == pytest.approx(100 * 30 / 262)
    assert said["data_grade"] == "C"
    assert sum(each["probability"] for each in said["star_probabilities"]) == pytest.approx(1, abs=1e-5)
    page = await http.get(f"/v1/scores/{said['id']}/report", headers={**other.headers, "Accept": "text/html"})
    for each in ("11.5 % of the work", "The files hold a part of the company only", "Every file came with totals"):
        assert each in page.text.replace("\N{NO-BREAK SPACE}", " ")


async def test_a_stated_size_that_the_people_do_not_fit_is_told(http: httpx.AsyncClient) -> None:
    company = await sign_up(http)
    await company.call("PATCH", "/v1/account", json={"size_band": "5000+"})
    score = await scored(company, workforce(company.id))
    assert score["beside"]["findings"] == ["size_band_differs", "title_only_promotion"]
    page = await http.get(f"/v1/scores/{score['id']}/report", headers={**company.headers, "Accept": "text/html"})
    assert "states a size that the people of its files do not fit" in page.text
    await company.call("PATCH", "/v1/account", json={"size_band": "250-499"})
    again = await scored(company, workforce(company.id, 299), supersedes=score["datasets"][0]["id"])
    assert "size_band_differs" not in again["beside"]["findings"]


@pytest.mark.parametrize(
    ("band", "people", "whole", "fits"),
    [
        ("250-499", 250, True, True),
        ("250-499", 246, True, True),
        ("250-499", 244, True, False),
        ("250-499", 244, False, True),
        ("250-499", 510, False, False),
        ("1-49", 1, True, True),
        ("5000+", 200_000, True, True),
        ("5000+", 300, True, False),
    ],
)
def test_a_size_fits_within_two_percent_and_a_part_of_a_company_may_be_smaller(
    band: str, people: int, *, whole: bool, fits: bool
) -> None:
    assert size_fits(band, people, whole=whole) is fits


async def test_what_is_shared_is_rounded_and_says_how_many_scores_were_withdrawn(http: httpx.AsyncClient) -> None:
    owner, reader = await sign_up(http), await sign_up(http)
    first = await scored(owner, with_workers(owner, some(30)), perimeter="complete")
    shown = await shared(owner, reader, first["id"])
    assert shown["beside"] == {
        "declared_share": round(first["beside"]["declared_share"], 2),
        "verification": "self",
        "perimeter": "complete",
        "contingent_share": 11,
        "contingent_status": "ok",
        "withdrawn_scores": 0,
    }
    await owner.call("DELETE", f"/v1/scores/{first['id']}/publication")
    again = await scored(owner, with_workers(owner, some(31)), supersedes=first["datasets"][0]["id"])
    assert (await shared(owner, reader, again["id"]))["beside"]["withdrawn_scores"] == 1


async def test_a_share_of_a_few_people_does_not_leave_the_company(http: httpx.AsyncClient) -> None:
    owner, reader = await sign_up(http), await sign_up(http)
    score = await scored(owner, with_workers(owner, some(9)))
    assert score["beside"]["contingent_share"] > 3
    shown = (await shared(owner, reader, score["id"]))["beside"]
    assert (shown["contingent_share"], shown["contingent_status"]) == (None, "suppressed")
    nobody = await sign_up(http)
    none = await scored(nobody, with_workers(nobody, {}))
    assert (await shared(nobody, reader, none["id"]))["beside"]["contingent_share"] == 0


async def test_a_statement_without_figures_of_pay_or_people_does_not_reconcile(http: httpx.AsyncClient) -> None:
    company = await sign_up(http)
    counted = await scored(company, workforce(company.id), expected_rows="300")
    assert counted["beside"]["verification"] == "self"
