"""Rows that are set aside, and what a sender expects of a file: the same whatever its form, and never half kept."""

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from extracts import PAYROLL, WORKFORCE, Row, Taken, as_csv, as_ndjson, as_parquet, payroll_row, taken, workforce_row
from wm_api.records import intake
from wm_api.records.columns import Severity
from wm_api.records.facts import Expectations, Facts
from wm_api.records.looks import SetAside
from wm_api.records.readers import NDJSON, PARQUET

PAID = [payroll_row(person, hours_regular="80", run_no="1", reverses_run_no="") for person in range(100)]


def expecting(facts: Facts = PAYROLL, **expected: Any) -> Facts:
    return replace(facts, expectations=Expectations(**expected))


def tolerant(rows: list[Row], ceiling: float = 0.05) -> Taken:
    return taken(as_csv(rows), expecting(quarantine_ceiling=ceiling))


def with_bad(*bad: tuple[int, Row]) -> list[Row]:
    rows: list[Row] = list(PAID)
    for at, row in bad:
        rows.insert(at, row)
    return rows


BAD = payroll_row(200, hours_regular="800", run_no="1", reverses_run_no="")


@pytest.fixture(autouse=True)
def short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "CHECKED_ROWS", 7)
    monkeypatch.setattr(intake, "PART_ROWS", 5)


def test_a_row_that_cannot_be_used_refuses_the_file_unless_the_sender_allows_some() -> None:
    assert taken(as_csv(with_bad((3, BAD)))).report.refused
    outcome = tolerant(with_bad((3, BAD), (50, BAD)))
    report, without = outcome.report, taken(as_csv(PAID))
    assert (report.outcome, report.rows, report.quarantined, report.employees) == ("accepted", 102, 2, 100)
    assert outcome.frame.equals(without.frame)
    assert report.totals == without.report.totals
    found = outcome.findings()["number_out_of_range"]
    assert (found.severity, found.column, found.rows, found.row_count) == ("quarantine", "hours_regular", (4, 51), 2)


def test_what_is_set_aside_does_not_depend_on_the_form_of_the_file() -> None:
    rows, facts = with_bad((0, BAD), (99, BAD)), expecting(quarantine_ceiling=0.05)
    rows = [{name: cell for name, cell in row.items() if cell} for row in rows]
    wanted = taken(as_csv(rows), facts)
    for content, media_type in ((as_ndjson(rows), NDJSON), (as_parquet(rows, 9), PARQUET)):
        for piece in (None, 64):
            same = taken(content, facts, media_type, piece=piece)
            assert same.report == wanted.report
            assert all(one.equals(other) for one, other in zip(same.parts, wanted.parts, strict=True))


def test_rows_in_conflict_are_all_set_aside_and_a_reversal_of_theirs_is_left_to_the_comparison() -> None:
    other = {**PAID[10], "pay_base": "7.00"}
    reversal = {**PAID[10], "run_no": "2", "reverses_run_no": "1", "pay_base": "-1000.50"}
    outcome = tolerant([*PAID, other, reversal])
    assert (outcome.report.outcome, outcome.report.quarantined) == ("accepted", 2)
    assert outcome.findings()["duplicate_row_conflict"].rows == (11, 101)
    assert outcome.findings()["negative_pay_unmatched"].severity is Severity.WARN
    kept = [row for row in PAID if row is not PAID[10]]
    assert outcome.frame.equals(taken(as_csv([*kept, reversal])).frame)


def test_what_is_expected_is_held_against_what_is_left() -> None:
    rows = [*PAID, {**PAID[10], "pay_base": "7.00"}]
    expected: dict[str, Any] = {"rows": 101, "headcount": 99, "gross": "USD:99049.50"}
    report = taken(as_csv(rows), expecting(quarantine_ceiling=0.05, **expected)).report
    assert (report.outcome, report.rows, report.quarantined) == ("accepted", 101, 2)


def test_more_than_the_ceiling_refuses_the_file_and_names_the_rows() -> None:
    rows = with_bad(*((at * 9, BAD) for at in range(6)))
    report = tolerant(rows).report
    assert report.refused
    assert {each.code for each in report.findings} == {
        "number_out_of_range",
        "hours_exceed_period",
        "too_many_bad_rows",
    }
    assert tolerant(with_bad(*((at * 9, BAD) for at in range(5)))).report.quarantined == 5


def test_what_refuses_a_file_is_not_set_aside() -> None:
    assert tolerant(with_bad((3, {**BAD, "currency": "dollars"}))).report.refused


def test_warnings_keep_the_numbers_of_their_rows_in_the_file() -> None:
    rows = [*with_bad((3, BAD)), PAID[7]]
    assert tolerant(rows).findings()["duplicate_row_identical"].rows == (102,)


@pytest.mark.parametrize(
    ("expected", "wrong"),
    [
        ({"rows": 100}, {"rows": 99}),
        ({"headcount": 100}, {"headcount": 101}),
        ({"gross": "USD:100050"}, {"gross": "USD:100050.01"}),
        ({"gross": "USD:100050.00,EUR:0"}, {"gross": "USD:100050,EUR:1"}),
        ({}, {"gross": "EUR:5"}),
    ],
)
def test_what_the_sender_expects_must_be_what_the_file_holds(expected: dict[str, Any], wrong: dict[str, Any]) -> None:
    content = as_csv(PAID)
    assert not taken(content, expecting(**expected)).report.refused
    report = taken(content, expecting(**wrong)).report
    assert {each.code for each in report.findings} == {"totals_differ"}
    assert ("gross", "USD", "100050.0000") in [
        (each.measure, each.currency, f"{float(each.value):.4f}") for each in report.totals
    ]


def test_gross_pay_counts_where_it_is_given_and_else_the_parts() -> None:
    rows = [{**row, "pay_bonus": "10", "gross_pay": "1010.50" if at % 2 else ""} for at, row in enumerate(PAID)]
    assert not taken(as_csv(rows), expecting(gross="USD:101050")).report.refused


def test_the_headcount_of_a_workforce_is_of_those_employed_on_its_day() -> None:
    people = [workforce_row(at, termination_date="2025-06-15" if at < 9 else "") for at in range(40)]
    assert not taken(as_csv(people), expecting(WORKFORCE, headcount=31)).report.refused
    assert "totals_differ" in taken(as_csv(people), expecting(WORKFORCE, headcount=40)).findings()


@pytest.mark.parametrize("left_out", [[], [1], [3, 4, 9], [10], list(range(1, 10))])
def test_rows_that_stay_keep_their_numbers(left_out: list[int]) -> None:
    aside = SetAside(SetAside(b"").with_more(pl.Series(left_out, dtype=pl.Int64)))
    numbered = pl.DataFrame({"row": range(1, 11)})
    kept = aside.kept(numbered, 1).get_column("row").to_list()
    assert kept == [row for row in range(1, 11) if row not in left_out]
    assert list(aside.in_file(range(1, len(kept) + 1))) == kept
