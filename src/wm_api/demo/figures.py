"""All figures of the demo as one JSON document: metrics by id, score, areas; unrounded."""

from typing import Any

DEFAULT = "default"
KEPT = ("value", "unit", "decimals", "status", "reason", "profile", "n", "groups", "interval", "basis")


def collected(metrics: list[dict[str, Any]], score: dict[str, Any], explanation: dict[str, Any]) -> dict[str, Any]:
    """Metrics by id in profile default, with their other profiles and their benchmark beside them."""
    peers = {each["metric"]: each["benchmark"] for each in explanation["contributions"] if each["metric"]}
    found: dict[str, Any] = {}
    for each in metrics:
        if each["profile"] == DEFAULT:
            found[each["metric"]] = {**_figure(each), "benchmark": peers.get(each["metric"]), "profiles": {}}
    for each in metrics:
        if each["profile"] != DEFAULT:
            found[each["metric"]]["profiles"][each["profile"]] = _figure(each)
    return {"metrics": found, "score": score, "areas": score["areas"], "explanation": explanation}


def _figure(metric: dict[str, Any]) -> dict[str, Any]:
    by_group = {part["group"]: part["n"] for part in metric["groups"]}
    return {name: metric.get(name) for name in KEPT} | {"n_by_group": by_group}
