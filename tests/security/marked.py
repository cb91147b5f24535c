"""Requests with a mark in every input of every operation, made from the contract. The mark must come back nowhere."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from companies import HEADINGS, workforce
from security.matrix import Operation, operations_of
from security.requests import A_NEW_FILE, REQUESTS
from shared import SCALE

VALUE, NAME, PLACE = "zqxvalue", "zqxname", "zqxplace"
"""In values of bodies, in names of anything, and in values of parameters and headers."""
FORMS = (
    VALUE, f"{VALUE}@zqxvalue.example", f"{VALUE} " * 40, f"{VALUE}\u00e9\u4e2d", f"{VALUE}'\"<{VALUE}>%00\\",
    f"2026-13-{VALUE}", f"99{VALUE}",
)  # fmt: skip


def forms(place: str) -> tuple[str, ...]:
    """One for each place, another for the next; all of them in the long form."""
    at = crc32(place.encode()) % len(FORMS)
    return FORMS if SCALE >= 50 else (FORMS[at],)


@dataclass(frozen=True, slots=True)
class Marked:
    """`where` says in which input the mark stands."""

    operation: Operation
    where: str
    parts: dict[str, Any]


def _resolved(contract: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" in schema:
        found: Mapping[str, Any] = contract["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found
    return schema


def _fields(
    contract: Mapping[str, Any], schema: Mapping[str, Any], path: tuple[str, ...] = ()
) -> Iterator[tuple[str, ...]]:
    """Every field of a body, objects and lists included."""
    schema = _resolved(contract, schema)
    if path:
        yield path
    for name, child in schema.get("properties", {}).items():
        yield from _fields(contract, child, (*path, name))
    for child in schema.get("anyOf", ()):
        if "$ref" in child:
            yield from (each for each in _fields(contract, child, path) if each != path)


def _with(body: Any, path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """The body with one field set to a value."""
    changed = dict(body) if isinstance(body, dict) else {}
    changed[path[0]] = value if len(path) == 1 else _with(changed.get(path[0]), path[1:], value)
    return changed


def _bodies(contract: Mapping[str, Any], operation: Operation, valid: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    content = operation.declared["requestBody"]["content"]["application/json"]
    for path in _fields(contract, content["schema"]):
        for form in forms(".".join(path) + operation.id):
            yield f"value of {'.'.join(path)}", {"json": _with(valid, path, form)}
        inside = [
            (f"items of {'.'.join(path)}", _with(valid, path, [VALUE, {NAME: VALUE}])),
            (f"name in {'.'.join(path)}", _with(valid, path, {NAME: VALUE})),
            (f"name beside {'.'.join(path)}", _with(valid, (*path[:-1], NAME), VALUE)),
        ]
        for where, body in inside if SCALE >= 50 else [inside[crc32(path[-1].encode()) % 3]]:
            yield where, {"json": body}
    yield "body that is a text", {"json": VALUE}
    yield "body that is a list", {"json": [VALUE]}
    for broken in (
        f'{{"{NAME}": "{VALUE}"',
        f'{{"{NAME}": 1, "{NAME}": 2}}',
        f"{VALUE}",
        f'{{"{NAME}": NaN}}',
        f'{{"{NAME}\\u0000": 1}}',
    ):
        yield "broken JSON", {"content": broken.encode(), "headers": {"Content-Type": "application/json"}}
    yield "other media type", {"content": VALUE.encode(), "headers": {"Content-Type": f"text/{VALUE}"}}


def _files(account_id: str) -> Iterator[tuple[str, bytes]]:
    """A good file with a mark as heading, in each column, in a quoted cell, beside the columns; and files of another kind."""
    good = workforce(account_id, 5)
    lines = good.splitlines()
    first = lines[1].split(",")
    for at, column in enumerate(HEADINGS.split(",")):
        yield f"heading in place of {column}", good.replace(f"{column}", NAME, 1).encode()
        cells = [*first[:at], VALUE, *first[at + 1 :]]
        yield f"cell of {column}", "\n".join([lines[0], ",".join(cells), *lines[2:]]).encode()
    yield "one more heading", "\n".join([f"{lines[0]},{NAME}", *(f"{line},{VALUE}" for line in lines[1:])]).encode()
    yield "one more cell", "\n".join([lines[0], f"{lines[1]},{VALUE}"]).encode()
    yield "quoted", "\n".join([lines[0], f'"{VALUE}\n{VALUE}",{lines[1]}']).encode()
    yield "no table", f"{NAME} {VALUE}".encode()
    yield "Parquet that is none", b"PAR1" + VALUE.encode() + b"PAR1"
    yield "UTF-16", good.replace("employee_key", NAME).encode("utf-16")


def _parameters(operation: Operation, valid: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """A mark in each declared parameter and header."""
    for place in sorted(operation.parameters):
        where, _, name = place.partition(":")
        for form in forms(place + operation.id):
            marked = form.replace(VALUE, PLACE)
            if where == "path":
                yield place, {"url": operation.path.replace(f"{{{name}}}", marked.replace("%00", ""))}
            elif where == "query":
                yield place, {"params": {**valid["params"], name: marked}}
            else:
                yield place, {"headers": {**valid["headers"], name: marked.encode()}}


def _everywhere(valid: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "query name", {"params": {**valid["params"], NAME: PLACE}}
    yield "header name", {"headers": {**valid["headers"], NAME: PLACE}}
    yield "credential", {"headers": {"Authorization": f"Bearer {PLACE}.{PLACE}.{PLACE}"}}
    yield "formats", {"headers": {**valid["headers"], "Accept": f"text/{PLACE}", "If-None-Match": f'"{PLACE}"'}}


def _raw_bodies(known: Mapping[str, str], content: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    if content != A_NEW_FILE:
        yield "raw body", {"content": VALUE.encode()}
        return
    files = [*_files(known["account"])]
    for where, file in files if SCALE >= 50 else files[::6]:
        kind = "application/vnd.apache.parquet" if b"PAR1" in file else "text/csv"
        yield where, {"content": file, "headers": {"Content-Type": kind}}
    headers = {"Content-Type": "text/csv", "Content-Encoding": PLACE, "Repr-Digest": f"sha-256=:{PLACE}:"}
    yield "file headers", {"content": b"x", "headers": headers}


def marked_requests(contract: Mapping[str, Any], operation: Operation, known: Mapping[str, str]) -> Iterator[Marked]:
    """For one operation: a mark in each parameter, header, field and name, and in files."""
    request, path = REQUESTS[operation.id], operation.path
    for name, value in request.path.items():
        path = path.replace(f"{{{name}}}", known.get(value[1:-1], value))
    valid = {"url": path, "params": dict(request.query), "headers": dict(request.headers)}
    marked = [*_parameters(operation, valid), *_everywhere(valid)]
    if "application/json" in operation.declared.get("requestBody", {}).get("content", {}):
        marked += _bodies(contract, operation, request.body)
    if request.content is not None:
        marked += _raw_bodies(known, request.content)
    for where, parts in marked:
        yield Marked(operation, where, {**valid, **parts})


def all_marked(contract: Mapping[str, Any], known: Mapping[str, str]) -> Iterator[Marked]:
    for operation in operations_of(contract):
        yield from marked_requests(contract, operation, known)
