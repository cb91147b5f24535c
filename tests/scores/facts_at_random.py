"""Facts of reports by lot, with what rounding and chance rarely bring: ends, nothing, figures that print alike."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from wm_api.scores.beside import GUARDS, Verification
from wm_api.scores.report.facts import (
    AREAS,
    FLOORS,
    Area,
    Beside,
    Change,
    Lift,
    Metric,
    Moment,
    Origin,
    Peers,
    Place,
    Report,
    Span,
    Step,
)

TODAY = date(2025, 12, 31)
ENDS = tuple(map(Decimal, ("0.0", "0.1", "1.0", "49.9", "50.0", "50.1", "99.9", "100.0")))
UNITS = ("percent", "percentage_points", "ratio", "days", "hours")


def tenth(draw: Random, low: float = 0, high: float = 100) -> Decimal:
    """Half of them at an end, in the middle or next to it."""
    near = [each for each in ENDS if low <= each <= high]
    return draw.choice(near) if near and draw.random() < 0.5 else Decimal(f"{draw.uniform(low, high):.1f}")


def moved(draw: Random) -> Decimal:
    return draw.choice((Decimal("0.0"), Decimal("1.0"), Decimal("-0.1"), tenth(draw) - tenth(draw)))


def span(draw: Random, around: Decimal | None = None) -> Span:
    ends = sorted((tenth(draw), tenth(draw)) if around is None else (tenth(draw, 0, float(around)), around))
    return Span(ends[0], draw.choice(ends))


def compared(draw: Random, name: str) -> Metric:
    """A gap counts by its size, with or without what chance adds; its position is on its own side of the middle."""
    value = draw.choice((Decimal(0), -tenth(draw), tenth(draw)))
    counted = draw.choice((abs(value), Decimal(0), tenth(draw, 0, float(abs(value)))))
    middle = draw.choice((counted, tenth(draw)))
    position = 50 if counted == middle else draw.randint(51, 100) if counted < middle else draw.randint(0, 49)
    low, high = draw.choice(((position, position), (draw.randint(0, position), draw.randint(position, 100))))
    share = Decimal(draw.choice(("0.0", "40.0", "60.0")))
    peers = Peers(
        f"companies {name} (section C)", draw.random() < 0.5, middle, middle, middle, share, tenth(draw), share >= 50
    )
    return Metric(
        key=name, name=f"Gap {name}", area="equity", unit=draw.choice(UNITS), status="ok", value=value, peers=peers,
        place=Place(counted, position, low, high),
    )  # fmt: skip


def beside(draw: Random) -> Beside:
    return Beside(
        verification=draw.choice(list(Verification)),
        perimeter=draw.choice((None, "complete", "partial")),
        declared=draw.choice((None, tenth(draw))),
        contingent=draw.choice((None, tenth(draw))),
        findings=tuple(code for code in GUARDS if draw.random() < 0.5),
        withdrawn=draw.choice((0, 1, 2)),
    )


def change(draw: Random, headline: Decimal) -> Change:
    before, own, benchmark = draw.choice((headline, tenth(draw))), moved(draw), moved(draw)
    return Change(TODAY, before, own, benchmark, headline - before - own - benchmark)


def step(draw: Random, name: str) -> Step:
    start, points = tenth(draw), tenth(draw)
    likely = draw.choice((Span(points, points), span(draw)))
    return Step(f"Figure {name}", draw.choice(UNITS), start, draw.choice((start, tenth(draw))), points, likely)


def facts(seed: int) -> Report:
    draw = Random(seed)
    headline = None if draw.random() < 0.1 else tenth(draw)
    band, cap = draw.randint(1, 5), draw.choice((None, 3))
    held = draw.choice((band, draw.randint(1, 5)))
    one = headline or Decimal(0)
    moments = [Moment(TODAY + timedelta(days=-90 * ago), tenth(draw), span(draw)) for ago in range(3, 0, -1)]
    return Report(
        company="Lone Star Foods",
        day=TODAY,
        state=draw.choice(("draft", "published", "withdrawn")),
        headline=headline,
        interval=None if headline is None else draw.choice((Span(one, one), span(draw), span(draw, one))),
        star=None if headline is None else min(held, cap or held),
        data_grade=draw.choice("ABCD"),
        origin=Origin("sis-2026.1", "", "0"),
        band=band,
        cap=cap,
        floors=tuple(each for each in FLOORS if draw.random() < 0.6) or ("floor_living_wage",) if cap else (),
        coverage=draw.choice((None, tenth(draw))),
        beside=beside(draw),
        areas=tuple(
            Area(each, 20, draw.choice((None, tenth(draw))), draw.choice((None, moved(draw)))) for each in AREAS
        ),
        metrics=tuple(compared(draw, name) for name in "ABCD"),
        trend=draw.choice(((), (*moments, Moment(TODAY, draw.choice((moments[-1].score, one)), span(draw))))),
        change=None if headline is None else change(draw, headline),
        quarters=draw.choice(((), (one, one, one, one), tuple(tenth(draw) for _ in range(4)))),
        steps=tuple(step(draw, name) for name in "ABCDEFG"),
        lifts=draw.choice(((), (Lift("column", "gender", tenth(draw)), Lift("kind", "payroll", tenth(draw))))),
    )
