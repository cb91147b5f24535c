"""No sentence of a report contradicts the figures that it explains, and no figure comes from elsewhere."""

import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from page import NUMBER, Page, numbers_in, numbers_of
from scores.facts_at_random import facts
from scores.held import READ, N, holds
from scores.reported import facts_of, some_report
from scores.test_properties import METHODOLOGY
from wm_api.metrics.catalogue import CATALOGUE
from wm_api.scores.inputs import declared_share
from wm_api.scores.models import Score
from wm_api.scores.report.charts import CHARTS
from wm_api.scores.report.facts import AREAS, Moment, Report, Span
from wm_api.scores.report.pages import CSP, SECTIONS, as_html, as_pdf
from wm_api.scores.report.sentences import Claim, Sentence, of_score

few = settings(deadline=None, max_examples=10, phases=[Phase.generate])
many = settings(deadline=None, max_examples=200, phases=[Phase.generate])
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


def strongest_holds(said: Sentence, row: Score) -> bool:
    """Who is named lies at that end."""
    scores = {AREAS[each["area"]]: each["score"] for each in row.result["areas"] if each["score"] is not None}
    strongest, weakest = said.text.split(". Weakest: ")
    ends = ((strongest, max(scores.values())), (weakest, min(scores.values())))
    return all(abs(scores[name] - end) <= PRINTED for text, end in ends for name in scores if name in text)


def moved(said: Sentence, row: Score) -> float:
    return float(row.result["printed_contributions"][said.about])


def beside_holds(said: Sentence, row: Score) -> bool:
    """What is better is nearer to the good end than the middle of the others."""
    rule, definition = METHODOLOGY.rule(said.about), CATALOGUE[said.about]
    step = next(each for each in row.result["metrics"] if each["metric"] == said.about)
    middle = row.record["peers"][said.about]["q50"]
    better = step["folded"] > middle if rule.direction == "+" else step["folded"] < middle
    near = abs(step["folded"] - middle) < 10**-definition.decimals or abs(step["position"] - 50) <= 0.5
    right = {Claim.BETTER: better, Claim.WORSE: not better, Claim.LEVEL: near}[said.claim]
    at = int(said.text.split("position ")[1].split()[0])
    return right and bool(abs(at - step["position"]) <= 0.5)


def kept_holds(row: Score) -> bool:
    """It stands where the score before had it, or on the way from there to the band of the points; floors aside."""
    before, band = (
        row.record["guards"]["previous_star"],
        1 + sum((row.headline or 0) >= cut for cut in METHODOLOGY.star_cuts),
    )
    on_the_way = min(before, band) < (row.star or 0) < max(before, band)
    return row.star == before or on_the_way or bool(row.result["floors"])


def brings_holds(said: Sentence, row: Score) -> bool:
    points = Decimal(said.text.split("bring ")[1].split(" points")[0])
    of_metric = [each for each in row.result["counterfactuals"] if CATALOGUE[each["metric"]].name == said.about]
    return points > 0 and abs(float(points) - of_metric[0]["points"]) <= 0.05


BEFORE_ROUNDING: Mapping[Claim, Callable[[Sentence, Score], bool]] = {
    Claim.SCORE: lambda said, row: abs(float(numbers(said.text)[0]) - (row.headline or 0)) <= 0.05,
    Claim.CAPPED: lambda _, row: bool(row.result["floors"]) and (row.star or 0) <= METHODOLOGY.capped_star,
    Claim.KEPT: lambda _, row: kept_holds(row),
    Claim.STRONGEST: strongest_holds,
    Claim.LIFTS: lambda said, row: moved(said, row) > 0,
    Claim.LOWERS: lambda said, row: moved(said, row) < 0,
    Claim.NEUTRAL: lambda said, row: moved(said, row) == 0,
    **dict.fromkeys((Claim.BETTER, Claim.WORSE, Claim.LEVEL), beside_holds),
    Claim.BRINGS: brings_holds,
    Claim.MISSING: lambda said, row: said.about in {name.partition(":")[2] for name, _ in row.result["lifts"]},
    Claim.DECLARED: lambda said, row: (
        abs(float(numbers(said.text)[0]) - 100 * (declared_share(row.record) or 0)) <= 0.05
    ),
}
"""Of a score as the engine makes it: against its own digits. The words are held against the printed ones (`held`)."""


@few
@given(seeds)
def test_no_sentence_contradicts_the_figures_that_it_explains(seed: int) -> None:
    report, row = some_report(seed)
    for said in all_said(report):
        assert holds(said, report), said
        if said.claim in BEFORE_ROUNDING:
            assert BEFORE_ROUNDING[said.claim](said, row), said


@many
@given(seeds)
def test_no_sentence_contradicts_figures_at_the_ends_and_in_the_middle(seed: int) -> None:
    report = facts(seed)
    for said in all_said(report):
        assert holds(said, report), said


def test_every_claim_is_made_and_read() -> None:
    assert set(READ) == set(Claim) == {said.claim for seed in range(60) for said in all_said(facts(seed))}


TURNED = (
    ("lift", "lower"), ("better than", "worse than"), (" rose ", " fell "), ("raised", "reduced"), ("Strongest", "Weakest"),
    ("best paid", "lowest paid"), ("column", "file of kind"), ("complete", "partial"), ("women are ahead", "men are ahead"),
)  # fmt: skip


def lies(said: Sentence) -> Iterator[Sentence]:
    """The same claim with one number of its own another, or one word turned round."""
    for found in re.finditer(N, re.sub("(95|80) %|of 100", lambda fixed: "x" * len(fixed[0]), said.text)):
        other = "777.7" if "." in found[0] else "777"
        yield replace(said, text=f"{said.text[: found.start()]}{other}{said.text[found.end() :]}")
    for one, other in TURNED:
        for old, new in ((one, other), (other, one)):
            if old in said.text:
                yield replace(said, text=said.text.replace(old, new))


def test_a_number_or_a_word_that_is_not_that_of_the_figures_is_found_out() -> None:
    """Power: a reader who checks nothing would pass the tests above."""
    found = 0
    for seed in range(20):
        report = facts(seed)
        for said in all_said(report):
            for lie in lies(said):
                assert not holds(lie, report), lie
                found += 1
    assert found > 1000


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


def test_a_screen_reader_finds_its_way_through_the_page() -> None:
    """Headings in order, each id once, each name and description there, each cell of a heading with its scope."""
    report = next(report for report, row in map(some_report, range(20)) if row.headline is not None and report.trend)
    page = Page(as_html(report))
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(later - level <= 1 for level, later in pairwise(levels))
    ids = [said["id"] for _, said in page.tags if "id" in said]
    assert len(ids) == len(set(ids))
    about = [
        said.get(name) for _, said in page.tags for name in ("aria-labelledby", "aria-describedby") if name in said
    ]
    assert about
    assert set(about) <= set(ids)
    assert all("scope" in said for said in page.all("th"))
    assert all(said.get("role") == "list" for said in page.all("ul"))
    assert {said.get("role") for said in page.all("svg")} == {"img"}


@pytest.mark.parametrize("name", sorted(CHARTS))
def test_a_chart_stands_alone_and_says_what_it_shows(name: str) -> None:
    drawn = next(filter(None, (CHARTS[name](some_report(seed)[0]) for seed in range(20))))
    root = drawing(drawn)
    ids = {each.get("id"): each.text for each in root.iter() if each.get("id")}
    labelled = f"{root.get('aria-labelledby')} {root.get('aria-describedby')}".split()
    assert (root.get("role"), set(labelled) <= set(ids), all(ids[each] for each in labelled)) == ("img", True, True)
    assert "href" not in drawn


def test_without_the_cuts_of_a_methodology_no_star_stands_at_the_scale() -> None:
    report = next(report for report, row in map(some_report, range(20)) if row.headline is not None)
    with_cuts, without = (CHARTS["score"](each) or "" for each in (report, replace(report, cuts=())))
    assert [text for text in drawing(with_cuts).itertext() if "★" in text] == ["1★", "2★", "3★", "4★", "5★"]
    assert "★" not in without


def test_a_trend_at_the_end_of_the_scale_is_drawn() -> None:
    for end in (Decimal(0), Decimal(100)):
        moments = tuple(Moment(day, end, Span(end, end)) for day in (date(2024, 12, 31), date(2025, 12, 31)))
        drawn = CHARTS["trend"](replace(some_report(5)[0], trend=moments)) or ""
        assert [each.text for each in drawing(drawn).iter() if (each.text or "").strip() == f"{end}"]


def test_a_report_without_a_score_says_what_would_give_one() -> None:
    without = [report for report, row in map(some_report, range(30)) if row.headline is None]
    report = next(each for each in without if each.lifts)
    page = Page(as_html(report))
    assert "No score yet" in page.texts
    assert any("What would help is listed below" in text for text in page.texts)
    nothing_helps = Page(as_html(next(each for each in without if not each.lifts)))
    assert any("The figures below say what is missing" in text for text in nothing_helps.texts)
    assert CHARTS["score"](report) is None
    assert as_pdf(report).startswith(b"%PDF-")


def test_the_pdf_is_for_screen_readers_too_says_whose_it_is_and_is_the_same_each_time() -> None:
    report = some_report(5, company="Müller & Søn #1 $x$ [a] *b*")[0]
    made = as_pdf(report)
    assert made.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in made
    assert b"<pdfuaid:part>1</pdfuaid:part>" in made
    assert as_pdf(report) == made


def test_a_name_in_letters_that_the_fonts_do_not_have_makes_a_pdf_all_the_same() -> None:
    made = as_pdf(some_report(5, company="\N{CJK UNIFIED IDEOGRAPH-682A} Foods")[0])
    assert made.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in made
