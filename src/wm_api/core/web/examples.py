"""Examples of each operation, one file each, recorded from the running service by tools/contract/record.py."""

import json
from functools import cache
from importlib import resources
from typing import Any

PROBLEM = "#/components/responses/Problem"


@cache
def example_of(operation_id: str) -> dict[str, Any]:
    """`request` {query, headers, body}, `answer` {status, media_type, body}, `problem` {status, body}; or nothing."""
    file = resources.files("wm_api.core.web").joinpath(f"examples/{operation_id}.json")
    if not file.is_file():
        return {}
    example: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return example


def add(operation: dict[str, Any]) -> None:
    """Put the examples where the contract has a place for them."""
    example = example_of(operation["operationId"])
    if not example:
        return
    request, answer, problem = example["request"], example["answer"], example["problem"]
    for parameter in operation["parameters"]:
        given = {**request.get("query", {}), **request.get("headers", {}), **request.get("path", {})}
        if parameter["name"] in given:
            parameter["example"] = given[parameter["name"]]
    if "body" in request:
        operation["requestBody"]["content"][request["media_type"]]["example"] = request["body"]
    if "body" in answer:
        operation["responses"][str(answer["status"])]["content"][answer["media_type"]]["example"] = answer["body"]
    if "body" in problem:  # a HEAD has none
        _add_problem(operation["responses"], problem)


def _add_problem(responses: dict[str, Any], problem: dict[str, Any]) -> None:
    """A response by reference has no place for an example, so this one stands written out; its schema is the same."""
    status = str(problem["status"])
    schema = {"$ref": "#/components/schemas/Problem"}
    content = {"application/problem+json": {"schema": schema, "example": problem["body"]}}
    known = responses[status]
    if known.get("$ref") == PROBLEM:
        headers = {"WM-Request-Id": {"$ref": "#/components/headers/WM-Request-Id"}}
        responses[status] = {"description": known["description"], "content": content, "headers": headers}
    else:
        known["content"].update(content)
