"""All four record kinds: what they are, and that one without people or money is taken in like any other."""

import gzip
from collections.abc import Callable
from datetime import date
from typing import get_args

import pytest
from backports import zstd

from extracts import KEYS, PAYROLL, WORKFORCE, Row, as_csv, as_ndjson, as_parquet, payroll_row, taken, workforce_row
from wm_api.records.facts import Facts
from wm_api.records.kinds import KINDS, KindName
from wm_api.records.readers import CSV, NDJSON, PARQUET

PLANS = Facts(kind="benefit_plans", as_of=date(2025, 12, 31))
ENROLMENTS = Facts(kind="benefit_enrolments", as_of=date(2025, 12, 31))


def plan_row(number: int = 0, **cells: str | None) -> Row:
    return {"plan_code": f"plan-{number}", "benefit_type": "medical", "waiting_days": "30", **cells}


def enrolment_row(person: int = 0, **cells: str | None) -> Row:
    return {"employee_key": KEYS[person], "plan_code": f"plan-{person % 2}", "coverage_from": "2025-01-01", **cells}


def test_a_contract_names_every_kind() -> None:
    assert get_args(KindName) == tuple(KINDS)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_natural_keys_and_names_are_of_the_kind(kind: object) -> None:
    assert len(set(kind.names)) == len(kind.names)  # type: ignore[attr-defined]
    assert set(kind.natural_key) <= set(kind.names)  # type: ignore[attr-defined]


def test_a_list_of_plans_has_no_employees_no_key_id_and_no_totals() -> None:
    rows = [plan_row(number, employer_annual_cost="12000.50") for number in range(80)]
    outcome = taken(as_csv(rows), facts=PLANS)
    assert outcome.report.outcome == "accepted", outcome.report.findings
    assert (outcome.report.rows, outcome.report.employees, outcome.report.key_ids) == (80, 0, ())
    assert outcome.keys == []
    assert outcome.report.totals == ()
    typed = [part.drop("employee_key", strict=False) for part in outcome.parts]
    assert [part.get_column("waiting_days").sum() for part in typed] == [2400]
    same = taken(as_parquet(rows), facts=PLANS, media_type=PARQUET)
    assert all(one.equals(other) for one, other in zip(outcome.parts, same.parts, strict=True))


ROWS: dict[str, tuple[Facts, Callable[[int], Row]]] = {
    "workforce": (WORKFORCE, workforce_row),
    "payroll": (PAYROLL, payroll_row),
    "benefit_plans": (PLANS, plan_row),
    "benefit_enrolments": (ENROLMENTS, enrolment_row),
}
FORMS: dict[str, Callable[[list[Row]], bytes]] = {CSV: as_csv, NDJSON: as_ndjson, PARQUET: as_parquet}
PACKED: dict[str | None, Callable[[bytes], bytes]] = {None: bytes, "gzip": gzip.compress, "zstd": zstd.compress}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_read_alike_in_every_form_and_packing(kind: str) -> None:
    facts, row_of = ROWS[kind]
    rows = [row_of(number) for number in range(60)]
    plain = taken(as_csv(rows), facts=facts)
    assert (plain.report.outcome, plain.report.rows) == ("accepted", 60)
    for media_type, written in FORMS.items():
        for encoding, packed in PACKED.items():
            same = taken(packed(written(rows)), facts=facts, media_type=media_type, encoding=encoding)
            assert same.report == plain.report, (media_type, encoding)
            assert same.keys == plain.keys
            assert all(one.equals(other) for one, other in zip(plain.parts, same.parts, strict=True))


@pytest.mark.parametrize(
    ("column", "known", "unknown"),
    [
        ("currency", "EUR", "LEE"),
        ("currency", "XCG", "XTS"),
        ("work_country", "GB", "UK"),
        ("work_country", "DE", "ZZ"),
        ("work_region", "DE-BY", "LI9-BY"),
        ("work_region", "US-TX", "QQ-TX"),
        ("soc_code", "11-1021", "\uff11\uff11-1021"),
        ("isco_code", "2310", "\uff12310"),
        ("work_county", "48453", "4845\uff13"),
    ],
)
def test_codes_of_a_standard_are_those_of_its_list_and_of_plain_digits(column: str, known: str, unknown: str) -> None:
    """Three capitals could be a name: a pattern alone would let it through."""
    rows = [workforce_row(person, **{column: known}) for person in range(60)]
    assert taken(as_csv(rows), facts=WORKFORCE).findings() == {}
    rows[7] = workforce_row(7, **{column: unknown})
    refused = taken(as_csv(rows), facts=WORKFORCE)
    assert refused.report.outcome == "refused"
    assert refused.findings()["value_not_in_vocabulary"].rows == (8,)


def test_plans_of_one_code_and_year_that_differ_are_named_by_the_code() -> None:
    years = [plan_row(plan_year="2024"), plan_row(plan_year="2025")]
    assert taken(as_csv(years), facts=PLANS).findings() == {}
    found = taken(as_csv([*years, plan_row(plan_year="2025", waiting_days="60")]), facts=PLANS).findings()
    conflict = found["duplicate_row_conflict"]
    assert (conflict.column, conflict.rows) == ("plan_code", (2, 3))
    assert "duplicate_row_conflict" in taken(as_csv([plan_row(), plan_row(waiting_days="9")]), facts=PLANS).findings()


def test_enrolments_are_of_people_and_need_no_money() -> None:
    rows = [enrolment_row(person, status="enrolled", tier="family") for person in range(20)]
    outcome = taken(as_csv(rows), facts=ENROLMENTS)
    assert outcome.report.outcome == "accepted"
    assert (outcome.report.employees, len(outcome.report.key_ids)) == (20, 1)
    twice = [*rows, enrolment_row(3, status="enrolled", tier="single")]
    assert taken(as_csv(twice), facts=ENROLMENTS).findings()["duplicate_row_conflict"].rows == (4, 21)
    again = [*rows, enrolment_row(3, status="enrolled", tier="single", coverage_from="2025-07-01")]
    assert taken(as_csv(again), facts=ENROLMENTS).findings() == {}


def test_a_cover_that_ends_before_it_begins_is_named() -> None:
    rows = [enrolment_row(0, coverage_to="2025-01-01"), enrolment_row(1, coverage_to="2024-12-31")]
    found = taken(as_csv(rows), facts=ENROLMENTS).findings()["period_inverted"]
    assert (found.column, found.rows) == ("coverage_to", (2,))


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"benefit_type": "massage"}, "value_not_in_vocabulary"),
        ({"plan_code": "Gold plan of Mrs Smith"}, "value_not_in_vocabulary"),
        ({"waiting_days": "731"}, "number_out_of_range"),
        ({"employer_premium_share_single": "80"}, "number_out_of_range"),
        ({"contributory": "yes"}, "value_not_in_vocabulary"),
        ({"plan_code": None}, "value_not_of_type"),
        ({"employee_key": KEYS[0]}, "unknown_column"),
    ],
)
def test_a_plan_that_breaks_its_types_is_refused(cells: Row, code: str) -> None:
    rows = [{**plan_row(number), **cells} for number in range(2)]
    outcome = taken(as_csv(rows), facts=PLANS)
    assert outcome.report.refused
    assert code in outcome.findings()
