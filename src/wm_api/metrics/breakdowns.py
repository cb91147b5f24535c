"""PURE: the figures of a day by entity and by region: each formula on the records of one group after the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from wm_api.metrics.catalogue import CATALOGUE
from wm_api.metrics.figures import Figure, Interval, Status
from wm_api.metrics.formulas import FORMULAS
from wm_api.metrics.persons import with_repeats_merged
from wm_api.metrics.population import AccountFacts, MetricInputs, counted
from wm_api.metrics.profiles import DEFAULT
from wm_api.metrics.suppression import LEAST, hidden_groups
from wm_api.records.checks import optional

MOST = 50
"""Groups of their own: the largest; those beyond are one."""
UNKNOWN, OTHERS = "(none)", "(others)"
"""No code of a record looks like these."""
SEVERAL = ("pay_quarter_female_share",)
"""Metrics without a value of their own."""
BROKEN_DOWN = tuple(name for name in CATALOGUE if name not in SEVERAL)


class Dimension(StrEnum):
    """By `establishment_code`, the account's own code of an entity or site; by `work_region`."""

    ESTABLISHMENT = "establishment"
    REGION = "region"


COLUMNS: Mapping[Dimension, str] = {
    Dimension.ESTABLISHMENT: "establishment_code",
    Dimension.REGION: "work_region",
}


@dataclass(frozen=True, slots=True)
class GroupFigure:
    """`suppressed`: the group is too small for the metric, or from it a small one would follow; no value, no n."""

    group: str
    status: Status
    reason: str | None = None
    value: float | None = None
    n: int | None = None
    currency: str | None = None
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Breakdown:
    """One metric by the groups of one dimension, in order; `not_reported` where the records have no such column."""

    status: Status
    reason: str | None = None
    groups: tuple[GroupFigure, ...] = ()


Breakdowns = Mapping[Dimension, Mapping[str, Breakdown]]


def breakdowns(inputs: MetricInputs) -> Breakdowns:
    """Every metric with one value, in profile default. A person belongs to one group, so that groups add up to all."""
    given = {each: groups_of(inputs, each) for each in Dimension if inputs.has(COLUMNS[each])}
    hidden = hidden_groups(list(given), _cells(inputs, given)) if given else set()
    return {
        each: _broken_down(inputs, given[each], {group for dimension, group in hidden if dimension == each})
        if each in given
        else dict.fromkeys(BROKEN_DOWN, Breakdown(Status.NOT_REPORTED, f"column:{COLUMNS[each]}"))
        for each in Dimension
    }


def groups_of(inputs: MetricInputs, dimension: Dimension) -> pl.DataFrame:
    """employee_key and group of everybody in the file: that of the spell of an employee that ends last, then of the one
    with most hours. The region of a place in the account's country that gives none is the account's.
    """
    frame = inputs.workforce
    code = pl.col(COLUMNS[dimension]).cast(pl.String)
    if dimension is Dimension.REGION:
        code = pl.coalesce(code, _home(frame, inputs.account))
    end, hours = optional(frame, "termination_date").cast(pl.Date), optional(frame, "weekly_hours").cast(pl.Float64)
    rows = frame.select(
        "employee_key",
        code.fill_null(UNKNOWN).alias("group"),
        counted(frame).alias("counted"),
        end.is_null().alias("open"),
        end.alias("end"),
        hours.alias("hours"),
    )
    leading = ["counted", "open", "end", "hours"]
    merged = with_repeats_merged(
        rows,
        lambda doubles: (
            doubles.sort(*leading, "group", descending=[True] * 4 + [False], nulls_last=True)
            .group_by("employee_key")
            .agg(pl.all().first())
        ),
    )
    return _largest(merged.select("employee_key", "group"), inputs)


def _home(frame: pl.DataFrame, account: AccountFacts) -> pl.Expr:
    """The account's region, for rows of its country."""
    country = optional(frame, "work_country").cast(pl.String)
    return pl.when(country.is_null() | (country == account.country)).then(pl.lit(account.region, pl.String))


def _largest(groups: pl.DataFrame, inputs: MetricInputs) -> pl.DataFrame:
    sizes = inputs.everyone().select("employee_key").join(groups, on="employee_key").group_by("group").len()
    most = sizes.sort(["len", "group"], descending=[True, False]).get_column("group").head(MOST)
    if groups.get_column("group").n_unique() <= MOST:
        return groups
    own = pl.col("group").is_in(most.to_list())
    return groups.with_columns(pl.when(own).then(pl.col("group")).otherwise(pl.lit(OTHERS)).alias("group"))


def _cells(inputs: MetricInputs, given: Mapping[Dimension, pl.DataFrame]) -> dict[tuple[str, ...], int]:
    """People employed in the window by the groups of all dimensions; a group of nobody has a cell of 0."""
    people = inputs.workforce.select("employee_key").unique()
    for dimension, groups in given.items():
        people = people.join(groups.rename({"group": dimension}), on="employee_key")
    there = people.join(inputs.everyone().select("employee_key", pl.lit(1).alias("there")), "employee_key", how="left")
    counts = there.group_by(list(given)).agg(pl.col("there").sum())
    return {tuple(row[:-1]): row[-1] for row in counts.iter_rows()}


def _broken_down(inputs: MetricInputs, groups: pl.DataFrame, hidden: set[str]) -> dict[str, Breakdown]:
    names = sorted(groups.get_column("group").unique())
    figures = {name: _figures(within(inputs, groups, [name])) for name in names if name not in hidden}
    together = _Together(inputs, groups, {})
    sizes = dict(groups.group_by("group").len().iter_rows())
    order = sorted(figures, key=lambda name: (sizes[name], name))
    return {metric: _shown(metric, names, figures, order, together) for metric in BROKEN_DOWN}


def _figures(inputs: MetricInputs) -> dict[str, Figure]:
    return {metric: FORMULAS[metric](inputs, DEFAULT) for metric in BROKEN_DOWN}


@dataclass(frozen=True, slots=True)
class _Together:
    """Figures of several groups as one: what the whole less the other groups gives."""

    inputs: MetricInputs
    groups: pl.DataFrame
    known: dict[tuple[str, ...], MetricInputs]

    def figure(self, metric: str, names: Sequence[str]) -> Figure:
        key = tuple(sorted(names))
        if key not in self.known:
            self.known[key] = within(self.inputs, self.groups, key)
        return FORMULAS[metric](self.known[key], DEFAULT)


def _shown(
    metric: str,
    names: Sequence[str],
    figures: Mapping[str, Mapping[str, Figure]],
    order: Sequence[str],
    together: _Together,
) -> Breakdown:
    """Hides what is too small for this metric, then the smallest of the others until those hidden are enough for it."""
    hidden = [name for name in names if name not in figures or not _enough(figures[name][metric])]
    left = [name for name in order if name not in hidden]
    while hidden and left and (len(hidden) == 1 or not _enough(together.figure(metric, hidden))):
        hidden.append(left.pop(0))
    shown = {name: _group(name, figures[name][metric]) for name in names if name not in hidden}
    return Breakdown(Status.OK, None, tuple(shown.get(name, GroupFigure(name, Status.SUPPRESSED)) for name in names))


def _enough(figure: Figure) -> bool:
    """Nobody at all is nothing to hide."""
    few = figure.status is Status.INSUFFICIENT_N or (figure.n is not None and figure.n < LEAST)
    return not few or figure.n == 0


def _group(name: str, found: Figure) -> GroupFigure:
    return GroupFigure(name, found.status, found.reason, found.value, found.n, found.currency, found.interval)


def within(inputs: MetricInputs, groups: pl.DataFrame, names: Sequence[str]) -> MetricInputs:
    """The inputs of the people of some groups. Who left between two snapshots has no group: that is left out."""
    keys = groups.filter(pl.col("group").is_in(list(names))).select("employee_key")
    return inputs.of_people(keys)
