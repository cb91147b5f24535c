"""PURE: the charts of a report as SVG, each with a title and what it shows in words.

Colours are attributes, so that a chart stands alone; a page may give its classes others.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType

from jinja2 import Environment, PackageLoader, StrictUndefined

from wm_api.scores.report import sentences
from wm_api.scores.report.comparisons import of_peers
from wm_api.scores.report.facts import Moment, Report
from wm_api.scores.report.printing import brief, minus, short_day, stars, tied
from wm_api.scores.report.sentences import Sentence

LEFT, WIDTH = 12, 336
TREND_TOP, TREND_HEIGHT, TREND_LEFT, TREND_WIDTH = 24, 130, 58, 274
FEW_LINES, LABEL_ROOM, UNDER = 50, 38, 22

TEMPLATES = Environment(
    loader=PackageLoader("wm_api.scores.report"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def across(value: float | Decimal) -> float:
    """From 0 to 100 over the width of a chart."""
    return round(LEFT + WIDTH * float(value) / 100, 2)


@dataclass(frozen=True, slots=True)
class Scale:
    """The part of 0 to 100 that a trend shows, in whole tens."""

    floor: int
    ceiling: int

    @classmethod
    def of(cls, moments: Sequence[Moment]) -> "Scale":
        low = min(each.likely.low for each in moments)
        high = max(each.likely.high for each in moments)
        return cls(min(90, max(0, int(low) // 10 * 10)), min(100, int(high) // 10 * 10 + 10))

    def down(self, value: Decimal | int) -> float:
        part = (self.ceiling - float(value)) / (self.ceiling - self.floor)
        return round(TREND_TOP + TREND_HEIGHT * part, 2)

    @property
    def lines(self) -> list[tuple[int, float]]:
        step = 10 if self.ceiling - self.floor <= FEW_LINES else 20
        return [(value, self.down(value)) for value in range(self.floor, self.ceiling + 1, step)]


@dataclass(frozen=True, slots=True)
class Point:
    """`shown` where its score is written, `under` where it is written below the line rather than above."""

    x: float
    y: float
    low: float
    high: float
    moment: Moment
    shown: bool = False
    under: bool = False


def _points(moments: Sequence[Moment], scale: Scale) -> list[Point]:
    first = moments[0].day
    days = max(1, (moments[-1].day - first).days)
    points = []
    for each in moments:
        along = round(TREND_LEFT + TREND_WIDTH * (each.day - first).days / days, 2)
        points.append(
            Point(along, scale.down(each.score), scale.down(each.likely.low), scale.down(each.likely.high), each)
        )
    return list(_written(points))


def _written(points: Sequence[Point]) -> Iterator[Point]:
    """The first and the last, and of the others those that have room; a low between higher ones below the line."""
    end, right = points[-1].x, points[0].x
    for number, each in enumerate(points):
        edge = number in {0, len(points) - 1}
        near = points[max(0, number - 1) : number + 2]
        shown = edge or (each.x - right >= LABEL_ROOM and end - each.x >= LABEL_ROOM)
        right = each.x if shown else right
        under = each.y == max(other.y for other in near) > min(other.y for other in near)
        yield replace(each, shown=shown, under=under and each.y + UNDER < TREND_TOP + TREND_HEIGHT)


def _score(report: Report) -> str | None:
    if report.headline is None:
        return None
    bands = list(zip((0, *report.cuts), (*report.cuts, 100), strict=True))
    return _drawn("score", "The score", sentences.of_score(report), report=report, bands=bands)


def _areas(report: Report) -> str | None:
    known = [area for area in report.areas if area.score is not None]
    return _drawn("areas", "Areas", sentences.of_areas(report), areas=known) if known else None


def _positions(report: Report) -> str | None:
    title = f"Position {'among peers' if report.among_peers else 'beside others'}"
    return _drawn("positions", title, of_peers(report), metrics=report.placed) if report.placed else None


def _trend(report: Report) -> str | None:
    moments = report.trend
    if len(moments) < 2:  # noqa: PLR2004 - a line has two ends
        return None
    scale = Scale.of(moments)
    parts = {"points": _points(moments, scale), "lines": scale.lines, "bottom": TREND_TOP + TREND_HEIGHT}
    return _drawn("trend", "Scores over time", sentences.of_trend(report), **parts)


def _pay_quarters(report: Report) -> str | None:
    if not report.quarters:
        return None
    return _drawn("pay_quarters", "Women by quarter of pay", sentences.of_quarters(report), quarters=report.quarters)


def _drawn(name: str, title: str, about: Iterable[Sentence], **parts: object) -> str:
    return TEMPLATES.get_template(f"{name}.svg").render(
        name=name, title=title, about=" ".join(each.text for each in about), **parts
    )


CHARTS: Mapping[str, Callable[[Report], str | None]] = MappingProxyType(
    {"score": _score, "areas": _areas, "positions": _positions, "trend": _trend, "pay_quarters": _pay_quarters}
)
"""By name; None where the report has nothing to draw."""
TEMPLATES.filters |= {
    "across": across,
    "brief": brief,
    "minus": minus,
    "stars": stars,
    "short_day": short_day,
    "tied": tied,
}
