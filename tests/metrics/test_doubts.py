"""Each check after calculation: a figure that breaks it and one that does not; no check changes a figure."""

import re
from pathlib import Path

import pytest

from metrics.test_rules import inputs_of
from wm_api.metrics.doubts import Doubt, doubted
from wm_api.metrics.figures import Figure, Part, Status
from wm_api.metrics.formulas import compute
from wm_api.metrics.service import compute_figures

PAGE = Path(__file__).resolve().parents[2] / "docs/methodology/figures.md"


def ok(value: float | None, *groups: Part, n: int = 100) -> Figure:
    return Figure(Status.OK, value, n, groups)


def quarters(*women: float, n: int = 100, f: int | None = None, sizes: tuple[int, ...] = (25, 25, 25, 25)) -> Figure:
    parts = [
        Part(f"Q{number}", size, 100 * each / size)
        for number, (each, size) in enumerate(zip(women, sizes, strict=True), 1)
    ]
    held = round(sum(women)) if f is None else f
    return ok(None, *parts, Part("F", held), Part("M", n - held), n=n)


def doubts(metric: str, figure: Figure, last: float | None = None, **others: Figure) -> tuple[str, ...]:
    found = doubted({metric: figure, **others}, {} if last is None else {metric: last})[metric]
    assert (found.status, found.value, found.n, found.groups) == (figure.status, figure.value, figure.n, figure.groups)
    return found.warnings


@pytest.mark.parametrize(("value", "expected"), [(-100.1, (Doubt.GAP_ABOVE_100,)), (-100.0, ()), (12.0, ())])
def test_a_gap_above_100_percent_is_doubted(value: float, expected: tuple[str, ...]) -> None:
    assert doubts("gender_gap_mean_hourly", ok(value)) == expected


@pytest.mark.parametrize(
    ("figure", "expected"),
    [(ok(-0.1), True), (ok(100.1), True), (ok(50.0, Part("F", 9, 101.0)), True), (ok(0.0, Part("F", 9, 100.0)), False)],
)
def test_a_share_outside_0_to_100_is_doubted(figure: Figure, *, expected: bool) -> None:
    assert doubts("overtime_hours_share", figure) == ((Doubt.SHARE_OUT_OF_RANGE,) if expected else ())


def test_quarters_whose_women_and_men_are_not_those_of_the_figure_are_doubted() -> None:
    metric = "pay_quarter_female_share"
    assert doubts(metric, quarters(10, 9, 8, 7)) == ()
    assert doubts(metric, quarters(10, 9, 8, 7, f=40)) == (Doubt.QUARTERS_DO_NOT_ADD_UP,)


def test_quarters_that_do_not_hold_everybody_are_doubted() -> None:
    found = doubts("pay_quarter_female_share", quarters(10, 9, 8, 7, sizes=(25, 25, 25, 24)))
    assert Doubt.QUARTERS_DO_NOT_HOLD_ALL in found


@pytest.mark.parametrize(("women", "men", "expected"), [(0.0, 40.0, True), (1.0, 40.0, False), (0.0, 0.0, False)])
def test_variable_pay_of_men_alone_is_doubted(women: float, men: float, *, expected: bool) -> None:
    figure = ok(men - women, Part("F", 50, women), Part("M", 50, men))
    assert doubts("variable_receipt_gap", figure) == ((Doubt.ONLY_MEN_RECEIVE,) if expected else ())


@pytest.mark.parametrize(
    ("gap", "women", "expected"),
    [
        (5.0, (8, 8, 12, 12), True),
        (-5.0, (12, 12, 8, 8), True),
        (5.0, (12, 12, 8, 8), False),
        (1.0, (8, 8, 12, 12), False),
        (5.0, (10, 10, 10.5, 10.5), False),
    ],
)
def test_a_median_gap_whose_sign_the_quarters_contradict_is_doubted(
    gap: float, women: tuple[float, ...], *, expected: bool
) -> None:
    found = doubts("gender_gap_median_hourly", ok(gap), pay_quarter_female_share=quarters(*women))
    assert found == ((Doubt.GAP_SIGN_CONTRADICTS_QUARTERS,) if expected else ())


def test_a_jump_of_more_than_ten_points_since_the_last_score_is_doubted() -> None:
    assert doubts("turnover_rate", ok(20.1), last=10.0) == (Doubt.JUMP_OVER_10PP,)
    assert doubts("turnover_rate", ok(20.0), last=10.0) == ()
    assert doubts("market_pay_ratio", ok(20.1), last=1.0) == ()


def test_what_has_no_figure_has_no_doubt_and_a_plain_company_has_none() -> None:
    missing = Figure.missing(Status.INSUFFICIENT_N, n=3)
    assert doubted({"turnover_rate": missing}, {"turnover_rate": 50.0})["turnover_rate"].warnings == ()
    rows = [{"gender": "FM"[n % 2], "base_rate": f"{20 + n % 9}.00", "variable_pay_12m": "10.00"} for n in range(60)]
    found = doubted(compute(inputs_of(rows)), {})
    assert {name: each.warnings for name, each in found.items() if each.warnings} == {}


async def test_the_last_score_is_compared_with_profile_default_alone() -> None:
    rows = [{"gender": "FM"[n % 2], "base_rate": f"{20 + n % 9}.00"} for n in range(60)]
    found = await compute_figures(inputs_of(rows), {"gender_gap_mean_hourly": 60.0})
    assert found["default"]["gender_gap_mean_hourly"].warnings == (Doubt.JUMP_OVER_10PP,)
    assert found["uk"]["gender_gap_mean_hourly"].warnings == ()


def test_every_code_has_its_text_on_the_page() -> None:
    table = PAGE.read_text().split("## Warnings")[1]
    assert set(re.findall(r"^\| (\w+) \| \w", table, re.MULTILINE)) - {"code"} == {each.value for each in Doubt}
