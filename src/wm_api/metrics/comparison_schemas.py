"""Bodies of one metric side by side under every profile."""

from collections.abc import Mapping
from datetime import date

from pydantic import Field

from wm_api.core.schemas import Output
from wm_api.metrics import models, schemas
from wm_api.metrics.definition import Definition
from wm_api.metrics.profiles import PROFILES, Difference, differences

DEFAULT = "default"


class ProfileDifference(Output):
    """A question that the profile answers in another way than default."""

    question: str = Field(examples=["overtime"])
    default: str = Field(description="How default answers it.")
    profile: str = Field(description="How this profile does.")

    @classmethod
    def of(cls, row: Difference) -> "ProfileDifference":
        return cls(question=row.question.value, default=row.default.text, profile=row.profile.text)


class ProfileReading(Output):
    profile: str
    read_as: str | None = Field(
        description="The profile whose figure this is: default where nothing differs; null where it has no such metric."
    )
    value: schemas.MetricValue | None = Field(description="Null where nothing is computed, or `read_as` is.")
    difference: float | None = Field(
        description="The value less that of default, unrounded; null where one of them has none."
    )
    reasons: list[ProfileDifference] = Field(description="Why it may differ: empty where it is that of default.")


class ProfileComparison(Output):
    """The same metric of the same data in every profile, default first."""

    metric: str
    as_of: date | None = Field(description="Null where nothing is computed.")
    unit: str
    decimals: int
    readings: list[ProfileReading]

    @classmethod
    def of(cls, definition: Definition, rows: Mapping[str, models.MetricValue]) -> "ProfileComparison":
        readings = [_reading(definition, rows, profile) for profile in PROFILES]
        as_of = rows[DEFAULT].as_of if DEFAULT in rows else None
        unit, decimals = definition.unit, definition.decimals
        return cls(metric=definition.key, as_of=as_of, unit=unit, decimals=decimals, readings=readings)


def _reading(definition: Definition, rows: Mapping[str, models.MetricValue], profile: str) -> ProfileReading:
    reasons = differences(definition.questions, profile)
    absent = bool(reasons) and profile not in definition.profiles
    read_as = None if absent else profile if reasons else DEFAULT
    row, base = rows.get(read_as or ""), rows.get(DEFAULT)
    apart = None
    if row is not None and base is not None and row.value is not None and base.value is not None:
        apart = row.value - base.value
    return ProfileReading(
        profile=profile,
        read_as=read_as,
        value=None if row is None else schemas.MetricValue.of(row),
        difference=apart,
        reasons=[ProfileDifference.of(each) for each in reasons],
    )
