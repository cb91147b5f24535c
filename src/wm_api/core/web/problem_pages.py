"""A page for each problem code, from its class and the contract: docs/problems/, written by `wm-api openapi`."""

from collections.abc import Mapping
from typing import Any

from wm_api.core.problems import Problem, problems_by_code

COMMON = 20
"""A code that more operations than this can answer is said to be common."""


def problem_pages(contract: Mapping[str, Any]) -> dict[str, str]:
    """File name and text of every page, and of the index."""
    answered: dict[str, list[str]] = {code: [] for code in problems_by_code()}
    operations = [each for path in contract["paths"].values() for each in path.values()]
    for operation in operations:
        for code in operation["x-wm-problems"]:
            answered[code].append(operation["operationId"])
    pages = {f"{code}.md": _page(problem, sorted(answered[code])) for code, problem in problems_by_code().items()}
    return {**pages, "README.md": _index()}


def _page(problem: type[Problem], operations: list[str]) -> str:
    names = ", ".join(f"`{name}`" for name in operations)
    if len(operations) > COMMON:
        names = f"{len(operations)} operations; the contract names it at each"
    return "\n".join(
        (
            f"# {problem.code}",
            f"{problem.status}: {problem.title}",
            "",
            f"**What it means.** {problem.meaning}",
            "",
            f"**What to do.** {problem.remedy}",
            "",
            f"**Repeat as it is?** {'Yes, after `Retry-After`.' if problem.retryable else 'No.'}",
            "",
            f"**Answered by.** {names or 'No call; it is the `error` of an operation.'}",
            "",
        )
    )


def _index() -> str:
    rows = [f"| [{code}]({code}.md) | {each.status} | {each.title} |" for code, each in problems_by_code().items()]
    head = ["# Problems", "Written by `wm-api openapi`; the same is served at `/problems`.", ""]
    return "\n".join([*head, "| code | status | title |", "|---|---|---|", *rows, ""])
