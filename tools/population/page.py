"""The population and the utility of its releases as a page (Markdown) for people."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from tools.robustness.report import table


def summary(entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Of what was pushed."""
    people = [each["people"] for each in entries]
    sizes = {str(at): float(np.quantile(people, at, method="linear")) for at in (0.0, 0.25, 0.5, 0.75, 0.95, 1.0)}
    return {
        "companies": len(entries),
        "people": sum(people),
        "people_quantiles": sizes,
        "files": sum(each["files"] for each in entries),
        "bytes": sum(each["bytes"] for each in entries),
        "scored": sum(each["status"] == "ok" for each in entries),
        "agree": sum(each["agrees"] for each in entries),
        "groups": len({each["group"] for each in entries}),
    }


def page(found: Mapping[str, Any]) -> str:
    people = found["population"]
    sizes = ", ".join(f"{float(at):.0%} {value:.0f}" for at, value in people["people_quantiles"].items())
    lines = [
        "# Utility of contributed releases over a population",
        "Companies that are made up (`tools/population`), pushed as files and scored by the service, then released by",
        "`wm-api release-benchmarks` with its clock 91 days on (`metric_v1`: a year later, for one plan fills a year).",
        "It says how the mechanisms behave, not how employers are.",
        "",
        f"{people['companies']} companies pushed {people['files']} files, {people['bytes'] / 1e6:.0f} MB;",
        f"they have {people['people']} people (quantiles {sizes}).",
        f"{people['scored']} have a score, {people['agree']} agree to take part, in {people['groups']} groups.",
        "",
        "Error: a released quartile less that of the groups in the cell, in percent of the metric's scale. Draws: the",
        "same groups are drawn from again and again, which only a population that is made up allows. Noise takes no",
        "seed, so figures move a little from run to run.",
    ]
    for each in found["releases"]:
        lines += ["", *_release(each)]
    return "\n".join([*lines, ""])


def _release(each: Mapping[str, Any]) -> list[str]:
    verdict, worst = each["verdict"], each["verdict"]["worst_cell"]
    own = (
        f"Its {each['published_values']} values are off by {_number(each['p95_error'])} at 95 %, "
        f"by {_number(each['largest_error'])} at most."
        if each["published_values"]
        else "Nothing of it reached a gate."
    )
    word = "it holds" if verdict["holds"] else "it does not hold"
    most = f"{worst['cell']}, {worst['statistic']}, {_number(worst['p95_error'])}" if worst else "none"
    return [
        f"## {each['plan']}: {each['groups']} groups",
        own,
        "",
        f"**{verdict['limit']:.0f} points at 95 % wherever a cell is published: {word}.**",
        f"{each['draws']} draws: all values together {_number(verdict['p95_error'])}; worst cell: {most}.",
        f"Over the limit: {', '.join(verdict['over_the_limit']) or 'none'}.",
        "",
        *_levels(each["cells"]),
        "",
        *_statistics(each["statistics"]),
        "",
        *_cells(each["by_cell"]),
    ]


def _levels(found: Mapping[str, Mapping[str, int]]) -> list[str]:
    heads = ["level", "cells with groups", "with 10 or more", "published", "statistics published"]
    return table(heads, [[level, *(str(count) for count in of.values())] for level, of in found.items()])


def _statistics(found: Mapping[str, Mapping[str, Any]]) -> list[str]:
    rows = [
        [name, str(of["values"]), _number(of["p95_error"]), _number(of["largest_error"])] for name, of in found.items()
    ]
    return table(["statistic", "values drawn", "95 % error", "largest"], rows)


def _cells(found: Sequence[Mapping[str, Any]]) -> list[str]:
    heads = ["cell", "statistic", "groups", "true", "released", "off by", "stated", "comes out", "95 % error"]
    rows = [
        [
            of["cell"],
            of["statistic"],
            str(of["groups"]),
            _values(of["true"]),
            _values(of["released"]),
            _number(of["error"]),
            _number(of["stated_error"]),
            f"{of['published_of_draws']:.0%}",
            _number(of["p95_error"]),
        ]
        for of in found
    ]
    return table(heads, rows)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _values(values: Sequence[float | None] | None) -> str:
    return "-" if values is None else " ".join("." if each is None else f"{each:.1f}" for each in values)
