"""PURE: who works here and who leads, by attribute. GRI 405-1; ESRS S1-9."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

import polars as pl

from wm_api.metrics.distributions import wilson
from wm_api.metrics.estimates import around, by_gender, ratio_error, share_error
from wm_api.metrics.figures import Figure, Interval, Part, Status, not_reported
from wm_api.metrics.population import MetricInputs
from wm_api.metrics.profiles import Question, answer

UNKNOWN: Mapping[str, str | None] = MappingProxyType(
    {
        "gender": "U",
        "race_ethnicity": "unknown",
        "age_band": None,
        "disability": "undisclosed",
        "veteran": "undisclosed",
    }
)
"""Attributes, each with the code that says as little as an empty cell."""
WOMEN = "F"
AGES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "30_and_50": {
            **dict.fromkeys(("u20", "20_24", "25_29"), "under_30"),
            **dict.fromkeys(("30_39", "40_50"), "30_to_50"),
            **dict.fromkeys(("51_59", "60_plus"), "over_50"),
        },
        "40_and_over": {
            **dict.fromkeys(("u20", "20_24", "25_29", "30_39"), "under_40"),
            **dict.fromkeys(("40_50", "51_59", "60_plus"), "40_and_over"),
        },
    }
)


def _attributes(inputs: MetricInputs, people: pl.DataFrame, profile: str) -> Iterator[tuple[str, pl.Series]]:
    """Of each attribute that was pushed what is known of each person, empty where nothing is."""
    ages = AGES.get(answer(Question.AGE_BANDS, profile).code)
    for name, unknown in UNKNOWN.items():
        if inputs.has(name):
            codes = people.get_column(name).cast(pl.String)
            known = codes.set(codes == unknown, None) if unknown else codes
            yield name, known.replace_strict(ages) if name == "age_band" and ages else known


def _counts(codes: pl.Series) -> dict[str, int]:
    return dict(codes.drop_nulls().value_counts().sort(codes.name).iter_rows())


def _shares(name: str, codes: pl.Series) -> Iterator[Part]:
    counts = _counts(codes)
    n = sum(counts.values())
    for code, count in counts.items():
        yield Part(code, count, 100 * count / n, name, Interval(*wilson(count, n)))


def representation_share(inputs: MetricInputs, profile: str) -> Figure:
    """Percent of people with each attribute, of those of whom it is known; the value is that of women."""
    people = inputs.people(profile)
    attributes = dict(_attributes(inputs, people, profile))
    known = attributes["gender"].drop_nulls()
    n, women = len(known), int((known == WOMEN).sum())
    excluded = (Part("gender_unknown", people.height - n),) if people.height > n else ()
    if not inputs.enough("representation_share", n):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=by_gender(people), excluded=excluded)
    groups = tuple(part for name, codes in attributes.items() for part in _shares(name, codes))
    error, interval = share_error(women, n), Interval(*wilson(women, n))
    return Figure(Status.OK, 100 * women / n, n, groups, error, interval, "women", excluded=excluded)


def disclosure_rate(inputs: MetricInputs, profile: str) -> Figure:
    """Percent of people of whom an attribute is known, by attribute; the value is that of the one known least."""
    people = inputs.people(profile)
    n = people.height
    if not inputs.enough("disclosure_rate", n):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=by_gender(people))
    counts = {name: int(codes.count()) for name, codes in _attributes(inputs, people, profile)}
    parts = tuple(
        Part(name, n, 100 * count / n, interval=Interval(*wilson(count, n))) for name, count in counts.items()
    )
    least = min(counts.values())
    groups = (*parts, *by_gender(people))
    return Figure(
        Status.OK, 100 * least / n, n, groups, share_error(least, n), Interval(*wilson(least, n)), "least_known"
    )


def leadership_representation_ratio(inputs: MetricInputs, profile: str) -> Figure:
    """The share of a group in top management over its share among all, by attribute; the value is that of women."""
    if not inputs.has("top_management"):
        return not_reported("top_management")
    people = inputs.people(profile)
    top = people.filter(pl.col("top_management").fill_null(value=False))
    leaders, everybody = (dict(_attributes(inputs, each, profile)) for each in (top, people))
    n = len(leaders["gender"].drop_nulls())
    excluded = (Part("gender_unknown", top.height - n),) if top.height > n else ()
    if not inputs.enough("leadership_representation_ratio", n):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=by_gender(top), excluded=excluded)
    ratios = {name: tuple(_ratios(name, leaders[name], codes)) for name, codes in everybody.items()}
    groups = tuple(part for parts in ratios.values() for part in parts)
    women = next((part for part in ratios["gender"] if part.group == WOMEN), None)
    if women is None:
        return Figure.missing(Status.UNDEFINED, n=n, groups=by_gender(top), excluded=excluded)
    error = _error(leaders["gender"], everybody["gender"], WOMEN)
    return replace(_ratio(women, error), n=n, groups=groups, excluded=excluded)


def _ratio(women: Part, error: float) -> Figure:
    value = women.value or 0.0
    return Figure(Status.OK, value, standard_error=error, interval=around(value, error, 0.0), basis="women")


def _ratios(name: str, leaders: pl.Series, everybody: pl.Series) -> Iterator[Part]:
    """Of each group among all people; none where nothing is known of any leader."""
    top, all_counts = _counts(leaders), _counts(everybody)
    for code, count in all_counts.items():
        if top:
            ratio = (top.get(code, 0) / sum(top.values())) / (count / sum(all_counts.values()))
            error = _error(leaders, everybody, code)
            yield Part(code, top.get(code, 0), ratio, name, around(ratio, error, 0.0))


def _error(leaders: pl.Series, everybody: pl.Series, code: str) -> float:
    shares = []
    for codes in (leaders, everybody):
        known = codes.drop_nulls()
        count, n = int((known == code).sum()), len(known)
        shares.append((100 * count / n, share_error(count, n)))
    return ratio_error(*shares)


def availability_ratio(_: MetricInputs, __: str) -> Figure:
    """The share of a group in a job group over its share in the labour market: no such table is loaded."""
    return Figure.missing(Status.NOT_APPLICABLE, "no_reference")


FORMULAS = {
    "representation_share": representation_share,
    "leadership_representation_ratio": leadership_representation_ratio,
    "availability_ratio": availability_ratio,
    "disclosure_rate": disclosure_rate,
}
