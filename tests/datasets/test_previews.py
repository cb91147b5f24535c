"""The preview of a held file says what a commit then does: on every day that it touches, and nothing is changed by it."""

from typing import Any

import httpx
import pytest

from companies import Company, payroll, sign_up, workforce
from datasets.test_uploads import ended
from wm_api.core.resources import Resources
from wm_api.metrics.figures import published


@pytest.fixture
async def company(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


async def done(company: Company, resources: Resources, dataset: Any) -> Any:
    operation = await ended(company, resources, dataset)
    assert operation["state"] == "succeeded", operation["error"]
    return dataset


async def preview(company: Company, dataset: Any, status: int = 200) -> Any:
    return await company.call("GET", f"/v1/datasets/{dataset['id']}/preview", status)


async def printed(company: Company, day: str) -> dict[tuple[str, str], Any]:
    """The figures of a day as they are shown, rounded."""
    rows = (await company.call("GET", "/v1/metrics", params={"as_of": day, "limit": "200"}))["data"]
    return {
        (row["metric"], row["profile"]): None
        if row["value"] is None
        else float(published(row["value"], row["decimals"]))
        for row in rows
    }


def told(day: Any, side: str) -> dict[tuple[str, str], Any]:
    return {(each["metric"], each["profile"]): each[side] and each[side]["value"] for each in day["metrics"]}


async def test_it_is_what_the_figures_are_before_and_after_the_commit(
    company: Company, worker_resources: Resources
) -> None:
    old = await done(company, worker_resources, await company.push(workforce(company.id, 300)))
    before = await printed(company, "2025-12-31")
    text = workforce(company.id, 280)
    held = await company.push(text, 202, hold="true", supersedes=old["id"])
    operation = await ended(company, worker_resources, held)
    assert (operation["state"], operation["stage"]) == ("succeeded", "preview")
    shown = await preview(company, held)
    (day,) = shown["days"]
    assert (shown["stale"], shown["conflict"], day["as_of"]) == (False, None, "2025-12-31")
    assert told(day, "now") == before == await printed(company, "2025-12-31")
    assert day["headcount"]["now"] > day["headcount"]["accepted"] > 200
    committed = await company.call("POST", f"/v1/datasets/{held['id']}/commit", 202)
    await done(company, worker_resources, committed)
    after = await printed(company, "2025-12-31")
    assert told(day, "accepted") == after != before
    assert {**await preview(company, held), "stale": False} == shown


async def test_it_touches_every_day_whose_window_a_payroll_period_meets(
    company: Company, worker_resources: Resources
) -> None:
    for number, day in enumerate(("2025-06-30", "2025-12-31")):
        await done(company, worker_resources, await company.push(workforce(company.id, 300 + number), as_of=day))
    period = {"kind": "payroll", "period_start": "2025-05-03", "period_end": "2025-05-16", "hold": "true"}
    text = payroll(company.id, "2025-05-03", "2025-05-16")
    headers = {"Content-Type": "text/csv"}
    held = await company.call("POST", "/v1/datasets", 202, params=period, content=text.encode(), headers=headers)
    await done(company, worker_resources, held)
    days = (await preview(company, held))["days"]
    assert [day["as_of"] for day in days] == ["2025-06-30", "2025-12-31"]
    for day in days:
        assert day["headcount"]["now"] == day["headcount"]["accepted"]
        now, accepted = told(day, "now"), told(day, "accepted")
        assert now["overtime_hours_share", "default"] is None
        assert accepted["overtime_hours_share", "default"] > 0


async def test_a_first_file_has_nothing_now_and_a_day_that_is_moved_away_from_has_nothing_after(
    company: Company, worker_resources: Resources
) -> None:
    first = await company.push(workforce(company.id, 300), 202, as_of="2025-11-30", hold="true")
    await done(company, worker_resources, first)
    (day,) = (await preview(company, first))["days"]
    assert day["headcount"]["now"] is None
    assert all(each["now"] is None and each["accepted"] for each in day["metrics"])
    await done(company, worker_resources, await company.call("POST", f"/v1/datasets/{first['id']}/commit", 202))
    moved = await company.push(workforce(company.id, 301), 202, hold="true", supersedes=first["id"])
    await done(company, worker_resources, moved)
    left, new = (await preview(company, moved))["days"]
    assert (left["as_of"], left["headcount"]["accepted"], new["headcount"]["now"]) == ("2025-11-30", None, None)
    assert all(each["accepted"] is None and each["now"] for each in left["metrics"])


async def test_it_is_stale_as_soon_as_what_counts_has_changed(company: Company, worker_resources: Resources) -> None:
    held = await company.push(workforce(company.id, 300), 202, hold="true")
    await done(company, worker_resources, held)
    assert (await preview(company, held))["stale"] is False
    await company.push(workforce(company.id, 301), as_of="2025-11-30")
    assert (await preview(company, held))["stale"] is True


async def test_it_computes_nothing_and_says_why_where_a_commit_would_be_refused(
    company: Company, worker_resources: Resources
) -> None:
    old = await company.push(workforce(company.id, 300))
    held = await company.push(workforce(company.id, 299), 202, hold="true", supersedes=old["id"])
    await company.push(workforce(company.id, 298), supersedes=old["id"])
    await done(company, worker_resources, held)
    shown = await preview(company, held)
    assert (shown["conflict"], shown["days"]) == ("supersede-conflict", [])


async def test_a_trial_of_the_commit_leaves_no_line_and_no_state_behind(
    company: Company, worker_resources: Resources
) -> None:
    old = await done(company, worker_resources, await company.push(workforce(company.id, 300)))
    held = await company.push(workforce(company.id, 299), 202, hold="true", supersedes=old["id"])

    async def lines() -> list[str]:
        return [each["type"] for each in (await company.call("GET", "/v1/events", params={"limit": "200"}))["data"]]

    before = await lines()
    await done(company, worker_resources, held)
    assert await lines() == before
    assert (await company.call("GET", f"/v1/datasets/{old['id']}"))["state"] == "accepted"
    read = await company.call("GET", f"/v1/datasets/{held['id']}")
    assert (read["state"], read["accepted_at"]) == ("held", None)


async def test_without_a_preview_the_answer_says_why(company: Company, worker_resources: Resources) -> None:
    plain = await company.push(workforce(company.id, 300))
    held = await company.push(workforce(company.id, 299), 202, hold="true", as_of="2025-11-30")
    assert "never held" in (await preview(company, plain, 409))["detail"]
    assert "still being computed" in (await preview(company, held, 409))["detail"]
    await company.call("POST", f"/v1/datasets/{held['id']}/discard")
    assert (await preview(company, held, 409))["state"] == "discarded"
    assert (await ended(company, worker_resources, held))["state"] == "succeeded"
