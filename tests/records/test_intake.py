"""Rows and whole files against the rules, and what does not depend on how a file came."""

import io
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extracts import KEYS, PAYROLL, WORKFORCE, Row, as_csv, as_parquet, key, payroll_row, taken, workforce_row
from wm_api.records import intake, repeats
from wm_api.records.columns import Integer, Number, Severity
from wm_api.records.employee_keys import KeyBook, make
from wm_api.records.kinds import KINDS
from wm_api.records.parsing import parse_column
from wm_api.records.readers import PARQUET
from wm_api.records.repeats import SeenHashes
from wm_api.records.typed import SnapshotHash, pack

PEOPLE = [workforce_row(person) for person in range(60)]


@pytest.fixture
def short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of a few rows, so that a small file has many."""
    monkeypatch.setattr(intake, "CHECKED_ROWS", 5)
    monkeypatch.setattr(intake, "PART_ROWS", 3)
    monkeypatch.setattr(repeats, "SLICE", 4)
    monkeypatch.setattr(repeats, "LONGEST_RUN", 4)


def codes(rows: list[Row], **options: object) -> dict[str, tuple[str | None, tuple[int, ...], int]]:
    findings = taken(as_csv(rows), **options).findings()  # type: ignore[arg-type]
    return {code: (found.column, found.rows, found.row_count) for code, found in findings.items()}


@pytest.mark.usefixtures("short_parts")
def test_of_identical_rows_the_first_is_kept_and_the_others_are_not_paid_twice() -> None:
    rows = [payroll_row(person, hours_regular="80") for person in range(12)]
    repeated = [*rows[:3], rows[1], *rows[3:], rows[2], rows[2]]
    outcome, once = taken(as_csv(repeated)), taken(as_csv(rows))
    assert outcome.report.outcome == "accepted"
    assert outcome.findings()["duplicate_row_identical"].rows == (4, 14, 15)
    assert outcome.frame.equals(once.frame)
    assert outcome.report.totals == once.report.totals
    assert (outcome.report.rows, outcome.report.employees) == (15, 12)
    twice = taken(as_csv([*PEOPLE, PEOPLE[7]]), facts=WORKFORCE)
    assert set(twice.findings()) == {"duplicate_row_identical"}
    assert twice.frame.height == 60


@pytest.mark.usefixtures("short_parts")
def test_rows_of_one_natural_key_that_differ_are_all_named() -> None:
    rows = [payroll_row(person) for person in range(12)]
    other = payroll_row(2, pay_base="7.00")
    assert codes([*rows, other])["duplicate_row_conflict"] == ("employee_key", (3, 13), 2)
    runs = [payroll_row(0, run_no="1"), payroll_row(0, run_no="2"), payroll_row(0, run_no="")]
    assert codes(runs)["duplicate_row_conflict"] == ("employee_key", (1, 3), 2)  # run_no is 1 where it is empty
    first, second = workforce_row(0, spell_no="1"), workforce_row(0, spell_no="1", base_rate="40")
    assert codes([first, second], facts=WORKFORCE)["duplicate_row_conflict"] == ("employee_key", (1, 2), 2)


def test_a_key_without_spell_numbers_may_repeat_it_is_a_second_job() -> None:
    jobs = [workforce_row(0, spell_no=""), workforce_row(0, spell_no="", base_rate="40")]
    assert codes(jobs, facts=WORKFORCE) == {"concurrent_jobs": ("employee_key", (2,), 1)}


@pytest.mark.usefixtures("short_parts")
def test_negative_pay_must_name_another_run_of_the_same_person_and_period() -> None:
    paid = [payroll_row(person, run_no="1", reverses_run_no="") for person in range(7)]
    reversal = payroll_row(3, run_no="2", reverses_run_no="1", pay_base="-1000.50")
    assert codes([*paid, reversal]) == {}
    assert codes([reversal, *paid]) == {}
    no_run = {**paid[0], "reverses_run_no": None}
    assert codes([no_run, {**reversal, "run_no": None, "reverses_run_no": "2"}])
    for wrong in ({**reversal, "reverses_run_no": None}, {**reversal, "reverses_run_no": "2"}):
        assert codes([*paid, wrong]) == {"negative_pay_unmatched": ("pay_base", (8,), 1)}
    for elsewhere in (
        {**reversal, "reverses_run_no": "3"},
        payroll_row(3, 2, run_no="2", reverses_run_no="1", pay_base="-1000.50"),
        payroll_row(9, run_no="2", reverses_run_no="1", pay_base="-1000.50"),
    ):
        report = taken(as_csv([*paid, elsewhere]), PAYROLL).report
        (found,) = report.findings
        assert (found.code, found.column, found.rows) == ("negative_pay_unmatched", "reverses_run_no", (8,))
        assert (found.severity, report.refused) == (Severity.WARN, False)  # the run may be in another file


@pytest.mark.usefixtures("short_parts")
def test_whole_numbers_of_one_width_are_an_identity_number_in_pay_too() -> None:
    numbers = [payroll_row(person, pay_base=f"{1_000_003 + person * 7919}") for person in range(60)]
    assert codes(numbers)["identifier_like_number"] == ("pay_base", (), 0)
    for fine in ("1000003.5", "999"):
        assert codes([*numbers[:59], payroll_row(59, pay_base=fine)]) == {}
    assert codes([payroll_row(person, pay_base=f"{(1_000 + person) * 1000}") for person in range(60)]) == {}
    assert codes(numbers[:49]) == {}


def test_suspicious_text_is_named_by_its_row_in_the_file() -> None:
    rows = [
        workforce_row(person % 400, job_code=f"j{person % 9}", hire_date=f"2020-01-{1 + person // 400:02}")
        for person in range(4000)
    ]
    rows[3000]["job_code"] = "123-45-6789"
    found = taken(as_csv(rows), facts=WORKFORCE, piece=50_000).findings()
    assert found["personal_data_suspected"].rows == (3001,)
    assert found["personal_data_suspected"].row_count == 1


def test_one_malformed_key_is_named_and_keys_of_two_kinds_are_refused() -> None:
    rows = [payroll_row(person) for person in range(9)]
    rows[4]["employee_key"] = KEYS[4][:-1] + ("a" if KEYS[4][-1] != "a" else "b")
    rows[6]["employee_key"] = None
    found = taken(as_csv(rows)).findings()
    assert found["key_malformed"].rows == (5, 7)
    other = [*rows[:4], payroll_row(0, 2, employee_key=key(0, b"\x08" * 32))]
    assert "key_id_changed" in codes(other)


def test_a_hire_after_the_day_of_the_file_is_named_by_its_column() -> None:
    late = workforce_row(0, hire_date="2026-02-01")
    assert codes([late], facts=WORKFORCE)["date_out_of_range"] == ("hire_date", (1,), 1)


@pytest.mark.usefixtures("short_parts")
def test_warnings_of_a_whole_file_are_given_and_it_is_accepted() -> None:
    mixed = [payroll_row(person, currency="USD" if person else "EUR") for person in range(9)]
    assert codes(mixed) == {"currency_mixed": ("currency", (), 0)}
    people = [workforce_row(person, gender="U" if person < 3 else "F", race_ethnicity="") for person in range(8)]
    found = taken(as_csv(people), facts=WORKFORCE).report
    assert [(each.code, each.column) for each in found.findings] == [
        ("disclosure_low", "gender"),
        ("disclosure_low", "race_ethnicity"),
    ]
    assert not found.refused
    assert (
        codes([workforce_row(person, gender="U" if person < 2 else "F") for person in range(8)], facts=WORKFORCE) == {}
    )


def test_keys_are_numbered_as_they_are_first_met() -> None:
    book, known = KeyBook(), []
    for batch in ([0, 1, 0], [1, 2], [], [5, 2, 5, 0]):
        tokens = pl.Series([KEYS[person] for person in batch], dtype=pl.String)
        numbers, new = book.numbered(tokens)
        known += new.to_list()
        assert [known[number] for number in numbers] == tokens.to_list()
    assert known == [KEYS[person] for person in (0, 1, 2, 5)]
    numbers, new = book.numbered(pl.Series([KEYS[0], "rubbish", None, KEYS[7]]))
    assert numbers.to_list() == [0, None, None, 4]
    assert new.to_list() == [KEYS[7]]


def test_thousands_of_keys_in_any_order_keep_their_numbers_as_the_book_grows() -> None:
    book, keys = KeyBook(), [make(b"k" * 32, "account", "1", str(person)) for person in range(6000)]
    for start in range(0, 6000, 500):
        numbers, new = book.numbered(pl.Series(keys[: start + 500][::-1]))
        assert sorted(numbers.to_list()) == list(range(start + 500))
        assert len(new) == 500
    again, new = book.numbered(pl.Series(keys))
    assert new.is_empty()
    assert again.n_unique() == 6000


@given(st.lists(st.lists(st.integers(0, 40), max_size=12), max_size=12))
@settings(max_examples=60, deadline=None)
def test_a_hash_is_first_once_whatever_the_batches(batches: list[list[int]]) -> None:
    seen, met = SeenHashes(), set[int]()
    for batch in batches:
        expected = []
        for number in batch:
            expected.append(number not in met)
            met.add(number)
        assert seen.first(pl.Series(batch, dtype=pl.UInt64)).to_list() == expected


days = st.dates(date(1930, 1, 1), date(2030, 1, 1))


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_value_printed_and_parsed_is_itself(data: st.DataObject) -> None:
    for column in KINDS["workforce"].columns:
        if isinstance(column.type, Number):
            top = int(min(column.type.maximum, 10**9)) * 10**column.type.places
            scaled = data.draw(st.integers(int(column.type.minimum * 10**column.type.places), top))
            text = f"{scaled / 10**column.type.places:.{column.type.places}f}"
            value: object = float(text)
        elif isinstance(column.type, Integer):
            value = data.draw(st.integers(column.type.minimum, column.type.maximum))
            text = str(value)
        elif column.name == "hire_date":
            value = data.draw(days)
            text = f"{value}"
        else:
            continue
        typed, findings = parse_column(pl.Series(column.name, [text, None]), column, 1)
        assert typed.to_list() == [value, None]
        assert not findings


@pytest.mark.parametrize("name", ["period_start", "pay_base", "run_no"])
def test_a_cell_of_several_lines_is_of_no_type_also_where_each_line_is(name: str) -> None:
    line = "2026-01-01" if name == "period_start" else "12"
    for wrong in (f"{line}\n{line}", f"{line}\n", f"\n{line}", f" {line}", "１２"):
        for cells in ([wrong], [line, wrong], [wrong, line, None], [line, line, wrong, line]):
            typed, found = parse_column(pl.Series(name, cells), KINDS["payroll"].column(name), 1)
            rows = tuple(row for row, cell in enumerate(cells, 1) if cell == wrong)
            assert [(each.code, each.rows) for each in found] == [("value_not_of_type", rows)]
            assert typed.is_null().to_list() == [cell in {wrong, None} for cell in cells]


def rows_strategy() -> st.SearchStrategy[list[Row]]:
    cents = st.integers(0, 9_999_999).map(lambda number: f"{number / 100:.2f}".rstrip("0").rstrip("."))
    row = st.builds(
        lambda person, month, pay, hours: payroll_row(person, month, pay_base=pay, hours_regular=hours),
        st.integers(0, 20),
        st.integers(1, 12),
        cents,
        st.one_of(st.none(), st.integers(0, 24 * 28).map(str)),
    )
    return st.lists(row, min_size=1, max_size=40, unique_by=lambda row: (row["employee_key"], row["period_start"]))


def snapshot(content: bytes, media_type: str, piece: int | None) -> tuple[str, list[str]]:
    outcome, digest = taken(content, media_type=media_type, piece=piece), SnapshotHash()
    assert not outcome.report.refused, outcome.report.findings
    for part in outcome.parts:
        digest.update(pack(part))
    return digest.hex(), outcome.keys


@given(rows_strategy(), st.integers(1, 50), st.integers(1, 500))
@settings(max_examples=20, deadline=None)  # each is the same rows in four forms
def test_the_same_rows_pin_the_same_snapshot_in_any_form_and_any_pieces(
    rows: list[Row], group: int, piece: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(intake, "CHECKED_ROWS", 7)
        patch.setattr(intake, "PART_ROWS", 4)
        as_text = snapshot(as_csv(rows), "text/csv", None)
        assert snapshot(as_csv(rows), "text/csv", piece) == as_text
        assert snapshot(as_parquet(rows, group), PARQUET, None) == as_text
        frame = pl.DataFrame(rows, infer_schema_length=None).with_columns(
            pl.col("period_start", "period_end").str.to_date(), pl.col("pay_base", "hours_regular").cast(pl.Float64)
        )
        buffer = io.BytesIO()
        frame.write_parquet(buffer, row_group_size=group)
        assert snapshot(buffer.getvalue(), PARQUET, None) == as_text


def test_blocks_and_batches_of_a_large_file_do_not_change_its_snapshot() -> None:
    first = date(2020, 1, 1)
    rows = [
        payroll_row(person, period_start=f"{day}", period_end=f"{day}", pay_base=f"{100 + person}.25")
        for day in (first + timedelta(days=number) for number in range(500))
        for person in range(300)
    ]
    content = as_csv(rows)
    assert len(content) > 3 * 4 << 20
    as_text = snapshot(content, "text/csv", None)
    assert snapshot(content, "text/csv", 1_234_567) == as_text
    assert snapshot(as_parquet(rows), PARQUET, None) == as_text
