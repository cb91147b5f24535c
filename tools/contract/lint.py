"""Rules of the contract that no schema can say. `python tools/contract/lint.py openapi/v1.json` names every fault."""

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Document = Mapping[str, Any]
Faults = Iterator[str]
METHODS = ("get", "head", "post", "put", "patch", "delete")
WRITES = ("post", "put", "patch", "delete")
PROBLEM = "#/components/responses/Problem"
PROBLEM_SCHEMA = {"$ref": "#/components/schemas/Problem"}
MONEY = re.compile(r"amount|money|salary|price|cost|_usd$|^totals$|_pay$")
PERSONAL = {"name", "email", "phone", "ssn"}
EVENT_LIST = "next_after"
WITHOUT_IF_MATCH = {
    "uploads_append": "Upload-Offset says which state is meant",
    "uploads_cancel": "the caller's own bytes, of no use to anybody else",
}
WITHOUT_KEY = {"score_simulations_create": "nothing is made, and nothing is kept, an answer least of all"}
UNTAGGED = {
    "/v1/events/{event_id}": "a line never changes",
    "/v1/receipts/{receipt_id}": "a receipt never changes",
    "/v1/benchmark-releases/{release_id}": "a release is frozen",
    "/v1/datasets/{dataset_id}/validation": "a report is written once",
    "/v1/scores/{score_id}/explanation": "it follows from the score, which has an ETag",
    "/v1/operations/{operation_id}/events": "a stream",
    "/v1/me": "no change is made through it",
    "/v1/credential": "no change is made through it",
}


@dataclass(frozen=True, slots=True)
class Operation:
    path: str
    method: str
    declared: Document

    @property
    def name(self) -> str:
        return str(self.declared.get("operationId") or f"{self.method} {self.path}")

    def has_parameter(self, name: str) -> bool:
        return any(each["name"] == name for each in self.declared.get("parameters", ()))

    def success(self) -> Iterator[tuple[str, Document]]:
        return ((status, each) for status, each in self.declared["responses"].items() if status[0] == "2")


def operations(document: Document) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, declared in methods.items():
            if method in METHODS:
                yield Operation(path, method, declared)


def resolved(document: Document, schema: Document) -> Document:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def described(document: Document) -> Faults:
    """Explicit id, one tag, summary, description, scopes, policy, security."""
    clauses = document.get("x-wm-policy-clauses", {})
    for each in operations(document):
        said = each.declared
        wrong = {
            "operationId is not <noun>_<verb>": not re.fullmatch(r"[a-z]+(_[a-z]+)+", said.get("operationId", "")),
            "not one tag": len(said.get("tags", ())) != 1,
            "no summary": not said.get("summary"),
            "no description": not said.get("description"),
            "no x-wm-scopes": not isinstance(said.get("x-wm-scopes"), list),
            "x-wm-policy names no clause": said.get("x-wm-policy") not in clauses,
            "no explicit security": "security" not in said,
            "public, yet with scopes": said.get("security") == [] and said.get("x-wm-scopes"),
        }
        yield from (f"{each.name}: {fault}" for fault, found in wrong.items() if found)


def unique_ids(document: Document) -> Faults:
    names = [each.name for each in operations(document)]
    yield from (f"{name}: operationId is not unique" for name in sorted(set(names)) if names.count(name) > 1)


def problems(document: Document) -> Faults:
    """Every 4xx and 5xx is Problem by reference, problem+json only."""
    for each in operations(document):
        for status, response in each.declared["responses"].items():
            if status[0] not in "45" or response.get("$ref") == PROBLEM:
                continue
            content = dict(response.get("content", {}))
            own = content.pop("application/problem+json", {})
            if own.get("schema") != PROBLEM_SCHEMA:
                yield f"{each.name}: {status} is not Problem by reference"
            if content and each.name != "readiness_get":
                yield f"{each.name}: {status} is not problem+json only"
        if not each.declared.get("x-wm-problems"):
            yield f"{each.name}: no x-wm-problems"


def idempotency(document: Document) -> Faults:
    for each in operations(document):
        if each.method == "post" and each.name not in WITHOUT_KEY and not each.has_parameter("Idempotency-Key"):
            yield f"{each.name}: no Idempotency-Key"


def read_by_id(document: Document) -> Iterator[Operation]:
    """Reads of one thing of an account, which can change."""
    for each in operations(document):
        one = each.path.endswith("}") or each.path == "/v1/account"
        if each.method == "get" and each.declared.get("security") and one and each.path not in UNTAGGED:
            yield each


def tags(document: Document) -> Faults:
    """What can be read by its id and can change has an ETag."""
    for each in read_by_id(document):
        if not all("ETag" in answer.get("headers", {}) for _, answer in each.success()):
            yield f"{each.name}: no ETag"
        if "304" not in each.declared["responses"] or not each.has_parameter("If-None-Match"):
            yield f"{each.name}: no 304 for If-None-Match"


def versions(document: Document) -> Faults:
    """What changes a thing with an ETag takes If-Match."""
    tagged = {each.path for each in read_by_id(document)}
    for each in operations(document):
        thing = each.path if each.path in tagged else each.path.rpartition("/")[0]
        makes_another = each.path.endswith("/tokens") or each.name in WITHOUT_IF_MATCH
        if each.method in WRITES and thing in tagged and not makes_another and not each.has_parameter("If-Match"):
            yield f"{each.name}: no If-Match"


def lists(document: Document) -> Faults:
    """`data` + `next_cursor`, limit and cursor; never a bare array or map."""
    for each in operations(document):
        for _, answer in each.success():
            schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
            found = resolved(document, schema)
            properties = found.get("properties", {})
            if found.get("type") == "array" or (
                found.get("type") == "object" and not properties and each.name != "contract_get"
            ):
                yield f"{each.name}: the answer is a bare array or map"
            if each.name.endswith(("_list", "_log")) or each.name == "share_grants_preview":
                wanted = EVENT_LIST if each.name == "events_list" else "next_cursor"
                if properties.keys() != {"data", wanted}:
                    yield f"{each.name}: a list is data and {wanted}"
                if not each.has_parameter("limit"):
                    yield f"{each.name}: no limit"


def queries(document: Document) -> Faults:
    """A query parameter is given or left out; it is never null by a spelling of its own."""
    for each in operations(document):
        for parameter in each.declared.get("parameters", ()):
            if parameter["in"] == "query" and {"type": "null"} in parameter["schema"].get("anyOf", ()):
                yield f"{each.name}: {parameter['name']} is nullable"
            if parameter.get("required") and parameter["in"] == "header":
                yield f"{each.name}: the header {parameter['name']} is required"


def fields(document: Document) -> Faults:
    """No number for money; no twins; names in snake_case."""
    for name, schema in document["components"]["schemas"].items():
        if name.endswith(("-Input", "-Output")):
            yield f"{name}: twin of input and output"
        for field, declared in schema.get("properties", {}).items():
            kinds = {each.get("type") for each in (declared, *declared.get("anyOf", ()))}
            if MONEY.search(field) and not kinds.isdisjoint({"number", "integer"}):
                yield f"{name}.{field}: a number for money"
            if not re.fullmatch(r"[a-z][a-z0-9_]*", field):
                yield f"{name}.{field}: not snake_case"


def always_there(document: Document) -> Faults:
    """Outputs carry every field: a null is written out."""
    answered = {json.dumps(answer) for each in operations(document) for _, answer in each.success()}
    seen: set[str] = set()
    waiting = [name for text in answered for name in re.findall(r"#/components/schemas/([A-Za-z]+)", text)]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            schema = document["components"]["schemas"][name]
            missing = set(schema.get("properties", {})) - set(schema.get("required", ()))
            if missing and name != "FieldError":
                yield f"{name}: {sorted(missing)} may be left out of an answer"
            waiting += re.findall(r"#/components/schemas/([A-Za-z]+)", json.dumps(schema))


def examples(document: Document) -> Faults:
    """One request where there is a body, one success where it has one, one problem."""
    for each in operations(document):
        body = each.declared.get("requestBody", {}).get("content", {})
        if body and not any("example" in content for content in body.values()):
            yield f"{each.name}: no example of a request"
        answers = [content for _, answer in each.success() for content in answer.get("content", {}).values()]
        if answers and not any("example" in content for content in answers):
            yield f"{each.name}: no example of a success"
        wrong = [answer for status, answer in each.declared["responses"].items() if status[0] in "45"]
        if each.method == "head":
            continue
        if not any("example" in content for answer in wrong for content in answer.get("content", {}).values()):
            yield f"{each.name}: no example of a problem"


def record_kinds(columns: Mapping[str, tuple[str, ...]]) -> Faults:
    """No column of a record kind is called like a person's data."""
    for kind, names in columns.items():
        yield from (f"{kind}.{name}: a column for personal data" for name in names if name in PERSONAL)


RULES: tuple[Callable[[Document], Faults], ...] = (
    described, unique_ids, problems, idempotency, tags, versions, lists, queries, fields, always_there, examples,
)  # fmt: skip


def faults(document: Document) -> list[str]:
    return [fault for rule in RULES for fault in rule(document)]


def main(path: str) -> int:
    from wm_api.records.kinds import KINDS  # noqa: PLC0415 - only the command needs the package

    columns = {name: tuple(column.name for column in kind.columns) for name, kind in KINDS.items()}
    found = [*faults(json.loads(Path(path).read_text(encoding="utf-8"))), *record_kinds(columns)]
    print("\n".join(found) or "The contract keeps its rules.")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
