"""No sentence of a report contradicts the figures that it explains, and no figure comes from elsewhere."""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from xml.etree import ElementTree as ET

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from page import NUMBER, Page, numbers_in, numbers_of
from scores.reported import facts_of, some_report
from scores.test_properties import METHODOLOGY
from wm_api.metrics.catalogue import CATALOGUE
from wm_api.scores.inputs import declared_share
from wm_api.scores.models import Score
from wm_api.scores.report.charts import CHARTS
from wm_api.scores.report.facts import AREAS, QUARTERS, Beside, Moment, Report, Span
from wm_api.scores.report.pages import CSP, SECTIONS, as_html, as_pdf
from wm_api.scores.report.printing import COUNTS
from wm_api.scores.report.sentences import Claim, Sentence, of_score

few = settings(deadline=None, max_examples=10, phases=[Phase.generate])
seeds = st.integers(0, 2**32)
PRINTED = 0.1
"""Scores that print alike are no further apart."""
SAID = {50, 95, 80, 100}
"""Numbers of the words themselves: the middle, certainties, the end of the scale."""


def drawing(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own


def all_said(report: Report) -> list[Sentence]:
    return [*of_score(report), *(each for _, told in SECTIONS.values() for each in told(report))]


def numbers(text: str) -> list[Decimal]:
    return [Decimal(each) for each in NUMBER.findall(re.sub(r"\d+ [A-Z][a-z]+ \d{4}|20\d\d(-\d\d)?", "", text))]


def headline_holds(said: Sentence, _: Report, row: Score) -> bool:
    star = said.text.split(": ")[1]
    return (
        row.headline is not None
        and abs(float(numbers(said.text)[0]) - row.headline) <= 0.05
        and (COUNTS.index(star.removesuffix(" of five.")) == row.star)
    )


def interval_holds(said: Sentence, report: Report, _: Score) -> bool:
    low, high = numbers(said.text)[:2]
    return report.headline is not None and low <= report.headline <= high


def aside_holds(said: Sentence, report: Report, _: Score) -> bool:
    low, high = numbers(said.text)[1:]
    return report.headline is not None and (report.headline < low if "above" in said.text else report.headline > high)


def capped_holds(said: Sentence, _: Report, row: Score) -> bool:
    return bool(row.result["floors"]) and row.star is not None and row.star <= METHODOLOGY.capped_star


def kept_holds(said: Sentence, report: Report, row: Score) -> bool:
    return row.star == row.record["guards"]["previous_star"] or bool(row.result["floors"])


def strongest_holds(said: Sentence, _: Report, row: Score) -> bool:
    """Who is named lies at that end, and who lies there alone is named."""
    scores = {AREAS[each["area"]]: each["score"] for each in row.result["areas"] if each["score"] is not None}
    strongest, weakest = said.text.split(". Weakest: ")
    ends = ((strongest, max(scores.values())), (weakest, min(scores.values())))
    return all(
        any(name in text and score == end for name, score in scores.items())
        and all(abs(scores[name] - end) <= PRINTED for name in scores if name in text)
        for text, end in ends
    )


def moved(said: Sentence, row: Score) -> float:
    return float(row.result["printed_contributions"][said.about])


def beside_holds(said: Sentence, _: Report, row: Score) -> bool:
    """Against the unrounded figures: what is better is nearer to the good end than the middle of the others."""
    rule, definition = METHODOLOGY.rule(said.about), CATALOGUE[said.about]
    step = next(each for each in row.result["metrics"] if each["metric"] == said.about)
    middle = row.record["peers"][said.about]["q50"]
    better = step["folded"] > middle if rule.direction == "+" else step["folded"] < middle
    where = said.text.split("position ")[1]
    place, _of, _certainty, low, high = map(int, numbers(where))
    quarter = where.split("in the ")[1].split(" quarter")[0]
    in_quarter = 25 * QUARTERS.index(quarter) <= place <= 25 * QUARTERS.index(quarter) + 25
    near = abs(step["folded"] - middle) < 10**-definition.decimals or abs(step["position"] - 50) <= 0.5
    right = {Claim.BETTER: better, Claim.WORSE: not better, Claim.LEVEL: near}[said.claim]
    return right and in_quarter and low <= place <= high and abs(place - step["position"]) <= 0.5


def brings_holds(said: Sentence, _: Report, row: Score) -> bool:
    points = Decimal(said.text.split("bring ")[1].split(" points")[0])
    of_metric = [each for each in row.result["counterfactuals"] if CATALOGUE[each["metric"]].name == said.about]
    return points > 0 and abs(float(points) - of_metric[0]["points"]) <= 0.05


def missing_holds(said: Sentence, _: Report, row: Score) -> bool:
    return said.about in {name.partition(":")[2] for name, _ in row.result["lifts"]}


def quarters_hold(said: Sentence, report: Report, _: Score) -> bool:
    best, lowest = report.quarters[-1], report.quarters[0]
    return {Claim.FEWER: best < lowest, Claim.MORE: best > lowest, Claim.EVEN: best == lowest}[said.claim]


def trend_holds(said: Sentence, report: Report, _: Score) -> bool:
    before, now = (each.score for each in report.trend[-2:])
    return {Claim.ROSE: before < now, Claim.FELL: before > now, Claim.STAYED: before == now}[said.claim]


def caused(said: Sentence, report: Report) -> Decimal:
    assert report.change is not None
    return Decimal(getattr(report.change, said.about))


def since_holds(said: Sentence, report: Report, _: Score) -> bool:
    """The parts add to the difference that both figures of the sentence show."""
    change, (before, now) = report.change, numbers(said.text)
    return change is not None and change.own_data + change.benchmark + change.methodology == now - before


def beside_of(report: Report) -> Beside:
    assert report.beside is not None
    return report.beside


HOLDS: Mapping[Claim, Callable[[Sentence, Report, Score], bool]] = {
    Claim.SCORE: headline_holds,
    Claim.NO_SCORE: lambda _said, _report, row: row.headline is None,
    Claim.CERTAIN: interval_holds,
    Claim.ASIDE: aside_holds,
    Claim.CAPPED: capped_holds,
    Claim.KEPT: kept_holds,
    Claim.GRADE: lambda said, _, row: f"grade {row.result['data_grade']}" in said.text,
    Claim.STRONGEST: strongest_holds,
    Claim.LIFTS: lambda said, _, row: moved(said, row) > 0,
    Claim.LOWERS: lambda said, _, row: moved(said, row) < 0,
    Claim.NEUTRAL: lambda said, _, row: moved(said, row) == 0,
    **dict.fromkeys((Claim.BETTER, Claim.WORSE, Claim.LEVEL), beside_holds),
    **dict.fromkeys((Claim.ROSE, Claim.FELL, Claim.STAYED), trend_holds),
    **dict.fromkeys((Claim.FEWER, Claim.MORE, Claim.EVEN), quarters_hold),
    Claim.SINCE: since_holds,
    Claim.RAISED: lambda said, report, _: caused(said, report) > 0,
    Claim.REDUCED: lambda said, report, _: caused(said, report) < 0,
    Claim.UNMOVED: lambda said, report, _: caused(said, report) == 0,
    Claim.BRINGS: brings_holds,
    Claim.MISSING: missing_holds,
    Claim.VERIFIED: lambda said, report, _: said.about == beside_of(report).verification,
    Claim.PERIMETER: lambda said, report, _: said.about == (beside_of(report).perimeter or ""),
    Claim.DECLARED: lambda said, _, row: (
        abs(float(numbers(said.text)[0]) - 100 * (declared_share(row.record) or 0)) <= 0.05
    ),
    Claim.CONTINGENT: lambda said, report, _: numbers(said.text)[0] == beside_of(report).contingent,
    Claim.FOUND: lambda said, report, _: said.about in beside_of(report).findings,
    Claim.WITHDRAWN: lambda said, report, _: numbers(said.text)[0] == beside_of(report).withdrawn,
}


@few
@given(seeds)
def test_no_sentence_contradicts_the_figures_that_it_explains(seed: int) -> None:
    report, row = some_report(seed)
    for said in all_said(report):
        assert HOLDS[said.claim](said, report, row), said


def test_every_claim_is_held_against_figures_and_a_turned_one_is_found_out() -> None:
    """Power: with signs turned round the same checks fail."""
    assert set(HOLDS) == set(Claim)
    report, row = some_report(7)
    for said in all_said(report):
        other = {
            Claim.BETTER: Claim.WORSE,
            Claim.WORSE: Claim.BETTER,
            Claim.LIFTS: Claim.LOWERS,
            Claim.LOWERS: Claim.LIFTS,
        }
        if said.claim in other:
            turned = Sentence(other[said.claim], said.text, said.about)
            assert not HOLDS[turned.claim](turned, report, row)


@few
@given(seeds)
def test_every_number_of_page_and_charts_is_a_figure_of_the_report(seed: int) -> None:
    report, _ = some_report(seed)
    known = (
        set(numbers_in(facts_of(report)))
        | {Decimal(each) for each in SAID}
        | {Decimal(each) for each in (1, 2, 3, 4, 5, *range(0, 101, 10))}
    )
    page = Page(as_html(report))
    drawn = [drawing(chart(report) or "") for chart in CHARTS.values() if chart(report)]
    texts = [*page.texts, *(text for chart in drawn for text in chart.itertext())]
    assert not {each for each in numbers_of(" ".join(texts)) if each not in known}


def test_a_page_needs_nothing_else_and_starts_nothing() -> None:
    report, _ = some_report(3, company='Fox & <script>alert("x")</script> Sons')
    content = as_html(report)
    page = Page(content)
    names = [tag for tag, _ in page.tags]
    assert not {"script", "link", "img", "iframe", "object", "form"} & set(names)
    assert not [attributes for _, attributes in page.tags if {"style", "src", "href", "onload"} & set(attributes)]
    assert (names.count("h1"), names.count("main"), page.all("html")) == (1, 1, [{"lang": "en"}])
    style = content.decode().split("<style>")[1].split("</style>")[0]
    assert b64encode(sha256(style.encode()).digest()).decode() in CSP
    assert 'Fox & <script>alert("x")</script> Sons' in page.texts


@pytest.mark.parametrize("name", sorted(CHARTS))
def test_a_chart_stands_alone_and_says_what_it_shows(name: str) -> None:
    drawn = next(filter(None, (CHARTS[name](some_report(seed)[0]) for seed in range(20))))
    root = drawing(drawn)
    ids = {each.get("id"): each.text for each in root.iter() if each.get("id")}
    labelled = root.get("aria-labelledby", "").split()
    assert (root.get("role"), set(labelled) <= set(ids), all(ids[each] for each in labelled)) == ("img", True, True)
    assert "href" not in drawn


def test_a_trend_at_the_end_of_the_scale_is_drawn() -> None:
    for end in (Decimal(0), Decimal(100)):
        moments = tuple(Moment(day, end, Span(end, end)) for day in (date(2024, 12, 31), date(2025, 12, 31)))
        drawn = CHARTS["trend"](replace(some_report(5)[0], trend=moments)) or ""
        assert [each.text for each in drawing(drawn).iter() if (each.text or "").strip() == f"{end}"]


def test_a_report_without_a_score_says_what_would_give_one() -> None:
    report = next(report for report, row in map(some_report, range(200)) if row.headline is None)
    page = Page(as_html(report))
    assert "No score yet" in page.texts
    assert any("What would help is listed below" in text for text in page.texts)
    assert CHARTS["score"](report) is None
    assert as_pdf(report).startswith(b"%PDF-")


def test_the_pdf_is_tagged_and_says_whose_it_is() -> None:
    made = as_pdf(some_report(5, company="Müller & Søn #1 $x$ [a] *b*")[0])
    assert made.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in made or b"/MarkInfo" in made
