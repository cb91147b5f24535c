"""Vendor files as they come: dialects, encodings, packing, XLSX; what does not fit is exit 5, what is broken exit 1."""

import gzip

import polars as pl
import pytest

from capture.customers import MAPPING, STAFF, Customer
from capture.workbooks import Cell, workbook

XLSX = (
    MAPPING.replace('delimiter = ";"', 'format = "xlsx"\nsheet = "Staff"')
    .replace('decimal = ","\nthousands = "."\n', "")
    .replace('date = "%d/%m/%Y"\n', "")
)
CELLS: list[list[Cell]] = [
    ["Id", "Name", "Hired", "Sex", "Pay", "Unit"],
    ["007", "Ärmel", ("date", 43528), "F", 62370.033, "Y"],
    [8, "Böll", ("date", 43529), "M", 25, "H"],
]


def rows_of(customer: Customer) -> pl.DataFrame:
    return pl.read_parquet(customer.folder / "out.parquet")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16"])
@pytest.mark.parametrize("packed", [False, True])
def test_every_encoding_gives_the_same_bytes(customer: Customer, encoding: str, packed: bool) -> None:
    mapping = MAPPING.replace('ignore = ["Name"]', "") + 'job_code = { from = "Name", as = "local_code" }\n'
    assert customer.dry_run(STAFF, mapping).exit_code == 0
    expected = (customer.folder / "out.parquet").read_bytes()
    raw = STAFF.encode(encoding)
    told = mapping.replace("[source]", f'[source]\nencoding = "{encoding}"')
    assert customer.dry_run(gzip.compress(raw) if packed else raw, told).exit_code == 0
    assert (customer.folder / "out.parquet").read_bytes() == expected


@pytest.mark.parametrize(("sign", "name"), [(",", ","), ("\t", "\\t"), ("|", "|")])
def test_any_delimiter_with_quotes_and_line_ends_inside_cells(customer: Customer, sign: str, name: str) -> None:
    staff = STAFF.replace(";", sign).replace("52.000,50", '"52.000,50"').replace("61.000,00", '"61.000,00"')
    staff = staff.replace("25,75", '"25,75"').replace("Ärmel, Zoë", f'"Ärmel""{sign}\r\nZoë"')
    staff = staff.replace("Böll, Max", '"Böll, Max"').replace("Çelik, Ida", '"Çelik, Ida"').replace("\n", "\r\n")
    assert customer.dry_run(staff, MAPPING.replace('";"', f'"{name}"')).exit_code == 0
    assert sorted(rows_of(customer)["base_rate"]) == ["25.75", "52000.5", "61000"]


def test_title_rows_are_skipped_and_empty_rows_passed_over_but_counted(customer: Customer) -> None:
    mapping = MAPPING.replace("[source]", "[source]\nheader_row = 3")
    staff = "Staff list;;\n;\n" + STAFF.replace("008;", ";;;;;\n\n008;").replace("25,75", "x")
    refused = customer.dry_run(staff, mapping)
    assert refused.exit_code == 1
    assert "1 row: 5" in refused.output


def test_ragged_rows_are_refused_with_their_numbers_beside_all_else_that_is_wrong(customer: Customer) -> None:
    refused = customer.dry_run(STAFF + "010;too;short\n011;;01/01/2020;F;x;Y\n012;;;;;;;\n")
    assert refused.exit_code == 1
    assert "the number of cells is not 6" in refused.output
    assert "2 rows: 4, 6" in refused.output
    assert "base_rate: a number does not parse" in refused.output


def test_a_number_of_another_magnitude_is_never_read_from_a_workbook(customer: Customer) -> None:
    content = workbook({"Notes": [["x"]], "Staff": CELLS})
    assert customer.dry_run(content, XLSX, "staff.xlsx").exit_code == 0
    found = rows_of(customer)
    assert sorted(found["base_rate"]) == ["25", "62370.033"]
    assert sorted(found["hire_date"]) == ["2019-03-04", "2019-03-05"]
    comma = XLSX.replace("[source]", '[source]\ndecimal = ","\ndate = "%d.%m.%Y"')
    cells: list[list[Cell]] = [*CELLS, ["9", "", "01.02.2020", "M", "12345,5", "Y"]]
    assert customer.dry_run(workbook({"Staff": cells}), comma, "staff.xlsx").exit_code == 0
    assert sorted(rows_of(customer)["base_rate"]) == ["12345.5", "25", "62370.033"]
    assert "2020-02-01" in rows_of(customer)["hire_date"]
    grouped = comma.replace("[source]", '[source]\nthousands = "."')
    assert customer.dry_run(content, grouped, "staff.xlsx").exit_code == 2


def test_a_workbook_has_title_rows_and_a_named_sheet(customer: Customer) -> None:
    titled = workbook({"Staff": [["Staff list"], [None], *CELLS]})
    mapping = XLSX.replace('sheet = "Staff"\n', "header_row = 3\n")
    assert customer.dry_run(titled, mapping, "staff.xlsx").exit_code == 0
    two = customer.dry_run(workbook({"A": CELLS, "B": CELLS}), XLSX.replace('sheet = "Staff"\n', ""), "staff.xlsx")
    assert two.exit_code == 5
    assert "must say which sheet is meant. The workbook has: A, B" in " ".join(two.output.split())


@pytest.mark.parametrize(
    ("content", "mapping", "code", "said"),
    [
        (b"", MAPPING, 5, "The file is empty."),
        (b"Id;Name;Hired;Sex;Pay;Unit\n", MAPPING, 1, "no data row"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), MAPPING, 5, "encoding"),
        (b"\x00\x01\x02\x03" * 50, MAPPING, 5, "not a text file"),
        (STAFF.encode("cp1252"), MAPPING, 5, "not utf-8"),
        (STAFF.encode("utf-16"), MAPPING, 5, "not utf-8"),
        (STAFF.encode(), MAPPING.replace("[source]", '[source]\nencoding = "utf-16"'), 5, "utf-16"),
        (gzip.compress(STAFF.encode())[:40], MAPPING, 5, "damaged or cut off"),
        (b"\x1f\x8bnonsense", MAPPING, 5, "damaged or cut off"),
        (b"PK\x03\x04nonsense", MAPPING, 5, "XLSX or zip"),
        (b"PK\x03\x04nonsense", XLSX, 5, "damaged"),
        (STAFF.encode(), XLSX, 5, "not an XLSX"),
        (workbook({"Other": CELLS}), XLSX, 5, "not there"),
        (workbook({"Staff": []}), XLSX, 5, "ends before row 1"),
        (STAFF.replace("Hired", "Colour").encode(), MAPPING, 5, "missing heading: Hired"),
        (STAFF.replace("Hired", "Hire Date").encode(), MAPPING, 5, "likely renamed: Hired is now Hire Date"),
        (STAFF.replace("Name", "Names").encode(), MAPPING, 5, "likely renamed: Name is now Names"),
        (b"A;B;C;D;E;F\n1;2;3;4;5;6\n", MAPPING, 5, "is this the mapping of this file?"),
        (STAFF.replace("Name", "Notes").encode(), MAPPING, 5, "new heading: Notes"),
        (STAFF.replace("Name", "Id").encode(), MAPPING, 5, "heading stands twice: Id"),
        (STAFF.replace(";", ",").encode(), MAPPING, 5, "Only one heading was found, and the mapping has 6"),
        (STAFF.encode(), MAPPING.replace('";"', '"|"'), 5, "Only one heading was found"),
        (STAFF.encode(), MAPPING.replace("[source]", "[source]\nheader_row = 99"), 5, "before row 99"),
        (STAFF.replace("007", '"007').encode(), MAPPING, 1, "a quote is not closed"),
        (STAFF.replace("007", '"0"07').encode(), MAPPING, 1, "a quote is not closed"),
        (STAFF.encode(), "kind = ", 2, "not TOML"),
        (STAFF.encode(), MAPPING.replace("as_of = 2025-12-31", ""), 2, "--as-of"),
        (STAFF.encode(), MAPPING.replace("as_of = 2025-12-31", "as_of = 2019-01-01"), 1, "date_out_of_range"),
    ],
    ids=range(28),
)
def test_an_absurd_input_ends_with_an_exit_code_and_a_remedy(
    customer: Customer, content: bytes, mapping: str, code: int, said: str
) -> None:
    result = customer.dry_run(content, mapping)
    assert (result.exit_code, said in " ".join(result.output.split())) == (code, True), result.output


def test_a_folder_and_a_file_that_is_not_there_are_usage_errors(customer: Customer) -> None:
    mapping = customer.file("staff.toml", MAPPING)
    for path in (str(customer.folder), str(customer.folder / "nothing.csv")):
        assert customer.run("dry-run", path, "--mapping", mapping).exit_code == 2
    binary = customer.file("binary.toml", b"\xff\xfe\x00")
    assert customer.run("dry-run", customer.file("staff.csv", STAFF), "--mapping", binary).exit_code == 2


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"WM_CAPTURE_KEY": ""}, 2),
        ({"WM_API_KEY": ""}, 2),
        ({"WM_API_KEY": "kéy"}, 2),
        ({"WM_URL": "ftp://example.com"}, 2),
        ({"WM_URL": "http://example.com"}, 2),
        ({"WM_URL": "http://127.0.0.1:1"}, 4),
    ],
)
def test_a_push_with_wrong_settings_says_which(
    customer: Customer, settings: dict[str, str], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wm_api.capture.client.TRIES", 2)
    files = [customer.file("staff.csv", STAFF), "--mapping", customer.file("staff.toml", MAPPING)]
    result = customer.run("push", *files, **settings)
    assert result.exit_code == code, result.output
    assert next(iter(settings)) in result.output or code == 4
