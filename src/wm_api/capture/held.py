"""A held dataset: what its commit would change, and the decision."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from wm_api.capture.client import Client
from wm_api.capture.problems import RefusedByServer

STATES = {"commit": "accepted", "discard": "discarded"}
"""What each decision makes of a held dataset."""


def decided(client: Client, dataset: str, decision: str) -> dict[str, Any]:
    """The dataset after it; what was decided so before, by whomever, stays so. Raises RefusedByServer, NetworkAway."""
    try:
        return client.call("POST", f"/v1/datasets/{dataset}/{decision}").body
    except RefusedByServer as refused:
        if refused.problem.get("state") != STATES[decision]:
            raise
        return client.call("GET", f"/v1/datasets/{dataset}").body


@dataclass(frozen=True, slots=True)
class Change:
    """A figure of one day, as it is and as it would be. `moved` is by which share; without bound where it comes,
    goes or is a headcount, nothing where neither side has a value, and below zero in another profile than the default.
    """

    day: str
    name: str
    now: str
    then: str
    moved: float


def changes(preview: Mapping[str, Any]) -> Iterator[Change]:
    """Headcount of every day that the commit touches, and the metrics that it moves."""
    for day in preview["days"]:
        people = day["headcount"]
        yield Change(day["as_of"], "headcount", _count(people["now"]), _count(people["accepted"]), inf)
        for each in day["metrics"]:
            now, then = _figure(each, each["now"]), _figure(each, each["accepted"])
            plain = each["profile"] == "default"
            if now != then:
                name = each["name"] if plain else f"{each['name']} ({each['profile']})"
                yield Change(day["as_of"], name, now, then, _moved(each["now"], each["accepted"]) if plain else -1)


def foremost(found: Sequence[Change], most: int) -> list[Change]:
    """Those of the default profile that move furthest, headcounts first, in the order of `found`."""
    shown = sorted((at for at, each in enumerate(found) if each.moved >= 0), key=lambda at: -found[at].moved)[:most]
    return [found[at] for at in sorted(shown)]


def _moved(now: Mapping[str, Any] | None, then: Mapping[str, Any] | None) -> float:
    before, after = (now or {}).get("value"), (then or {}).get("value")
    if before is None and after is None:
        return 0.0  # only the reason why there is none
    return inf if before is None or after is None or not before else abs(after / before - 1)


def _count(people: int | None) -> str:
    return "-" if people is None else f"{people:,}"


def _figure(metric: Mapping[str, Any], figure: Mapping[str, Any] | None) -> str:
    """Without a value: why there is none."""
    if figure is None:
        return "-"
    if figure["value"] is None:
        return str(figure["reason"] or figure["status"]).replace("_", " ")
    unit = {"percent": " %", "ratio": "", "money_per_hour": " an hour", "percentage_points": " pp"}.get(
        metric["unit"], f" {metric['unit']}"
    )
    return f"{figure['value']:,.{metric['decimals']}f}{unit}"
