"""A push that is held: what it would change, what a changed source says, and the decision, each with its exit code."""

import json

import pytest

from capture.agents import SCOPES, Agent
from capture.customers import MAPPING, STAFF
from capture.wires import Wire, wire_to

LATER = MAPPING.replace("2025-12-31", "2026-01-31")


@pytest.fixture
async def agent(agent: Agent) -> Agent:
    """Its key may read metrics too."""
    asked = {"name": "held", "scopes": [*SCOPES, "metrics:read"]}
    agent.secret = (await agent.company.call("POST", "/v1/api-keys", 201, json=asked))["secret"]
    return agent


async def state(agent: Agent, dataset: str) -> str:
    return str((await agent.company.call("GET", f"/v1/datasets/{dataset}"))["state"])


async def test_a_held_push_shows_its_effect_and_its_commit_makes_it_count(
    agent: Agent, address: tuple[str, int], worker: None
) -> None:
    async with wire_to(address, Wire()) as wire:
        held = await agent.push(wire, "--hold", "--wait")
        assert held.exit_code == 0, held.text
        dataset = held.line["dataset"]["id"]
        assert held.line["preview"]["days"][0]["headcount"] == {"now": None, "accepted": 3}
        assert "2025-12-31 headcount - 3" in held.text
        assert f"wm-capture commit {dataset}" in held.text
        assert f"wm-capture discard {dataset}" in held.text
        assert await state(agent, dataset) == "held"
        for _ in range(2):
            code, text = await agent.run(wire, "commit", dataset, "--wait", "--json")
            line = json.loads(next(each for each in text.splitlines() if each.startswith("{")))
            assert (code, line["exit_code"], line["dataset"]["state"]) == (0, 0, "accepted")
            assert line["operation"]["state"] == "succeeded"
        code, text = await agent.run(wire, "discard", dataset)
        assert code == 3
        assert "Its state is accepted." in text


async def test_what_was_discarded_is_a_new_dataset_when_it_is_pushed_again(
    agent: Agent, address: tuple[str, int]
) -> None:
    async with wire_to(address, Wire()) as wire:
        first = (await agent.push(wire, "--hold")).line["dataset"]["id"]
        for _ in range(2):
            code, text = await agent.run(wire, "discard", first)
            assert (code, "destroyed with its key" in text) == (0, True)
        code, text = await agent.run(wire, "commit", first)
        assert (code, "Its state is discarded." in text) == (3, True)
        again = await agent.push(wire, "--hold")
        assert again.exit_code == 0, again.text
        assert again.line["dataset"]["id"] != first
        assert again.line["dataset"]["state"] == "held"


async def test_a_dataset_that_is_not_there_is_exit_three(agent: Agent, address: tuple[str, int]) -> None:
    async with wire_to(address, Wire()) as wire:
        for command in ("commit", "discard"):
            code, text = await agent.run(wire, command, "01900000-0000-7000-8000-000000000000", "--json")
            line = json.loads(next(each for each in text.splitlines() if each.startswith("{")))
            assert (code, line["exit_code"], line["problem"]["code"]) == (3, 3, "not-found")


async def test_drift_names_each_change_its_likely_cause_and_the_two_ways_on(
    agent: Agent, address: tuple[str, int]
) -> None:
    source = await agent.company.call("POST", "/v1/sources", 201, json={"name": "hris", "kind": "workforce"})
    narrow = LATER.replace('currency = { constant = "USD" }', 'currency = { constant = "CAD" }')
    async with wire_to(address, Wire()) as wire:
        assert (await agent.push(wire, "--source", "hris")).exit_code == 0
        drifted = await agent.push(wire, "--source", "hris", mapping=narrow)
        assert drifted.exit_code == 3
        for said in ("mapping-drift", "drift_currency", "Likely cause", "--accept-drift", "--hold"):
            assert said in drifted.text, drifted.text
        held = await agent.push(wire, "--source", "hris", "--hold", mapping=narrow)
        assert held.exit_code == 0, held.text
        assert {each["code"] for each in held.line["found_there"]} >= {"drift_currency"}
        assert "warn drift_currency" in held.text
        code, _ = await agent.run(wire, "discard", held.line["dataset"]["id"])
        assert code == 0
        yes = await agent.push(wire, "--source", "hris", "--accept-drift", mapping=narrow)
        assert yes.exit_code == 0, yes.text
    assert (await agent.company.call("GET", f"/v1/sources/{source['id']}"))["last_shape"]["rows"] == len(
        STAFF.splitlines()
    ) - 1
