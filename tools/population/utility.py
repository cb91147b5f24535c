"""What released quartiles are off by: of the release itself, and of many draws from the same groups.

Error: a released quartile less the quartile of the groups in the cell (linear interpolation, clamped to the public
bounds), in percent of the metric's scale. A population that is made up may be drawn from again and again; that of
real companies never: each draw would cost budget.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from tools.population.release import Released

from wm_api.benchmarks.contributed.drawing import Drawn, drawn, due, parent_of
from wm_api.benchmarks.contributed.entries import Entry, by_cell
from wm_api.benchmarks.contributed.plan import Plan
from wm_api.benchmarks.contributed.printing import ERROR_AT_GATE
from wm_api.benchmarks.contributed.tree import Node

LIMIT = 100 * ERROR_AT_GATE
QUARTILES = ("p25", "p50", "p75")
OFTEN = 0.1
"""A cell that comes out in fewer of the draws has no 95 % of its own; it counts in those of its statistic."""
Key = tuple[str, str]
Cells = Mapping[Node, Sequence[Entry]]


def utility(released: Released, draws: int) -> dict[str, Any]:
    """Figures of one release. The draws are noise without a seed: again they give the same but for chance."""
    plan, cells = released.plan, by_cell(released.entries, released.plan)
    true = _true(plan, cells)
    repeated = _repeated(plan, cells, draws, true)
    errors = [each for key, value in released.cells.items() for each in _errors(plan, key[1], value, true[key])]
    return {
        "release": released.name,
        "plan": plan.name,
        "groups": len(released.entries),
        "cells": _levels(plan, cells, released.cells),
        "published_values": len(errors),
        "p95_error": _p95(errors),
        "largest_error": max(errors, default=None),
        "draws": draws,
        "statistics": _statistics(plan, repeated),
        "by_cell": _by_cell(plan, cells, released.cells, true, repeated, draws),
        "verdict": _verdict(repeated, draws),
    }


def _true(plan: Plan, cells: Cells) -> dict[Key, tuple[float, ...]]:
    return {
        (node.key, statistic.name): tuple(
            np.quantile([entry.values[at] for entry in inside], [0.25, 0.5, 0.75], method="linear").tolist()
        )
        for node, inside in cells.items()
        for at, statistic in enumerate(plan.statistics)
    }


def _errors(plan: Plan, statistic: str, value: Drawn, true: Sequence[float]) -> list[float]:
    """Of the values that are published of it, in percent of the scale."""
    whole = next(each for each in plan.statistics if each.name == statistic).scale.range
    shown = (getattr(value, name) for name in QUARTILES)
    return [100 * abs(one - other) / whole for one, other in zip(shown, true, strict=True) if one is not None]


def draw(plan: Plan, cells: Cells) -> dict[Key, Drawn]:
    """One release of these groups, as the ledger draws it: parents before their children."""
    found: dict[Key, Drawn] = {}
    for node in sorted(cells, key=lambda each: (plan.levels.index(each.level), each.key)):
        for each in due(plan, node, cells[node]):
            value = drawn(each, parent_of(each, found))
            if value is not None:
                found[node.key, each.statistic.name] = value
    return found


def _repeated(
    plan: Plan, cells: Cells, draws: int, true: Mapping[Key, Sequence[float]]
) -> dict[Key, list[list[float]]]:
    """By cell and statistic, the errors of each draw in which it came out."""
    errors = defaultdict(list)
    for _ in range(draws):
        for key, value in draw(plan, cells).items():
            errors[key].append(_errors(plan, key[1], value, true[key]))
    return errors


def _levels(plan: Plan, cells: Cells, published: Mapping[Key, Drawn]) -> dict[str, dict[str, int]]:
    """Of each level: cells with a group in them, with ten, and those of which something is published."""
    out = {key for key, _ in published}
    return {
        level: {
            "with_groups": sum(node.level == level for node in cells),
            "with_10_groups": sum(node.level == level and len(inside) >= 10 for node, inside in cells.items()),
            "published": sum(node.level == level and node.key in out for node in cells),
            "statistics_published": sum(node.level == level and (node.key, each.name) in published
                                        for node in cells for each in plan.statistics),
        }
        for level in plan.levels
    }  # fmt: skip


def _statistics(plan: Plan, repeated: Mapping[Key, list[list[float]]]) -> dict[str, dict[str, Any]]:
    found = {}
    for statistic in plan.statistics:
        errors = [one for key, draws in repeated.items() if key[1] == statistic.name for each in draws for one in each]
        found[statistic.name] = {
            "values": len(errors),
            "p95_error": _p95(errors),
            "largest_error": max(errors, default=None),
        }
    return found


def _by_cell(
    plan: Plan,
    cells: Cells,
    published: Mapping[Key, Drawn],
    true: Mapping[Key, Sequence[float]],
    repeated: Mapping[Key, list[list[float]]],
    draws: int,
) -> list[dict[str, Any]]:
    """Every cell and statistic that was ever drawn; `stated_error` is what the release prints beside the values."""
    found = []
    for node in sorted(cells, key=lambda each: (plan.levels.index(each.level), each.key)):
        for statistic in plan.statistics:
            key = (node.key, statistic.name)
            value, again = published.get(key), repeated.get(key, [])
            if value is None and not again:
                continue
            found.append({
                "cell": node.key,
                "statistic": statistic.name,
                "groups": len(cells[node]),
                "true": list(true[key]),
                "released": [value.p25, value.p50, value.p75] if value else None,
                "error": max(_errors(plan, statistic.name, value, true[key])) if value else None,
                "stated_error": 100 * value.error / statistic.scale.range if value else None,
                "published_of_draws": len(again) / draws,
                "p95_error": _p95([one for each in again for one in each]),
            })  # fmt: skip
    return found


def _verdict(repeated: Mapping[Key, list[list[float]]], draws: int) -> dict[str, Any]:
    """Wherever a cell comes out often enough to say so, 95 % of its values must lie within the limit."""
    of_cells = {
        key: _p95([one for each in again for one in each])
        for key, again in repeated.items()
        if len(again) >= OFTEN * draws
    }
    worst = max(of_cells, key=lambda key: of_cells[key] or 0.0, default=None)
    pooled = [one for again in repeated.values() for each in again for one in each]
    return {
        "limit": LIMIT,
        "p95_error": _p95(pooled),
        "worst_cell": None
        if worst is None
        else {"cell": worst[0], "statistic": worst[1], "p95_error": of_cells[worst]},
        "over_the_limit": sorted("/".join(key) for key, error in of_cells.items() if (error or 0.0) > LIMIT),
        "holds": all((error or 0.0) <= LIMIT for error in of_cells.values()),
    }


def _p95(errors: Sequence[float]) -> float | None:
    return float(np.quantile(errors, 0.95, method="linear")) if errors else None
