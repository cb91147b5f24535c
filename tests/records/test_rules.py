"""Every rule that one file can show: a file that breaks it, and one beside it that does not."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from extracts import PAYROLL, WORKFORCE, Row, as_csv, key, payroll_row, taken, workforce_row
from wm_api.records.drift_rules import DRIFT
from wm_api.records.facts import Facts
from wm_api.records.rules import RULES

BESIDE_OTHERS = {
    "below_legal_minimum",
    "constant_exempt_hours",
    "partial_period",
    "reference_hours_differ",
    "stale_copy",
    "payroll_gap",
    "rekeyed_without_mapping",
    "keys_mostly_new",
    "person_in_two_files",
    "payroll_overlap",
    "payroll_without_person",
    "person_without_payroll",
    "enrolment_without_person",
    "enrolment_without_plan",
    *DRIFT,
}
OF_THE_FORM = {"file_unreadable", "encoding_not_utf8", "file_empty", "too_many_columns", "too_many_rows"}
OF_THE_FORM |= {"cell_too_long", "unpacked_too_large"}
OF_EXPECTATIONS = {"too_many_bad_rows", "totals_differ"}
OF_TWO_FILES = {"crosswalk_heading", "key_id_not_current", "key_id_not_new", "key_repeated", "amendment_columns_differ"}
"""Those are shown by tests/records/test_readers.py and test_ndjson.py, tests/records/test_expectations.py,
test_comparisons.py, test_paid_hours.py, test_key_rotation.py and test_amendments.py of tests/datasets, and tests/scores/test_legal_minimum.py.
"""


def people(number: int = 60, **cells: str | None) -> list[Row]:
    return [workforce_row(person, **cells) for person in range(number)]


def changed(rows: list[Row], at: int, **cells: str | None) -> list[Row]:
    return [{**row, **cells} if number == at else row for number, row in enumerate(rows)]


def paid(number: int = 60, **cells: str | None) -> list[Row]:
    return [payroll_row(person, 1, **cells) for person in range(number)]


def graded(day: Callable[[int], str], reason: str = "promotion") -> list[Row]:
    return [
        {**row, "job_code": f"j{at // 6}", "last_level_change_date": day(at), "last_level_change_reason": reason}
        for at, row in enumerate(people())
    ]


def promoted(**cells: str) -> list[Row]:
    same = {"promotions_in_window": "1", "job_level": "3", "job_level_start": "2", "base_rate_start": "10.00"}
    return people(3, **{**same, **cells})


LEAVERS = [f"2025-{1 + at % 12:02}-{2 + at % 20:02}" for at in range(60)]
ENDED = [{**row, "termination_date": LEAVERS[at] if at % 3 == 0 else ""} for at, row in enumerate(people())]
FIRSTS = [
    {**row, "termination_date": f"2025-0{1 + at % 9}-01" if at % 3 == 0 else ""} for at, row in enumerate(people())
]
REHIRED = [
    workforce_row(0, termination_date="2021-01-31"),
    workforce_row(0, hire_date="2022-01-01", termination_date=""),
]
LEFT = changed(ENDED, 0, termination_date="2023-01-31")
DECLARED = Facts(kind="workforce", as_of=date(2025, 12, 31), declared_headcount=60)
SPREAD = [f"{date(2025, 1, 1) + timedelta(days=at)}" for at in range(60)]
RUN = payroll_row(1, run_no="2", reverses_run_no="1", pay_base="-1000.50")
RUNS = paid(5, run_no="1", reverses_run_no="")

CASES: dict[str, tuple[list[Row], list[Row], Facts]] = {
    "unknown_column": (people(3, nonsense="1"), people(3), WORKFORCE),
    "missing_required_column": (
        [{name: cell for name, cell in row.items() if name != "gender"} for row in people(3)],
        people(3),
        WORKFORCE,
    ),
    "value_not_of_type": (people(3, base_rate="1,5".replace(",", "x")), people(3), WORKFORCE),
    "value_not_in_vocabulary": (people(3, gender="female"), people(3), WORKFORCE),
    "key_malformed": (people(3, employee_key="7" * 64), people(3), WORKFORCE),
    "key_id_changed": ([*paid(3), payroll_row(0, 2, employee_key=key(0, b"\x08" * 32))], paid(3), PAYROLL),
    "personal_data_suspected": (people(3, job_code="123-45-6789"), people(3, job_code="j7"), WORKFORCE),
    "identifier_like_number": (
        [payroll_row(person, pay_base=f"{1_000_003 + person * 7919}") for person in range(60)],
        paid(60),
        PAYROLL,
    ),
    "code_column_too_varied": (
        [{**row, "job_code": f"j{at}"} for at, row in enumerate(people(60))],
        [{**row, "job_code": f"j{at % 50}"} for at, row in enumerate(people(60))],
        WORKFORCE,
    ),
    "number_out_of_range": (people(3, weekly_hours="81"), people(3, weekly_hours="80"), WORKFORCE),
    "date_out_of_range": (people(3, hire_date="1929-12-31"), people(3, hire_date="1930-01-01"), WORKFORCE),
    "termination_before_hire": (
        changed(ENDED, 5, termination_date="2020-01-01"),
        changed(ENDED, 5, termination_date="2025-01-02"),
        WORKFORCE,
    ),
    "duplicate_row_conflict": ([*paid(3), payroll_row(1, pay_base="7")], [*paid(3), payroll_row(1, 2)], PAYROLL),
    "duplicate_row_identical": ([*paid(3), payroll_row(1)], [*paid(3), payroll_row(1, 2)], PAYROLL),
    "rate_unit_suspect": (people(3, base_rate="1000.01"), people(3, base_rate="1000"), WORKFORCE),
    "zero_pay": (people(3, base_rate="0"), people(3, base_rate="0.01"), WORKFORCE),
    "period_inverted": (
        paid(3, period_end="2024-12-31"),
        paid(3, period_end="2025-01-01"),
        PAYROLL,
    ),
    "hours_exceed_period": (
        paid(3, period_end="2025-01-07", hours_regular="168", hours_overtime="0.01"),
        paid(3, period_end="2025-01-07", hours_regular="168", hours_overtime="0"),
        PAYROLL,
    ),
    "frequency_mismatch": (paid(3, frequency="fortnight"), paid(3, frequency="month"), PAYROLL),
    "negative_pay_unmatched": ([*RUNS, {**RUN, "reverses_run_no": "2"}], [*RUNS, RUN], PAYROLL),
    "gross_mismatch": (
        paid(3, pay_bonus="10", gross_pay="1010.52"),
        paid(3, pay_bonus="10", gross_pay="1010.51"),
        PAYROLL,
    ),
    "rehire_without_spell_no": (
        REHIRED,
        [{**row, "spell_no": f"{at + 1}"} for at, row in enumerate(REHIRED)],
        WORKFORCE,
    ),
    "concurrent_jobs": ([*people(3), workforce_row(1, base_rate="40")], people(3), WORKFORCE),
    "termination_day_convention": (FIRSTS, ENDED, WORKFORCE),
    "leaver_before_window": (LEFT, ENDED, WORKFORCE),
    "no_leavers_reported": (people(3, termination_date=""), ENDED, WORKFORCE),
    "bulk_regrade": (graded(lambda _: "2025-04-01"), graded(lambda at: SPREAD[at]), WORKFORCE),
    "title_only_promotion": (promoted(job_level="2"), promoted(), WORKFORCE),
    "currency_mixed": (changed(paid(3), 1, currency="EUR"), paid(3), PAYROLL),
    "disclosure_low": (
        [{**row, "gender": "U" if at % 3 == 0 else "F"} for at, row in enumerate(people())],
        [{**row, "gender": "U" if at % 4 == 0 else "F"} for at, row in enumerate(people())],
        WORKFORCE,
    ),
    "headcount_mismatch": (people(58), people(59), DECLARED),
}


@pytest.mark.parametrize("code", CASES)
def test_a_file_that_breaks_the_rule_is_told_and_one_that_does_not_is_not(code: str) -> None:
    broken, sound, facts = CASES[code]
    assert code in taken(as_csv(broken), facts).findings()
    report = taken(as_csv(sound), facts).report
    assert not report.refused, report.findings
    assert code not in {each.code for each in report.findings}


def test_every_rule_is_shown_here_or_in_the_test_of_its_place() -> None:
    assert set(CASES) | OF_THE_FORM | BESIDE_OTHERS | OF_EXPECTATIONS | OF_TWO_FILES | {"duplicate_column"} == set(
        RULES
    )


def test_every_rule_says_what_is_wrong_and_what_to_do() -> None:
    for rule in RULES.values():
        assert rule.detail.endswith((".", "?"))
        assert rule.remedy.endswith(".")
        assert rule.detail != rule.remedy


def test_a_regrading_that_says_so_and_one_of_few_people_is_none() -> None:
    assert "bulk_regrade" not in taken(as_csv(graded(lambda _: "2025-04-01", "reclass")), WORKFORCE).findings()
    few = graded(lambda _: "2025-04-01")[:4]
    assert "bulk_regrade" not in taken(as_csv(few), WORKFORCE).findings()
    found = taken(as_csv(graded(lambda at: "2025-04-01" if at < 5 else SPREAD[at])), WORKFORCE).findings()
    assert found["bulk_regrade"].rows == (1, 2, 3, 4, 5)


@pytest.mark.parametrize(
    ("currency", "pay", "told"),
    [
        ("USD", "10000000.01", True),
        ("VND", "10000000.01", False),
        ("JPY", "10000000000", False),
        ("VND", "10000000000.01", True),
        ("INR", "10000001", True),
        ("IDR", "-10000000000", False),
        ("IDR", "-10000000000.01", True),
    ],
)
def test_pay_in_currencies_of_small_units_may_be_a_thousand_times_as_much(currency: str, pay: str, told: bool) -> None:
    earlier = paid(3, run_no="1", reverses_run_no="")
    reversal = payroll_row(1, run_no="2", reverses_run_no="1", pay_base=pay, currency=currency)
    found = taken(as_csv([*earlier, reversal]), PAYROLL).findings()
    assert ("number_out_of_range" in found) is told
    assert not told or (found["number_out_of_range"].column, found["number_out_of_range"].rows) == ("pay_base", (4,))


def test_a_promotion_needs_three_percent_more_an_hour() -> None:
    hours = {"weekly_hours": "40", "weekly_hours_start": "20", "base_rate_unit": "month", "schedule_type": ""}
    for cells, told in (
        ({"base_rate": "10.29"}, True),
        ({"base_rate": "10.30"}, False),
        ({**hours, "base_rate": "15.00"}, True),
        ({**hours, "base_rate": "20.60"}, False),
    ):
        assert ("title_only_promotion" in taken(as_csv(promoted(**cells)), WORKFORCE).findings()) is told
