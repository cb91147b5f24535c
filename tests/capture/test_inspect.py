"""inspect shows headings, types and proofs by row; never a cell."""

import gzip
import io
import json
import zipfile

import pytest

from capture.customers import MAPPING, STAFF, Customer
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
    assert "personal heading" in line_of(output, "Name")
    assert "looks like names" in line_of(inspected(customer, STAFF.replace("Name", "Who")), "Who")


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


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7 ...", "This is a PDF"),
        (b"PAR1....", "a Parquet file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel file"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"<?xml version='1.0'?>", "an XML file"),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    ],
)
def test_a_file_that_is_no_table_is_named_by_what_it_is(customer: Customer, content: bytes, said: str) -> None:
    file = customer.file("staff.csv", content)
    for command in (["inspect", file], ["map", file, "--kind", "workforce", "--out", str(customer.folder / "m.toml")]):
        result = customer.run(*command)
        assert (result.exit_code, said in result.output) == (5, True), result.output
    refused = customer.dry_run(content)
    assert (refused.exit_code, said in refused.output) == (5, True)


def packed(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_more(book: bytes, members: dict[str, bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return packed({**{name: archive.read(name) for name in archive.namelist()}, **members})


def test_a_workbook_named_csv_and_a_zip_archive_are_told_apart(customer: Customer) -> None:
    book = workbook({"A": [["Id"], ["1"]]})
    assert "XLSX: 1 rows" in customer.run("inspect", customer.file("staff.csv", book)).output
    assert 'Say format = "xlsx"' in customer.dry_run(book).output
    archive = customer.dry_run(packed({"staff.csv": STAFF.encode()}))
    assert (archive.exit_code, "a zip archive" in archive.output) == (5, True)


def test_what_a_workbook_holds_beside_its_cells_is_said_and_not_read(customer: Customer) -> None:
    book = workbook({"A": [["Id"], ["1"]], "B": [["x"]]})
    more = {"xl/comments1.xml": b"<a/>", "xl/vbaProject.bin": b"x", "xl/externalLinks/externalLink1.xml": b"<a/>"}
    hidden = workbook({"A": [["Id"], ["1"]], "B": [["x"]]})
    with zipfile.ZipFile(io.BytesIO(hidden)) as archive:
        listing = archive.read("xl/workbook.xml").replace(b'name="B"', b'name="B" state="hidden"')
    output = inspected(customer, with_more(book, {**more, "xl/workbook.xml": listing}), "--sheet", "A")
    for said in ("1 hidden sheet", "comments of cells", "macros", "links to other workbooks", "another sheet"):
        assert f"Not read: {said}." in output


@pytest.mark.parametrize(
    "members",
    [
        {f"xl/x{n}.xml": b"<a/>" for n in range(201)},
        {"xl/inner.xlsx": b"PK"},
        {"xl/worksheets/sheet9.xml": b"0" * (300 << 10) * 20},
        {"xl/sharedStrings.xml": b'<!DOCTYPE a [<!ENTITY b "b">]><sst/>'},
    ],
    ids=["members", "nested", "ratio", "entities"],
)
def test_a_workbook_that_could_do_harm_is_refused_before_it_is_read(
    customer: Customer, members: dict[str, bytes]
) -> None:
    book = with_more(workbook({"A": [["Id"], ["1"]]}), members)
    result = customer.run("inspect", customer.file("staff.xlsx", book))
    assert (result.exit_code, "workbook" in result.output) == (1, True), result.output


def test_titles_totals_a_sep_line_and_double_headings_are_said(customer: Customer) -> None:
    titled = "Staff report\nPrinted 2025\n\nId;Pay;Pay\n1;2;3\n4;5;6\nGrand total;7;9\n"
    output = inspected(customer, titled)
    assert "The headings are in row 4" in output
    assert "A heading stands twice: Pay" in output
    assert "Row 3 looks like a total" in output
    assert "delimiter '|'" in inspected(customer, "sep=|\nId|Pay\n1|2,5\n2|3,5\n")
    book = workbook({"A": [["Staff report"], [None], ["Id", "Pay", "Sex"], ["1", 2.5, "F"]]})
    assert "The headings are in row 3" in inspected(customer, book)


def test_a_file_without_rows_and_ragged_rows_are_wrong_at_once(customer: Customer) -> None:
    empty = customer.run("inspect", customer.file("a.csv", "Id;Pay\n"))
    assert (empty.exit_code, "the file has no data row" in empty.output) == (1, True)
    ragged = customer.run("inspect", customer.file("a.csv", "Id;Pay\n1;2\n3\n4;5\n6;7;8\n"))
    assert ragged.exit_code == 1
    assert "2 rows: 2, 4" in " ".join(ragged.output.split())


def test_inspect_is_one_line_for_a_script(customer: Customer) -> None:
    line = json.loads(customer.run("inspect", customer.file("a.csv", STAFF), "--json").stdout)
    assert (line["rows"], line["source"]["delimiter"]) == (3, ";")
    assert [each["heading"] for each in line["columns"] if each["personal"]] == ["Name"]


def test_what_is_no_text_at_all_is_said_to_be_none(customer: Customer) -> None:
    shown = customer.run("inspect", customer.file("staff.csv", bytes(range(256)) * 20))
    assert (shown.exit_code, "This is not a text file" in shown.output) == (5, True)


def test_an_archive_and_json_are_told_by_their_content(customer: Customer) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("staff.csv", STAFF)
    for content, said in (
        (packed.getvalue(), "a zip archive, not a table. Unpack it"),
        ('[{"id": 7}]', "This is JSON"),
    ):
        result = customer.run("inspect", customer.file("some.file", content))
        assert (result.exit_code, said in " ".join(result.output.split())) == (5, True), result.output
