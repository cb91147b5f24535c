"""Vendor files to text columns: CSV of any delimiter and encoding, plain or gzip, read in batches; XLSX."""

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import fastexcel
import polars as pl

from wm_api.capture.file_types import GZIP, HEAD, ZIP, not_a_table, packed_as
from wm_api.capture.mapping import ENCODINGS, MappingFile, Source
from wm_api.capture.problems import FileNoLongerFits, FileRefused, WrongCells
from wm_api.capture.synonyms import renamed
from wm_api.capture.transform import ROW
from wm_api.capture.unpacking import unzipped
from wm_api.capture.workbooks import DAMAGED, examined

BATCH = 50_000
FIRST_ROW = "Rows of a sheet count from the first that is not empty."
FIRST_ROWS = 100
MOST_HEADINGS, LONGEST_RECORD = 16_384, 1 << 20
"""As many as a sheet has columns; signs of one row with all its cells."""


class VendorFile:
    """Headings, and the rows below them in batches of text columns that are named by position.

    Rows of another width than the headings are left out of the batches and numbered in `odd`. `unread` is what
    a workbook holds beside the cells of the sheet.
    """

    def __init__(
        self,
        headings: list[str],
        batches: Iterator[pl.DataFrame],
        odd: list[int] | None = None,
        unread: Sequence[str] = (),
    ) -> None:
        self.headings, self.batches, self.unread = headings, batches, unread
        self.odd = [] if odd is None else odd

    def wrong(self) -> list[WrongCells]:
        """What to say of odd rows, once all batches are read."""
        why = f"the number of cells is not {len(self.headings)}, that of the headings: a cell was lost or split"
        return [WrongCells("whole rows", why, self.odd)] if self.odd else []


@contextmanager
def opened(path: Path, source: Source) -> Iterator[VendorFile]:
    """Raises FileNoLongerFits where the file is not what [source] says, FileRefused where rows are broken."""
    try:
        with path.open("rb") as raw:
            head = raw.read(HEAD)
            raw.seek(0)
            if not head:
                raise FileNoLongerFits("The file is empty.")
            if (why := not_a_table(head)) is not None:
                raise FileNoLongerFits(why)
            if source.format == "xlsx":
                yield _workbook(raw.read(), source)
                return
            if head.startswith(ZIP):
                raise FileNoLongerFits(packed_as(path))
            plain = unzipped(raw) if head.startswith(GZIP) else raw
            text = io.TextIOWrapper(plain, _encoding(source.encoding), newline="")
            yield _csv(text, source)
    except UnicodeError as error:
        raise FileNoLongerFits(
            f"The file is not {source.encoding}. Say encoding under [source], or --encoding where inspect or map "
            f"looks at it: {', '.join(ENCODINGS)}. wm-capture inspect finds it out."
        ) from error
    except OSError as error:
        raise FileNoLongerFits(f"The file cannot be read: {error.strerror or 'input error'}.") from error


def _encoding(name: str) -> str:
    return "utf-8-sig" if name == "utf-8" else name


def _csv(text: io.TextIOBase, source: Source) -> VendorFile:
    records = _records(text, source.delimiter)
    try:
        for _ in range(source.header_row - 1):
            next(records)
        headings = [name.strip() for name in next(records)]
    except StopIteration as end:
        raise FileNoLongerFits(f"The file ends before row {source.header_row}, where the headings should be.") from end
    if len(headings) > MOST_HEADINGS:
        raise FileNoLongerFits(f"The file has more than {MOST_HEADINGS:,} columns. Is the delimiter right?")
    if any("\0" in name for name in headings):
        raise FileNoLongerFits("This is not a text file, or it is utf-16: say encoding under [source].")
    odd: list[int] = []
    return VendorFile(headings, _batches(records, len(headings), odd), odd)


def _records(text: io.TextIOBase, delimiter: str) -> Iterator[list[str]]:
    """Records of the CSV dialect of RFC 4180, as spreadsheets write it; none is held that is longer than a row is."""
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        for record in reader:
            lines.held = 0
            yield record
    except csv.Error as error:
        why = "a quote is not closed, or text follows it, near the line"
        raise FileRefused([WrongCells("quotes", why, [reader.line_num])]) from error


class _Lines:
    """Lines, as long as those of one record are not too long together: `held` signs are of the record that is begun."""

    def __init__(self, text: io.TextIOBase) -> None:
        self._text, self.held = text, 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._text.readline(LONGEST_RECORD + 1)
        self.held += len(line)
        if self.held > LONGEST_RECORD:
            why = "a row is longer than a million signs: a quote is not closed, or this is not a table"
            raise FileRefused([WrongCells("rows", why, [])])
        if not line:
            raise StopIteration
        return line


def _batches(records: Iterator[list[str]], width: int, odd: list[int]) -> Iterator[pl.DataFrame]:
    """Empty rows are passed over, and counted in the row numbers."""
    first = 1
    while batch := list(islice(records, BATCH)):
        kept = [(number, row) for number, row in enumerate(batch, start=first) if any(row)]
        first += len(batch)
        odd += [number for number, row in kept if len(row) != width]
        rows = [row for _, row in kept if len(row) == width]
        if rows:
            numbers = pl.Series(ROW, [number for number, row in kept if len(row) == width], dtype=pl.UInt32)
            columns = enumerate(zip(*rows, strict=True))
            yield pl.DataFrame([numbers, *(pl.Series(str(index), cells, dtype=pl.String) for index, cells in columns)])


def _workbook(content: bytes, source: Source) -> VendorFile:
    unread = [] if not content.startswith(ZIP) else examined(content)
    frame, others = _cells(content, source)
    if frame.height < source.header_row:
        raise FileNoLongerFits(
            f"The sheet ends before row {source.header_row}, where the headings should be. {FIRST_ROW}"
        )
    headings = [str(name).strip() for name in frame.row(source.header_row - 1)]
    body = frame.slice(source.header_row).with_row_index(ROW, offset=1)
    body.columns = [ROW, *(str(index) for index in range(len(headings)))]
    filled = pl.any_horizontal(pl.all().exclude(ROW) != "") if headings else pl.lit(value=False)
    if others:
        unread.append("another sheet" if others == 1 else f"{others} other sheets")
    return VendorFile(headings, iter([body.filter(filled)]), unread=unread)


def first_rows(path: Path, source: Source) -> list[list[str]]:
    """Of the sheet, as text. Raises as `opened`."""
    content = path.read_bytes()
    examined(content)
    return [[str(cell) for cell in row] for row in _cells(content, source, FIRST_ROWS)[0].rows()]


def _cells(content: bytes, source: Source, rows: int | None = None) -> tuple[pl.DataFrame, int]:
    """All cells of the sheet as text, and how many other sheets there are."""
    if not content.startswith(ZIP):
        raise FileNoLongerFits('This is not an XLSX file. Say format = "csv", or save it as XLSX.')
    try:
        book = fastexcel.read_excel(content)
        name = _sheet(book.sheet_names, source.sheet)
        frame = book.load_sheet(name, header_row=None, dtypes="string", n_rows=rows).to_polars()
    except fastexcel.FastExcelError as error:
        raise FileNoLongerFits(DAMAGED) from error
    return frame.select(pl.all().cast(pl.String).fill_null("")), len(book.sheet_names) - 1


def _sheet(names: list[str], wanted: str | None) -> str:
    if wanted is None and len(names) == 1:
        return names[0]
    if wanted not in names:
        asked = "names a sheet that is not there" if wanted else "must say which sheet is meant"
        raise FileNoLongerFits(f"[source] sheet, or --sheet, {asked}. The workbook has: {', '.join(names)}.")
    return str(wanted)


def read_source(path: Path, mapping: MappingFile) -> tuple[pl.DataFrame, list[WrongCells]]:
    """The mapped columns as text, untouched, with the number of each row, and what is wrong with whole rows."""
    with opened(path, mapping.source) as file:
        check_headings(file.headings, mapping)
        names = mapping.mapped_headings()
        places = [str(file.headings.index(name)) for name in names]
        picked = [batch.select(ROW, *places) for batch in file.batches]
        wrong = file.wrong()
    if not picked:
        raise FileRefused(wrong or [WrongCells("rows", "the file has no data row", [])])
    frame = pl.concat(picked)
    frame.columns = [ROW, *names]
    return frame, wrong


def check_headings(headings: list[str], mapping: MappingFile) -> None:
    """Every heading is mapped or listed under ignore. Raises FileNoLongerFits."""
    mapped, expected = set(mapping.mapped_headings()), set(mapping.mapped_headings()) | set(mapping.source.ignore)
    present = set(headings)
    if len(headings) == 1 and len(expected) > 1 and mapping.source.format == "csv":
        raise FileNoLongerFits(
            f"Only one heading was found, and the mapping has {len(expected)}: is the delimiter "
            f"{mapping.source.delimiter!r}, and header_row right? wm-capture inspect finds both out."
        )
    mapped_twice = [f"heading stands twice: {name}" for name in sorted(mapped) if headings.count(name) > 1]
    problems = [*_changed(present - expected, expected - present), *mapped_twice]
    if not problems:
        return
    hint = "Map each new heading or list it under ignore; correct or remove what is missing."
    if mapped_twice:
        hint += " Give each heading its own name."
    if len(expected - present) * 2 > len(expected):
        hint += " Most are missing: is this the mapping of this file?"
    if mapping.source.format == "xlsx":
        hint += f" {FIRST_ROW}"
    raise FileNoLongerFits("The headings are not those of the mapping.\n  " + "\n  ".join(problems) + f"\n{hint}")


def _changed(new: set[str], gone: set[str]) -> list[str]:
    """Each heading that came or went, with what it likely is."""
    likely = renamed(gone, new)
    said = [f"likely renamed: {old} is now {name}; if so, write that in the mapping" for old, name in likely.items()]
    said += [f"new heading: {name or '(empty)'}" for name in sorted(new - set(likely.values()))]
    return said + [f"missing heading: {name or '(empty)'}" for name in sorted(gone - set(likely))]
