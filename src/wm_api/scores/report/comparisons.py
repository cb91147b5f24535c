"""PURE: sentences on where a figure lies beside those of others."""

from collections.abc import Iterator
from decimal import Decimal

from wm_api.scores.report.facts import MIDDLE, Metric, Peers, Place, Report
from wm_api.scores.report.printing import amount
from wm_api.scores.report.sentences import Claim, Sentence

COMPARED = {
    Claim.BETTER: "better than",
    Claim.WORSE: "worse than",
    Claim.LEVEL: "level with",
}


def of_peers(report: Report) -> Iterator[Sentence]:
    """Each compared figure beside the middle of those that it is compared with."""
    for metric in report.placed:
        claim = compared(metric)
        yield Sentence(claim, _beside(metric, claim), metric.key)


def compared(metric: Metric) -> Claim:
    """By the position as it is printed; figures that print alike are level."""
    place, peers = metric.place, metric.peers
    if place is None or peers is None or place.position == MIDDLE or place.counted == peers.q50:
        return Claim.LEVEL
    return Claim.BETTER if place.position > MIDDLE else Claim.WORSE


def _beside(metric: Metric, claim: Claim) -> str:
    place, peers = metric.place, metric.peers
    if place is None or peers is None or metric.value is None:
        raise ValueError("only a figure with a place is compared")
    value, middle = amount(metric.value, metric.unit), amount(peers.q50, metric.unit)
    sure = (
        f"({place.low} to {place.high} with 95 % certainty)"
        if place.low < place.high
        else "(the same with 95 % certainty)"
    )
    return (
        f"{metric.name} is {value}{_counted(metric, metric.value, place)}, {COMPARED[claim]} {middle}, the middle of "
        f"{_whom(peers, metric.unit)}. That is position {place.position} of 100 {sure}, in the {place.quarter} quarter."
    )


def _counted(metric: Metric, value: Decimal, place: Place) -> str:
    """What counts by its size is a gap, of men before women; it counts without what chance alone adds to it."""
    ahead = "women are ahead" if value < 0 and place.counted != value else ""
    size = f"{amount(place.counted, metric.unit)} without what chance alone adds to a gap"
    noise = "" if place.counted in {value, abs(value)} else size
    said = "; ".join(filter(None, [ahead, noise or (ahead and "only the size counts")]))
    return f" ({said})" if said else ""


def _whom(peers: Peers, unit: str) -> str:
    """Contributed figures never without what they may be off by."""
    called = f"peers: {peers.label}" if peers.are_peers else peers.label
    error = amount(peers.error, "percentage_points" if unit == "percent" else unit)
    off = f"; that middle may be off by {error} (95 %)" if peers.contributed else ""
    if not peers.declared:
        return called + off
    whose = "of which the second has a spread that" if peers.contributed else "whose spread"
    return f"{called}, {whose} is declared, not measured{off}"
