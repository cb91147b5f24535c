"""PURE: the sentences of a report. Each is made of rounded figures alone and carries its claim, so that a test can hold
one against the other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from wm_api.scores.report.facts import FLOORS, VERIFIED, Area, Report, Span, Step
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
    UNKNOWN = "unknown"
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
        where = "What would help is listed below." if report.lifts else "The figures below say what is missing."
        yield Sentence(Claim.NO_SCORE, f"There is not enough data for a score yet. {where}")
        return
    yield Sentence(Claim.SCORE, f"{report.headline} of 100 points on {day(report.day)}: {stars(report.star)}.")
    yield _certainty(report.headline, report.interval)
    yield from _held_back(report, report.star)
    if report.data_grade:
        covered = "" if report.coverage is None else f": figures for {report.coverage} % of the score's weight"
        yield Sentence(Claim.GRADE, f"The data have grade {report.data_grade}, of A (best) to D{covered}.")
    if report.beside:
        verification = report.beside.verification
        yield Sentence(Claim.VERIFIED, VERIFIED[verification], verification)


def _certainty(headline: Decimal, interval: Span) -> Sentence:
    """Noise of figures at an end of their scale goes one way only, and can leave the score outside its interval."""
    low, high = interval.low, interval.high
    if low == headline == high:
        return Sentence(Claim.CERTAIN, f"It is {low} with 95 % certainty, as it is printed.")
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
        yield Sentence(Claim.CAPPED, f"No more than {_given(report.cap)}, because {reasons}.")
    given = star if report.band is None else min(report.band, report.cap or report.band)
    if star != given:
        yield Sentence(
            Claim.KEPT,
            f"The points alone would give {stars(given)}. A star moves only when chance hardly explains it, so "
            f"{_given(star)}.",
        )


def _given(star: int) -> str:
    return f"{stars(star)} {'is' if star == 1 else 'are'} given"


def of_areas(report: Report) -> Iterator[Sentence]:
    """The strongest and the weakest, then what each area adds to or takes from the middle of 50."""
    known = {area: area.score for area in report.areas if area.score is not None}
    best, worst = max(known.values(), default=None), min(known.values(), default=None)
    if best != worst:
        yield Sentence(Claim.STRONGEST, f"Strongest: {_named(known, best)}. Weakest: {_named(known, worst)}.")
    unknown = [area.name for area in report.areas if area.score is None]
    if known and unknown and report.headline is not None:
        whose = "its weight" if len(unknown) == 1 else "their weight"
        yield Sentence(Claim.UNKNOWN, f"There is no score for {listed(unknown)}: the other areas carry {whose}.")
    for area in known:
        if area.points is not None:
            yield _moves(area, area.points)


def _named(known: Mapping[Area, Decimal], score: Decimal | None) -> str:
    """All areas that print alike."""
    return f"{listed([area.name for area, of_area in known.items() if of_area == score])} ({score})"


def _moves(area: Area, points: Decimal) -> Sentence:
    if points == 0:
        return Sentence(Claim.NEUTRAL, f"{area.name} {area.verb('leave')} the score where it is.", area.key)
    if points > 0:
        return Sentence(Claim.LIFTS, f"{area.name} {area.verb('lift')} the score by {points} points.", area.key)
    return Sentence(Claim.LOWERS, f"{area.name} {area.verb('lower')} the score by {-points} points.", area.key)


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
    "methodology": "Another methodology, or another version of its calculation,",
}
OTHER_TABLES = "The company's own data, read with other editions of reference tables,"
UNMOVED = {"methodology": "The methodology"}
"""What did nothing may be the same as before."""


def of_change(report: Report) -> Iterator[Sentence]:
    """What moved the score since the one published before, and by how much."""
    change = report.change
    if change is None or report.headline is None:
        return
    yield Sentence(
        Claim.SINCE, f"The score published for {day(change.day)} was {change.before}; this one is {report.headline}."
    )
    causes = {**CAUSES, "own_data": OTHER_TABLES} if change.references else CAUSES
    for name, cause in causes.items():
        points = getattr(change, name)
        if points > 0:
            yield Sentence(Claim.RAISED, f"{cause} raised it by {points} points.", name)
        elif points < 0:
            yield Sentence(Claim.REDUCED, f"{cause} reduced it by {-points} points.", name)
        else:
            yield Sentence(Claim.UNMOVED, f"{UNMOVED.get(name, cause)} did not move it.", name)


def of_steps(report: Report) -> Iterator[Sentence]:
    """The best of the steps that bring points as they are printed."""
    for step in report.steps[:SHOWN_STEPS]:
        if step.points > 0 and step.start != step.end:
            yield Sentence(Claim.BRINGS, _brings(step), step.name)


def _brings(step: Step) -> str:
    start, end = amount(step.start, step.unit), amount(step.end, step.unit)
    low, high = step.likely.low, step.likely.high
    likely = f"{signed(low)} to {signed(high)}" if low < high else signed(low)
    sure = f" ({likely} with 80 % certainty)"
    if not low <= step.points <= high:
        sure = f"; where chance moves the figures, {likely} in 80 % of draws"
    return f"{step.name} from {start} to {end} would bring {step.points} points{sure}."


def of_missing(report: Report) -> Iterator[Sentence]:
    """What would lift coverage, best first."""
    for lift in report.lifts:
        kind = "The column" if lift.kind == "column" else "A file of kind"
        more = f"figures for {lift.weight} % more of the score's weight"
        yield Sentence(Claim.MISSING, f"{kind} {lift.name} would give {more}.", lift.name)


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
