"""PURE: gaps inside categories of equal work. Directive (EU) 2023/970 Art. 9(1)(g) and Art. 10."""

import polars as pl

from wm_api.metrics.estimates import BOTH, by_gender
from wm_api.metrics.figures import Figure, Part, Status, not_reported
from wm_api.metrics.population import MetricInputs

CATEGORY, METRIC = "worker_category", "category_gap_exposure_5pct"
LINE, NOISE = 5.0, 1e-9  # percent; of the arithmetic, which must not put 5 % below itself
TO_TEST, TO_SHOW = 3, 10


def category_gap_exposure_5pct(inputs: MetricInputs, profile: str) -> Figure:
    """Percent of the people in tested categories whose category has a gap of 5 % or more, in basic or variable pay.

    In the groups `max_gap`, the largest gap of basic pay in size among categories with ten women and ten men; the
    share of people in categories that are `untestable`; and each category that may be shown.
    """
    if not inputs.has(CATEGORY):
        return not_reported(CATEGORY)
    paid, excluded = inputs.paid(profile, "r0")
    people = paid.filter(pl.col(CATEGORY).is_not_null())
    excluded += (Part("no_category", paid.height - people.height),) if paid.height > people.height else ()
    gaps = category_gaps(people)
    tested = gaps.filter("tested")
    n, tested_n = people.height, int(tested.get_column("n").sum())
    untestable = (Part("untestable", n - tested_n, 100 * (n - tested_n) / n),) if n else ()
    groups = (*untestable, *by_gender(people))
    if not tested_n:
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=groups, excluded=excluded)
    exposed = int(tested.filter("exposed").get_column("n").sum())
    groups = (*_shown(tested), *groups)
    return Figure(Status.OK, 100 * exposed / tested_n, tested_n, groups, basis="mean_r0", excluded=excluded)


def category_gaps(people: pl.DataFrame) -> pl.DataFrame:
    """A row a category, sorted: people `n`, women `n_F`, men `n_M`, `gap` of basic and `gap_variable` of variable pay,
    whether it is `tested` and `exposed`.
    """
    extra = people.with_columns((pl.col("r") - pl.col("r0")).alias("extra"))
    by = extra.group_by(pl.col(CATEGORY).cast(pl.String)).agg(
        pl.len().cast(pl.Int64).alias("n"),
        *((pl.col("gender") == code).sum().cast(pl.Int64).alias(f"n_{code}") for code in BOTH),
        *(_mean(rate, code) for rate in ("r0", "extra") for code in BOTH),
    )
    gap, variable = (_gap(rate) for rate in ("r0", "extra"))
    tested = pl.min_horizontal(f"n_{code}" for code in BOTH) >= TO_TEST
    over = [(each.abs() >= LINE - NOISE).fill_null(value=False) for each in (gap, variable)]
    found = by.with_columns(gap.alias("gap"), variable.alias("gap_variable"), tested.alias("tested"))
    return found.with_columns(pl.any_horizontal(over).alias("exposed")).sort(CATEGORY)


def _mean(rate: str, code: str) -> pl.Expr:
    """Sorted first: the order of rows changes no digit."""
    of_group = pl.col(rate).filter(pl.col("gender") == code).sort()
    return (of_group.sum() / of_group.len()).alias(f"{rate}_{code}")


def _gap(rate: str) -> pl.Expr:
    men = pl.col(f"{rate}_M")
    return pl.when(men > 0).then((men - pl.col(f"{rate}_F")) / men * 100)


def _shown(tested: pl.DataFrame) -> tuple[Part, ...]:
    shown = tested.filter(pl.min_horizontal(f"n_{code}" for code in BOTH) >= TO_SHOW)
    rows = list(shown.select(CATEGORY, "n", "gap").iter_rows())
    parts = tuple(Part(code, n, gap, CATEGORY) for code, n, gap in rows)
    largest = max(rows, key=lambda row: abs(row[2]), default=None)
    return (Part("max_gap", largest[1], largest[2]), *parts) if largest else ()


FORMULAS = {METRIC: category_gap_exposure_5pct}
