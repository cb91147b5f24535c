"""NDJSON to all-text frames: one flat object a line, its values as their text; never more than a block and a line held.

The text of a line is taken apart by patterns over whole columns, after one pattern has said that it is a flat object.
Lines of one shape are CSV once their names are gone, which is how most files come; any others are taken apart in pairs.
"""

from collections.abc import Iterator, Sequence

import polars as pl

from wm_api.records.csv_rows import BOM, Table, csv_rows
from wm_api.records.limits import BLOCK, Limits, Unreadable

SPACE = r"[ \t\r]*"
STRING = r'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"'
NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
MEMBER = rf"{SPACE}{STRING}{SPACE}:{SPACE}(?:{STRING}|{NUMBER}|true|false|null){SPACE}"
FLAT_OBJECT = rf"^{SPACE}\{{(?:{MEMBER}(?:,{MEMBER})*|{SPACE})\}}{SPACE}$"
TEXT = r'"((?:[^"\\]|\\.)*)"'
PAIR = rf'{SPACE}{TEXT}{SPACE}:{SPACE}(?:null|{TEXT}|([^",}}\s]+)){SPACE},?'
PLAIN_NAME = r"^[A-Za-z_0-9]+$"
ITS_NAME, ITS_VALUE = rf'{SPACE}"[^"]*"{SPACE}:{SPACE}(?:null)?', rf':{SPACE}("[^"]*"|[^",}}\s]+)'
BETWEEN, WITHIN = "\x1e", "\x1f"
"""Around a pair, and between its name and its value: no string of valid JSON holds such a sign."""


class MoreColumns(Exception):  # noqa: N818 - named for what is found
    """A name came up after rows without it had been given. `names` are all of the file, in the order they came up."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.names = tuple(names)


def ndjson_tables(blocks: Iterator[bytes], limits: Limits, names: Sequence[str] = ()) -> Iterator[Table]:
    """Headings with a text frame of their rows, as a CSV of the same values gives them: an absent member is empty.

    The headings are `names`, or else those of the first rows. Raises Unreadable; MoreColumns at the end of a file in
    which later rows have other names.
    """
    known, given = list(names), tuple(names)
    for text in _whole_lines(blocks, limits):
        frame = _frame(text, limits)
        if frame is None:
            continue
        known += [name for name in frame.columns if name not in known]
        if len(known) > limits.columns:
            raise Unreadable("too_many_columns")
        given = given or tuple(known)
        if len(known) == len(given):
            yield list(given), frame.select(_column(frame, name).alias(f"{at}") for at, name in enumerate(given))
    if not given:
        raise Unreadable("file_empty")
    if len(known) > len(given):
        raise MoreColumns(known)


def _whole_lines(blocks: Iterator[bytes], limits: Limits) -> Iterator[bytes]:
    waiting, longest = b"", 2 * limits.row_bytes
    for block in blocks:
        waiting += block
        if len(waiting) < BLOCK:
            continue
        cut = waiting.rfind(b"\n") + 1
        if len(waiting) - cut > longest:
            raise Unreadable("cell_too_long")
        yield waiting[:cut]
        waiting = waiting[cut:]
    yield waiting


def _column(frame: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name) if name in frame.columns else pl.lit(None, dtype=pl.String)


def _frame(text: bytes, limits: Limits) -> pl.DataFrame | None:
    """The members of each object by name; None where there is no object."""
    try:
        lines = pl.Series("line", [text.removeprefix(BOM).decode("utf-8")]).str.split("\n").explode()
    except UnicodeDecodeError as error:
        raise Unreadable("encoding_not_utf8") from error
    lines = lines.filter(lines.str.contains(r"[^ \t\r]"))
    if lines.is_empty():
        return None
    if int(lines.str.len_bytes().max() or 0) > 2 * limits.row_bytes:  # type: ignore[arg-type]
        raise Unreadable("cell_too_long")
    flat = lines.str.contains(FLAT_OBJECT)
    if not flat.all():
        raise Unreadable("file_unreadable", int((~flat).arg_true()[0]))
    alike = _alike(lines, limits)
    return _members(lines, limits) if alike is None else alike


def _alike(lines: pl.Series, limits: Limits) -> pl.DataFrame | None:
    """Where all lines have the names of the first in its order, and nothing is escaped; None where they do not."""
    if lines.str.contains("\\", literal=True).any():
        return None
    names = _members(lines.head(1), limits).columns
    if len(names) < 2 or not pl.Series(names).str.contains(PLAIN_NAME).all():  # noqa: PLR2004 - else a row may be blank
        return None
    if lines.str.replace_all(ITS_VALUE, ":").n_unique() > 1:
        return None
    cells = lines.str.replace_all(ITS_NAME, "").str.strip_chars(" \t\r{}")
    if cells.str.contains(r"[ \t\r]").any():
        return None
    return csv_rows("\n".join(cells).encode(), len(names)).rename({f"{at}": name for at, name in enumerate(names)})


def _members(lines: pl.Series, limits: Limits) -> pl.DataFrame:
    inside = lines.str.strip_chars_start("{ \t\r").str.strip_chars_end("} \t\r")
    marked = inside.str.replace_all(PAIR, f"{BETWEEN}${{1}}{WITHIN}${{2}}${{3}}").str.strip_prefix(BETWEEN)
    rows = pl.DataFrame([marked.str.split(BETWEEN).alias("pair")]).with_row_index("row")
    halves = pl.col("pair").str.split_exact(WITHIN, 1).struct.rename_fields(["name", "value"])
    pairs = rows.explode("pair").filter(pl.col("pair") != "").select("row", halves).unnest("pair")
    pairs = pairs.with_columns(_unescaped(pairs.get_column("name")), _unescaped(pairs.get_column("value")))
    if pairs.get_column("name").n_unique() > limits.columns:
        raise Unreadable("too_many_columns")
    columns = [rows.select("row")]
    for part in pairs.partition_by("name", maintain_order=True):
        name, numbers = part.get_column("name")[0], part.get_column("row")
        twice = numbers == numbers.shift()
        if twice.any():
            raise Unreadable("duplicate_column", int(numbers.filter(twice)[0]))
        values = part.select("row", pl.when(pl.col("value") != "").then("value").alias(name))
        columns.append(rows.select("row").join(values, on="row", how="left", maintain_order="left").drop("row"))
    return pl.concat(columns, how="horizontal").drop("row")


def _unescaped(texts: pl.Series) -> pl.Series:
    """Hardly any text has an escape: only those that do are decoded."""
    escaped = texts.str.contains("\\", literal=True)
    if not escaped.any():
        return texts
    return (
        texts.to_frame("text")
        .select(
            pl.when(escaped)
            .then(pl.format('"{}"', "text").str.json_decode(pl.String))
            .otherwise("text")
            .alias(texts.name)
        )
        .to_series()
    )
