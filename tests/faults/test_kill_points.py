"""Killed at each statement of an act: never an act without its event, never an event without its act."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from companies import Company, sign_up, workforce
from shared import SCALE
from wm_api.core.keystore import KeyGone
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.datasets.service import files
from wm_api.events import chain, service
from wm_api.pipeline.run import run_operation

ENOUGH = 60
PAIRS = (
    ("SELECT id FROM datasets", "dataset.accepted"),
    ("SELECT id FROM datasets WHERE state = 'deleting'", "dataset.deleted"),
    ("SELECT id FROM scores WHERE published_at IS NOT NULL", "score.published"),
    ("SELECT id FROM share_grants WHERE account_id = :account_id", "share_grant.created"),
    ("SELECT id FROM share_grants WHERE account_id = :account_id AND revoked_at IS NOT NULL", "share_grant.revoked"),
    ("SELECT id FROM grant_answers WHERE account_id = :account_id AND answer = 'accepted'", "share_grant.accepted"),
)
"""What an act leaves, and the line that tells of it."""


class Killed(BaseException):
    """No code of ours catches it: what was not committed is gone."""


class Failpoint:
    """Dies at the n-th statement or commit; counts on when it was not reached."""

    def __init__(self, at: int) -> None:
        self.left = at

    def __call__(self, *_: object) -> None:
        self.left -= 1
        if self.left == 0:
            raise Killed

    @contextmanager
    def on(self, engine: AsyncEngine) -> Iterator[None]:
        for name in ("before_cursor_execute", "commit"):
            event.listen(engine.sync_engine, name, self)
        try:
            yield
        finally:
            for name in ("before_cursor_execute", "commit"):
                event.remove(engine.sync_engine, name, self)


async def acts_and_events(resources: Resources, company: Company) -> None:
    """Each act has exactly one line, each line its act; the chain verifies."""
    account = {"account_id": UUID(company.id)}
    async with transaction(resources, UUID(company.id)) as session:
        lines = [line async for line in service.chain_lines(session)]
        for query, kind in PAIRS:
            acts = sorted(str(row.id) for row in await session.execute(text(query), account if ":" in query else {}))
            told = sorted(line["subject"][1] for line, _ in lines if line["type"] == kind)  # type: ignore[index]
            assert acts == told, (kind, acts, told)
    assert chain.verify(lines) is None


Act = Callable[[int], Awaitable[Any]]


async def killed_at_each_point(
    resources: Resources, act: Act, companies: tuple[Company, ...], every: int = 1
) -> tuple[Any, int]:
    """The answer of the act when it was let through, and how often it was killed before."""
    for point in range(every, ENOUGH, every):
        failpoint = Failpoint(point)
        answer = None
        with suppress(Killed), failpoint.on(resources.engine):
            answer = await act(point)
        for company in companies:
            await acts_and_events(resources, company)
        if failpoint.left > 0:
            return answer, point // every - 1
        assert answer is None or answer.get("code") == "internal-error", answer
    raise AssertionError("the act never came through")


async def test_ac5_3_killed_at_any_statement_there_is_no_act_without_event_and_no_event_without_act(
    http: httpx.AsyncClient, resources: Resources, worker_resources: Resources
) -> None:
    giver, reader = await sign_up(http), await sign_up(http)
    both, times = (giver, reader), []

    async def call(company: Company, method: str, path: str, **parts: Any) -> Any:
        answer = await http.request(method, path, headers={**company.headers, **parts.pop("headers", {})}, **parts)
        return answer.json() if answer.content else {}

    async def push(point: int) -> Any:
        parts = {"params": {"kind": "workforce", "as_of": "2025-12-31"}, "headers": {"Content-Type": "text/csv"}}
        return await call(giver, "POST", "/v1/datasets", content=workforce(giver.id, 300 + point).encode(), **parts)

    async def done(act: Act, every: int = 1) -> Any:
        answer, count = await killed_at_each_point(resources, act, both, every)
        times.append(count)
        return answer

    dataset = await done(push, 1 if SCALE >= 50 else 4)
    await run_operation(worker_resources, UUID(giver.id), UUID(dataset["operation_id"]))
    score = (await giver.call("GET", "/v1/scores"))["data"][0]["id"]
    await done(lambda _: call(giver, "POST", f"/v1/scores/{score}/publication"))
    wanted = {"grantee": {"account_id": reader.id}, "detail": "areas", "purpose": "lending"}
    wanted["expires_at"] = "2027-06-01T00:00:00Z"
    grant = (await done(lambda _: call(giver, "POST", "/v1/share-grants", json=wanted)))["id"]
    await done(lambda _: call(reader, "POST", f"/v1/share-grants/{grant}/acceptance", json={}))
    await done(lambda _: call(giver, "POST", f"/v1/share-grants/{grant}/revocation"))
    await done(lambda _: call(giver, "DELETE", f"/v1/datasets/{dataset['id']}"))
    assert min(times) >= 3
    assert sum(times) >= (50 if SCALE >= 50 else 40), times


async def test_ac5_3_an_event_in_a_transaction_of_its_own_is_found(
    http: httpx.AsyncClient, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    company, append = await sign_up(http), service.append

    async def apart(session: Any, *line: Any, **more: Any) -> None:
        async with transaction(resources, session.info["account_id"]) as own:
            await append(own, *line, **more)

    monkeypatch.setattr(service, "append", apart)
    wanted = {"grantee": {"email": "x@y.test"}, "detail": "areas", "purpose": "lending"}
    wanted["expires_at"] = "2027-06-01T00:00:00Z"

    async def grant(_: int) -> Any:
        return (await http.post("/v1/share-grants", headers=company.headers, json=wanted)).json()

    with pytest.raises(AssertionError, match=r"share_grant\.created"):
        await killed_at_each_point(resources, grant, (company,))


async def test_ac4_6_a_deletion_killed_at_each_step_ends_in_one_receipt_and_never_before_the_key_is_gone(
    http: httpx.AsyncClient, worker_resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = await sign_up(http)
    account, resources = UUID(company.id), worker_resources
    dataset = await company.push(workforce(company.id, 60))
    await run_operation(resources, account, UUID(dataset["operation_id"]))
    stored = await only_object(resources, company)
    operation = UUID((await company.call("DELETE", f"/v1/datasets/{dataset['id']}", 202))["id"])
    point, points = Failpoint(0), 0
    for owner, name in ((resources.keystore, "destroy_object_key"), (resources.storage, "delete")):
        monkeypatch.setattr(owner, name, around(getattr(owner, name), point))
    while not await ended(resources, account, operation):
        points += 1
        point.left = points
        with suppress(Killed), point.on(resources.engine):
            await run_operation(resources, account, operation)
        await let_lease_run_out(resources, account)
        if (await receipts(resources, account)) > 0:
            resources.keystore._cache.clear()
            with pytest.raises(KeyGone):
                await resources.keystore.object_key(company.id, str(stored), files.KIND)
            assert [name async for name in resources.storage.names(f"datasets/{account}")] == []
    assert points > 15
    assert await receipts(resources, account) == 1
    gone = await company.call("GET", f"/v1/datasets/{dataset['id']}", 410)
    assert gone["receipt_id"] is not None
    assert {score["state"] for score in (await company.call("GET", "/v1/scores"))["data"]} == {"withdrawn"}


def around(call: Callable[..., Awaitable[None]], point: Failpoint) -> Callable[..., Awaitable[None]]:
    """May die before and after."""

    async def called(*arguments: Any) -> None:
        point()
        await call(*arguments)
        point()

    return called


async def only_object(resources: Resources, company: Company) -> UUID:
    (name,) = [name async for name in resources.storage.names(f"datasets/{company.id}")]
    return UUID(name.rpartition("/")[2])


async def ended(resources: Resources, account: UUID, operation: UUID) -> bool:
    async with transaction(resources, account) as session:
        state = await session.execute(text("SELECT state FROM operations WHERE id = :id"), {"id": operation})
        found = str(state.scalar_one())
    assert found in {"queued", "running", "succeeded"}
    return found == "succeeded"


async def let_lease_run_out(resources: Resources, account: UUID) -> None:
    async with transaction(resources, account) as session:
        over = "UPDATE operations SET lease_until = now() - interval '1 second', attempt = 1 WHERE state = 'running'"
        await session.execute(text(over))


async def receipts(resources: Resources, account: UUID) -> int:
    async with transaction(resources, account) as session:
        return int((await session.execute(text("SELECT count(*) FROM receipts"))).scalar_one())
