"""What leaves of a workbook that holds personal data everywhere: only the bytes on the wire are looked at."""

import io
import json
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from capture.workbooks import MAIN, workbook
from corpus.people import CLASSES, everybody
from wm_api.capture.key_file import CustomerKey
from wm_api.capture.preparation import prepare

STAFF_ROWS = 60
KEY = CustomerKey("01900000-0000-7000-8000-000000000000", "1", b"\7" * 32)
MAPPING = """\
version = 1
kind = "workforce"
[facts]
as_of = 2025-12-31
[source]
format = "xlsx"
sheet = "Staff"
ignore = IGNORED
[columns]
employee_key = { from = "Id", as = "employee_key" }
base_rate = { from = "Pay", as = "decimal" }
base_rate_unit = { constant = "year" }
currency = { constant = "USD" }
schedule_type = { constant = "full_time" }
gender = { constant = "U" }
job_code = { from = "Job", as = "local_code" }
"""


def planted() -> list[str]:
    """A few of each class and both generators, long enough to be found by chance nowhere."""
    found = list[str]()
    for kind in CLASSES:
        for people in list(everybody(kind))[:: 1 + len(found) % 3][:40:8]:
            found += [value for value in people.values(2) if len(value) >= 5]
    return found


def leaks(seed: int) -> list[str]:
    """Of what was planted, that which is found in what leaves or is shown. The seed numbers the staff."""
    values = [value.replace("&", "").replace("<", "").replace('"', "") for value in planted()]
    ids = [f"{seed + number}" for number in range(STAFF_ROWS)]
    with tempfile.TemporaryDirectory() as folder:
        file, mapping = Path(folder) / "staff.xlsx", Path(folder) / "staff.toml"
        file.write_bytes(_workbook(values, ids))
        mapping.write_text(
            MAPPING.replace("IGNORED", json.dumps([values[0], "Full name", "Contact"])), encoding="utf-8"
        )
        prepared = prepare(file, mapping, KEY, {}, lambda _stage: None)
    assert not prepared.report.refused
    assert prepared.report.rows == STAFF_ROWS
    sent = "\n".join(_texts(prepared.content)) + json.dumps(prepared.summary(), ensure_ascii=False)
    return [value for value in {*values, *ids} if value in sent]


def _texts(content: bytes) -> Iterator[str]:
    """All that a Parquet file says: its headings, its cells, and its bytes as they are."""
    frame = pl.read_parquet(io.BytesIO(content))
    yield from frame.columns
    for column in frame.get_columns():
        yield from column.cast(pl.String).drop_nulls()
    yield content.decode("latin-1")
    yield content.decode("utf-8", "replace")


def _workbook(values: list[str], ids: list[str]) -> bytes:
    """Personal data in columns that are not mapped, as heading, in a title, on two more sheets, in comments and names."""
    rows = [["Id", "Pay", "Job", values[0], "Full name", "Contact"]]
    for number, each in enumerate(ids):
        value = values[number % len(values)]
        rows.append([each, f"{50_000 + number}", values[-1 - number % 9], value, values[-1 - number], value])
    more = [[value] for value in values]
    plain = workbook({"Staff": rows, "People": more, "Old": more})
    names = "".join(f'<definedName name="n{number}">"{value}"</definedName>' for number, value in enumerate(values))
    comments = "".join(
        f'<comment ref="A{number + 1}" authorId="0"><text><t>{value}</t></text></comment>'
        for number, value in enumerate(values)
    )
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain)) as book, zipfile.ZipFile(out, "w") as made:
        for name in book.namelist():
            part = book.read(name).decode()
            if name == "xl/workbook.xml":
                part = part.replace('name="Old" ', 'name="Old" state="hidden" ')
                part = part.replace("</sheets>", f"</sheets><definedNames>{names}</definedNames>")
            made.writestr(name, part)
        made.writestr(
            "xl/comments1.xml",
            f'<comments xmlns="{MAIN}"><authors><author>{values[1]}</author></authors>'
            f"<commentList>{comments}</commentList></comments>",
        )
    return out.getvalue()
