"""The query of a push: what the caller says of the file, and how it is to be taken."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query

from wm_api.core import clock
from wm_api.core.problems import FieldError, ValidationFailed
from wm_api.datasets.service.pushes import Said, checked_facts
from wm_api.datasets.source_schemas import NAME
from wm_api.records.facts import GROSS, Expectations, Facts
from wm_api.records.kinds import KindName

Hours = Annotated[float | None, Query(ge=20, le=60, description="Hours; default 40.00.")]


async def expectations(
    quarantine_ceiling: Annotated[
        float, Query(ge=0, le=0.05, description="Share of rows that may be set aside; at 0 one refuses the file.")
    ] = 0,
    expected_rows: Annotated[int | None, Query(ge=1, description="Data rows of the file.")] = None,
    expected_headcount: Annotated[
        int | None, Query(ge=0, description="Employed on as_of; of other kinds than workforce, different people.")
    ] = None,
    expected_gross: Annotated[
        str | None, Query(pattern=GROSS, description="Of payroll, by currency: `USD:123.45,EUR:6.00`.")
    ] = None,
) -> Expectations:
    """What the sender knows of the file, and how much of it may be set aside."""
    return Expectations(
        quarantine_ceiling=quarantine_ceiling,
        rows=expected_rows,
        headcount=expected_headcount,
        gross=expected_gross,
    )


async def declared_facts(  # noqa: PLR0913, PLR0917 - the query of the contract
    expected: Annotated[Expectations, Depends(expectations)],
    kind: Annotated[KindName, Query(description="Record kind.")],
    as_of: Annotated[date | None, Query(description="The day on which the extract was true; not for payroll.")] = None,
    period_start: Annotated[date | None, Query(description="First day of the period (payroll).")] = None,
    period_end: Annotated[date | None, Query(description="Last day of the period (payroll).")] = None,
    window_start: Annotated[date | None, Query()] = None,
    window_end: Annotated[date | None, Query()] = None,
    full_time_weekly_hours: Hours = None,
    declared_headcount: Annotated[int | None, Query(ge=1, le=5_000_000)] = None,
    perimeter: Annotated[Literal["complete", "partial"] | None, Query()] = None,
) -> Facts:
    """Facts that are declared with a file. Raises DatesInvalid."""
    facts = Facts(
        kind=kind,
        as_of=as_of,
        period_start=period_start,
        period_end=period_end,
        window_start=window_start,
        window_end=window_end,
        full_time_weekly_hours=full_time_weekly_hours or 40.0,
        declared_headcount=declared_headcount,
        perimeter=perimeter,
        expectations=expected,
    )
    return checked_facts(facts, clock.today())


async def push_parameters(  # noqa: PLR0913, PLR0917 - the query of the contract
    facts: Annotated[Facts, Depends(declared_facts)],
    external_ref: Annotated[str | None, Query(pattern=r"^[A-Za-z0-9._:-]{1,64}$")] = None,
    supersedes: Annotated[UUID | None, Query(description="The dataset that this one replaces.")] = None,
    amends: Annotated[
        UUID | None, Query(description="The file has only rows that are new or changed, by natural key.")
    ] = None,
    new_key: Annotated[bool, Query(description="Take keys of another key id; the series breaks.")] = False,
    source: Annotated[str | None, Query(pattern=NAME, description="Name of the source that pushes.")] = None,
    mapping_version: Annotated[str | None, Query(pattern=NAME, description="By which mapping it was made.")] = None,
    hold: Annotated[bool, Query(description="It counts only once it is committed; until then it is shown.")] = False,
    accept_drift: Annotated[bool, Query(description="Yes to what changed since the source's last file.")] = False,
) -> Said:
    if amends is not None and (supersedes is not None or new_key or facts.expectations.quarantine_ceiling):
        clash = FieldError("clash", "It supersedes what it amends, with the same key and all rows.", parameter="amends")
        raise ValidationFailed(clash.detail, errors=[clash])
    return Said(
        facts,
        external_ref,
        supersedes or amends,
        new_key,
        source,
        mapping_version,
        accept_drift,
        hold,
        amends,
    )
