"""Pushing to a real server: repeated safely, resumed after breaks, each end with its exit code."""

import asyncio
import re
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from capture.agents import QUERY, Agent
from capture.customers import MAPPING, STAFF, Customer
from capture.wires import Wire, wire_to
from wm_api.capture import push
from wm_api.capture.client import Client
from wm_api.capture.journal import Journal
from wm_api.capture.problems import NetworkAway, RefusedByServer
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction

UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 0\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
BAD_GATEWAY = b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 9\r\nconnection: close\r\n\r\n<html>..."


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wm_api.capture.client.FIRST_PAUSE", 0.01)


async def test_a_push_is_accepted_followed_and_the_same_again_is_the_same_dataset(
    agent: Agent, address: tuple[str, int], worker: None
) -> None:
    async with wire_to(address, Wire()) as wire:
        first = await agent.push(wire, "--wait", "--external-ref", "hris-1")
        assert first.exit_code == 0, first.text
        line = first.line
        assert line["operation"]["state"] == "succeeded"
        assert line["file"] == {"rows": 3, "employee_ids": 3, "sent": 3, "left_out": {}}
        again = await agent.push(wire, "--external-ref", "hris-1")
        assert again.line["dataset"]["id"] == line["dataset"]["id"]
    assert len(await agent.datasets()) == 1
    shown = (await agent.datasets())[0]
    assert (shown["state"], shown["external_ref"], shown["sha256"]) == ("accepted", "hris-1", line["dataset"]["sha256"])
    for secret in ("Ärmel", "Böll", "Çelik", ";007", "Name"):
        assert secret.encode() not in wire.sent


async def test_a_deleted_dataset_can_be_pushed_again_at_once(
    agent: Agent, address: tuple[str, int], worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wm_api.capture.client.FIRST_PAUSE", 0.25)
    async with wire_to(address, Wire()) as wire:
        first = (await agent.push(wire)).line["dataset"]["id"]
        await agent.company.call("DELETE", f"/v1/datasets/{first}", 202)
        again = await agent.push(wire)
        assert again.exit_code == 0, again.text
        assert again.line["dataset"]["id"] != first


async def test_an_undone_push_can_be_pushed_again(agent: Agent, address: tuple[str, int], worker: None) -> None:
    async with wire_to(address, Wire()) as wire:
        first = (await agent.push(wire, "--wait")).line["dataset"]["id"]
        await agent.company.call("POST", f"/v1/datasets/{first}/reversal", 202)
        again = await agent.push(wire)
        assert again.exit_code == 0, again.text
        assert again.line["dataset"]["id"] != first


async def test_a_push_whose_computation_failed_goes_on_when_it_is_pushed_again(
    agent: Agent, address: tuple[str, int], worker_resources: Resources
) -> None:
    async with wire_to(address, Wire()) as wire:
        first = (await agent.push(wire)).line["dataset"]
        account = UUID(agent.company.id)
        async with transaction(worker_resources, account) as session:
            failed = text("UPDATE operations SET state = 'failed' WHERE account_id = :id")
            await session.execute(failed, {"id": account})
        again = await agent.push(wire)
    assert again.exit_code == 0, again.text
    assert again.line["dataset"]["id"] == first["id"]
    (queued,) = (await agent.company.call("GET", "/v1/operations", params={"state": "queued"}))["data"]
    assert queued["id"] == (await agent.datasets())[0]["operation_id"]


async def test_a_lost_answer_a_cut_connection_and_an_unwell_server_are_outlived(
    agent: Agent, address: tuple[str, int]
) -> None:
    wire = Wire()
    wire.cut = lambda w, block: w.connections == 1 and b"POST /v1/datasets" in block
    wire.answer = lambda w: {2: UNAVAILABLE, 3: BAD_GATEWAY}.get(w.connections)
    wire.lose_answer = lambda w, block: w.connections == 4 and b" 202 " in block
    async with wire_to(address, wire):
        result = await agent.push(wire)
    assert result.exit_code == 0, result.text
    assert wire.connections == 5
    assert len(await agent.datasets()) == 1


async def test_no_answer_at_all_is_exit_four_and_says_to_run_it_again(
    agent: Agent, address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wm_api.capture.client.TRIES", 3)
    wire = Wire(cut=lambda *_: True)
    async with wire_to(address, wire):
        result = await agent.push(wire)
    assert result.exit_code == 4
    assert "run the same command again" in result.text
    assert await agent.datasets() == []


async def test_a_wait_that_the_server_asks_for_and_nobody_has_is_said(address: tuple[str, int]) -> None:
    busy = b'HTTP/1.1 429 Too Many\r\nretry-after: 3000\r\ncontent-length: 18\r\nconnection: close\r\n\r\n{"retryable":true}'
    async with wire_to(address, Wire(answer=lambda _: busy)) as wire:
        with Client(wire.url, "x") as client, pytest.raises(NetworkAway, match="3000 seconds"):
            await asyncio.to_thread(client.call, "GET", "/healthz")


async def test_a_refusal_of_the_server_is_exit_three_with_its_code(agent: Agent, address: tuple[str, int]) -> None:
    async with wire_to(address, Wire()) as wire:
        agent.secret = "wmk_0000000000000000000000000000000000000000000_0n6J4y"
        refused = await agent.push(wire)
    assert refused.exit_code == 3
    assert "Refused by the server token-invalid" in refused.text


async def test_what_the_agent_finds_wrong_never_leaves(agent: Agent, address: tuple[str, int]) -> None:
    async with wire_to(address, Wire()) as wire:
        refused = await agent.push(wire, staff=STAFF.replace("25,75", "99999,00"))
        assert refused.exit_code == 1, refused.text
        assert "rate_unit_suspect" in refused.text
        assert "1 row: 3" in refused.text
        assert wire.connections == 0


def content_of(customer: Customer) -> bytes:
    assert customer.dry_run(STAFF).exit_code == 0
    return (customer.folder / "out.parquet").read_bytes()


async def test_a_large_file_goes_on_from_the_offset_after_its_connection_was_cut(
    agent: Agent, address: tuple[str, int], worker: None
) -> None:
    content, progress = content_of(agent.customer), list[int]()
    cuts: list[int] = []

    def cut(wire: Wire, block: bytes) -> bool:
        if b"partial-upload" in block and len(cuts) < 2 and b"Upload-Offset: 2000" in block.title():
            cuts.append(wire.connections)
            return True
        return False

    async with wire_to(address, Wire(cut=cut)) as wire:
        dataset = await agent.sent_in_parts(wire, content, progress)
        assert len(cuts) == 2
        assert progress[-1] == len(content)
        operation = await agent.followed(wire, dataset)
        assert operation["state"] == "succeeded", operation
        again = await agent.sent_in_parts(wire, content, [])
        assert again["id"] == dataset["id"]
    assert [each["state"] for each in await agent.datasets()] == ["accepted"]
    assert bytes(wire.sent).count(b"POST /v1/uploads") == 2


async def test_another_run_of_the_same_push_goes_on_where_the_first_was_killed(
    agent: Agent, address: tuple[str, int], worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = content_of(agent.customer)
    monkeypatch.setattr("wm_api.capture.client.TRIES", 2)
    async with wire_to(address, Wire(cut=lambda _, block: b"Upload-Offset: 2000" in block.title())) as wire:
        with pytest.raises(NetworkAway):
            await agent.sent_in_parts(wire, content, [])
        wire.cut = lambda *_: False
        wire.sent.clear()
        progress: list[int] = []
        dataset = await agent.sent_in_parts(wire, content, progress)
    assert min(progress) >= 2000, "nothing that was kept was sent again"
    assert b"POST /v1/uploads" not in wire.sent
    assert dataset["bytes"] == len(content)


async def test_an_upload_that_is_gone_is_begun_anew(agent: Agent, address: tuple[str, int], worker: None) -> None:
    content = content_of(agent.customer)
    async with wire_to(address, Wire()) as wire:
        journal = Journal(agent.customer.folder / "journal", wire.url)
        journal.note(push.Push(content, QUERY).key(), upload="01900000-0000-7000-8000-000000000000")
        dataset = await agent.sent_in_parts(wire, content, [])
    assert dataset["state"] == "received"


async def test_a_large_file_that_the_server_refuses_says_why(
    agent: Agent, address: tuple[str, int], worker: None
) -> None:
    async with wire_to(address, Wire()) as wire:
        dataset = await agent.sent_in_parts(wire, content_of(agent.customer)[:-700], [])
        operation = await agent.followed(wire, dataset)
    assert operation["state"] == "failed"
    assert operation["error"]["code"] == "dataset-refused"


def test_the_key_of_a_push_covers_everything_that_is_one_request() -> None:
    one = push.Push(b"content", {"kind": "workforce", "as_of": "2025-12-31"})
    assert one.key() == push.Push(b"content", {"as_of": "2025-12-31", "kind": "workforce"}).key()
    others = [
        push.Push(b"contents", one.parameters),
        push.Push(b"content", {**one.parameters, "external_ref": "x"}),
        push.Push(b"content", {**one.parameters, "as_of": "2025-12-30"}),
    ]
    assert len({one.key(), *(each.key() for each in others)}) == 4


def test_the_journal_is_closed_to_others_and_survives_a_torn_line(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal", "http://here")
    journal.note("a", upload="1")
    with (tmp_path / "journal").open("a") as file:
        file.write('{"push": "a", "upl')
    assert (tmp_path / "journal").stat().st_mode & 0o777 == 0o600
    assert journal.open_upload("a") == "1"
    assert Journal(tmp_path / "journal", "http://there").open_upload("a") is None
    assert RefusedByServer({}).exit_code == 3


async def test_an_amendment_says_how_many_rows_it_replaced_added_and_left(
    agent: Agent, address: tuple[str, int], worker: None
) -> None:
    heading, first, *_ = STAFF.splitlines()
    change = "\n".join((heading, first.replace("52.000,50", "53.000,00"), "010;Name;01/12/2021;M;60.000,00;Y", ""))
    async with wire_to(address, Wire()) as wire:
        before = (await agent.push(wire, "--wait")).line["dataset"]["id"]
        done = await agent.push(wire, "--amends", before, "--wait", staff=change)
    assert done.exit_code == 0, done.text
    assert done.line["amended"] == {"replaced": 1, "added": 1, "kept": 2}
    assert "amended rows: 1 replaced, 1 added, 2 kept" in done.text


async def test_a_push_of_a_named_source_says_by_which_mapping_it_was_made(
    agent: Agent, address: tuple[str, int], worker: None
) -> None:
    await agent.company.call("POST", "/v1/sources", 201, json={"name": "hris", "kind": "workforce"})
    async with wire_to(address, Wire()) as wire:
        result = await agent.push(wire, "--wait", "--source", "hris")
        assert result.exit_code == 0, result.text
        commented = await agent.push(wire, "--source", "hris", mapping=f"# A comment.\n{MAPPING}")
        assert commented.line["dataset"]["id"] == result.line["dataset"]["id"], commented.text
    assert b"source=hris" in wire.sent
    assert len(set(re.findall(rb"mapping_version=(m-[0-9a-f]{12})", wire.sent))) == 1
