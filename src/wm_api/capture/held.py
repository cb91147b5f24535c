"""A held dataset: what its commit would change, and the decision."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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
    """A figure of one day, as it is and as it would be."""

    day: str
    name: str
    now: str
    then: str


def changes(preview: Mapping[str, Any]) -> Iterator[Change]:
    """Headcount of every day that the commit touches, and the metrics that it moves."""
    for day in preview["days"]:
        people = day["headcount"]
        yield Change(day["as_of"], "headcount", _count(people["now"]), _count(people["accepted"]))
        for each in day["metrics"]:
            now, then = _figure(each, each["now"]), _figure(each, each["accepted"])
            profile = "" if each["profile"] == "default" else f" ({each['profile']})"
            if now != then:
                yield Change(day["as_of"], f"{each['name']}{profile}", now, then)


def _count(people: int | None) -> str:
    return "-" if people is None else f"{people:,}"


def _figure(metric: Mapping[str, Any], figure: Mapping[str, Any] | None) -> str:
    """Without a value: why there is none."""
    if figure is None:
        return "-"
    if figure["value"] is None:
        return str(figure["reason"] or figure["status"]).replace("_", " ")
    unit = {"percent": " %", "ratio": "", "money_per_hour": " an hour"}.get(metric["unit"], f" {metric['unit']}")
    return f"{figure['value']:,.{metric['decimals']}f}{unit}"
