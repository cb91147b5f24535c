"""What the mapping makes of a vendor's file, column by column."""

import io
import json
from pathlib import Path

import polars as pl
import pytest

from capture.customers import MAPPING, STAFF, Customer
from wm_api.capture.key_file import CustomerKey
from wm_api.capture.mapping_rules import checked_mapping
from wm_api.capture.problems import FileRefused
from wm_api.capture.sources import read_source
from wm_api.capture.transform import Canonical, canonical, to_parquet
from wm_api.records.employee_keys import make

KEY = CustomerKey("01900000-0000-7000-8000-000000000000", "1", b"\0" * 32)
RATE = 'base_rate = { from = "Pay", as = "decimal" }'
UNIT = 'base_rate_unit = { from = "Unit", as = "code", codes = { Y = "year", H = "hour" } }'


def made(tmp_path: Path, staff: str = STAFF, mapping: str = MAPPING) -> Canonical:
    file = tmp_path / "staff.csv"
    file.write_text(staff, encoding="utf-8")
    rules = checked_mapping(mapping)
    return canonical(*read_source(file, rules)[:1], rules, KEY)


def by_row(found: Canonical) -> pl.DataFrame:
    return found.frame.with_columns(found.rows).sort("#row").drop("#row")


def refused(tmp_path: Path, staff: str = STAFF, mapping: str = MAPPING) -> str:
    with pytest.raises(FileRefused) as wrong:
        made(tmp_path, staff, mapping)
    return str(wrong.value)


def test_numbers_dates_codes_and_keys_are_canonical(tmp_path: Path) -> None:
    frame = by_row(made(tmp_path))
    assert frame["base_rate"].to_list() == ["52000.5", "61000", "25.75"]
    assert frame["base_rate_unit"].to_list() == ["year", "year", "hour"]
    assert frame["hire_date"].to_list() == ["2020-02-13", "2021-12-01", "2022-06-05"]
    assert frame["gender"].to_list() == ["F", "M", "U"]
    assert frame["employee_key"].to_list() == [
        make(KEY.secret, KEY.account, "1", each) for each in ("007", "008", "009")
    ]


def test_the_same_input_gives_the_same_bytes_in_whatever_order_its_rows_are(tmp_path: Path) -> None:
    head, *rows = STAFF.splitlines()
    first = to_parquet(made(tmp_path).frame)
    assert first == to_parquet(made(tmp_path).frame)
    assert first == to_parquet(made(tmp_path, "\n".join([head, *reversed(rows)])).frame)
    frame = pl.read_parquet(io.BytesIO(first))
    assert frame.columns[:3] == ["employee_key", "hire_date", "base_rate"]
    assert frame["employee_key"].is_sorted()


def test_rows_are_kept_by_all_conditions_and_those_left_out_are_counted(tmp_path: Path) -> None:
    keep = '[[rows.keep]]\ncolumn = "Sex"\nnot_in = [""]\n[[rows.keep]]\ncolumn = "Unit"\nin = [" Y "]\n[columns]'
    found = made(tmp_path, STAFF + "010;X;01/01/2020;M;1,00;H\n", MAPPING.replace("[columns]", keep))
    assert found.frame.height == 2
    assert (found.read, found.ids, dict(found.left_out)) == (4, 4, {"Sex": 1, "Unit": 1})
    text = MAPPING.replace("[columns]", '[[rows.keep]]\ncolumn = "Unit"\nin = ["Z"]\n[columns]')
    assert "no row is left" in refused(tmp_path, STAFF, text)


def test_multiplication_is_conditional_exact_and_rounded_half_up(tmp_path: Path) -> None:
    rule = RATE.replace('" }', '", multiply_by = "Hours", multiply_when = { below = "300" }, round = 1 }')
    mapping = MAPPING.replace(RATE, rule).replace('ignore = ["Name"]', 'ignore = ["Name", "Unit"]')
    mapping = mapping.replace(UNIT, 'base_rate_unit = { constant = "year" }')
    staff = "Id;Name;Hired;Sex;Pay;Unit;Hours\n1;;13/02/2020;F;28,845;;2.080\n2;;13/02/2020;F;300;;\n3;;13/02/2020;F;0,25;;0,2\n"
    assert by_row(made(tmp_path, staff, mapping))["base_rate"].to_list() == ["59997.6", "300", "0.1"]
    assert "Hours, the factor, is empty; 1 row: 1" in refused(tmp_path, staff.replace("2.080", ""), mapping)


def test_the_first_of_two_columns_brings_its_unit(tmp_path: Path) -> None:
    rule = 'base_rate = { first_of = ["Pay", "Unit"], units = ["year", "hour"], as = "decimal" }'
    staff = "Id;Name;Hired;Sex;Pay;Unit\n1;;13/02/2020;F;52.000;\n2;;13/02/2020;F;N/A;21,5\n"
    mapping = MAPPING.replace(RATE, rule).replace(UNIT, "").replace("[source]", '[source]\nempty = ["N/A"]')
    frame = by_row(made(tmp_path, staff, mapping))
    assert frame.select("base_rate", "base_rate_unit").rows() == [("52000", "year"), ("21.5", "hour")]
    assert "base_rate: is empty" in refused(tmp_path, staff.replace("21,5", ""), mapping)


def test_a_key_may_be_made_from_several_columns_and_the_occurrence(tmp_path: Path) -> None:
    mapping = (
        MAPPING.replace('from = "Id", as', 'from = ["Id", "Unit", "#occurrence"], as')
        + 'spell_no = { occurrence_of = "Id" }\n'
    )
    staff = STAFF + "007;;13/02/2020;F;1,00;Y\n"
    frame = by_row(made(tmp_path, staff, mapping))
    assert frame["employee_key"].n_unique() == 4
    assert frame["employee_key"][3] == make(KEY.secret, KEY.account, "1", "007\x1fY\x1f2")
    assert frame["spell_no"].to_list() == ["1", "1", "1", "2"]


def test_local_codes_keep_their_texts_for_the_table_and_send_none(tmp_path: Path) -> None:
    mapping = (
        MAPPING.replace('ignore = ["Name"]', "")
        + 'job_code = { from = "Name", as = "local_code", table = "codes.csv" }\n'
    )
    found = made(tmp_path, STAFF, mapping)
    assert found.frame["job_code"].str.contains(r"^j_[a-z2-7]{16}$").all()
    table = found.tables["codes.csv"]
    assert set(table.values()) == {"Ärmel, Zoë", "Böll, Max", "Çelik, Ida"}
    assert set(table) == set(found.frame["job_code"])


def test_empty_stays_empty_and_a_new_spelling_takes_otherwise(tmp_path: Path) -> None:
    reason = 'termination_reason = { from = "Unit", as = "code", codes = { layoff = ["L"] }, otherwise = "unknown" }\n'
    staff = "Id;Name;Hired;Sex;Pay;Unit\n1;;13/02/2020;F;1;L\n2;;13/02/2020;F;1;\n3;;13/02/2020;F;1;Q\n"
    mapping = MAPPING.replace(UNIT, 'base_rate_unit = { constant = "hour" }') + reason
    assert by_row(made(tmp_path, staff, mapping))["termination_reason"].to_list() == ["layoff", None, "unknown"]
    strict = mapping.replace(', otherwise = "unknown"', "")
    assert "termination_reason: a spelling is not in codes; add it, or say otherwise; 1 row: 3" in refused(
        tmp_path, staff, strict
    )


def test_an_entry_of_a_code_table_wins_over_empty(tmp_path: Path) -> None:
    mapping = MAPPING.replace("[source]", '[source]\nempty = ["", "F"]')
    assert by_row(made(tmp_path, STAFF, mapping))["gender"].to_list() == ["F", "M", "U"]


@pytest.mark.parametrize(
    "cell",
    ["abc", "1.2.3", "12,34,56", "1.23", "12.34,5", "$12", "1e3", "+5", "--5", "1 000", "12.", "٣", "NaN", "0x10"],
)
def test_a_number_that_does_not_parse_refuses_and_never_becomes_zero(tmp_path: Path, cell: str) -> None:
    said = refused(tmp_path, STAFF.replace("52.000,50", cell))
    assert "base_rate: a number does not parse with decimal ',' and thousands '.'; 1 row: 1" in said
    assert cell not in said


def test_more_places_than_the_column_has_are_refused_until_the_mapping_rounds(tmp_path: Path) -> None:
    staff = STAFF.replace("25,75", "25,123456")
    assert "more than 4 places; say round = 4" in refused(tmp_path, staff)
    rounded = MAPPING.replace(RATE, RATE.replace('" }', '", round = 2 }'))
    assert by_row(made(tmp_path, staff, rounded))["base_rate"].to_list() == ["52000.5", "61000", "25.12"]


def test_everything_that_is_wrong_is_told_at_once_with_rows_and_without_values(tmp_path: Path) -> None:
    staff = (
        STAFF.replace("13/02/2020", "99/99/2020").replace("61.000,00", "lots").replace("009", " ").replace(";M;", ";K;")
    )
    said = refused(tmp_path, staff)
    for column, row in (("hire_date", 1), ("base_rate", 2), ("employee_key", 3), ("gender", 2)):
        assert any(line.startswith(column) and line.endswith(f"1 row: {row}") for line in said.splitlines()), (
            column,
            said,
        )
    assert not any(secret in said for secret in ("99/99", "lots", "Böll"))


@pytest.mark.parametrize(
    ("dates", "said"),
    [
        (("01/02/2020", "03/04/2021", "05/06/2022"), "date_format_ambiguous"),
        (("13/02/2020", "01/12/2021", "05/06/2022"), "dates are day first; say date"),
        (("02/13/2020", "01/12/2021", "05/06/2022"), "dates are month first; say date"),
        (("02/13/2020", "13/12/2021", "05/06/2022"), "dates are not YYYY-MM-DD; say date"),
        (("1.2.20", "3.4.21", "5.6.22"), "date_format_ambiguous"),
    ],
)
def test_the_order_of_day_and_month_is_never_guessed(tmp_path: Path, dates: tuple[str, ...], said: str) -> None:
    staff = STAFF
    for old, new in zip(("13/02/2020", "01/12/2021", "05/06/2022"), dates, strict=True):
        staff = staff.replace(old, new)
    assert said in refused(tmp_path, staff, MAPPING.replace('date = "%d/%m/%Y"\n', ""))


def test_iso_dates_need_no_format_and_a_column_may_have_its_own(tmp_path: Path) -> None:
    plain = MAPPING.replace('date = "%d/%m/%Y"\n', "")
    iso = (
        STAFF.replace("13/02/2020", "2020-02-13")
        .replace("01/12/2021", "2021-12-01")
        .replace("05/06/2022", "2022-06-05")
    )
    assert made(tmp_path, iso, plain).frame["hire_date"].null_count() == 0
    own = plain.replace('from = "Hired", as = "date"', 'from = "Hired", as = "date", format = "%d/%m/%Y"')
    assert by_row(made(tmp_path, STAFF, own))["hire_date"][0] == "2020-02-13"


def test_one_file_of_several_years_is_cut_by_keep_on_the_command_line(customer: Customer) -> None:
    years = (
        "Id;Name;Hired;Sex;Pay;Unit;Year\n007;A;13/02/2020;F;52.000,50;Y;2024\n007;A;13/02/2020;F;53.000,50;Y;2025\n"
    )
    mapping = MAPPING.replace('ignore = ["Name"]', 'ignore = ["Name", "Year"]')
    both = customer.dry_run(years, mapping, "staff.csv", "--keep", "Year=2025", "--keep", "Sex=F", "--json")
    counts = json.loads(both.stdout)["file"]
    assert (counts["rows"], counts["sent"], counts["left_out"]) == (2, 1, {"Year": 1, "Sex": 0})
    wrong = customer.dry_run(years, mapping, "staff.csv", "--keep", "2025")
    assert wrong.exit_code == 2
    assert "HEADING=VALUE" in wrong.output
    unknown = customer.dry_run(years, mapping, "staff.csv", "--keep", "Jahr=2025")
    assert unknown.exit_code == 5
