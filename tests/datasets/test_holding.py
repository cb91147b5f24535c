"""A held file counts for nothing until it is committed; of two acts at once one wins, and nothing is left of a discard."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from beside import paid, person, pushed, run
from companies import Company, sign_up, workforce
from datasets.test_uploads import ended, uploaded, used
from wm_api.core import clock
from wm_api.core.keystore import KeyGone
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.datasets.models import DatasetState
from wm_api.datasets.service import files, holding
from wm_api.pipeline.retention import remove_orphans


@pytest.fixture
async def company(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


async def held(company: Company, people: int = 60, **more: str) -> Any:
    dataset = await company.push(workforce(company.id, people), 202, hold="true", **more)
    assert (dataset["state"], dataset["accepted_at"]) == ("held", None)
    return dataset


async def act(company: Company, dataset: Any, word: str, **headers: str) -> httpx.Response:
    return await company.http.post(f"/v1/datasets/{dataset['id']}/{word}", headers={**company.headers, **headers})


async def state_of(company: Company, dataset: Any) -> str:
    return str((await company.call("GET", f"/v1/datasets/{dataset['id']}"))["state"])


async def figures(company: Company) -> list[Any]:
    return list((await company.call("GET", "/v1/metrics", params={"limit": "200"}))["data"])


async def gone(resources: Resources, company: Company, object_id: str) -> bool:
    """Neither key nor bytes are left."""
    resources.keystore._cache.clear()
    with pytest.raises(KeyGone):
        await resources.keystore.object_key(company.id, object_id, files.KIND)
    name = files.name(UUID(company.id), UUID(object_id))
    return name not in [each async for each in resources.storage.names(f"datasets/{company.id}")]


async def test_a_held_file_is_reported_and_counts_only_when_it_is_committed(
    company: Company, worker_resources: Resources
) -> None:
    dataset = await held(company, 300)
    shown_until = clock.now() + timedelta(days=14)
    assert abs(shown_until.timestamp() - _seconds(dataset["held_until"])) < 60
    operation = await ended(company, worker_resources, dataset)
    assert (operation["state"], operation["result"]["id"]) == ("succeeded", dataset["id"])
    assert await figures(company) == []
    report = await company.call("GET", f"/v1/datasets/{dataset['id']}/validation")
    assert (report["outcome"], report["rows"]) == ("accepted", 300)
    committed = await act(company, dataset, "commit")
    assert (committed.status_code, committed.json()["state"], committed.json()["held_until"]) == (202, "accepted", None)
    assert committed.headers["location"] == f"/v1/operations/{committed.json()['operation_id']}"
    assert committed.json()["operation_id"] != dataset["operation_id"]
    assert (await ended(company, worker_resources, committed.json()))["result"]["type"] == "score"
    assert {tuple(row["dataset_ids"]) for row in await figures(company)} == {(dataset["id"],)}


def _seconds(instant: str) -> float:
    return clock.now().fromisoformat(instant).timestamp()


async def test_the_same_bytes_while_held_are_the_same_dataset_and_other_facts_are_refused(company: Company) -> None:
    dataset = await held(company)
    again = await company.push(workforce(company.id, 60), 200, hold="true")
    assert (again["id"], again["state"]) == (dataset["id"], "held")
    other = await company.push(workforce(company.id, 60), 409, hold="true", declared_headcount="70")
    assert (other["code"], other["existing"]) == ("duplicate-content", dataset["id"])


async def test_a_plain_push_of_bytes_that_are_held_is_told_so_instead_of_counting_for_nothing(
    company: Company, worker_resources: Resources
) -> None:
    dataset = await held(company)
    plain = await company.push(workforce(company.id, 60), 409)
    assert (plain["code"], plain["existing"]) == ("duplicate-content", dataset["id"])
    await act(company, dataset, "commit")
    assert (await company.push(workforce(company.id, 60), 200))["state"] == "accepted"
    large = await used(
        company, await uploaded(company, workforce(company.id, 61).encode()), as_of="2025-11-30", hold="true"
    )
    early = await company.push(workforce(company.id, 61), 409, as_of="2025-11-30")
    assert (early["code"], early["existing"]) == ("duplicate-content", large["id"])
    await ended(company, worker_resources, large)
    assert await state_of(company, large) == "held"


async def test_of_a_second_deletion_all_states_are_named_in_which_there_is_a_first(company: Company) -> None:
    dataset = await held(company)
    await company.call("DELETE", f"/v1/datasets/{dataset['id']}", 202)
    problem = await company.call("DELETE", f"/v1/datasets/{dataset['id']}", 409)
    assert problem["state"] == "deleting"
    assert set(problem["allowed"]) == {each.value for each in DatasetState} - {"deleting"}


async def test_a_large_file_is_held_by_its_operation(company: Company, worker_resources: Resources) -> None:
    dataset = await used(company, await uploaded(company, workforce(company.id, 60).encode()), hold="true")
    assert (dataset["state"], dataset["held_until"]) == ("received", None)
    assert (await ended(company, worker_resources, dataset))["state"] == "succeeded"
    assert await state_of(company, dataset) == "held"
    assert await figures(company) == []
    assert (await act(company, dataset, "commit")).json()["state"] == "accepted"


async def test_a_discard_leaves_neither_key_nor_bytes_and_the_file_may_come_again(
    company: Company, resources: Resources
) -> None:
    dataset = await held(company)
    assert (await act(company, dataset, "discard")).status_code == 200
    assert await gone(resources, company, dataset["id"])
    read = await company.call("GET", f"/v1/datasets/{dataset['id']}")
    assert (read["state"], read["held_until"]) == ("discarded", None)
    problem = await company.call("GET", f"/v1/datasets/{dataset['id']}/validation", 409)
    assert (problem["code"], problem["state"]) == ("state-conflict", "discarded")
    assert (await act(company, dataset, "discard")).json()["state"] == "discarded"
    assert (await company.push(workforce(company.id, 60)))["id"] != dataset["id"]


async def test_a_discard_that_broke_off_is_ended_by_the_next_one_or_by_the_sweep(
    company: Company, resources: Resources, worker_resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await held(company, 60), await held(company, 61)

    async def away(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(files, "forget", away)
        for dataset in (first, second):
            assert (await act(company, dataset, "discard")).status_code == 503
    assert (await act(company, first, "discard")).status_code == 200
    assert await gone(resources, company, first["id"])
    assert await state_of(company, second) == "discarded"
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + timedelta(hours=25))
    await remove_orphans(worker_resources)
    assert await gone(worker_resources, company, second["id"])


async def test_what_does_not_wait_can_be_neither_committed_nor_discarded(company: Company) -> None:
    counts, discarded = await company.push(workforce(company.id, 60)), await held(company, 61)
    await act(company, discarded, "discard")
    for dataset, word, allowed in (
        (counts, "commit", ["held"]),
        (counts, "discard", ["held", "discarded"]),
        (discarded, "commit", ["held"]),
    ):
        answer = await act(company, dataset, word)
        assert (answer.status_code, answer.json()["code"]) == (409, "state-conflict")
        assert (answer.json()["state"], answer.json()["allowed"]) == (await state_of(company, dataset), allowed)


async def test_who_looked_at_another_version_is_told_and_a_repeat_with_its_key_is_replayed(company: Company) -> None:
    dataset = await held(company)
    old = await act(company, dataset, "commit", **{"If-Match": '"0123456789abcdef0123456789abcdef"'})
    assert old.json()["code"] == "precondition-failed"
    read = await company.http.get(f"/v1/datasets/{dataset['id']}", headers=company.headers)
    seen = {"If-Match": read.headers["etag"], "Idempotency-Key": "commit-1"}
    first, second = await act(company, dataset, "commit", **seen), await act(company, dataset, "commit", **seen)
    assert (first.status_code, second.status_code) == (202, 202)
    assert second.headers["idempotency-replayed"] == "true"
    assert second.json() == first.json()


async def test_a_commit_finds_what_has_changed_since_and_the_file_stays_held(company: Company) -> None:
    old = await company.push(workforce(company.id, 60))
    correction = await held(company, 61, supersedes=old["id"])
    named = await held(company, 62, as_of="2025-11-30", external_ref="night")
    await company.push(workforce(company.id, 63), supersedes=old["id"])
    await company.push(workforce(company.id, 64), as_of="2025-11-30", external_ref="night")
    for dataset, code in ((correction, "supersede-conflict"), (named, "dataset-exists")):
        answer = await act(company, dataset, "commit")
        assert (answer.status_code, answer.json()["code"]) == (409, code)
        assert await state_of(company, dataset) == "held"


async def test_a_commit_with_keys_that_are_no_longer_the_account_s_is_refused_unless_it_was_said(
    company: Company,
) -> None:
    plain = await held(company, 60)
    said = await held(company, 61, as_of="2025-11-30", new_key="true")
    await company.push(workforce(company.id, 62, secret=b"\x08" * 32), as_of="2025-10-31")
    refused = await act(company, plain, "commit")
    assert refused.json()["code"] == "employee-key-changed"
    assert (await act(company, said, "commit")).json()["series_break"] is True


async def test_a_held_correction_takes_the_place_of_the_old_one_only_when_it_is_committed(company: Company) -> None:
    old = await company.push(workforce(company.id, 60))
    correction = await held(company, 61, supersedes=old["id"])
    assert await state_of(company, old) == "accepted"
    await act(company, correction, "commit")
    assert (await company.call("GET", f"/v1/datasets/{old['id']}"))["superseded_by"] == correction["id"]


async def test_of_two_commits_at_once_one_wins_and_one_operation_computes(
    company: Company, worker_resources: Resources
) -> None:
    dataset = await held(company)
    answers = await asyncio.gather(*(act(company, dataset, "commit") for _ in range(4)))
    assert sorted(each.status_code for each in answers) == [202, 409, 409, 409]
    async with transaction(worker_resources, UUID(company.id)) as session:
        mine = text("SELECT count(*) FROM operations WHERE account_id = :id AND type = 'dataset.process'")
        assert (await session.execute(mine, {"id": company.id})).scalar_one() == 2  # of the push and of the commit


@pytest.mark.parametrize("number", range(4))
async def test_of_a_commit_and_a_discard_at_once_one_wins(company: Company, resources: Resources, number: int) -> None:
    dataset = await held(company, 60 + number)
    words = ["commit", "discard"] if number % 2 else ["discard", "commit"]
    answers = dict(zip(words, await asyncio.gather(*(act(company, dataset, word) for word in words)), strict=True))
    state = await state_of(company, dataset)
    won, lost = ("commit", "discard") if state == "accepted" else ("discard", "commit")
    assert (answers[won].is_success, answers[lost].status_code) == (True, 409)
    kept = [name async for name in resources.storage.names(f"datasets/{company.id}")]
    assert len(kept) == (1 if won == "commit" else 0)


async def test_of_a_discard_or_commit_and_the_end_of_its_time_at_once_one_wins(
    company: Company, resources: Resources, worker_resources: Resources
) -> None:
    over = clock.now() + timedelta(days=15)
    for number, word in enumerate(("discard", "commit")):
        dataset = await held(company, 60 + number)
        answer, _ = await asyncio.gather(
            act(company, dataset, word), holding.discard_over(worker_resources, UUID(company.id), over)
        )
        state = await state_of(company, dataset)
        assert (answer.status_code == 409) == (word == "commit" and state == "discarded")
        assert state == ("discarded" if word == "discard" or answer.status_code == 409 else "accepted")
        if state == "discarded":
            assert await gone(resources, company, dataset["id"])
        lines = (await company.call("GET", "/v1/events", params={"subject_id": dataset["id"]}))["data"]
        ends = [line["type"] for line in lines if line["type"] in {"dataset.discarded", "dataset.accepted"}]
        assert ends == [f"dataset.{state}"]


async def test_a_held_file_is_discarded_on_its_day_and_not_before(
    company: Company, worker_resources: Resources
) -> None:
    dataset, account = await held(company), UUID(company.id)
    await holding.discard_over(worker_resources, account, clock.now() + timedelta(days=14, minutes=-1))
    assert await state_of(company, dataset) == "held"
    await holding.discard_over(worker_resources, account, clock.now() + timedelta(days=14, minutes=1))
    assert await state_of(company, dataset) == "discarded"
    assert await gone(worker_resources, company, dataset["id"])


async def test_the_sweep_of_orphans_leaves_a_held_file_alone(
    company: Company, worker_resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset, real = await held(company, 300), clock.now
    with monkeypatch.context() as later:
        later.setattr(clock, "now", lambda: real() + timedelta(days=3))
        await remove_orphans(worker_resources)
    committed = (await act(company, dataset, "commit")).json()
    assert (await ended(company, worker_resources, committed))["state"] == "succeeded"


async def test_a_held_file_whose_operation_was_canceled_is_looked_at_again_when_it_is_pushed_again(
    company: Company, worker_resources: Resources
) -> None:
    dataset = await held(company)
    await company.call("POST", f"/v1/operations/{dataset['operation_id']}/cancellation")
    again = await company.push(workforce(company.id, 60), 200, hold="true")
    assert (again["id"], again["state"]) == (dataset["id"], "held")
    assert again["operation_id"] != dataset["operation_id"]
    assert (await ended(company, worker_resources, again))["state"] == "succeeded"
    assert await state_of(company, again) == "held"


async def test_a_held_file_can_be_deleted_like_any_other(company: Company, worker_resources: Resources) -> None:
    dataset = await held(company)
    operation = await company.call("DELETE", f"/v1/datasets/{dataset['id']}", 202)
    await ended(company, worker_resources, {"operation_id": operation["id"]})
    assert await gone(worker_resources, company, dataset["id"])
    assert (await company.http.get(f"/v1/datasets/{dataset['id']}", headers=company.headers)).status_code == 410


async def test_a_commit_compares_the_file_with_what_counts_now(company: Company) -> None:
    dataset = await paid(company, [run(company, number) for number in range(30)], hold="true", external_ref="night")
    assert dataset["state"] == "held"
    other = await paid(company, [run(company, number) for number in range(20)], external_ref="site")
    refused = await act(company, dataset, "commit")
    assert (refused.status_code, refused.json()["code"]) == (409, "commit-refused")
    (found,) = refused.json()["findings"]
    assert (found["code"], found["severity"], found["row_count"]) == ("duplicate_row_conflict", "refuse", 20)
    assert await state_of(company, dataset) == "held"
    await company.call("POST", f"/v1/datasets/{other['id']}/reversal", status=202)
    await pushed(company, [person(company, number) for number in range(20)])
    assert (await act(company, dataset, "commit")).json()["state"] == "accepted"
    report = await company.call("GET", f"/v1/datasets/{dataset['id']}/validation")
    assert [(each["code"], each["row_count"]) for each in report["findings"]] == [("payroll_without_person", 10)]
