"""Companies sign up, consent and push their files through the contract, several at once, each until its score."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from tools.population.company import Company, company
from tools.population.records import File, files_of

PASSWORD = "gravel teapot 42 lantern"  # noqa: S105 - of a scratch installation
ATTEMPTS, PAUSE = 600, 1.0
BUSY = {429, 503}
Say = Callable[[str], None]


class NotTaken(Exception):  # noqa: N818 - named for what is wrong
    """The service gave another answer than a company that is made up should get."""


@dataclass(frozen=True, slots=True)
class Journal:
    """One line of each company that is through. A run that was stopped goes on after them."""

    file: Path

    def done(self) -> dict[int, dict[str, Any]]:
        """A line that was cut off counts for nothing."""
        found = {}
        for line in self.file.read_text().splitlines() if self.file.exists() else []:
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            found[int(entry["number"])] = entry
        return found

    def add(self, entry: dict[str, Any]) -> None:
        with self.file.open("a") as writing:
            writing.write(f"\n{json.dumps(entry)}\n")  # a line of its own, also after one that was cut off


async def push_all(url: str, journal: Journal, count: int, seed: int, at_once: int, say: Say) -> list[dict[str, Any]]:
    """Entries of all companies, in their order. Raises NotTaken."""
    done = journal.done()
    left = [number for number in range(count) if number not in done]
    turns, begun = asyncio.Semaphore(at_once), time.monotonic()
    if done:
        say(f"{len(done)} companies are through already; {len(left)} to go.")

    async def one(http: httpx.AsyncClient, number: int) -> None:
        async with turns:
            entry = await _Client(http, company(number, seed)).through()
        done[number] = entry
        journal.add(entry)
        through = len([each for each in left if each in done])
        if through % 10 == 0 or through == len(left):
            spent = time.monotonic() - begun
            say(f"{len(done)} of {count} companies are scored; {spent:.0f} s, {spent / through:.2f} s each")

    limits = httpx.Limits(max_connections=2 * at_once)
    client = httpx.AsyncClient(base_url=url, timeout=300, trust_env=False, limits=limits)
    async with client as http, asyncio.TaskGroup() as tasks:
        for number in left:
            tasks.create_task(one(http, number))
    return [done[number] for number in range(count)]


class _Client:
    """One company before the service."""

    def __init__(self, http: httpx.AsyncClient, made: Company) -> None:
        self.http, self.made, self.headers = http, made, dict[str, str]()

    async def call(self, method: str, path: str, **parts: Any) -> httpx.Response:
        """A busy service is asked again when it says."""
        headers = {**self.headers, **parts.pop("headers", {})}
        for _ in range(ATTEMPTS):
            answer = await self.http.request(method, path, headers=headers, **parts)
            if answer.status_code not in BUSY:
                return answer
            await asyncio.sleep(float(answer.headers.get("retry-after", PAUSE)))
        raise NotTaken(f"{path} was busy {ATTEMPTS} times")

    async def got(self, method: str, path: str, **parts: Any) -> Any:
        answer = await self.call(method, path, **parts)
        if answer.is_error:
            raise NotTaken(f"company {self.made.number}: {method} {path}: {answer.status_code} {answer.text[:600]}")
        return answer.json()

    async def through(self) -> dict[str, Any]:
        """Also where it was stopped half way: the same bytes are the same dataset."""
        account = await self._signed_up()
        if self.made.agrees:
            await self.got("PUT", "/v1/account/contribution", json={"taking_part": True})
        files = await asyncio.to_thread(files_of, self.made, account)
        for file in files:
            await self._pushed(file)
        scores = (await self.got("GET", "/v1/scores", params={"limit": 1}))["data"]
        return {
            "number": self.made.number,
            "account": account,
            "group": self.made.group,
            "people": self.made.people,
            "agrees": self.made.agrees,
            "files": len(files),
            "bytes": sum(len(each.content) for each in files),
            "status": scores[0]["status"] if scores else "none",
        }

    async def _signed_up(self) -> str:
        owner = {"name": "Population Owner", "email": self.made.email, "password": PASSWORD}
        body = {**self.made.facts, "owner": owner, "us_hosting_acknowledged": True}
        made = await self.call("POST", "/v1/accounts", json=body)
        if made.is_error and made.json().get("code") != "email-in-use":
            raise NotTaken(f"company {self.made.number}: sign-up: {made.status_code} {made.text[:600]}")
        sign_in = {"email": self.made.email, "password": PASSWORD}
        tokens = await self.got("POST", "/v1/sessions", json=sign_in)
        self.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        return str(tokens["memberships"][0]["account_id"])

    async def _pushed(self, file: File) -> None:
        dataset = await self.got(
            "POST",
            "/v1/datasets",
            params={"kind": file.kind, **file.dated},
            content=file.content,
            headers={"Content-Type": "text/csv"},
        )
        while True:
            operation = await self.got("GET", f"/v1/operations/{dataset['operation_id']}", params={"wait": "20"})
            if operation["state"] not in {"queued", "running"}:
                break
        if operation["state"] != "succeeded":
            raise NotTaken(f"company {self.made.number}: {file.kind} ended {operation['state']}: {operation}")
