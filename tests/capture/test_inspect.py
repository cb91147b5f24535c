"""inspect shows headings, types and proofs by row; never a cell."""

import gzip

import pytest

from capture.conftest import MAPPING, STAFF, Customer
from capture.workbooks import workbook


def inspected(customer: Customer, content: str | bytes, *options: str) -> str:
    result = customer.run("inspect", customer.file("some.file", content), *options, COLUMNS="120")
    assert result.exit_code == 0, result.output
    return str(result.output)


def line_of(output: str, heading: str) -> str:
    return " ".join(next(line for line in output.splitlines() if line.startswith(heading + " ")).split())


def test_types_order_and_sign_come_with_the_rows_that_prove_them(customer: Customer) -> None:
    output = inspected(customer, STAFF)
    assert "encoding utf-8, delimiter ';': 3 rows, 6 columns" in output
    assert line_of(output, "Hired") == "Hired 3 3 date, day first: row 1"
    assert line_of(output, "Pay") == "Pay 3 3 number, decimal comma: row 1, 2, 3"
    assert line_of(output, "Id") == "Id 3 3 whole number or code"
    assert line_of(output, "Sex") == "Sex 2 2 code"
    assert "looks like names" in line_of(output, "Name")


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["01/02/2020", "03/04/2020"], "date, order not provable: ask the vendor"),
        (["01/13/2020", "03/04/2020"], "date, month first: row 1"),
        (["01/13/2020", "13/04/2020"], "date, in both orders: day first in row 2, month first in row 1"),
        (["2020-01-02", "2020-01-02"], "date YYYY-MM-DD"),
        (["1.234", "5.678"], "number, decimal sign not provable"),
        (["1.234,5", "5.678"], "number, decimal comma: row 1"),
        (["1,234.5", "5,678"], "number, decimal point: row 1"),
        (["1.5", "1,5"], "number, both signs: point in row 1, comma in row 2"),
        (["", ""], "empty"),
        (["a@b.example", "c"], "1 cells like contacts or ids: ignore it"),
        (["123-45-6789", "1"], "1 cells like contacts or ids: ignore it"),
    ],
)
def test_what_nothing_proves_is_said_to_be_unproven(customer: Customer, cells: list[str], said: str) -> None:
    output = inspected(customer, "X;Y\n" + "".join(f"{cell};1\n" for cell in cells))
    assert f" {said}" in " ".join(output.split()), output  # a narrow terminal folds the cell


@pytest.mark.parametrize("heading", ["Email", "Last Name", "SSN", "DOB", "Zip", "Home Phone", "IBAN"])
def test_a_personal_heading_is_named_as_such(customer: Customer, heading: str) -> None:
    assert "personal heading" in inspected(customer, f"{heading};Y\n1;2\n")


def test_no_cell_is_ever_shown(customer: Customer) -> None:
    output = inspected(customer, STAFF)
    cells = [cell for row in STAFF.splitlines()[1:] for cell in row.split(";") if len(cell) > 1]
    assert not [cell for cell in cells if cell in output]


def test_encoding_delimiter_packing_and_workbooks_are_found_out(customer: Customer) -> None:
    assert "encoding cp1252, delimiter '\\t'" in inspected(customer, STAFF.replace(";", "\t").encode("cp1252"))
    assert "encoding utf-16" in inspected(customer, STAFF.encode("utf-16"))
    assert "encoding utf-8-sig" in inspected(customer, gzip.compress(STAFF.encode("utf-8-sig")))
    book = workbook({"A": [["Id", "Pay"], ["1", 2.5]], "B": [["x"]]})
    assert "XLSX: 1 rows, 2 columns" in inspected(customer, book, "--sheet", "A")
    assert customer.run("inspect", customer.file("x", book)).exit_code == 5
    assert customer.run("inspect", customer.file("x", b"")).exit_code == 5
    assert customer.run("inspect", customer.file("x", STAFF), "--encoding", "klingon").exit_code == 2


def test_help_teaches_by_example(customer: Customer) -> None:
    for command in ([], ["push"], ["dry-run"], ["keygen"], ["inspect"]):
        result = customer.run(*command, "--help")
        assert result.exit_code == 0
        assert max(len(line) for line in result.output.splitlines()) <= 80, command
    assert "wm-capture push staff.csv --mapping staff.toml" in customer.run("--help").output


def test_the_table_of_local_codes_is_kept_beside_the_mapping_closed_and_extended(customer: Customer) -> None:
    mapping = (
        MAPPING.replace('ignore = ["Name"]', "")
        + 'job_code = { from = "Name", as = "local_code", table = "jobs.csv" }\n'
    )
    assert "3 new local codes kept in jobs.csv" in customer.dry_run(STAFF, mapping).output
    table = customer.folder / "jobs.csv"
    assert table.stat().st_mode & 0o777 == 0o600
    before = table.read_text()
    assert "Ärmel, Zoë" in before
    assert customer.dry_run(STAFF, mapping).exit_code == 0
    assert table.read_text() == before
    assert "1 new local codes" in customer.dry_run(STAFF + "010;New One;13/02/2020;F;50.000,00;Y\n", mapping).output
    assert set(before.splitlines()) < set(table.read_text().splitlines())
    sent = (customer.folder / "out.parquet").read_bytes()
    assert "Ärmel".encode() not in sent
    table.write_text("something else\n")
    assert customer.dry_run(STAFF, mapping).exit_code == 2
    assert table.read_text() == "something else\n"
