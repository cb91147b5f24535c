"""Bodies of taking part in contributed benchmarks."""

from pydantic import Field, StrictBool

from wm_api.core.schemas import Input, Instant, Output


class TakingPartUpdate(Input):
    taking_part: StrictBool


class TakingPart(Output):
    """Whether the account takes part in contributed benchmarks; what changes counts from the next release on."""

    taking_part: bool
    admitted: bool = Field(
        description="Whether the operator has verified the company group; without it nothing counts."
    )
    changed_at: Instant | None = Field(description="When an owner last said so; null where nobody has.")
