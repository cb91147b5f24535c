"""S09: of a file that can be read in two ways, agent and service never take different rows."""

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

import polars as pl

from extracts import ACCOUNT, KEYS, SECRET, WORKFORCE, taken
from wm_api.capture.key_file import CustomerKey
from wm_api.capture.preparation import prepare
from wm_api.capture.problems import CaptureProblem
from wm_api.records.readers import PARQUET

KEY = CustomerKey(ACCOUNT, "1", SECRET)
HEADINGS = ("employee_key", "base_rate", "base_rate_unit", "currency", "schedule_type", "gender", "job_code")
MAPPING = """\
version = 1
kind = "workforce"
[facts]
as_of = 2025-12-31
[source]
format = "csv"
[columns]
employee_key = { from = "employee_key", as = "employee_key" }
base_rate = { from = "base_rate", as = "decimal" }
base_rate_unit = { from = "base_rate_unit", as = "code", codes = { hour = ["hour"] }, otherwise = "refuse" }
currency = { from = "currency", as = "code", codes = { USD = ["USD"], EUR = ["EUR"] }, otherwise = "refuse" }
schedule_type = { from = "schedule_type", as = "code", codes = { full_time = ["full_time"] }, otherwise = "refuse" }
gender = { from = "gender", as = "code", codes = { F = ["F"], M = ["M"] }, otherwise = "refuse" }
job_code = { from = "job_code", as = "code" }
"""
ROW = "{at},{pay},hour,USD,full_time,{gender},J{at}"
ODD: dict[str, tuple[str, str]] = {
    "nothing": ("", ""),
    "a byte order mark": (",", ","),
    "quoted cells": ("J1", '"J1"'),
    "a quoted comma": ("J1", '"J1,2"'),
    "a doubled quote": ("J1", '"J""1"'),
    "a quote inside a cell": ("J1", 'J"1'),
    "a quote that does not end": ("J1", '"J1'),
    "text behind a quoted cell": ("J1", '"J"1'),
    "a quoted line end": ("J1", '"J1\n2"'),
    "a quoted CRLF": ("J1", '"J1\r\n2"'),
    "CRLF": ("\n", "\r\n"),
    "CR alone": ("\n", "\r"),
    "a CR inside a row": ("J1", "J1\r2"),
    "a blank line": ("\n2,", "\n\n2,"),
    "a line of commas": ("\n2,", "\n,,,,,,\n2,"),
    "a line of spaces": ("\n2,", "\n   \n2,"),
    "no last line end": ("J4\n", "J4"),
    "a cell too many": ("J1\n", "J1,\n"),
    "a cell too few": (",J1\n", "\n"),
    "a semicolon for a comma": ("1,20.50,", "1;20.50;"),
    "a tab for a comma": ("1,20.50,", "1\t20.50\t"),
    "a space before a number": (",20.50", ", 20.50"),
    "a space after a code": ("USD,", "USD ,"),
    "a sign of comment": ("\n2,", "\n#2,"),
    "a line of comment": ("\n2,", "\n# staff\n2,"),
    "a NUL": ("J1", "J\0001"),
    "a line separator": ("J1", "J1\u20282"),
    "a next line sign": ("J1", "J1\u00852"),
    "a form feed": ("J1", "J1\f2"),
    "a vertical tab": ("J1", "J1\v2"),
    "an end of file sign": ("J1", "J1\x1a"),
    "a zero-width space": ("J1", "J\u200b1"),
    "full-width digits": ("20.50", "\uff12\uff10.50"),
    "an exponent": ("20.50", "2.05e1"),
    "a plus sign": ("20.50", "+20.50"),
    "a thousands comma": ("20.50", '"1,020.50"'),
    "a decimal comma": ("20.50", '"20,50"'),
    "a leading zero": ("20.50", "020.50"),
    "a hidden zero": ("20.50", "20.5000"),
    "not a number": ("20.50", "NaN"),
    "infinite": ("20.50", "inf"),
    "the word null": ("J1", "null"),
    "the word NA": ("USD", "NA"),
    "an empty quoted cell": ("J1", '""'),
    "a formula": ("J1", "=1+1"),
    "another case": ("USD", "usd"),
    "a heading twice": ("gender,job_code", "gender,gender"),
    "a heading in quotes": ("gender,", '"gender",'),
    "a space in a heading": ("gender,", " gender,"),
    "headings of another case": ("gender,", "Gender,"),
    "headings once more": ("\n2,", f"\n{','.join(HEADINGS)}\n2,"),
}


def text() -> str:
    lines = [ROW.format(at=at, pay=f"{20 + at - 1}.50", gender="FM"[at % 2]) for at in range(1, 5)]
    return "\n".join([",".join(HEADINGS), *lines]) + "\n"


def spoilt(count: int = 30) -> Iterator[tuple[str, bytes]]:
    """Each oddity, and mixtures of some; nothing is replaced before the headings."""
    draw = Random(9)
    for name, (old, new) in ODD.items():
        yield name, (("\ufeff" if name == "a byte order mark" else "") + text().replace(old, new, 1)).encode()
    for _ in range(count):
        some, mixed = draw.sample(sorted(ODD), 3), text()
        for name in some:
            mixed = mixed.replace(*ODD[name], 1)
        yield " and ".join(some), mixed.encode()
    yield "Latin-1", text().replace("J1", "J\u00e91", 1).encode("latin-1")
    yield "UTF-16", text().encode("utf-16")


def by_service(content: bytes) -> pl.DataFrame | None:
    """What the service would keep, of a file that was made with keys; None of a refused one."""
    lines = content.decode("utf-8", "surrogateescape")
    lines = re.sub(r"(?<=[\n\r#])[1-4](?=[,;\t])", lambda found: KEYS[int(found[0])], lines)
    found = taken(lines.encode("utf-8", "surrogateescape"), WORKFORCE)
    return None if found.report.refused else found.frame


def by_agent(content: bytes, folder: Path) -> pl.DataFrame | None:
    """What the agent would send, read as the service reads it; None where it sends nothing."""
    file, mapping = folder / "staff.csv", folder / "staff.toml"
    file.write_bytes(content)
    mapping.write_text(MAPPING, encoding="utf-8")
    try:
        prepared = prepare(file, mapping, KEY, {}, lambda _stage: None)
    except CaptureProblem:
        return None
    if prepared.report.refused:
        return None
    return taken(prepared.content, WORKFORCE, media_type=PARQUET).frame


def rows(frame: pl.DataFrame) -> list[tuple[object, ...]]:
    return sorted(frame.select(HEADINGS).cast({"gender": pl.String}).rows(), key=str)


def test_s09_agent_and_service_never_take_different_rows_of_one_file(tmp_path: Path) -> None:
    both = agent_alone = 0
    for name, content in spoilt():
        service, agent = by_service(content), by_agent(content, tmp_path)
        if service is not None:
            assert agent is not None, name
            assert rows(service) == rows(agent), name
            both += 1
        agent_alone += service is None and agent is not None
    assert both >= 10  # else nothing was compared
    assert agent_alone >= 1  # it mends spaces and line ends; what it sends is checked again
