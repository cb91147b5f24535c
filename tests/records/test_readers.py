"""Files that are wrong as files: each ends in a finding that names what is wrong, none in a crash or a guess."""

import gzip
import io
import struct
import time
import zlib

import polars as pl
import pytest
from backports import zstd

from extracts import KEYS, as_csv, as_parquet, payroll_row, taken
from wm_api.records.csv_rows import last_row_end
from wm_api.records.packed import ZstdFrame, unpacked_members
from wm_api.records.readers import BLOCK, PARQUET, Limits, Unreadable

ROWS = [payroll_row(person, month) for month in (1, 2) for person in range(3)]
GOOD = as_csv(ROWS)
LINES = GOOD.split(b"\n")


def refusal(content: bytes, **options: object) -> list[tuple[str, tuple[int, ...]]]:
    outcome = taken(content, **options)  # type: ignore[arg-type]
    assert outcome.report.refused
    return [(finding.code, finding.rows) for finding in outcome.report.findings]


def same_as_good(content: bytes, **options: object) -> bool:
    outcome, good = taken(content, **options), taken(GOOD)  # type: ignore[arg-type]
    assert not outcome.report.refused, outcome.report.findings
    assert outcome.report.rows == 6
    return outcome.frame.equals(good.frame)


@pytest.mark.parametrize(
    "content",
    [
        GOOD.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + GOOD,
        GOOD.rstrip(b"\n"),
        GOOD + b"\n\r\n\n",
        GOOD.replace(b"\n", b"\n\n"),
        GOOD.replace(b"USD", b'"USD"'),
        b"\r\n".join(b",".join(b'"' + cell + b'"' for cell in line.split(b",")) for line in LINES[:-1]),
    ],
    ids=["crlf", "bom", "no last line end", "blank lines at the end", "blank lines", "quotes", "all quoted, crlf"],
)
def test_what_spreadsheets_and_exports_do_to_a_csv_file_changes_nothing(content: bytes) -> None:
    assert same_as_good(content)
    assert same_as_good(content, piece=7)


@pytest.mark.parametrize(
    ("content", "findings"),
    [
        (b"", [("file_empty", ())]),
        (b"\n\n", [("file_empty", ())]),
        (LINES[0], [("file_empty", ())]),
        (LINES[0] + b"\r\n\r\n", [("file_empty", ())]),
        (b"\n".join([*LINES[:3], LINES[3] + b",7", *LINES[4:]]), [("file_unreadable", (3,))]),
        (b"\n".join([*LINES[:3], LINES[3].rsplit(b",", 1)[0], *LINES[4:]]), [("file_unreadable", (3,))]),
        (b"\n".join([LINES[0], LINES[1].rsplit(b",", 1)[0], *LINES[2:]]), [("file_unreadable", (1,))]),
        (GOOD.replace(b"USD", b'"U\n\nD"', 1).replace(b"1000.50\n", b"1000.50,7\n", 2), [("file_unreadable", (1,))]),
        (GOOD.replace(b"\n", b"\r"), [("file_unreadable", ())]),
        (GOOD.replace(b"1000.50", b"\xe91000"), [("encoding_not_utf8", ())]),
        (GOOD.replace(b"pay_base", b"p\xe9y"), [("encoding_not_utf8", ())]),
        (GOOD.replace(b"1000.50", b"10\x0000", 1), [("value_not_of_type", (1,))]),
        (GOOD.replace(b"USD", b'"U\nD"', 1), [("value_not_in_vocabulary", (1,))]),
        (GOOD.replace(b"1000.50", b'"1,000.50"', 1), [("value_not_of_type", (1,))]),
        (GOOD.replace(b"USD", b'"USD', 1), [("file_unreadable", ())]),
        (GOOD.replace(b"USD", b'U"SD', 1), [("file_unreadable", ())]),
        (GOOD.replace(b"1000.50", b"1" * 257, 1), [("cell_too_long", ())]),
        (b"x" * 200_000, [("too_many_columns", ())]),
        (b",".join(b"c%d" % number for number in range(65)) + b"\n", [("too_many_columns", ())]),
    ],
)
def test_a_broken_csv_file_is_refused_by_the_rule_it_breaks(content: bytes, findings: object) -> None:
    assert refusal(content) == findings


def test_two_equal_headings_and_a_heading_with_a_nul_are_named_by_position() -> None:
    outcome = taken(GOOD.replace(b"currency", b"pay_base", 1))
    assert next((each.code, each.column_index) for each in outcome.report.findings) == ("duplicate_column", 5)
    outcome = taken(GOOD.replace(b"pay_base", b"pay\0base", 1))
    assert next((each.code, each.column_index) for each in outcome.report.findings) == ("unknown_column", 5)


def test_a_quote_that_never_closes_is_found_in_the_first_block_and_in_linear_time() -> None:
    line = LINES[1] + b"\n"
    rows = line * (3 * BLOCK // len(line))
    begun = time.process_time()
    assert refusal(LINES[0] + b"\n" + line + b'"' + rows) == [("file_unreadable", ())]
    assert last_row_end(b'"' + b'""\n' * (BLOCK // 3)) == 0
    assert time.process_time() - begun < 5


def test_the_last_line_end_outside_quotes_is_found() -> None:
    assert last_row_end(b'a,b\n"c\n",d\n"e\nf') == len(b'a,b\n"c\n",d\n')
    assert last_row_end(b'"a\nb\nc') == 0
    assert last_row_end(b'a\n"""b\n""\n') == 2
    assert last_row_end(b"a,b") == 0


def test_a_row_longer_than_any_honest_row_is_refused_before_it_is_held() -> None:
    endless = LINES[0] + b"\n" + b"7" * (BLOCK + 100_000)
    assert refusal(endless) == [("cell_too_long", ())]


def test_gzip_is_read_also_in_several_members_and_cut_or_damaged_it_is_refused() -> None:
    half = GOOD.index(b"\n", 200) + 5
    packed = gzip.compress(GOOD[:half]) + gzip.compress(GOOD[half:])
    assert same_as_good(packed, encoding="gzip")
    assert same_as_good(packed, encoding="gzip", piece=5)
    for broken in (packed[:-9], gzip.compress(GOOD) + b"rubbish", GOOD):
        assert refusal(broken, encoding="gzip") == [("file_unreadable", ())]


def test_zstd_is_read_in_several_frames_and_cut_or_damaged_it_is_refused() -> None:
    half = GOOD.index(b"\n", 200) + 5
    skipped = struct.pack("<II", 0x184D2A53, 5) + b"extra"
    packed = skipped + zstd.compress(GOOD[:half]) + skipped + zstd.compress(b"") + zstd.compress(GOOD[half:]) + skipped
    assert same_as_good(packed, encoding="zstd")
    assert same_as_good(packed, encoding="zstd", piece=5)
    whole = zstd.compress(GOOD, options={zstd.CompressionParameter.checksum_flag: 1})
    changed = whole[:-1] + bytes([whole[-1] ^ 1])
    for broken in (packed[:-9], whole[:-2], changed, whole + b"rubbish", GOOD, skipped[:9]):
        assert refusal(broken, encoding="zstd") == [("file_unreadable", ())]


def test_a_zstd_file_that_needs_a_large_window_or_a_dictionary_is_refused() -> None:
    wide = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 27}).compress(GOOD * 400)
    wide_frame = wide + zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 27}).flush()
    dictionary = zstd.ZstdDict(GOOD, is_raw=True)
    for packed in (wide_frame, zstd.compress(GOOD, zstd_dict=dictionary)[:30]):
        assert refusal(packed, encoding="zstd") == [("file_unreadable", ())]


def test_a_zstd_bomb_is_refused_after_a_few_pieces() -> None:
    packed = io.BytesIO(zstd.compress(b"7" * (256 << 20)))
    given = 0
    with pytest.raises(Unreadable):
        for piece in unpacked_members(packed, Limits(), ZstdFrame):
            given += len(piece)
            assert len(piece) <= BLOCK
    assert given <= 3 * BLOCK


EMPTY = {"gzip": gzip.compress(b"", mtime=0), "zstd": zstd.compress(b"")}


@pytest.mark.parametrize(("encoding", "empty"), EMPTY.items(), ids=EMPTY)
def test_a_hundred_thousand_empty_members_cost_seconds_at_most(encoding: str, empty: bytes) -> None:
    begun = time.process_time()
    assert refusal(empty * 100_000, encoding=encoding) == [("file_empty", ())]
    assert time.process_time() - begun < 10


def test_a_gzip_bomb_is_refused_while_it_is_unpacked() -> None:
    bomb = gzip.compress(GOOD + (LINES[1] + b"\n") * 400_000)
    assert refusal(bomb, encoding="gzip")[-1] == ("unpacked_too_large", ())


def test_an_empty_gzip_body_is_an_empty_file() -> None:
    assert refusal(b"", encoding="gzip") == [("file_empty", ())]
    assert refusal(zlib.compress(b"", wbits=31), encoding="gzip") == [("file_empty", ())]


@pytest.mark.parametrize("row_group_size", [None, 2])
def test_a_parquet_file_is_read_like_the_csv_file_of_its_rows(row_group_size: int | None) -> None:
    assert same_as_good(as_parquet(ROWS, row_group_size), media_type=PARQUET)
    assert same_as_good(as_parquet(ROWS), media_type=PARQUET, limits=Limits(batch_rows=4))


def written(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def test_typed_columns_of_parquet_are_read_by_value() -> None:
    text = pl.DataFrame(ROWS)
    days = text.with_columns(pl.col("period_start", "period_end").str.to_date())
    for dtype in (pl.Float64, pl.Float32, pl.Decimal(18, 3), pl.Decimal(38, 6)):
        assert same_as_good(written(days.with_columns(pl.col("pay_base").cast(dtype))), media_type=PARQUET)
    categories = days.with_columns(pl.col("currency").cast(pl.Categorical))
    assert same_as_good(written(categories), media_type=PARQUET)


def test_a_broken_or_hostile_parquet_file_is_refused() -> None:
    good, frame = as_parquet(ROWS), pl.DataFrame(ROWS)
    for broken in (GOOD, b"", good[:-40], good[:40] + b"\0" * 40 + good[80:], b"PAR1" + b"\0" * 40 + b"PAR1"):
        assert refusal(broken, media_type=PARQUET)[0][0] in {"file_unreadable", "value_not_of_type"}
    nested = frame.with_columns(pay_base=pl.concat_list("pay_base"))
    assert refusal(written(nested), media_type=PARQUET) == [("file_unreadable", ())]
    endless = frame.with_columns(pay_base=pl.lit(float("inf")))
    assert refusal(written(endless), media_type=PARQUET)[0][0] in {"file_unreadable", "value_not_of_type"}
    assert refusal(written(frame.clear()), media_type=PARQUET) == [("file_empty", ())]
    assert refusal(good, media_type=PARQUET, limits=Limits(rows=5)) == [("too_many_rows", ())]
    assert refusal(good, media_type=PARQUET, limits=Limits(parquet_bytes=100)) == [("unpacked_too_large", ())]


def test_a_long_value_in_the_dictionary_of_a_parquet_file_is_found_before_it_is_copied() -> None:
    rows = pl.DataFrame(ROWS).select(pl.all().first().repeat_by(20_000).explode())
    long = pl.Series(["x" * 1_000_000], dtype=pl.Categorical).new_from_index(0, rows.height)
    for bomb in (rows.with_columns(currency=long), rows.head(200).with_columns(currency=pl.lit("x" * 100_000))):
        assert refusal(written(bomb), media_type=PARQUET) == [("cell_too_long", ())]


def test_run_lengths_that_unpack_a_hundredfold_are_refused() -> None:
    bomb = pl.DataFrame(ROWS).select(pl.all().first().repeat_by(500_000).explode())
    assert len(written(bomb)) < 20_000
    assert refusal(written(bomb), media_type=PARQUET)[-1] == ("unpacked_too_large", ())


def test_rows_are_numbered_through_all_blocks_and_counted_in_full() -> None:
    rows = [payroll_row(person % 300, 1 + person // 300 % 12, run_no=f"{1 + person // 3600}") for person in range(9000)]
    for number in (10, 4000, 8999):
        rows[number]["currency"] = "usd"
    for number in range(500, 900):
        rows[number]["pay_base"] = "1e3"
    found = taken(as_csv(rows), piece=100_000).findings()
    assert found["value_not_in_vocabulary"].rows == (11, 4001, 9000)
    assert found["value_not_of_type"].row_count == 400
    assert found["value_not_of_type"].rows == tuple(range(501, 601))
    assert KEYS[0] not in repr(found)
