"""The shape of a file and drift: each drift with a pair of files that shows it, and a pair that does not."""

import json
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extracts import KEYS, PAYROLL, WORKFORCE, Row, as_csv, as_parquet, key, payroll_row, taken, workforce_row
from wm_api.records.columns import Finding, Severity
from wm_api.records.facts import Facts
from wm_api.records.kinds import KINDS
from wm_api.records.readers import CSV, PARQUET
from wm_api.records.rules import RULES
from wm_api.records.shape import Shape, drift, shape_document, shape_from
from wm_api.records.wire import report_document, report_from

Change = Callable[[Row, int], Row]


def shape_of(rows: Sequence[Row], facts: Facts = WORKFORCE) -> Shape:
    report = taken(as_csv(rows), facts).report
    assert report.shape is not None, report.findings
    return report.shape


def people(count: int = 60, **cells: str) -> list[Row]:
    more = {"weekly_hours": "38.50", "worker_type": "employee", "job_code": "", "termination_date": "", **cells}
    rows = [workforce_row(person, **more) for person in range(count)]
    return [{**row, "job_code": f"J{number % 7}"} for number, row in enumerate(rows)]


def changed(rows: Sequence[Row], change: Change) -> list[Row]:
    return [change(dict(row), number) for number, row in enumerate(rows)]


def without(name: str) -> Change:
    return lambda row, _: {each: cell for each, cell in row.items() if each != name}


def with_cell(name: str, cell: str, every: int = 1) -> Change:
    return lambda row, number: {**row, name: cell} if number % every == 0 else row


def called(old: str, new: str) -> Change:
    return lambda row, _: {new if name == old else name: cell for name, cell in row.items()}


def found(before: Sequence[Row], after: Sequence[Row], facts: Facts = WORKFORCE) -> dict[str, Finding]:
    return {each.code: each for each in drift(KINDS[facts.kind], shape_of(before, facts), shape_of(after, facts))}


MONTHS = [payroll_row(person, month) for person in range(30) for month in (1, 2)]
OTHER_KEYS = [{**row, "employee_key": key(number, b"\x08" * 32)} for number, row in enumerate(people())]
DRIFTS: dict[str, tuple[list[Row], list[Row], str | None, tuple[str, ...], bool]] = {
    "drift_column_missing": (people(), changed(people(), without("job_code")), "job_code", (), True),
    "drift_column_new": (people(), changed(people(), with_cell("contract_type", "permanent")), "contract_type", (), True),
    "drift_column_renamed": (people(), changed(people(), called("job_code", "job_family")), "job_code", ("job_family",), True),
    "drift_column_emptied": (people(), changed(people(), with_cell("worker_type", "")), "worker_type", (), False),
    "drift_code_new": (people(), changed(people(), with_cell("worker_type", "agency", 9)), "worker_type", ("agency",), True),
    "drift_code_gone": (changed(people(), with_cell("gender", "M", 2)), people(), "gender", ("M",), False),
    "drift_unit": (
        people(), changed(people(), lambda row, _: {**row, "base_rate_unit": "year", "base_rate": "42000"}),
        "base_rate_unit", ("hour", "year"), True,
    ),
    "drift_amount": (
        people(base_rate_unit="month", base_rate="3500"), people(base_rate_unit="month", base_rate="42000"),
        "base_rate", ("month", "times 12"), True,
    ),
    "drift_currency": (people(), people(currency="CAD"), "currency", (), True),
    "drift_rows_fewer": (people(60), people(29), None, (), True),
    "drift_rows_more": (people(60), people(91), None, (), False),
}  # fmt: skip


@pytest.mark.parametrize("code", DRIFTS)
def test_each_drift_is_found_alone_and_names_column_and_words(code: str) -> None:
    before, after, column, about, grave = DRIFTS[code]
    drifts = found(before, after)
    assert set(drifts) == {code}
    finding = drifts[code]
    assert (finding.column, finding.about, finding.severity is Severity.REFUSE) == (column, about, grave)
    assert "Likely cause" in RULES[code].detail


NEXT_MONTH: dict[str, list[Row]] = {
    "rates rise by a tenth": changed(people(), lambda row, n: {**row, "base_rate": f"{(20 + n % 7) * 1.1 + 0.5:.2f}"}),
    "some leave and others come": changed(people(70)[8:], with_cell("termination_date", "2025-12-01", 20)),
    "codes of one's own are others": changed(people(), with_cell("job_code", "J9", 7)),
    "rows are in another order": people()[::-1],
    "a rate is for one person in units of its own": people(),
}


@pytest.mark.parametrize("case", NEXT_MONTH)
def test_the_same_report_a_month_later_does_not_drift(case: str) -> None:
    assert found(people(), NEXT_MONTH[case]) == {}


def test_the_key_id_changed() -> None:
    before = shape_of(people())
    after = Shape(before.rows, "other", before.columns, before.amounts)
    drifts = drift(KINDS["workforce"], before, after)
    assert [(each.code, each.severity) for each in drifts] == [("drift_key_id", Severity.REFUSE)]


def test_a_column_that_is_always_empty_may_go_and_come_with_a_warning() -> None:
    bare = changed(people(), without("termination_date"))
    for before, after, code in ((people(), bare, "drift_column_missing"), (bare, people(), "drift_column_new")):
        assert [(each.code, each.severity) for each in found(before, after).values()] == [(code, Severity.WARN)]


def test_a_new_column_that_does_not_look_like_the_missing_one_is_no_new_name_of_it() -> None:
    half = changed(people(), lambda row, n: without("job_code")({**row, "job_family": "X" if n % 4 == 0 else ""}, n))
    assert set(found(people(), half)) == {"drift_column_missing", "drift_column_new"}
    numbers = changed(people(), lambda row, n: without("weekly_hours")({**row, "training_hours_12m": "900.00"}, n))
    assert set(found(people(), numbers)) == {"drift_column_missing", "drift_column_new"}


def test_pay_of_one_frequency_that_becomes_cents_is_told_and_another_month_is_not() -> None:
    cents = changed(MONTHS, lambda row, _: {**row, "pay_base": "100050"})
    assert found(MONTHS, cents, PAYROLL)["drift_amount"].about == ("times 100",)
    assert found(cents, MONTHS, PAYROLL)["drift_amount"].about == ("divided by 100",)
    later = changed(MONTHS, lambda row, n: {**row, "pay_base": f"{1000.5 * (1 + n % 3 / 10):.2f}"})
    assert found(MONTHS, later, PAYROLL) == {}


def test_most_rows_of_another_unit_are_a_changed_mix_and_a_few_are_not() -> None:
    def yearly(every: int) -> list[Row]:
        return changed(
            people(), lambda row, n: {**row, "base_rate_unit": "year", "base_rate": "42000"} if n % every == 0 else row
        )

    most = changed(
        yearly(10), lambda row, n: row if n % 10 == 1 else {**row, "base_rate_unit": "year", "base_rate": "42000"}
    )
    assert "drift_unit" in found(yearly(10), most)
    assert found(yearly(10), yearly(8)) == {}


def test_a_shape_holds_no_key_no_code_of_one_s_own_and_no_amount_of_few() -> None:
    text = json.dumps(shape_document(shape_of(people(5))))
    assert KEYS[0] not in text
    assert "J1" not in text
    assert "20.5" not in text
    shape = shape_of(people(5))
    assert {each.typical for each in shape.columns} | {each.typical for each in shape.amounts} == {None}
    codes = {each.name: (each.codes, each.distinct) for each in shape.columns}
    assert (codes["job_code"], codes["gender"], codes["currency"]) == ((None, 5), (("F",), None), (("USD",), None))


CELLS = st.fixed_dictionaries({
    "gender": st.sampled_from(["F", "M", "X", "U"]), "base_rate": st.sampled_from(["0", "15.25", "80", "900"]),
    "worker_type": st.sampled_from(["", "agency", "employee"]), "job_code": st.sampled_from(["", "A", "B", "C"]),
    "is_manager": st.sampled_from(["", "true", "false"]), "original_hire_date": st.sampled_from(["", "2001-05-06", "2019-01-01"]),
})  # fmt: skip


@given(st.lists(CELLS, min_size=1, max_size=60), st.randoms())
@settings(max_examples=20, deadline=None)  # up to sixty people each, in two forms
def test_a_file_never_drifts_against_itself_in_any_order_or_form(cells: list[dict[str, str]], order: object) -> None:
    rows = [workforce_row(person, **dict(sorted(each.items()))) for person, each in enumerate(cells)]
    mixed = list(rows)
    order.shuffle(mixed)  # type: ignore[attr-defined]
    before = shape_of(rows)
    for content, media_type in (
        (as_csv(mixed), CSV),
        (as_parquet([{n: c or None for n, c in row.items()} for row in rows]), PARQUET),
    ):
        again = taken(content, WORKFORCE, media_type).report.shape
        assert again == before
        assert drift(KINDS["workforce"], before, before) == []


def test_a_shape_comes_back_from_its_document_and_with_its_report() -> None:
    report = taken(as_csv(people()), WORKFORCE).report
    assert report.shape is not None
    assert shape_from(json.loads(json.dumps(shape_document(report.shape)))) == report.shape
    assert report_from(json.loads(json.dumps(report_document(report)))) == report


def test_a_refused_file_has_no_shape() -> None:
    assert taken(as_csv(people(gender="woman")), WORKFORCE).report.shape is None
