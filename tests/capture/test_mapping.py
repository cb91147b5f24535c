"""The mapping file: every error names its key, what is wrong and the remedy."""

from datetime import date

import pytest

from capture.customers import MAPPING
from wm_api.capture.mapping_rules import checked_mapping
from wm_api.capture.preparation import declared
from wm_api.capture.problems import MappingBad, UsageWrong

GENDER = 'gender = { from = "Sex", as = "code", codes = { F = ["F"], M = ["M"], U = [""] } }'
RATE = 'base_rate = { from = "Pay", as = "decimal" }'


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("version = 1", "version = 2", "version: must be one of 1"),
        ("version = 1", "version = [", "not TOML"),
        ('kind = "workforce"', 'kind = "people"', "kind must be one of workforce, payroll"),
        ('delimiter = ";"', 'delimiter = ";;"', "source.delimiter"),
        ('delimiter = ";"', 'colour = "red"', "source.colour: is not a key"),
        ('delimiter = ";"', 'encoding = "ebcdic"', "source.encoding: must be one of 'utf-8'"),
        ('delimiter = ";"', "header_row = 0", "source.header_row"),
        ('delimiter = ";"', 'header_row = "1"', "source.header_row: must be a whole number"),
        ('thousands = "."', 'thousands = ","', "decimal and thousands are the same sign"),
        ('delimiter = ";"', 'sheet = "A"', "sheet is for XLSX"),
        ('date = "%d/%m/%Y"', 'date = "%d/%m"', "[source] date must name day, month and year"),
        ('ignore = ["Name"]', 'ignore = ["Name", "Sex"]', "ignore lists headings that are mapped: Sex"),
        ('ignore = ["Name"]', 'ignore = "Name"', "source.ignore: must be a list"),
        ("as_of = 2025-12-31", 'as_of = "31.12.2025"', "facts.as_of: must be a date without quotes"),
        ("as_of = 2025-12-31", "headcount = 3", "facts.headcount: is not a key"),
        ("as_of = 2025-12-31", "period_start = 2025-01-01", "[facts] workforce has as_of"),
        (GENDER, "", "[columns] gender is required"),
        ('schedule_type = { constant = "full_time" }', "", "map weekly_hours or schedule_type"),
        ('schedule_type = { constant = "full_time" }', 'schedule_type = { constant = "always" }', "full_time, part_time"),
        (GENDER, 'gender = { from = "Sex", as = "code", codes = { W = ["F"] } }', "code = [spellings]"),
        (GENDER, 'gender = { from = "Sex", as = "code", codes = { F = ["x"], M = ["x "] } }', "stands for two codes"),
        (GENDER, 'gender = { from = "Sex", as = "code", otherwise = "?" }', "codes and otherwise name codes"),
        (GENDER, 'gender = { from = "Sex", as = "todo" }', "as must be code"),
        (GENDER, 'gender = { from = "Sex", as = "code", rename = "x" }', "columns.gender.rename: is not a key"),
        (GENDER, 'gender = "Sex"', "columns.gender: must be a table"),
        (GENDER, GENDER + '\nname = { from = "Name", as = "code" }', "[columns.name] is not a column of workforce"),
        (RATE, 'base_rate = { from = "Pay", as = "date" }', "as must be decimal"),
        (RATE, 'base_rate = { from = "Pay", as = "decimal", round = 9 }', "columns.base_rate.round"),
        (RATE, 'base_rate = { from = "Pay", as = "decimal", round = 5 }', "round must be at most 4"),
        (RATE, 'base_rate = { from = "Pay", as = "decimal", codes = { F = ["F"] } }', "codes does not belong"),
        (RATE, 'base_rate = { from = "Pay", as = "decimal", multiply_when = { below = 3 } }', "needs multiply_by"),
        (RATE, 'base_rate = { from = ["Pay", "Unit"], as = "decimal" }', "from names one heading here"),
        (RATE, 'base_rate = { from = "Pay", constant = "3", as = "decimal" }', "exactly one of"),
        (RATE, 'base_rate = { first_of = ["Pay", "Unit"], units = ["year"], as = "decimal" }', "one unit for each"),
        (RATE, 'base_rate = { first_of = ["Pay"], units = ["eon"], as = "decimal" }', "units must be of hour"),
        (RATE, RATE + '\nspell_no = { occurrence_of = "Id", round = 1 }', "occurrence_of stands alone"),
        (RATE, RATE + '\njob_code = { from = "Unit", as = "local_code", table = 3 }', "columns.job_code.table: must be a text"),
        ("[columns]", '[[rows.keep]]\ncolumn = "Unit"\n[columns]', "either in = [...] or not_in"),
        ("[columns]", '[[rows.drop]]\ncolumn = "Unit"\n[columns]', "rows.drop: is not a key"),
    ],
)  # fmt: skip
def test_an_error_names_key_fault_and_remedy(old: str, new: str, said: str) -> None:
    assert old in MAPPING
    with pytest.raises(MappingBad) as bad:
        checked_mapping(MAPPING.replace(old, new))
    assert said in str(bad.value), str(bad.value)


def test_all_errors_of_the_columns_are_told_at_once() -> None:
    with pytest.raises(MappingBad) as bad:
        checked_mapping(MAPPING.replace(GENDER, "").replace('as = "decimal"', 'as = "date"'))
    assert "gender" in str(bad.value)
    assert "base_rate" in str(bad.value)


def test_both_ways_of_writing_a_code_table_read_the_same() -> None:
    listed = checked_mapping(MAPPING).columns["gender"].spellings
    paired = checked_mapping(MAPPING.replace('{ F = ["F"], M = ["M"], U = [""] }', '{ F = "F", M = "M", "" = "U" }'))
    assert paired.columns["gender"].spellings == listed == {"F": "F", "M": "M", "": "U"}


@pytest.mark.parametrize(
    "days",
    [
        {"as_of": date(1, 1, 1)},
        {"as_of": date(2999, 1, 1)},
        {"as_of": date(2025, 12, 31), "window_end": date(9999, 12, 31)},
        {"as_of": date(2025, 12, 31), "window_end": date(2026, 1, 1)},
        {"as_of": date(2025, 12, 31), "window_start": date(2022, 12, 30)},
    ],
)
def test_days_that_cannot_be_are_a_usage_error_before_anything_is_sent(days: dict[str, date]) -> None:
    with pytest.raises(UsageWrong, match="Correct the dates"):
        declared(checked_mapping(MAPPING), days)


@pytest.mark.parametrize(
    ("old", "new", "meant"),
    [
        ("hire_date =", "hire_dat =", "hire_date"),
        ("delimiter =", "delimeter =", "delimiter"),
    ],
)
def test_a_slip_of_the_pen_is_understood(old: str, new: str, meant: str) -> None:
    with pytest.raises(MappingBad, match=f"perhaps {meant}"):
        checked_mapping(MAPPING.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("[source]", "# How the vendor writes it.\n[source]", True),
        ('as = "employee_key", from = "Id"', 'from = "Id",   as = "employee_key"', True),
        ("as_of = 2025-12-31", "as_of = 2026-01-31", True),
        ('H = "hour"', 'H = "month"', False),
        ('delimiter = ";"', 'delimiter = ","', False),
    ],
)
def test_a_mapping_is_another_when_it_makes_other_rows_not_when_its_text_differs(
    old: str, new: str, same: bool
) -> None:
    text = MAPPING.replace('from = "Id", as = "employee_key"', 'as = "employee_key", from = "Id"')
    assert old in text
    assert (checked_mapping(text).digest == checked_mapping(text.replace(old, new)).digest) is same
