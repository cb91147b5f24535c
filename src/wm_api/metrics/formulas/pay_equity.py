"""PURE: pay gaps. UK SI 2017/172 regs 8 to 13; Directive (EU) 2023/970 Art. 9; ESRS S1-16."""

from math import floor, fsum, sqrt

import polars as pl

from wm_api.metrics.figures import Figure, Interval, Part, Status, not_reported
from wm_api.metrics.population import MetricInputs

QUARTERS = 4
EXTRAS = (0, 3, 1)  # places that do not divide by four go to Q1, Q4, Q2


def mean_of(values: pl.Series) -> float:
    """Exactly rounded, so that the order of rows changes no digit."""
    return fsum(values.to_list()) / len(values)


def standard_error_of_mean(values: pl.Series) -> float:
    n, mean = len(values), mean_of(values)
    return sqrt(fsum((value - mean) ** 2 for value in values.to_list()) / (n - 1) / n) if n > 1 else 0.0


def median_of(values: pl.Series) -> float:
    middle = values.quantile(0.5, interpolation="linear")
    return float(middle) if middle is not None else 0.0


def standard_error_of_median(values: pl.Series) -> float:
    """From order statistics (domain.md 3.5)."""
    ordered, n = values.sort(), len(values)
    j = max(1, floor((n + 1) / 2 - 0.98 * sqrt(n)))
    return float(ordered[n - j] - ordered[j - 1]) / 3.92


def _gap(inputs: MetricInputs, profile: str, middle, error) -> Figure:  # type: ignore[no-untyped-def]  # noqa: ANN001
    people = inputs.full(profile).filter(pl.col("r") > 0)
    men, women = (people.filter(pl.col("gender") == code).get_column("r") for code in ("M", "F"))
    groups = (Part("F", len(women)), Part("M", len(men)))
    n = people.height
    if min(len(men), len(women)) < (10 if inputs.least else 1):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=groups)
    m, f = middle(men), middle(women)
    if m == 0:
        return Figure.missing(Status.UNDEFINED, n=n, groups=groups)
    se_m, se_f = error(men), error(women)
    se = 100 * sqrt((se_f / m) ** 2 + (f * se_m / m**2) ** 2)
    value = (m - f) / m * 100
    groups = (Part("F", len(women), f), Part("M", len(men), m))
    return Figure(Status.OK, value, n, groups, se, Interval(value - 1.96 * se, value + 1.96 * se))


def gender_gap_mean_hourly(inputs: MetricInputs, profile: str) -> Figure:
    """Men's mean hourly pay less women's, in percent of men's (reg 8; Art. 9(1)(a))."""
    return _gap(inputs, profile, mean_of, standard_error_of_mean)


def gender_gap_median_hourly(inputs: MetricInputs, profile: str) -> Figure:
    """Men's median hourly pay less women's, in percent of men's (reg 9; Art. 9(1)(c))."""
    return _gap(inputs, profile, median_of, standard_error_of_median)


def variable_receipt_gap(inputs: MetricInputs, profile: str) -> Figure:
    """Share of men receiving variable pay less that of women, in percentage points (reg 12; Art. 9(1)(e))."""
    people = inputs.full(profile)
    if "bonus" in people.columns:
        received = (pl.col("bonus") + pl.col("commission")) > 0
    elif "variable_pay_12m" in people.columns:
        received = pl.col("variable_pay_12m") > 0
    else:
        return not_reported("variable_pay_12m")
    counts = {}
    for code in ("F", "M"):
        group = people.filter(pl.col("gender") == code)
        counts[code] = (group.filter(received.fill_null(value=False)).height, group.height)
    (f, n_f), (m, n_m) = counts["F"], counts["M"]
    groups = (Part("F", n_f), Part("M", n_m))
    none = people.height - people.filter(received.fill_null(value=False)).height
    if min(n_f, n_m) < (10 if inputs.least else 1) or (inputs.least and none < 10):  # noqa: PLR2004 - domain.md 3.3
        return Figure.missing(Status.INSUFFICIENT_N, n=people.height, groups=groups)
    share_f, share_m = 100 * f / n_f, 100 * m / n_m
    se = sqrt(share_error(f, n_f) ** 2 + share_error(m, n_m) ** 2)
    value = share_m - share_f
    groups = (Part("F", n_f, share_f), Part("M", n_m, share_m))
    return Figure(Status.OK, value, people.height, groups, se, Interval(value - 1.96 * se, value + 1.96 * se))


def share_error(count: int, n: int) -> float:
    """Standard error of a share in percent, p = (k + 2) / (n + 4)."""
    p = (count + 2) / (n + 4)
    return 100 * sqrt(p * (1 - p) / (n + 4))


def quarter_sizes(n: int) -> list[int]:
    sizes = [n // QUARTERS] * QUARTERS
    for extra in EXTRAS[: n % QUARTERS]:
        sizes[extra] += 1
    return sizes


def women_by_quarter(pay: list[float], women: list[bool], *, whole: bool) -> list[float]:
    """Women in four quarters by rank; ties share places proportionally, or as whole people (largest remainder).

    Cut by rank, not by the value of a quartile; the same for every order of rows (worked example E1).
    """
    sizes = quarter_sizes(len(pay))
    levels: dict[float, list[int]] = {}
    for value, is_woman in sorted(zip(pay, women, strict=True)):
        level = levels.setdefault(value, [0, 0])
        level[0] += 1
        level[1] += is_woman
    totals, quarter, room = [0.0] * QUARTERS, 0, sizes[0]
    for count, tied_women in levels.values():
        places, left = [0] * QUARTERS, count
        while left:
            if room == 0:
                quarter += 1
                room = sizes[quarter]
                continue
            taken = min(room, left)
            places[quarter] += taken
            left, room = left - taken, room - taken
        exact = [tied_women * place / count for place in places]
        shares = _whole(exact, tied_women) if whole else exact
        totals = [total + share for total, share in zip(totals, shares, strict=True)]
    return totals


def _whole(exact: list[float], total: int) -> list[float]:
    floors = [floor(share + 1e-12) for share in exact]
    by_remainder = sorted(range(QUARTERS), key=lambda q: (-round(exact[q] - floors[q], 9), q))
    for quarter in by_remainder[: total - sum(floors)]:
        floors[quarter] += 1
    return [float(share) for share in floors]


def pay_quarter_female_share(inputs: MetricInputs, profile: str) -> Figure:
    """Percent of women in four quarters of hourly pay (reg 13; Art. 9(1)(f)). F and M with positive pay only."""
    people = inputs.full(profile).filter((pl.col("r") > 0) & pl.col("gender").is_in(["F", "M"]))
    women = people.get_column("gender") == "F"
    n, n_f = people.height, int(women.sum())
    if inputs.least and (n < 40 or min(n_f, n - n_f) < 10):  # noqa: PLR2004 - domain.md 3.3
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=(Part("F", n_f), Part("M", n - n_f)))
    if n < QUARTERS:
        return Figure.missing(Status.INSUFFICIENT_N, n=n)
    counts = women_by_quarter(people.get_column("r").to_list(), women.to_list(), whole=profile == "uk")
    sizes = quarter_sizes(n)
    parts = tuple(
        Part(f"Q{index + 1}", size, 100 * count / size)
        for index, (count, size) in enumerate(zip(counts, sizes, strict=True))
    )
    return Figure(Status.OK, None, n, parts)
