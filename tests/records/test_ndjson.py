"""NDJSON: flat objects, read as a CSV of the same values is, and nothing else."""

import random
from io import BytesIO

import polars as pl
import pytest

from extracts import PAYROLL, WORKFORCE, Row, as_csv, as_ndjson, payroll_row, taken, workforce_row
from wm_api.records import intake, limits, ndjson_rows
from wm_api.records.facts import Facts
from wm_api.records.looks import Known
from wm_api.records.readers import NDJSON, Limits
from wm_api.records.typed import SnapshotHash, pack

ROWS = [payroll_row(person, month, hours_regular=f"{person}.50") for month in (1, 2) for person in range(9)]
LINE = as_ndjson(ROWS[:1]).strip()


def snapshot(content: bytes, media_type: str = "text/csv", facts: Facts = PAYROLL, **options: object) -> str:
    outcome, digest = taken(content, facts, media_type, **options), SnapshotHash()  # type: ignore[arg-type]
    assert not outcome.report.refused, outcome.report.findings
    for part in outcome.parts:
        digest.update(pack(part))
    return digest.hex()


def refusal(*lines: bytes) -> list[tuple[str, int | None, tuple[int, ...]]]:
    report = taken(b"\n".join(lines), media_type=NDJSON).report
    assert report.refused
    return [(each.code, each.column_index, each.rows) for each in report.findings]


@pytest.mark.parametrize("piece", [None, 7])
def test_the_same_values_give_the_same_snapshot_as_a_csv_file(piece: int | None) -> None:
    wanted = snapshot(as_csv(ROWS))
    content = as_ndjson(ROWS)
    for same in (
        content,
        b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n\r\n"),
        content.replace(b":", b" : ").replace(b",", b"\t, "),
        content.replace(b"1000.50", b'"1000.50"'),
        content.replace(b'"USD"', b'"\\u0055SD"'),
        content.replace(b'"currency"', b'"curr\\u0065ncy"', 1),
    ):
        assert snapshot(same, NDJSON, piece=piece) == wanted


def test_a_null_an_empty_text_and_an_absent_member_are_an_empty_cell() -> None:
    people = [workforce_row(person, job_level=None if person % 3 else "4", spell_no="") for person in range(9)]
    wanted = snapshot(as_csv(people), facts=WORKFORCE)
    absent = as_ndjson(people).replace(b'"gender"', b'"spell_no":null,"gender"')
    texts = absent.replace(b"null", b'""')
    assert snapshot(absent, NDJSON, WORKFORCE) == snapshot(texts, NDJSON, WORKFORCE) == wanted


def test_members_may_come_in_any_order() -> None:
    shuffled, order = [], random.Random(7)
    for row in ROWS:
        cells = list(row.items())
        order.shuffle(cells)
        shuffled.append(dict(cells))
    assert snapshot(as_ndjson(shuffled), NDJSON) == snapshot(as_csv(ROWS))


def test_a_column_that_comes_up_late_is_a_column_of_the_whole_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first look finds the columns, the second takes the rows, whatever came before the late one."""
    monkeypatch.setattr(ndjson_rows, "BLOCK", 300)
    monkeypatch.setattr(intake, "CHECKED_ROWS", 3)
    late = [
        {**row, "run_no": "2" if at > 12 else "", "frequency": "month" if at > 15 else ""}
        for at, row in enumerate(ROWS)
    ]
    assert snapshot(as_ndjson(late), NDJSON) == snapshot(as_csv(late))
    hours: list[Row] = [workforce_row(person, schedule_type="full_time" if person > 30 else "") for person in range(40)]
    assert snapshot(as_ndjson(hours), NDJSON, WORKFORCE) == snapshot(as_csv(hours), facts=WORKFORCE)


def test_a_file_without_a_late_column_is_looked_at_once() -> None:
    found = intake.look(BytesIO(as_ndjson(ROWS)), NDJSON, None, PAYROLL, Limits(), lambda *_: None, Known())
    assert isinstance(found, intake.Report)


@pytest.mark.parametrize(
    "broken",
    [
        LINE.replace(b'"USD"', b'["USD"]'),
        LINE.replace(b'"USD"', b'{"code":"USD"}'),
        LINE.replace(b"1000.50", b"NaN"),
        LINE.replace(b"1000.50", b"Infinity"),
        LINE.replace(b"1000.50", b"+1000.50"),
        LINE.replace(b"1000.50", b"01000.50"),
        LINE.replace(b'"USD"', b"'USD'"),
        LINE.replace(b'"USD"', b'"U\x01D"'),
        LINE.replace(b'"USD"', b'"U\\xD"'),
        LINE[:-1],
        LINE + LINE,
        LINE[:-1] + b",}",
        b"[" + LINE + b"]",
        b'"text"',
        b"17",
        b"null",
    ],
)
def test_what_is_no_flat_object_is_named_by_its_row(broken: bytes) -> None:
    assert refusal(LINE, LINE.replace(b"1000.50", b"7"), broken, LINE) == [("file_unreadable", None, (3,))]


def test_a_name_that_stands_twice_in_an_object_is_named_by_its_row() -> None:
    for twice in (LINE[:-1] + b',"pay_base":7}', LINE[:-1] + b',"pay\\u005fbase":7}'):
        assert refusal(LINE, twice) == [("duplicate_column", None, (2,))]


def test_an_unknown_name_is_named_by_its_position() -> None:
    assert refusal(LINE[:-1] + b',"first_name":"x"}')[0] == ("unknown_column", 7, ())
    assert refusal(LINE, LINE[:-1] + b',"nonsense":7}')[0] == ("unknown_column", 7, ())


def test_numbers_are_read_as_they_are_written() -> None:
    for wrong in (b"1e3", b"1000.123456", b"1000.00000"):
        assert refusal(LINE.replace(b"1000.50", wrong)) == [("value_not_of_type", None, (1,))]
    assert refusal(LINE.replace(b"1000.50", b"true")) == [("value_not_of_type", None, (1,))]


def test_limits_hold_for_lines_members_and_texts() -> None:
    many = b"{" + b",".join(b'"c%d":1' % number for number in range(65)) + b"}"
    assert refusal(many) == [("too_many_columns", None, ())]
    assert refusal(b'{"a":"' + b"x" * 80_000 + b'"}') == [("cell_too_long", None, ())]
    assert refusal(LINE.replace(b"USD", b"U" * 300)) == [("cell_too_long", None, ())]
    assert refusal(b'{"a":' * 30_000) == [("cell_too_long", None, ())]
    assert refusal(b'{"a":' * 9_000 + b"1" + b"}" * 9_000)[0][0] in {"file_unreadable", "cell_too_long"}
    endless = b'{"a":"' + b"x" * (limits.BLOCK + 100_000)
    assert refusal(endless) == [("cell_too_long", None, ())]
    assert refusal(b"") == refusal(b"\n \r\n") == [("file_empty", None, ())]
    assert refusal(LINE.replace(b"USD", b"\xff\xfe\xfd")) == [("encoding_not_utf8", None, ())]


def test_lines_of_one_shape_and_lines_in_pairs_are_taken_apart_alike() -> None:
    lines = pl.Series(as_ndjson(ROWS).decode().splitlines())
    alike = ndjson_rows._alike(lines, Limits())
    assert alike is not None
    assert alike.equals(ndjson_rows._members(lines, Limits()))
