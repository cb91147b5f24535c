"""Generated requests to every operation, as owner, API key, another account and nobody: nothing undocumented comes back."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings, strategies
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks

from answers import Answer, Contract
from contract.served import Caller, furnish, served, sign_up
from shared import SCALE
from wm_api.core.settings import Settings

DOCUMENT: dict[str, Any] = json.loads((Path(__file__).resolve().parents[2] / "openapi" / "v1.json").read_text())
SCHEMA: Any = schemathesis.openapi.from_dict(DOCUMENT)
OPERATIONS: dict[str, Any] = {each.label: each for each in (one.ok() for one in SCHEMA.get_all_operations())}
CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
CHECKER = Contract(DOCUMENT)
EXAMPLES = max(1, int(SCALE))
STREAM = "GET /v1/operations/{operation_id}/events"
"""Its schema is of the whole text; the tool would hold it against each event."""
SIGNS_OUT = "DELETE /v1/sessions/current"
FILES = ("text/csv", "application/x-ndjson", "application/vnd.apache.parquet", "application/partial-upload")


@schemathesis.serializer(*FILES)
def as_bytes(_: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


@dataclass
class World:
    owner: Caller
    other: Caller

    def people(self, label: str) -> dict[str, dict[str, str]]:
        fresh = label == SIGNS_OUT
        owner, other = (each.sign_in() if fresh else each.token for each in (self.owner, self.other))
        tokens = {"owner": owner, "key": self.owner.key, "another account": other}
        return {"nobody": {}, **{name: {"Authorization": f"Bearer {token}"} for name, token in tokens.items()}}


@pytest.fixture(scope="module")
def world(settings: Settings) -> Iterator[World]:
    with served(settings) as base:
        owner, other = sign_up(base, "owner@generated.test"), sign_up(base, "other@generated.test")
        furnish(owner, other)
        yield World(owner, other)


def ids_of(label: str, known: dict[str, str]) -> dict[str, str] | None:
    names = [each["name"] for each in OPERATIONS[label].definition.raw.get("parameters", ()) if each["in"] == "path"]
    return {name: known[name] for name in names} if names and known.keys() >= set(names) else None


@pytest.mark.parametrize("label", OPERATIONS)
def test_nothing_undocumented_comes_back(world: World, label: str) -> None:
    operation = OPERATIONS[label]
    real = ids_of(label, world.owner.known)
    kinds = [operation.as_strategy(generation_mode=mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)]
    wanted = [check for check in CHECKS if label != STREAM or check is not checks.response_schema_conformance]
    if real:
        kinds.append(operation.as_strategy(path_parameters=real))

    @settings(
        max_examples=EXAMPLES * len(kinds), database=None, deadline=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=strategies.one_of(kinds))
    def every_caller(case: Any) -> None:
        if "wait" in (case.query or {}):
            case.query["wait"] = 0
        for headers in world.people(label).values():
            response = case.call(base_url=world.owner.base, headers=headers, timeout=30)
            case.validate_response(response, checks=wanted)
            request = httpx.Request(response.request.method or "", response.request.url or "")
            answer = httpx.Response(response.status_code, headers=flat(response.headers), content=response.content)
            assert list(Answer(CHECKER, request, answer).faults()) == [], (label, headers)

    every_caller()


def flat(headers: dict[str, list[str]]) -> dict[str, str]:
    return {
        name: ", ".join(values)
        for name, values in headers.items()
        if name not in {"content-encoding", "content-length"}
    }
