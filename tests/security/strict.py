"""Requests that differ from a valid one in one type, name or member. Made from the contract."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from security.matrix import Operation
from security.requests import REQUESTS

Schema = Mapping[str, Any]
JSON = "application/json"
ODD_NUMBERS = ("1.0", " 1", "+1", "1_0", "1e1", "\u0661", "0x1", "01")
ODD_FLAGS = ("yes", "on", "t", "1", "True", "TRUE", "0")
ODD_DAYS = ("86400", "2025-1-1", "20250101", "1735689600", "1735689600.5")
OTHERS: Mapping[str, tuple[Any, ...]] = {
    "string": (1, 1.5, True, [], {}),
    "integer": ("1", 1.5, 1.0, True, [], {}),
    "number": ("1", True, [], {}),
    "boolean": ("true", 1, 0, "yes", [], {}),
    "array": ("x", 1, {}),
    "object": ("x", 1, []),
}
"""For each type, values that are none of it."""


def resolved(contract: Mapping[str, Any], schema: Schema) -> Schema:
    return contract["components"]["schemas"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def types_of(contract: Mapping[str, Any], schema: Schema) -> set[str]:
    schema = resolved(contract, schema)
    kinds = schema.get("type", "string" if "enum" in schema or isinstance(schema.get("const"), str) else None)
    if "const" in schema and isinstance(schema["const"], bool):
        kinds = "boolean"
    found = {kinds} if isinstance(kinds, str) else set(kinds or ())
    for each in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        found |= types_of(contract, each)
    return found


def wrong_values(contract: Mapping[str, Any], schema: Schema) -> list[Any]:
    kinds = types_of(contract, schema)
    wrong = [value for kind in kinds & OTHERS.keys() for value in OTHERS[kind]]
    return [value for value in wrong if not any(_is(value, kind) for kind in kinds)]


def _is(value: Any, kind: str) -> bool:
    own = {"string": str, "boolean": bool, "array": list, "object": dict, "null": type(None)}
    if kind in own:
        return isinstance(value, own[kind])
    return not isinstance(value, bool) and isinstance(value, int if kind == "integer" else int | float)


def wrong_bodies(contract: Mapping[str, Any], operation: Operation) -> Iterator[tuple[str, bytes]]:
    """Where it is wrong, and the body: another type of each field, one name more, and a name twice."""
    valid = REQUESTS[operation.id].body or {}
    schema = resolved(contract, operation.declared["requestBody"]["content"][JSON]["schema"])
    for name, child in schema["properties"].items():
        for value in wrong_values(contract, child):
            yield f"{name}: {value!r}", json.dumps({**valid, name: value}).encode()
        yield f"{name} twice", json.dumps(valid).encode().removesuffix(b"}") + _twice(valid, name)
        inner = resolved(contract, child)
        if "properties" in inner:
            yield f"{name}: one more", json.dumps({**valid, name: {**valid.get(name, {}), "zz_more": 1}}).encode()
    yield "one more", json.dumps({**valid, "zz_more": 1}).encode()
    yield "NaN", json.dumps({**valid, "zz_more": float("nan")}).encode()
    yield "deep", b'{"a":' * 40 + b"1" + b"}" * 40
    yield "no UTF-8", b'{"a":"\xff"}'


def _twice(valid: Mapping[str, Any], name: str) -> bytes:
    again = json.dumps({name: valid.get(name)})[1:-1]
    return f"{', ' if valid else ''}{again}, {again}}}".encode()


def wrong_queries(contract: Mapping[str, Any], operation: Operation) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A parameter of another form, one that is not declared, one twice."""
    valid = list(REQUESTS[operation.id].query.items())
    yield "one more", [*valid, ("zz_more", "1")]
    for each in operation.declared.get("parameters", ()):
        if each["in"] != "query":
            continue
        name, kinds = each["name"], types_of(contract, each["schema"])
        odd: tuple[str, ...] = ODD_NUMBERS if kinds & {"integer", "number"} else ODD_FLAGS if "boolean" in kinds else ()
        odd = ODD_DAYS if '"date' in json.dumps(each["schema"]) else odd
        without = [(key, value) for key, value in valid if key != name]
        for value in odd:
            yield f"{name}={value}", [*without, (name, value)]
        if "array" not in kinds:
            yield f"{name} twice", [*without, (name, "x"), (name, "x")]
