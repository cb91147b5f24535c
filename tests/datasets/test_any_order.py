"""Acts on datasets in any order: after each of them just that counts which a plain model says, and nothing is lost."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from beside import succeeded
from companies import Company, payroll, sign_up, workforce
from datasets.intake_model import File, Model, Row
from shared import SCALE
from wm_api.core import clock
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.datasets.models import Dataset
from wm_api.datasets.service import files
from wm_api.events import chain, service

DAYS = ("2025-10-31", "2025-11-30", "2025-12-31")
PERIODS = ("2025-11-01/2025-11-14", "2025-11-15/2025-11-28")
SIZES = (20, 24)
SHORT, LONG = 2, 4
"""Companies that are walked with; WM_TEST_SCALE makes it more."""
PART = (16, 28)
"""From which person to which the rows are that amend."""
WORKFORCES = [File("workforce", day, f"{size}", frozenset(range(size))) for day in DAYS for size in SIZES]
PAYROLLS = [File("payroll", period, f"{size}", frozenset(range(size))) for period in PERIODS for size in SIZES]
PARTS = {(kind, day): File(kind, day, "part", frozenset(range(*PART)), part=True) for kind, day in
         [*(("workforce", day) for day in DAYS), *(("payroll", period) for period in PERIODS)]}  # fmt: skip
FILES = [*WORKFORCES, *PAYROLLS]
FITS: Mapping[str, frozenset[str]] = {
    "again": frozenset({"held", "accepted"}),
    "replace": frozenset({"accepted"}),
    "amend": frozenset({"accepted"}),
    "commit": frozenset({"held"}),
    "discard": frozenset({"held"}),
    "reverse": frozenset({"accepted"}),
    "delete": frozenset({"held", "accepted", "superseded", "reverted"}),
}
"""The states in which an act is meant; in others it is tried too, now and then."""


@dataclass(frozen=True)
class Act:
    word: str
    number: int
    hold: bool


WORDS = ("push", "push", "again", "replace", "replace", "amend", "commit", "commit", "discard", "reverse", "delete")
ACTS = st.builds(Act, st.sampled_from(WORDS), st.integers(0, 9_999), st.sampled_from([False, False, True]))


@dataclass
class Walk:
    """One company, the model of its datasets, and what counted at the moments after each act."""

    company: Company
    resources: Resources
    model: Model = field(default_factory=Model)
    moments: list[tuple[datetime, set[str]]] = field(default_factory=list)

    async def act(self, act: Act) -> None:
        fitting = [row for row in self.model.rows if row.state in FITS.get(act.word, ())]
        rows = fitting if fitting and act.number % 7 else self.model.rows
        row, file = (rows[act.number % len(rows)] if rows else None), FILES[act.number % len(FILES)]
        if row is None or act.word == "push":
            await self.push(file, None, hold=act.hold)
        elif act.word == "again":
            await self.push(row.file, row.replaces, hold=act.hold or row.state == "held")
        elif act.word == "replace":
            alike = [each for each in FILES if each.kind == row.file.kind]
            await self.push(alike[act.number // 7 % len(alike)] if act.number % 11 else file, row, hold=act.hold)
        elif act.word == "amend":
            await self.push(PARTS[row.slot if act.number % 11 else (file.kind, file.day)], row, hold=act.hold)
        else:
            await getattr(self, act.word)(row)

    async def push(self, file: File, replaces: Row | None, *, hold: bool) -> None:
        """The same bytes of the same day are the same dataset while it lives."""
        expected = self.model.push(file, replaces, hold=hold)
        status, found = await self._asked("POST", "/v1/datasets", params=_said(file, replaces, hold=hold), file=file)
        if isinstance(expected, str):
            assert found["code"] == expected
        elif expected is not None:
            assert (status, found.get("id")) == (200, expected.id), found
        else:
            assert (status, found.get("state")) == (202, "held" if hold else "accepted"), found
            self.model.pushed(found["id"], file, replaces, hold=hold)

    async def commit(self, row: Row) -> None:
        if await self._done("POST", row, "/commit", self.model.commit(row)):
            self.model.count(row)

    async def discard(self, row: Row) -> None:
        """What was discarded may be discarded again."""
        if await self._done("POST", row, "/discard", row.refusal("held", "discarded")):
            row.state = "discarded"

    async def reverse(self, row: Row) -> None:
        if await self._done("POST", row, "/reversal", self.model.reverse(row)):
            self.model.reversed(row)

    async def delete(self, row: Row) -> None:
        operation = await self._done("DELETE", row, "", "gone" if row.state == "deleted" else None)
        if operation:
            await succeeded(self.company, self.resources, operation["id"])
            row.state = "deleted"

    async def _done(self, method: str, row: Row, path: str, refused: str | None) -> Any:
        """The answer; None where it is refused, as the model says too."""
        _, found = await self._asked(method, f"/v1/datasets/{row.id}{path}")
        assert found.get("code") == refused, found
        return found if refused is None else None

    async def _asked(self, method: str, path: str, file: File | None = None, **parts: Any) -> tuple[int, Any]:
        headers = dict(self.company.headers)
        if file is not None:
            headers["Content-Type"] = "text/csv"
            parts["content"] = content(self.company, file).encode()
        answer = await self.company.http.request(method, path, headers=headers, **parts)
        return answer.status_code, answer.json()

    async def holds(self) -> None:
        """What counts is what the model says, in the list, in the calendar; and every row is as it was left."""
        listed = (await self.company.call("GET", "/v1/datasets", params={"limit": "200"}))["data"]
        alive = {row.id: row.state for row in self.model.rows if row.state != "deleted"}
        assert {each["id"]: each["state"] for each in listed} == alive
        accepted = await self.company.call("GET", "/v1/datasets", params={"state": "accepted", "limit": "200"})
        assert {each["id"] for each in accepted["data"]} == self.model.counting()
        calendar = await self.company.call("GET", "/v1/coverage", params={"limit": "200"})
        shown = [each["dataset_ids"] for each in calendar["data"] if each["type"] == "dataset"]
        assert sorted(shown) == sorted([each] for each in self.model.counting())
        kinds = {each["kind"]: each["datasets"] for each in calendar["kinds"]}
        assert sum(kinds.values()) == len(shown)
        await asyncio.sleep(0.002)  # an act takes effect at the next whole millisecond
        self.moments.append((clock.now(), self.model.counting()))

    async def ends_well(self) -> None:
        """Each dataset is found or gone with a receipt, the past is as it was, no object is without a row."""
        for row in self.model.rows:
            status, found = await self._asked("GET", f"/v1/datasets/{row.id}")
            if row.state == "deleted":
                assert (status, found["code"]) == (410, "gone")
                assert found["receipt_id"] is not None
            else:
                assert (status, found["employees"]) == (200, len(row.people))
        for moment, counted in self.moments[:: max(1, len(self.moments) // 5)]:
            past = {"known_at": moment.isoformat(), "limit": "200"}
            rows = (await self.company.call("GET", "/v1/datasets", params=past))["data"]
            assert {each["id"] for each in rows} == counted
        await self._nothing_left_over()

    async def _nothing_left_over(self) -> None:
        account = UUID(self.company.id)
        async with transaction(self.resources, account) as session:
            kept = list(await session.scalars(select(Dataset)))
            lines = [line async for line in service.chain_lines(session)]
        assert lines
        assert chain.verify(lines) is None
        stored = {name async for name in self.resources.storage.names(f"datasets/{account}")}
        bytes_of = {row.id for row in self.model.rows if row.state not in {"deleted", "discarded"}}
        assert stored == {files.name(account, row.stored_id) for row in kept if str(row.id) in bytes_of}


def _said(file: File, replaces: Row | None, *, hold: bool) -> dict[str, str]:
    said = {"kind": file.kind, "hold": str(hold).lower()}
    names = ("as_of",) if file.kind == "workforce" else ("period_start", "period_end")
    said |= dict(zip(names, file.day.split("/"), strict=True))
    return said | ({"amends" if file.part else "supersedes": replaces.id} if replaces else {})


def content(company: Company, file: File) -> str:
    """The bytes of a workforce are the same for each day."""
    people = max(file.people) + 1
    start, _, end = file.day.partition("/")
    whole = workforce(company.id, people) if file.kind == "workforce" else payroll(company.id, start, end, people)
    heading, *rows = whole.splitlines(keepends=True)
    return "".join([heading, *(rows[each] for each in sorted(file.people))])


async def walked(http: httpx.AsyncClient, resources: Resources, acts: list[Act]) -> Model:
    walk = Walk(await sign_up(http), resources)
    for act in acts:
        await walk.act(act)
        await walk.holds()
    await walk.ends_well()
    return walk.model


fixed = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
"""The same acts each time; of a failure the fewest acts that show it are printed."""


@settings(fixed, max_examples=max(1, int(SHORT * SCALE)))
@given(acts=st.lists(ACTS, min_size=14, max_size=14))
async def test_after_acts_in_any_order_what_counts_is_what_a_plain_model_says(
    http: httpx.AsyncClient, worker_resources: Resources, acts: list[Act]
) -> None:
    assert (await walked(http, worker_resources, acts)).rows


@pytest.mark.slow
@settings(fixed, max_examples=max(1, int(LONG * SCALE)))
@given(acts=st.lists(ACTS, min_size=30, max_size=30))
async def test_after_many_acts_in_any_order_what_counts_is_what_a_plain_model_says(
    http: httpx.AsyncClient, worker_resources: Resources, acts: list[Act]
) -> None:
    assert (await walked(http, worker_resources, acts)).rows
