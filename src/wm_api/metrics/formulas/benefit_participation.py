"""PURE: who takes part in benefits. BLS National Compensation Survey."""

import polars as pl

from wm_api.metrics.benefit_access import HEADLINE, Held
from wm_api.metrics.benefit_participation import participation_of
from wm_api.metrics.distributions import wilson
from wm_api.metrics.estimates import by_gender, share_error
from wm_api.metrics.figures import Figure, Interval, Part, Status, not_reported
from wm_api.metrics.formulas.benefits import access, access_to, headline_rate
from wm_api.metrics.population import MetricInputs
from wm_api.metrics.profiles import Question, answer
from wm_api.records.checks import optional

ENROLMENTS = "kind:benefit_enrolments"


def benefit_participation_rate(inputs: MetricInputs, profile: str) -> Figure:
    """The plain mean over the headline's benefits of the percent of people who take part; by benefit in the groups.

    Cover through a spouse is no participation: only rows of the person's own count.
    """
    if inputs.plans is None:
        return not_reported("kind:benefit_plans")
    taken = _taken(inputs, inputs.plans, access(inputs, inputs.plans, profile), profile)
    return headline_rate("benefit_participation_rate", inputs, taken) if taken else not_reported(ENROLMENTS)


def _taken(inputs: MetricInputs, plans: pl.DataFrame, granted: Held, profile: str) -> Held | None:
    """Once a profile; None where people have access to a benefit of the headline, and nothing says who takes part."""
    key = ("participation", profile)
    if key not in inputs.held:
        inputs.held[key] = _participation(inputs, plans, granted, profile)
    return inputs.held[key]


def _participation(inputs: MetricInputs, plans: pl.DataFrame, granted: Held, profile: str) -> Held | None:
    free = None
    if answer(Question.BENEFIT_ACCESS, profile).code == "ignores_the_wait":
        costless = plans.filter((~optional(plans, "contributory").cast(pl.Boolean)).fill_null(value=False))
        free = access_to(inputs, costless, profile) if costless.height else None
    taken = participation_of(granted, plans, inputs.enrolments, inputs.day, free)
    silent = [granted.people.get_column(name) & taken.people.get_column(name).is_null() for name in HEADLINE]
    return None if any(each.any() for each in silent) else taken


def benefit_take_up_rate(inputs: MetricInputs, profile: str) -> Figure:
    """Of people with access the percent who take part: the plain mean over the headline's benefits that anybody has
    access to, from counts.

    Error and bounds are the means of those of the benefits: they are read as going together, the most they can.
    """
    if inputs.plans is None:
        return not_reported("kind:benefit_plans")
    granted = access(inputs, inputs.plans, profile)
    taken = _taken(inputs, inputs.plans, granted, profile)
    if taken is None:
        return not_reported(ENROLMENTS)
    somebody = pl.any_horizontal(pl.col(name).fill_null(value=False) for name in HEADLINE).alias("any")
    people = granted.people.with_columns(somebody).filter("any")
    groups = (*_rates(granted, taken), *by_gender(people))
    counts = _counts(granted, taken)
    if not counts:
        return Figure.missing(Status.UNDEFINED, n=0, groups=groups)
    if not inputs.enough("benefit_take_up_rate", people.height):
        return Figure.missing(Status.INSUFFICIENT_N, n=people.height, groups=by_gender(people))
    return _mean_of_shares(counts, people.height, groups, taken.basis)


def _mean_of_shares(counts: list[tuple[int, int]], n: int, groups: tuple[Part, ...], basis: str) -> Figure:
    value = sum(100 * count / size for size, count in counts) / len(counts)
    error = sum(share_error(count, size) for size, count in counts) / len(counts)
    bounds = [wilson(count, size) for size, count in counts]
    low, high = (sum(each) / len(counts) for each in zip(*bounds, strict=True))
    return Figure(Status.OK, value, n, groups, error, Interval(low, high), basis)


def _rates(granted: Held, taken: Held) -> tuple[Part, ...]:
    """Of each benefit those with access, and the percent of them who take part, where that is known."""
    found = ((name, _of_granted(granted, taken, name)) for name in granted.benefits)
    known = ((name, part, len(part) and not part.has_nulls()) for name, part in found)
    return tuple(
        Part(name, len(part), 100 * int(part.sum()) / len(part) if some else None) for name, part, some in known
    )


def _of_granted(granted: Held, taken: Held, benefit: str) -> pl.Series:
    """Whether they take part, of those with access."""
    return taken.people.get_column(benefit).filter(granted.people.get_column(benefit))


def _counts(granted: Held, taken: Held) -> list[tuple[int, int]]:
    """Those with access, and of them who take part, of each benefit of the headline that anybody has access to."""
    found = (_of_granted(granted, taken, name) for name in HEADLINE)
    return [(len(part), int(part.sum())) for part in found if len(part)]


FORMULAS = {
    "benefit_participation_rate": benefit_participation_rate,
    "benefit_take_up_rate": benefit_take_up_rate,
}
