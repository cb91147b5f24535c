"""PURE: what looks wrong in figures that could be computed (the checks after calculation, domain.md 2). Nothing is
changed by a doubt: it stands beside the figure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from enum import StrEnum

from wm_api.metrics.catalogue import CATALOGUE
from wm_api.metrics.figures import Figure, Part, Status

GAPS = (
    "gender_gap_mean_hourly",
    "gender_gap_median_hourly",
    "gender_gap_mean_variable",
    "gender_gap_median_variable",
    "adjusted_gender_gap",
    "adjusted_race_gap",
)
SHARES = (
    "living_wage_share",
    "pay_quarter_female_share",
    "benefit_access_rate",
    "benefit_participation_rate",
    "benefit_take_up_rate",
    "employer_premium_share",
    "early_attrition_90d",
    "retention_rate_12m",
    "representation_share",
    "disclosure_rate",
    "permanent_share",
    "guaranteed_hours_share",
    "contingent_share",
    "collective_bargaining_coverage",
    "overtime_hours_share",
    "hours_volatility_4wk",
    "long_hours_share",
    "frontline_advancement_24m",
)
QUARTERS, MEDIAN, RECEIPT = "pay_quarter_female_share", "gender_gap_median_hourly", "variable_receipt_gap"
PERCENT = ("percent", "percentage_points")
WHOLE, LARGE_JUMP, LEAST_GAP, LEAST_LEAN = 100.0, 10.0, 1.0, 2.0
TINY = 1e-6


class Doubt(StrEnum):
    """Codes are stable; docs/methodology/figures.md says what each means."""

    GAP_ABOVE_100 = "gap_above_100"
    SHARE_OUT_OF_RANGE = "share_out_of_range"
    QUARTERS_DO_NOT_ADD_UP = "quarters_do_not_add_up"
    QUARTERS_DO_NOT_HOLD_ALL = "quarters_do_not_hold_all"
    ONLY_MEN_RECEIVE = "only_men_receive_variable_pay"
    GAP_SIGN_CONTRADICTS_QUARTERS = "gap_sign_contradicts_quarters"
    JUMP_OVER_10PP = "jump_over_10pp"


def doubted(figures: Mapping[str, Figure], last: Mapping[str, float]) -> dict[str, Figure]:
    """The figures of a day and profile, each with its doubts. `last` are the values of the last score."""
    known = {name: figure for name, figure in figures.items() if figure.status is Status.OK}
    doubts = {name: tuple(_doubts(name, known, last)) for name in known}
    return {name: replace(figure, warnings=doubts.get(name, ())) for name, figure in figures.items()}


def _doubts(name: str, known: Mapping[str, Figure], last: Mapping[str, float]) -> Iterator[Doubt]:
    figure = known[name]
    parts = {part.group: part for part in figure.groups}
    if name in GAPS and abs(figure.value or 0.0) > WHOLE:
        yield Doubt.GAP_ABOVE_100
    if name in SHARES and any(not 0 <= each <= WHOLE for each in _values(figure)):
        yield Doubt.SHARE_OUT_OF_RANGE
    if name == QUARTERS:
        yield from _of_quarters(figure, parts)
    if name == RECEIPT and not parts["F"].value and (parts["M"].value or 0) > 0:
        yield Doubt.ONLY_MEN_RECEIVE
    if name == MEDIAN and QUARTERS in known and _contradicted(figure.value or 0.0, known[QUARTERS]):
        yield Doubt.GAP_SIGN_CONTRADICTS_QUARTERS
    if name in last and CATALOGUE[name].unit in PERCENT and abs((figure.value or 0.0) - last[name]) > LARGE_JUMP:
        yield Doubt.JUMP_OVER_10PP


def _values(figure: Figure) -> list[float]:
    return [each for each in (figure.value, *(part.value for part in figure.groups)) if each is not None]


def _quarters(parts: Mapping[str, Part]) -> list[tuple[int, float]]:
    """People and women of each quarter."""
    found = [parts[f"Q{number}"] for number in range(1, 5)]
    return [(part.n or 0, (part.n or 0) * (part.value or 0.0) / 100) for part in found]


def _of_quarters(figure: Figure, parts: Mapping[str, Part]) -> Iterator[Doubt]:
    quarters = _quarters(parts)
    people, women = sum(n for n, _ in quarters), sum(women for _, women in quarters)
    counted = {"F": women, "M": people - women}
    if any(abs(counted[code] - (parts[code].n or 0)) > TINY for code in counted):
        yield Doubt.QUARTERS_DO_NOT_ADD_UP
    if people != figure.n:
        yield Doubt.QUARTERS_DO_NOT_HOLD_ALL


def _contradicted(gap: float, quarters: Figure) -> bool:
    """Men are paid more at the middle, yet women are more of the upper half than of the lower; or the other way."""
    first, second, third, fourth = _quarters({part.group: part for part in quarters.groups})
    lean = _share(first, second) - _share(third, fourth)
    return abs(gap) > LEAST_GAP and abs(lean) > LEAST_LEAN and gap * lean < 0


def _share(one: tuple[int, float], other: tuple[int, float]) -> float:
    return 100 * (one[1] + other[1]) / (one[0] + other[0])
