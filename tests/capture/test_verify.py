"""verify says of each thing whether it is as it should be, and what to do; the exit code is that of the first wrong."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from capture.agents import Agent
from capture.customers import Customer
from capture.wires import Wire, wire_to
from wm_api.capture.client import Client
from wm_api.capture.journal import Journal
from wm_api.capture.key_file import CustomerKey, make_key_file, read_key_file
from wm_api.capture.verification import Check, verified

NOBODY = "01900000-0000-7000-8000-00000000beef"


@pytest.fixture
def own_key(agent: Agent) -> CustomerKey:
    """The key file of this company's account."""
    path = agent.customer.folder / "own.key"
    agent.customer.environment["WM_CAPTURE_KEY"] = str(path)
    return make_key_file(path, agent.company.id)


async def verify(agent: Agent, wire: Wire, *arguments: str) -> tuple[int, dict[str, bool | None]]:
    code, text = await agent.run(wire, "verify", *arguments, "--json")
    line = json.loads(next(each for each in text.splitlines() if each.startswith("{")))
    return code, {each["name"]: each["ok"] for each in line["checks"]}


def change_journal(agent: Agent, old: str, new: str) -> None:
    path = Path(agent.customer.environment["WM_CAPTURE_KEY"] + ".journal")
    path.write_text(path.read_text().replace(old, new))


async def test_a_machine_that_pushed_is_sound_and_a_changed_byte_at_the_server_is_found(
    agent: Agent, own_key: CustomerKey, address: tuple[str, int], worker: None
) -> None:
    async with wire_to(address, Wire()) as wire:
        before = await verify(agent, wire)
        assert before == (0, {"key file": True, "clock": True, "account": True, "key id": True, "record kinds": None})
        dataset = (await agent.push(wire, "--wait")).line["dataset"]
        name = f"dataset {dataset['id']}"
        code, found = await verify(agent, wire, dataset["id"])
        assert (code, set(found.values())) == (0, {True}), found
        assert {name, "record kind workforce"} <= set(found)
        assert (await verify(agent, wire))[1][name] is True
        change_journal(agent, dataset["sha256"], "0" * 64)
        code, found = await verify(agent, wire)
        assert (code, found[name]) == (3, False)
        assert (await verify(agent, wire, NOBODY))[1][f"dataset {NOBODY}"] is False


async def test_a_key_file_of_another_account_or_another_key_is_wrong(
    agent: Agent, own_key: CustomerKey, address: tuple[str, int], worker: None
) -> None:
    async with wire_to(address, Wire()) as wire:
        assert (await agent.push(wire, "--wait")).exit_code == 0
        other = agent.customer.folder / "other.key"
        make_key_file(other, agent.company.id)
        agent.customer.environment["WM_CAPTURE_KEY"] = str(other)
        code, found = await verify(agent, wire)
        assert (code, found["account"], found["key id"]) == (2, True, False)
        stranger = agent.customer.folder / "stranger.key"
        make_key_file(stranger, NOBODY)
        agent.customer.environment["WM_CAPTURE_KEY"] = str(stranger)
        assert (await verify(agent, wire))[1]["account"] is False


async def test_record_kinds_that_changed_since_the_push_are_said(
    agent: Agent, own_key: CustomerKey, address: tuple[str, int], worker: None
) -> None:
    async with wire_to(address, Wire()) as wire:
        assert (await agent.push(wire, "--wait")).exit_code == 0
        change_journal(agent, '"columns": "', '"columns": "0')
        code, found = await verify(agent, wire)
    assert (code, found["record kind workforce"]) == (3, False)


async def test_a_key_without_the_scopes_leaves_lines_unchecked(
    agent: Agent, own_key: CustomerKey, address: tuple[str, int], worker: None
) -> None:
    made = await agent.company.call("POST", "/v1/api-keys", 201, json={"name": "x", "scopes": ["datasets:write"]})
    agent.secret = made["secret"]
    async with wire_to(address, Wire()) as wire:
        code, found = await verify(agent, wire)
    assert (code, found["account"]) == (0, None)


@pytest.mark.parametrize(("seconds", "ok"), [(0, True), (55, True), (75, False), (-75, False)])
async def test_a_clock_more_than_a_minute_off_is_wrong(
    agent: Agent, own_key: CustomerKey, address: tuple[str, int], seconds: int, ok: bool
) -> None:

    def checks() -> list[Check]:
        with Client(f"http://{address[0]}:{address[1]}", agent.secret) as client:
            journal = Journal(agent.customer.folder / "journal", "x")
            there = datetime.now(UTC) + timedelta(seconds=seconds)
            return list(verified(client, journal, own_key, None, lambda: there))

    found = await asyncio.to_thread(checks)
    assert {each.name: each.ok for each in found}["clock"] is ok


def test_a_damaged_key_file_and_a_server_that_is_away_have_their_exit_codes(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wm_api.capture.client.TRIES", 2)
    away = customer.run("verify", WM_URL="http://127.0.0.1:1")
    assert away.exit_code == 4
    assert "wrong server: no answer" in " ".join(away.output.split())
    key = Path(customer.environment["WM_CAPTURE_KEY"])
    kid = read_key_file(key, str).kid
    key.write_text(key.read_text().replace(f'"kid": "{kid}"', '"kid": "00000000"'))
    broken = customer.run("verify", WM_URL="http://127.0.0.1:1")
    assert (broken.exit_code, "damaged" in broken.output) == (2, True)
