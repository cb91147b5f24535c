"""PURE: what accepting a held dataset would change on a day; figures rounded as they are printed."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from wm_api.metrics.catalogue import CATALOGUE
from wm_api.metrics.figures import Figure, published

Figures = Mapping[tuple[str, str], Mapping[str, Any]]
"""By metric and profile, as they are kept."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Of one day: its window, how many people are employed on it, and the figures."""

    period: tuple[str, str]
    headcount: int
    figures: Figures


def figures_from(computed: Mapping[str, Mapping[str, Figure]]) -> Figures:
    """Those that are kept of what was computed."""
    rows = ((metric, profile, figure) for profile, found in computed.items() for metric, figure in found.items())
    return {
        (metric, profile): asdict(figure) for metric, profile, figure in rows if profile in CATALOGUE[metric].profiles
    }


def effect(day: str, now: Shown | None, accepted: Shown | None) -> dict[str, Any]:
    """None where the day has no figures, before or after."""
    start, end = (accepted or now or Shown(("", ""), 0, {})).period
    return {
        "as_of": day,
        "period_start": start,
        "period_end": end,
        "headcount": {"now": now and now.headcount, "accepted": accepted and accepted.headcount},
        "metrics": list(_metrics(now.figures if now else {}, accepted.figures if accepted else {})),
    }


def _metrics(now: Figures, accepted: Figures) -> Iterator[dict[str, Any]]:
    for metric, profile in sorted({*now, *accepted}, key=lambda key: (list(CATALOGUE).index(key[0]), key[1])):
        definition = CATALOGUE[metric]
        yield {
            "metric": metric,
            "name": definition.name,
            "profile": profile,
            "unit": definition.unit,
            "decimals": definition.decimals,
            "now": _printed(now.get((metric, profile)), definition.decimals),
            "accepted": _printed(accepted.get((metric, profile)), definition.decimals),
        }


def _printed(figure: Mapping[str, Any] | None, decimals: int) -> dict[str, Any] | None:
    if figure is None:
        return None
    groups = [{**each, "value": _rounded(each["value"], decimals)} for each in figure["groups"]]
    value = _rounded(figure["value"], decimals)
    return {
        "value": value,
        "status": str(figure["status"]),
        "reason": figure["reason"],
        "n": figure["n"],
        "groups": groups,
    }


def _rounded(value: float | None, decimals: int) -> float | None:
    return None if value is None else float(published(value, decimals))
