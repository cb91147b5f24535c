"""PURE: the sentences of a report. Each is made of rounded figures alone and carries its claim, so that a test can hold
one against the other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from wm_api.scores.report.facts import FLOORS, MIDDLE, VERIFIED, Area, Metric, Peers, Report, Span, Step
from wm_api.scores.report.printing import amount, day, listed, signed, stars

SHOWN_STEPS = 6


class Claim(StrEnum):
    SCORE = "score"
    NO_SCORE = "no_score"
    CERTAIN = "certain"
    ASIDE = "aside"
    CAPPED = "capped"
    KEPT = "kept"
    GRADE = "grade"
    STRONGEST = "strongest"
    LIFTS = "lifts"
    LOWERS = "lowers"
    NEUTRAL = "neutral"
    BETTER = "better"
    WORSE = "worse"
    LEVEL = "level"
    ROSE = "rose"
    FELL = "fell"
    STAYED = "stayed"
    SINCE = "since"
    RAISED = "raised"
    REDUCED = "reduced"
    UNMOVED = "unmoved"
    BRINGS = "brings"
    MISSING = "missing"
    FEWER = "fewer"
    MORE = "more"
    EVEN = "even"
    VERIFIED = "verified"
    PERIMETER = "perimeter"
    DECLARED = "declared"
    CONTINGENT = "contingent"
    FOUND = "found"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Sentence:
    """`about` is the area, metric or other thing that the claim is made of."""

    claim: Claim
    text: str
    about: str = ""


def of_score(report: Report) -> Iterator[Sentence]:
    """What the score is, how sure it is, what holds it back, and how good the data are."""
    if report.headline is None or report.interval is None or report.star is None:
        yield Sentence(Claim.NO_SCORE, "There is not enough data for a score yet. What would help is listed below.")
        return
    yield Sentence(Claim.SCORE, f"{report.headline} of 100 points on {day(report.day)}: {stars(report.star)}.")
    yield _certainty(report.headline, report.interval)
    yield from _held_back(report, report.star)
    if report.data_grade:
        covered = "" if report.coverage is None else f": figures for {report.coverage} % of the weight"
        yield Sentence(Claim.GRADE, f"The data have grade {report.data_grade}{covered}.")
    if report.beside:
        verification = report.beside.verification
        yield Sentence(Claim.VERIFIED, VERIFIED[verification], verification)


def _certainty(headline: Decimal, interval: Span) -> Sentence:
    """Noise of figures at an end of their scale goes one way only, and can leave the score outside its interval."""
    low, high = interval.low, interval.high
    if low <= headline <= high:
        return Sentence(Claim.CERTAIN, f"It lies between {low} and {high} with 95 % certainty.")
    side = "above" if headline < low else "below"
    return Sentence(
        Claim.ASIDE,
        f"Its 95 % interval is {low} to {high}, {side} the score itself: chance moves figures like these one way only.",
    )


def _held_back(report: Report, star: int) -> Iterator[Sentence]:
    """Floors are named whether or not they take a star; so is a star that has not moved yet."""
    if report.floors and report.cap is not None:
        reasons = listed([FLOORS[each] for each in report.floors])
        yield Sentence(Claim.CAPPED, f"No more than {stars(report.cap)} are given, because {reasons}.")
    given = star if report.band is None else min(report.band, report.cap or report.band)
    if star != given:
        yield Sentence(
            Claim.KEPT,
            f"The points alone would give {stars(given)}. A star moves only when chance hardly explains it, so it "
            f"stays at {star}: between {min(star, given)} and {max(star, given)}.",
        )


def of_areas(report: Report) -> Iterator[Sentence]:
    """The strongest and the weakest, then what each area adds to or takes from the middle of 50."""
    known = {area: area.score for area in report.areas if area.score is not None}
    best, worst = max(known.values(), default=None), min(known.values(), default=None)
    if best != worst:
        yield Sentence(Claim.STRONGEST, f"Strongest: {_named(known, best)}. Weakest: {_named(known, worst)}.")
    for area in known:
        if area.points is not None:
            yield _moves(area, area.points)


def _named(known: Mapping[Area, Decimal], score: Decimal | None) -> str:
    """All areas that print alike."""
    return f"{listed([area.name for area, of_area in known.items() if of_area == score])} ({score})"


def _moves(area: Area, points: Decimal) -> Sentence:
    if points == 0:
        return Sentence(Claim.NEUTRAL, f"{area.name} leaves the score where it is.", area.key)
    if points > 0:
        return Sentence(Claim.LIFTS, f"{area.name} lifts the score by {points} points.", area.key)
    return Sentence(Claim.LOWERS, f"{area.name} lowers the score by {-points} points.", area.key)


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
    value, counted = amount(metric.value, metric.unit), amount(place.counted, metric.unit)
    noise = (
        ""
        if place.counted in {metric.value, abs(metric.value)}
        else f" ({counted} without what chance alone adds to a gap)"
    )
    return (
        f"{metric.name} is {value}{noise}, {COMPARED[claim]} {amount(peers.q50, metric.unit)}, the middle of "
        f"{_whom(peers, metric.unit)}. That is position {place.position} of 100, in the {place.quarter} quarter; "
        f"with 95 % certainty between {place.low} and {place.high}."
    )


def _whom(peers: Peers, unit: str) -> str:
    """Contributed figures never without what they may be off by."""
    called = f"peers: {peers.label}" if peers.are_peers else peers.label
    off = f"; it may be off by {amount(peers.error, unit)} (95 %)" if peers.contributed else ""
    if not peers.declared:
        return called + off
    whose = "of which the second has a spread that" if peers.contributed else "whose spread"
    return f"{called}, {whose} is declared, not measured{off}"


def of_trend(report: Report) -> Iterator[Sentence]:
    """Against the published score before."""
    if len(report.trend) > 1:
        before, now = report.trend[-2:]
        since = f"since {day(before.day)}"
        if now.score == before.score:
            yield Sentence(Claim.STAYED, f"The score stayed at {now.score} {since}.")
        elif now.score > before.score:
            yield Sentence(Claim.ROSE, f"The score rose from {before.score} to {now.score} {since}.")
        else:
            yield Sentence(Claim.FELL, f"The score fell from {before.score} to {now.score} {since}.")


CAUSES = {
    "own_data": "The company's own data",
    "benchmark": "The others that it is compared with",
    "methodology": "Another methodology",
}


def of_change(report: Report) -> Iterator[Sentence]:
    """What moved the score since the one published before, and by how much."""
    change = report.change
    if change is None or report.headline is None:
        return
    yield Sentence(
        Claim.SINCE, f"The score published for {day(change.day)} was {change.before}; this one is {report.headline}."
    )
    for name, cause in CAUSES.items():
        points = getattr(change, name)
        if points > 0:
            yield Sentence(Claim.RAISED, f"{cause} raised it by {points} points.", name)
        elif points < 0:
            yield Sentence(Claim.REDUCED, f"{cause} reduced it by {-points} points.", name)
        else:
            yield Sentence(Claim.UNMOVED, f"{cause} did not move it.", name)


def of_steps(report: Report) -> Iterator[Sentence]:
    """The best of the steps that bring points as they are printed."""
    for step in report.steps[:SHOWN_STEPS]:
        if step.points > 0:
            yield Sentence(Claim.BRINGS, _brings(step), step.name)


def _brings(step: Step) -> str:
    start, end = amount(step.start, step.unit), amount(step.end, step.unit)
    likely = f"{signed(step.likely.low)} to {signed(step.likely.high)}"
    return f"{step.name} from {start} to {end} would bring {step.points} points ({likely} with 80 % certainty)."


def of_missing(report: Report) -> Iterator[Sentence]:
    """What would lift coverage, best first."""
    for lift in report.lifts:
        kind = "The column" if lift.kind == "column" else "A file of kind"
        yield Sentence(Claim.MISSING, f"{kind} {lift.name} would add {lift.weight} % of the weight.", lift.name)


def of_quarters(report: Report) -> Iterator[Sentence]:
    """Women in the best paid quarter beside the lowest paid one."""
    if not report.quarters:
        return
    lowest, highest = report.quarters[0], report.quarters[-1]
    if lowest == highest:
        yield Sentence(Claim.EVEN, f"Women are {highest} % of the best and of the lowest paid quarter.")
        return
    claim = Claim.FEWER if highest < lowest else Claim.MORE
    yield Sentence(claim, f"Women are {highest} % of the best paid quarter and {lowest} % of the lowest paid.")
