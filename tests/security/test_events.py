"""Each act of the register writes its event, and would be missed; the chains of all accounts verify."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from companies import sign_up
from security.acts import NOT_ACTS, REGISTER, WITHOUT_EVENT, Act, Scene
from wm_api.core import clock
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.events import chain, service
from wm_api.events.models import Event, EventType

WRITES = {"post", "put", "patch", "delete"}


@pytest.fixture
async def scene(http: httpx.AsyncClient, worker_resources: Resources, monkeypatch: pytest.MonkeyPatch) -> Scene:
    real = clock.now

    def move(by: timedelta) -> None:
        def later() -> datetime:
            return real() + by

        monkeypatch.setattr(clock, "now", later)

    giver = await sign_up(http)
    return Scene(http, worker_resources, giver, await sign_up(http), move)


async def lines(scene: Scene, who: str) -> Counter[str]:
    """The own chain of a company, verified, by type."""
    account = UUID(getattr(scene, who).id)
    async with transaction(scene.worker, account) as session:
        found = [line async for line in service.chain_lines(session)]
    assert chain.verify(found) is None
    return Counter(str(line["type"]) for line, _ in found)


async def check(scene: Scene, act: Act) -> None:
    before = await lines(scene, act.who)
    await act.do(scene)
    if act.operation == "accounts_create":
        before = Counter()
    written = await lines(scene, act.who) - before
    for each in act.types:
        assert written[each.value] >= 1, f"{act.operation} wrote no {each.value}"


async def test_ac5_2_each_act_of_the_register_writes_its_event(scene: Scene) -> None:
    for act in REGISTER:
        await check(scene, act)


async def test_ac5_2_each_act_whose_event_is_suppressed_is_found(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    append = service.append
    muted: set[EventType] = set()

    async def without(session: Any, actor: Any, act: EventType, subject: Any, **more: Any) -> Event | None:
        return None if act in muted else await append(session, actor, act, subject, **more)

    monkeypatch.setattr(service, "append", without)
    for act in REGISTER:
        muted = set(act.types)
        with pytest.raises(AssertionError, match="wrote no"):
            await check(scene, act)


def test_ac5_2_every_event_type_has_an_act_and_every_change_of_the_contract_is_one(application: FastAPI) -> None:
    written = {each for act in REGISTER for each in act.types}
    assert written | NOT_ACTS.keys() == set(EventType)
    assert written & NOT_ACTS.keys() == set()
    contract = application.openapi()
    changing = {
        operation["operationId"]
        for methods in contract["paths"].values()
        for method, operation in methods.items()
        if method in WRITES
    }
    acts = {act.operation for act in REGISTER} - {"worker", "any", "operator"}
    assert acts <= changing
    assert changing - acts <= WITHOUT_EVENT.keys() <= changing


async def test_the_chains_of_all_accounts_verify(worker_resources: Resources, http: httpx.AsyncClient) -> None:
    await sign_up(http)
    async with transaction(worker_resources, None) as session:
        accounts = await service.accounts(session)
        assert (await session.scalars(select(Event))).all() == []  # ids of accounts, but no line of any
    assert len(accounts) >= 1
    for account in accounts:
        async with transaction(worker_resources, account) as session:
            found = [line async for line in service.chain_lines(session)]
        assert chain.verify(found) is None
