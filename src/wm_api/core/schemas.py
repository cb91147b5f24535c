"""Base classes and types of the contract's bodies."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

from wm_api.core.principal import ActorType

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def _one_line(value: Any) -> Any:
    """A line end in a name would end a header of a mail."""
    if isinstance(value, str) and CONTROL.search(value):
        msg = "control characters and line ends are not allowed"
        raise ValueError(msg)
    return value


class Input(BaseModel):
    """What a caller sends: unknown fields are refused, texts are taken exactly as sent."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, str_max_length=2000)


class Output(BaseModel):
    """What we answer: every field is always there."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


def instant_text(value: datetime) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"


Instant = Annotated[
    datetime,
    PlainSerializer(instant_text, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-01T09:30:00.000Z"]}),
]


def _text_of_one(value: Any) -> Any:
    if isinstance(value, int | float):
        msg = "an instant is a text as RFC 3339 writes it"
        raise ValueError(msg)  # noqa: TRY004 - pydantic takes this one
    return value


def _a_flag(value: Any) -> Any:
    if not isinstance(value, bool):
        msg = "true or false"
        raise ValueError(msg)  # noqa: TRY004 - pydantic takes this one
    return value


GivenInstant = Annotated[AwareDatetime, BeforeValidator(_text_of_one)]
"""An instant in a body: a number is none."""
Acknowledged = Annotated[Literal[True], BeforeValidator(_a_flag)]
Text = Annotated[str, BeforeValidator(_one_line), StringConstraints(min_length=1, max_length=200)]
OUT = r"\s\x00-\x1f\x7f-\x9f,;:<>()\x22\\\[\]"
"""What no address has outside quotes (RFC 5322), and would begin a second one in a header."""
Email = Annotated[
    str,
    BeforeValidator(_one_line),
    StringConstraints(min_length=3, max_length=254, pattern=f"^[^.@{OUT}][^@{OUT}]{{0,63}}@[^@{OUT}]+[.][^@.{OUT}]+$"),
    AfterValidator(str.lower),
]
Money = Annotated[str, StringConstraints(pattern=r"^-?\d{1,15}(\.\d{1,6})?$")]


class Actor(Output):
    """Who acted."""

    type: ActorType
    id: UUID | None


class Ref(Output):
    """A link to an object of the contract."""

    type: str
    id: UUID
    href: str


def _with_places(schema: dict[str, Any]) -> None:
    schema["properties"] |= {name: {"type": "string"} for name in ("pointer", "parameter", "header")}


class FieldError(Output):
    """Where an input is wrong: one of pointer, parameter, header. Never the value."""

    model_config = ConfigDict(extra="allow", json_schema_extra=_with_places)
    code: str
    detail: str


class Problem(Output):
    """What went wrong (RFC 9457). Further members depend on the code."""

    model_config = ConfigDict(extra="allow")
    type: str = Field(json_schema_extra={"format": "uri"})
    title: str
    status: int
    detail: str
    instance: str | None
    code: str = Field(description="Never changes; texts may.", examples=["not-found"])
    request_id: str
    retryable: bool
    errors: list[FieldError]


class Page(Output):
    """One page of a list. `next_cursor: null` is the end."""

    next_cursor: str | None = Field(description="Give it as `cursor` for the next page; null at the end.")
