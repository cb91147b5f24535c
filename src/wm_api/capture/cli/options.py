"""Options that several commands share: a dataclass is a group of them, and `spread` makes options of its fields."""

import dataclasses
import functools
import inspect
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, get_type_hints
from uuid import UUID

import typer

from wm_api.capture.problems import UsageWrong
from wm_api.records.facts import GROSS, Expectations


def day(text: str) -> datetime:
    """Raises typer.BadParameter, which does not say again what was given."""
    try:
        return datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007 - a day has no zone
    except ValueError:
        raise typer.BadParameter("give a day such as 2025-12-31.") from None


DAY: dict[str, Any] = {"parser": day, "metavar": "YYYY-MM-DD"}
Day = datetime | None
FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, readable=True, help="The vendor's file.")
]
MappingOption = Annotated[Path, typer.Option("--mapping", exists=True, dir_okay=False, help="The mapping (TOML).")]
ReportOption = Annotated[
    Path | None,
    typer.Option("--report", metavar="FILE", help="Write the report too: .html a page, .csv rows, else JSON."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON line on standard output.")]


@dataclasses.dataclass(frozen=True, slots=True)
class Declared:
    """What the command line says of the file; it wins over [facts] of the mapping."""

    as_of: Annotated[Day, typer.Option("--as-of", **DAY, help="The day on which it was true; not for payroll.")] = None
    start: Annotated[Day, typer.Option("--from", **DAY, help="First day of the period of payroll.")] = None
    end: Annotated[Day, typer.Option("--to", **DAY, help="Last day of the period of payroll.")] = None
    window_start: Annotated[Day, typer.Option(**DAY, help="First day of the reporting window.")] = None
    window_end: Annotated[Day, typer.Option(**DAY, help="Last day of the reporting window.")] = None
    declared_headcount: Annotated[
        int | None, typer.Option(min=1, max=5_000_000, help="Employees by your own count.")
    ] = None
    keep: Annotated[
        list[str] | None,
        typer.Option(metavar="HEADING=VALUE", help="Only rows with this cell, beside [[rows.keep]]. May be repeated."),
    ] = None

    @property
    def facts(self) -> dict[str, Any]:
        """By the names of records.facts.Facts; what was not said is not there."""
        names = {"start": "period_start", "end": "period_end"}
        said = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        given = {name: value for name, value in said.items() if value is not None and name != "keep"}
        return {names.get(name, name): _day(value) for name, value in given.items()}


@dataclasses.dataclass(frozen=True, slots=True)
class Tolerated:
    """How many rows may be bad; it is held against each file here and at the server."""

    quarantine_ceiling: Annotated[
        float, typer.Option(min=0, max=0.05, help="Share of rows that may be set aside; at 0 one refuses the file.")
    ] = 0.0

    @property
    def facts(self) -> dict[str, Any]:
        """By the name of records.facts.Facts."""
        return {"expectations": Expectations(quarantine_ceiling=self.quarantine_ceiling)}


@dataclasses.dataclass(frozen=True, slots=True)
class Expected(Tolerated):
    """What you know of what leaves, too."""

    expected_rows: Annotated[int | None, typer.Option(min=1, help="Rows that leave.")] = None
    expected_headcount: Annotated[
        int | None, typer.Option(min=0, help="Employed on --as-of; of payroll, different people.")
    ] = None
    expected_gross: Annotated[
        str | None, typer.Option(metavar="USD:123.45,...", help="Gross pay of a payroll file, by currency.")
    ] = None

    @property
    def facts(self) -> dict[str, Any]:
        """By the name of records.facts.Facts. Raises UsageWrong."""
        if self.expected_gross is not None and not re.fullmatch(GROSS, self.expected_gross):
            raise UsageWrong("--expected-gross is by currency, such as USD:123.45,EUR:6.00.")
        expectations = Expectations(
            quarantine_ceiling=self.quarantine_ceiling,
            rows=self.expected_rows,
            headcount=self.expected_headcount,
            gross=self.expected_gross,
        )
        return {"expectations": expectations}


@dataclasses.dataclass(frozen=True, slots=True)
class Sending:
    """How the push counts at the server."""

    external_ref: Annotated[str | None, typer.Option(help="Your own name of this extract.")] = None
    supersedes: Annotated[UUID | None, typer.Option(help="Id of the dataset that this one replaces.")] = None
    amends: Annotated[UUID | None, typer.Option(help="Id of the dataset whose rows this one corrects.")] = None
    new_key: Annotated[bool, typer.Option("--new-key", help="The key file is new; the series breaks.")] = False
    source: Annotated[str | None, typer.Option(help="Name of the source that pushes.")] = None
    accept_drift: Annotated[
        bool, typer.Option("--accept-drift", help="Yes to what changed since the source's last file.")
    ] = False
    hold: Annotated[bool, typer.Option("--hold", help="It counts only once it is committed.")] = False

    @property
    def query(self) -> dict[str, str]:
        """Parameters of POST /v1/datasets; what was not said is not there."""
        said = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {name: "true" if value is True else str(value) for name, value in said.items() if value}


@dataclasses.dataclass(frozen=True, slots=True)
class Written:
    """How the file is written, where it is not found out."""

    delimiter: Annotated[str | None, typer.Option(help="Of a CSV file; default: found out.")] = None
    encoding: Annotated[str | None, typer.Option(help="Of a CSV file; default: found out.")] = None
    header_row: Annotated[int | None, typer.Option(min=1, help="Row of the headings; default: found out.")] = None
    sheet: Annotated[str | None, typer.Option(help="Of an XLSX file.")] = None

    @property
    def given(self) -> dict[str, object]:
        """By the names of [source]."""
        return dataclasses.asdict(self)


def _day(value: object) -> object:
    return value.date() if isinstance(value, datetime) else value


def spread(command: Callable[..., None]) -> Callable[..., None]:
    """The command as typer sees it: each parameter that is a group stands for the fields of the group."""
    groups: dict[str, Any] = {
        name: kind for name, kind in get_type_hints(command).items() if dataclasses.is_dataclass(kind)
    }

    @functools.wraps(command)
    def run(**given: Any) -> None:
        made = {name: kind(**{each: given.pop(each) for each in _names(kind)}) for name, kind in groups.items()}
        command(**given, **made)

    parameters = [each for one in inspect.signature(command).parameters.values() for each in _spread(one, groups)]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    return run


def _names(group: Any) -> list[str]:
    return [field.name for field in dataclasses.fields(group)]


def _spread(parameter: inspect.Parameter, groups: dict[str, Any]) -> Iterator[inspect.Parameter]:
    if parameter.name not in groups:
        yield parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        return
    group = groups[parameter.name]
    hints = get_type_hints(group, include_extras=True)
    for field in dataclasses.fields(group):
        yield inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=hints[field.name]
        )
