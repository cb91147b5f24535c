"""Sentences of a report, read from their words alone and held against the figures that they explain."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from re import Match

from wm_api.scores.report.facts import AREAS, FLOORS, Beside, Change, Metric, Report
from wm_api.scores.report.sentences import Claim, Sentence

Said = Match[str]
N = r"[\u2212+]?\d[\d,]*(?:\.\d+)?"
UNITS = {"percent": " %", "percentage_points": " percentage points", "ratio": "", "days": " days", "hours": " hours"}
UNIT = f"(?:{'|'.join(UNITS.values())})"
AREA = "|".join(AREAS.values())
STARS = "no stars|one star|two stars|three stars|four stars|five stars"
GIVEN = {each: f"{each} of five {'is' if each == 'one star' else 'are'} given" for each in STARS.split("|")}
PLACES = {"worst": (0, 25), "second worst": (25, 50), "second best": (50, 75), "best": (75, 101)}
CAUSES = {"own_data": "The company's own data", "benchmark": "The others that it is compared with"}
VERIFIED = {"self": "own word", "provider_signed": "signed by", "reconciled": "totals", "assured": "auditor"}
PERIMETERS = {"complete": "said to hold the whole company", "partial": "a part of the company", "": "was not said"}
FOUND = {
    "bulk_regrade": "one day", "size_band_differs": "states a size", "stale_copy": "nearly the same",
    "title_only_promotion": "do not count",
}  # fmt: skip


def number(text: str) -> Decimal:
    return Decimal(text.replace("\N{MINUS SIGN}", "-").replace(",", ""))


def day(value: object) -> str:
    return f"{value:%d %B %Y}".removeprefix("0")


def count(text: str) -> int:
    return STARS.split("|").index(text)


def all_named(text: str, names: Mapping[str, bool]) -> bool:
    """Those that are true, each once, and no others."""
    return set(re.split(", | and ", text)) == {name for name, there in names.items() if there}


def score_holds(said: Said, report: Report, _: Sentence) -> bool:
    right = (number(said[1]), said[2], count(said[3]))
    return right == (report.headline, day(report.day), report.star)


def no_score_holds(said: Said, report: Report, _: Sentence) -> bool:
    return report.headline is None and (said[1] == "What would help is listed below") is bool(report.lifts)


def interval_holds(said: Said, report: Report, _: Sentence) -> bool:
    at, span = report.headline, report.interval
    assert at is not None
    assert span is not None
    if said[1] is None:
        return number(said[3]) == span.low == span.high == at
    return (number(said[1]), number(said[2])) == (span.low, span.high) and span.low <= at <= span.high > span.low


def aside_holds(said: Said, report: Report, _: Sentence) -> bool:
    at, span = report.headline, report.interval
    assert at is not None
    assert span is not None
    outside = at < span.low if said[3] == "above" else at > span.high
    return (number(said[1]), number(said[2])) == (span.low, span.high) and outside


def capped_holds(said: Said, report: Report, _: Sentence) -> bool:
    star, cap = report.star, count(said[1])
    said_all = [reason for reason in FLOORS.values() if reason in said[2]]
    return (
        cap == report.cap
        and (star or 0) <= cap
        and said_all == [FLOORS[each] for each in FLOORS if each in report.floors]
    )


def kept_holds(said: Said, report: Report, _: Sentence) -> bool:
    alone = min(report.band or 0, report.cap or 5)
    return (count(said[1]), count(said[2])) == (alone, report.star) and alone != report.star


def grade_holds(said: Said, report: Report, _: Sentence) -> bool:
    return said[1] == report.data_grade and (said[2] and number(said[2])) == report.coverage


def ends_hold(said: Said, report: Report, _: Sentence) -> bool:
    scores = {area.name: area.score for area in report.areas if area.score is not None}
    best, worst = max(scores.values()), min(scores.values())
    return (
        (number(said[2]), number(said[4])) == (best, worst)
        and best > worst
        and all_named(said[1], {name: score == best for name, score in scores.items()})
        and all_named(said[3], {name: score == worst for name, score in scores.items()})
    )


def unknown_holds(said: Said, report: Report, _: Sentence) -> bool:
    none = {area.name: area.score is None for area in report.areas}
    return all_named(said[1], none) and (said[2] == "its") is (sum(none.values()) == 1)


def area_holds(said: Said, report: Report, about: Sentence) -> bool:
    area = next(each for each in report.areas if each.name == said[1])
    points = {"lift": 1, "lower": -1, "leave": 0}[said[2]] * number(said[4] or "0")
    right = points == area.points and (points != 0) is (said[2] != "leave")
    return right and about.about == area.key and (said[3] == "s") is (area.name != "Benefits")


def place_holds(said: Said, report: Report, about: Sentence) -> bool:
    metric = next(each for each in report.placed if each.key == about.about)
    place, peers = metric.place, metric.peers
    assert place is not None
    assert peers is not None
    at, span = int(said["at"]), (int(said["low"] or place.low), int(said["high"] or place.high))
    low, end = PLACES[said["quarter"]]
    word = "level with" if at == 50 or place.counted == peers.q50 else "better than" if at > 50 else "worse than"
    return (
        (said["name"], number(said["value"]), at, span)
        == (metric.name, metric.value, place.position, (place.low, place.high))
        and (said["low"] is None) is (place.low == place.high)
        and low <= at < end
        and said["unit"] == UNITS[metric.unit]
        and (said["word"], number(said["middle"])) == (word, peers.q50)
        and counted_holds(said["counted"] or "", metric)
        and whom_holds(said["whom"], metric)
    )


def counted_holds(text: str, metric: Metric) -> bool:
    """A parenthesis says whatever sets the value apart from what counts, and nothing else."""
    value, counted = metric.value, metric.place and metric.place.counted
    assert value is not None
    assert counted is not None
    words = rf"(women are ahead)?(?:; )?(?:(only the size counts)|({N}){UNIT} without what chance alone adds to a gap)?"
    found = re.fullmatch(words, text)
    return (
        found is not None
        and (found[1] is not None) is (value < 0 and counted != value)
        and (found[2] is not None) is (value < 0 and counted == -value)
        and (found[3] is not None) is (counted not in {value, -value})
        and (found[3] is None or number(found[3]) == counted)
    )


def whom_holds(text: str, metric: Metric) -> bool:
    peers = metric.peers
    assert peers is not None
    off = re.search(rf"that middle may be off by ({N})({UNIT}) \(95 %\)", text)
    unit = {"percent": " percentage points"}.get(metric.unit, UNITS[metric.unit])
    return (
        peers.label in text
        and text.startswith("peers: ") is peers.are_peers
        and ("declared, not measured" in text) is peers.declared
        and (off is not None) is bool(peers.contributed)
        and (off is None or (number(off[1]), off[2]) == (peers.error, unit))
    )


def trend_holds(said: Said, report: Report, _: Sentence) -> bool:
    before, now = report.trend[-2:]
    if said[1] == "stayed":
        return number(said[2]) == before.score == now.score and said[4] == day(before.day)
    right = (number(said[2]), number(said[3]), said[4]) == (before.score, now.score, day(before.day))
    return right and (said[1] == "rose") is (now.score > before.score)


def change_of(report: Report) -> Change:
    assert report.change is not None
    return report.change


def since_holds(said: Said, report: Report, _: Sentence) -> bool:
    """The parts add to the difference that both figures of the sentence show."""
    change, before, now = change_of(report), number(said[2]), number(said[3])
    right = (said[1], before, now) == (day(change.day), change.before, report.headline)
    return right and change.own_data + change.benchmark + change.methodology == now - before


def cause_holds(said: Said, report: Report, about: Sentence) -> bool:
    points = {"raised it": 1, "reduced it": -1, "did not move it": 0}[said[2]] * number(said[3] or "0")
    word = CAUSES.get(
        about.about, "Another methodology, or another version of its calculation," if points else "The methodology"
    )
    if about.about == "own_data" and change_of(report).references:
        word += ", read with other editions of reference tables,"
    return said[1] == word and points == getattr(change_of(report), about.about) and bool(points) is bool(said[3])


def step_holds(said: Said, report: Report, about: Sentence) -> bool:
    step = next(each for each in report.steps if each.name == about.about)
    high = number(said["high"] or said["most"])
    low = number(said["low"] or said["least"] or f"{high}")
    inside = low <= step.points <= high
    right = (said["name"], number(said["start"]), number(said["end"])) == (step.name, step.start, step.end)
    points = number(said["points"]) == step.points > 0 and said["unit"] == UNITS[step.unit]
    return right and points and (low, high) == (step.likely.low, step.likely.high) and inside is bool(said["high"])


def missing_holds(said: Said, report: Report, _: Sentence) -> bool:
    kind = {"The column": "column", "A file of kind": "kind"}[said[1]]
    return (kind, said[2], number(said[3])) in [(each.kind, each.name, each.weight) for each in report.lifts]


def quarters_hold(said: Said, report: Report, about: Sentence) -> bool:
    best, lowest = number(said[1]), number(said[2] or said[1])
    claim = Claim.EVEN if best == lowest else Claim.FEWER if best < lowest else Claim.MORE
    return (best, lowest, about.claim) == (report.quarters[-1], report.quarters[0], claim)


def beside_of(report: Report) -> Beside:
    assert report.beside is not None
    return report.beside


def withdrawn_holds(said: Said, report: Report, _: Sentence) -> bool:
    return int(said[1]) == beside_of(report).withdrawn > 0 and (said[2] == "score") is (said[1] == "1")


def contingent_holds(said: Said, report: Report, _: Sentence) -> bool:
    share = number(said[1] or "0")
    return share == beside_of(report).contingent and bool(share) is bool(said[1])


def one_of(words: Mapping[str, str], text: str, key: str) -> bool:
    """The words of this one stand there, and of no other."""
    return [name for name, each in words.items() if each in text] == [key]


Check = Callable[[Said, Report, Sentence], bool]
PLACE = (
    rf"(?P<name>.+) is (?P<value>{N})(?P<unit>{UNIT})(?: \((?P<counted>[^()]+)\))?, (?P<word>better than|worse than|level with)"
    rf" (?P<middle>{N})(?P=unit), the middle of (?P<whom>.+)\. That is position (?P<at>\d+) of 100 (?:\((?P<low>\d+) to"
    rf" (?P<high>\d+) with 95 % certainty\)|\(the same with 95 % certainty\)), in the (?P<quarter>{'|'.join(PLACES)}) quarter\."
)
AREA_MOVES = rf"({AREA}) (lift|lower|leave)(s?) the score (?:by ({N}) points|where it is)\."
CAUSE = rf"(.+) (raised it|reduced it|did not move it)(?: by ({N}) points)?\."
SHARES = (
    rf"Women are ({N}) % of the best (?:and of the lowest paid quarter|paid quarter and ({N}) % of the lowest paid)\."
)
STEP = (
    rf"(?P<name>.+) from (?P<start>{N})(?P<unit>{UNIT}) to (?P<end>{N})(?P=unit) would bring (?P<points>{N}) points(?: \((?:(?P<low>{N})"
    rf" to )?(?P<high>{N}) with 80 % certainty\)|; where chance moves the figures, (?:(?P<least>{N}) to )?(?P<most>{N}) in"
    r" 80 % of draws)\."
)
READ: Mapping[Claim, tuple[str, Check]] = {
    Claim.SCORE: (rf"({N}) of 100 points on (\d+ \w+ \d+): ({STARS}) of five\.", score_holds),
    Claim.NO_SCORE: (r"There is not enough data for a score yet\. (.+)\.", no_score_holds),
    Claim.CERTAIN: (
        rf"It (?:lies between ({N}) and ({N})|is ({N})) with 95 % certainty(?:, as it is printed)?\.",
        interval_holds,
    ),
    Claim.ASIDE: (rf"Its 95 % interval is ({N}) to ({N}), (above|below) the score itself: .+", aside_holds),
    Claim.CAPPED: (rf"No more than ({STARS}) of five (?:is|are) given, because (.+)\.", capped_holds),
    Claim.KEPT: (
        rf"The points alone would give ({STARS}) of five\. .+, so ({STARS}) of five (?:is|are) given\.",
        kept_holds,
    ),
    Claim.GRADE: (
        rf"The data have grade ([A-D]), of A \(best\) to D(?:: figures for ({N}) % of the score's weight)?\.",
        grade_holds,
    ),
    Claim.STRONGEST: (rf"Strongest: (.+) \(({N})\)\. Weakest: (.+) \(({N})\)\.", ends_hold),
    Claim.UNKNOWN: (r"There is no score for (.+): the other areas carry (its|their) weight\.", unknown_holds),
    **dict.fromkeys((Claim.LIFTS, Claim.LOWERS, Claim.NEUTRAL), (AREA_MOVES, area_holds)),
    **dict.fromkeys((Claim.BETTER, Claim.WORSE, Claim.LEVEL), (PLACE, place_holds)),
    **dict.fromkeys(
        (Claim.ROSE, Claim.FELL, Claim.STAYED),
        (rf"The score (rose|fell|stayed) (?:from|at) ({N})(?: to ({N}))? since (.+)\.", trend_holds),
    ),
    Claim.SINCE: (rf"The score published for (.+) was ({N}); this one is ({N})\.", since_holds),
    **dict.fromkeys((Claim.RAISED, Claim.REDUCED, Claim.UNMOVED), (CAUSE, cause_holds)),
    Claim.BRINGS: (STEP, step_holds),
    Claim.MISSING: (
        rf"(The column|A file of kind) (\S+) would give figures for ({N}) % more of the score's weight\.",
        missing_holds,
    ),
    **dict.fromkeys((Claim.FEWER, Claim.MORE, Claim.EVEN), (SHARES, quarters_hold)),
    Claim.VERIFIED: (".+", lambda said, report, _: one_of(VERIFIED, said[0], beside_of(report).verification)),
    Claim.PERIMETER: (".+", lambda said, report, _: one_of(PERIMETERS, said[0], beside_of(report).perimeter or "")),
    Claim.DECLARED: (
        rf"({N}) % of .+ declares and nobody measured\.",
        lambda said, report, _: number(said[1]) == beside_of(report).declared,
    ),
    Claim.CONTINGENT: (
        rf"Agency workers and contractors do (?:({N}) % of the work|less than 1 % of the work); .+",
        contingent_holds,
    ),
    Claim.FOUND: (
        ".+",
        lambda said, report, about: about.about in beside_of(report).findings and one_of(FOUND, said[0], about.about),
    ),
    Claim.WITHDRAWN: (
        r"(\d+) published (scores?) of this company (?:was|were) withdrawn\.",
        withdrawn_holds,
    ),
}


def holds(said: Sentence, report: Report) -> bool:
    """Whether what the words say is what the figures are."""
    words, check = READ[said.claim]
    found = re.fullmatch(words, said.text)
    return found is not None and check(found, report, said)
