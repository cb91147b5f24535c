"""The contract keeps its rules, and each rule finds a planted fault."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tools.contract import lint

from wm_api.records.kinds import KINDS

CONTRACT: dict[str, Any] = json.loads((Path(__file__).resolve().parents[2] / "openapi" / "v1.json").read_text())
Plant = Callable[[dict[str, Any]], object]


def at(document: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = document["paths"][path][method]
    return found


def without(method: str, path: str, *names: str) -> Plant:
    return lambda document: [at(document, method, path).pop(name) for name in names]


def setting(method: str, path: str, **parts: Any) -> Plant:
    return lambda document: at(document, method, path).update(parts)


def no_parameter(method: str, path: str, name: str) -> Plant:
    def plant(document: dict[str, Any]) -> None:
        operation = at(document, method, path)
        operation["parameters"] = [each for each in operation["parameters"] if each["name"] != name]

    return plant


def field(schema: str, name: str, **declared: Any) -> Plant:
    return lambda document: document["components"]["schemas"][schema]["properties"].update({name: declared})


def answer(path: str, schema: dict[str, Any]) -> Plant:
    def plant(document: dict[str, Any]) -> None:
        at(document, "get", path)["responses"]["200"]["content"]["application/json"]["schema"] = schema

    return plant


def nullable(document: dict[str, Any]) -> None:
    kinds = [{"type": "string"}, {"type": "null"}]
    at(document, "get", "/v1/scores")["parameters"].append({"name": "x", "in": "query", "schema": {"anyOf": kinds}})


def twin(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["Score-Output"] = {"type": "object"}


def optional(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["Score"]["required"].remove("headline")


def no_example(document: dict[str, Any]) -> None:
    at(document, "post", "/v1/sessions")["requestBody"]["content"]["application/json"].pop("example")


def no_etag(document: dict[str, Any]) -> None:
    at(document, "get", "/v1/scores/{score_id}")["responses"]["200"]["headers"].pop("ETag")


PLANTS: dict[str, tuple[Plant, str]] = {
    "id": (setting("get", "/v1/scores", operationId="listScores"), "listScores: operationId is not <noun>_<verb>"),
    "same id": (setting("get", "/v1/scores", operationId="events_list"), "events_list: operationId is not unique"),
    "tag": (setting("get", "/v1/scores", tags=["a", "b"]), "scores_list: not one tag"),
    "summary": (without("get", "/v1/scores", "summary"), "scores_list: no summary"),
    "description": (without("get", "/v1/scores", "description"), "scores_list: no description"),
    "scopes": (without("get", "/v1/scores", "x-wm-scopes"), "scores_list: no x-wm-scopes"),
    "policy": (setting("get", "/v1/scores", **{"x-wm-policy": "advertising"}), "scores_list: x-wm-policy names no clause"),
    "security": (without("get", "/v1/scores", "security"), "scores_list: no explicit security"),
    "public": (setting("get", "/v1/scores", security=[]), "scores_list: public, yet with scopes"),
    "problem": (
        setting("get", "/v1/scores", responses={"200": {"description": "x"}, "404": {"description": "x", "content": {}}}),
        "scores_list: 404 is not Problem by reference",
    ),
    "codes": (without("get", "/v1/scores", "x-wm-problems"), "scores_list: no x-wm-problems"),
    "key": (no_parameter("post", "/v1/share-grants", "Idempotency-Key"), "share_grants_create: no Idempotency-Key"),
    "etag": (no_etag, "scores_get: no ETag"),
    "304": (no_parameter("get", "/v1/scores/{score_id}", "If-None-Match"), "scores_get: no 304 for If-None-Match"),
    "if-match": (no_parameter("patch", "/v1/account", "If-Match"), "account_update: no If-Match"),
    "act": (no_parameter("post", "/v1/share-grants/{grant_id}/revocation", "If-Match"), "share_grants_revoke: no If-Match"),
    "array": (answer("/v1/me", {"type": "array", "items": {}}), "me_get: the answer is a bare array or map"),
    "map": (answer("/v1/me", {"type": "object", "additionalProperties": True}), "me_get: the answer is a bare array or map"),
    "list": (field("ScoreList", "total", type="integer"), "scores_list: a list is data and next_cursor"),
    "limit": (no_parameter("get", "/v1/scores", "limit"), "scores_list: no limit"),
    "nullable": (nullable, "scores_list: x is nullable"),
    "money": (field("Score", "salary_total", type="number"), "Score.salary_total: a number for money"),
    "twin": (twin, "Score-Output: twin of input and output"),
    "camel": (field("Score", "netPay", type="string"), "Score.netPay: not snake_case"),
    "optional": (optional, "Score: ['headline'] may be left out of an answer"),
    "example": (no_example, "sessions_create: no example of a request"),
}  # fmt: skip


def test_the_contract_keeps_its_rules() -> None:
    assert lint.faults(CONTRACT) == []
    columns = {name: tuple(column.name for column in kind.columns) for name, kind in KINDS.items()}
    assert list(lint.record_kinds(columns)) == []


@pytest.mark.parametrize("planted", PLANTS)
def test_a_planted_fault_is_found(planted: str) -> None:
    document = copy.deepcopy(CONTRACT)
    plant, fault = PLANTS[planted]
    plant(document)
    assert fault in lint.faults(document)


def test_a_record_kind_with_a_name_in_it_is_found() -> None:
    assert list(lint.record_kinds({"workforce": ("employee_key", "email")})) == [
        "workforce.email: a column for personal data"
    ]
