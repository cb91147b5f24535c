"""A record kind as documents for builders of a push: JSON Schema of a row, headings as CSV, and an example as CSV."""

import json
from typing import Any

from wm_api.records import employee_keys
from wm_api.records.columns import Code, Column, Day, Flag, Integer, Key, Number
from wm_api.records.currencies import SMALL_UNITS, widest
from wm_api.records.kinds import RecordKind

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DAY = r"^\d{4}-\d{2}-\d{2}$"
SECRET, ACCOUNT, EPOCH = bytes(32), "01900000-0000-7000-8000-000000000000", "1"
"""The published test vector of employee keys. Everybody knows it: it keys nobody."""
PEOPLE = {f"P{number}": employee_keys.make(SECRET, ACCOUNT, EPOCH, f"{number}") for number in range(1, 7)}
EXAMPLES = {
    "workforce": """
employee_key,hire_date,termination_date,termination_reason,base_rate,base_rate_unit,currency,weekly_hours,gender,job_code,job_level
P1,2019-03-04,,,24.50,hour,USD,40,F,J10,1
P2,2021-07-12,,,26.00,hour,USD,40,M,J10,1
P3,2016-01-18,,,68000,year,USD,40,F,J20,2
P4,2022-05-02,,,64500,year,USD,32,X,J20,2
P5,2012-09-24,,,98000,year,USD,40,M,J30,3
P6,2020-02-03,2025-06-30,voluntary_quit,25.25,hour,USD,24,U,J10,1
""",
    "payroll": """
employee_key,period_start,period_end,currency,pay_base,frequency,hours_regular,hours_overtime,pay_overtime,gross_pay
P1,2025-12-01,2025-12-31,USD,4214.00,month,172,4,147.00,4361.00
P2,2025-12-01,2025-12-31,USD,4472.00,month,172,0,0,4472.00
P3,2025-12-01,2025-12-31,USD,5666.67,month,172,0,0,5666.67
P4,2025-12-01,2025-12-31,USD,5375.00,month,138,0,0,5375.00
P5,2025-12-01,2025-12-31,USD,8166.67,month,172,0,0,8166.67
""",
    "benefit_plans": """
plan_code,benefit_type,waiting_days,min_weekly_hours,contributory,employer_premium_share_single,match_percent,match_up_to_percent,currency
MED-1,medical,30,30,true,0.8,,,USD
DEN-1,dental,30,30,true,0.5,,,USD
RET-1,retirement_dc,90,0,true,,50,6,USD
""",
    "benefit_enrolments": """
employee_key,plan_code,status,coverage_from,tier,employee_contribution_annual,employer_contribution_annual,currency
P1,MED-1,enrolled,2025-01-01,single,1500.00,6000.00,USD
P2,MED-1,enrolled,2025-01-01,family,4200.00,13800.00,USD
P3,MED-1,waived,,,,,
P3,RET-1,enrolled,2025-01-01,,4080.00,2040.00,USD
P5,RET-1,enrolled,2025-01-01,,5880.00,2940.00,USD
""",
}
"""Made-up rows as of 2025-12-31, pay of December 2025; P1 to P6 stand for keys. The kinds are of the same people."""


def row_schema(kind: RecordKind) -> dict[str, Any]:
    """JSON Schema (2020-12) of one row as a flat object, as a line of NDJSON. Rules of a whole file are beyond it."""
    return {
        "$schema": DIALECT,
        "title": f"{kind.name} {kind.version}",
        "type": "object",
        "properties": {column.name: _property(column) for column in kind.columns},
        "required": [column.name for column in kind.columns if column.required],
        "additionalProperties": False,
        **_ranges_by_currency(kind),
    }


def _ranges_by_currency(kind: RecordKind) -> dict[str, Any]:
    """The ranges of money in all currencies but those of small units, in which `properties` has them."""
    money = {name: {"minimum": number.minimum, "maximum": number.maximum} for name, number in kind.money.items()}
    small = {"properties": {"currency": {"enum": list(SMALL_UNITS)}}, "required": ["currency"]}
    return {"if": small, "else": {"properties": money}} if money else {}


def _property(column: Column) -> dict[str, Any]:
    """An optional cell may be null too."""
    described = _value(column)
    if not column.required:
        described["type"] = [described["type"], "null"]
        if "enum" in described:
            described["enum"] = [*described["enum"], None]
    if column.default is not None:
        numeric = isinstance(column.type, Number | Integer)
        described["default"] = json.loads(column.default) if numeric else column.default
    return described


def _value(column: Column) -> dict[str, Any]:
    kind, said = column.type, column.description
    match kind:
        case Key():
            return {"type": "string", "description": said, "pattern": employee_keys.SHAPE}
        case Day():
            return {"type": "string", "description": said, "format": "date", "pattern": DAY}
        case Flag():
            return {"type": "boolean", "description": said}
        case Code(codes=codes) if codes:
            return {"type": "string", "description": said, "enum": list(codes)}
        case Code(pattern=pattern):
            return {"type": "string", "description": said, "pattern": pattern}
        case Integer():
            return {"type": "integer", "description": said, "minimum": kind.minimum, "maximum": kind.maximum}
        case Number():
            told = f"{said} In {kind.unit}, {kind.places} places at most."
            least, most = widest(kind)
            return {"type": "number", "description": told, "minimum": least, "maximum": most}


def template(kind: RecordKind) -> str:
    """All headings, as the first line of a CSV."""
    return ",".join(kind.names) + "\n"


def example(kind: RecordKind) -> str:
    """A CSV that is accepted."""
    lines = EXAMPLES[kind.name].strip().splitlines()
    rows = (line.split(",") for line in lines)
    return "\n".join(",".join([PEOPLE.get(cells[0], cells[0]), *cells[1:]]) for cells in rows) + "\n"
