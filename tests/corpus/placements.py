"""Where personal data may lie in a file, and whether the file is refused."""

import gzip
import io
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from random import Random

import polars as pl

from corpus.people import CLASSES, FAKER_LOCALES, MIMESIS_LOCALES, NAMES, SEED, People, everybody, nine_digits
from extracts import ACCOUNT, SECRET, WORKFORCE, taken
from wm_api.records.employee_keys import make
from wm_api.records.readers import CSV, NDJSON, PARQUET

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ROWS, MANY = 200, 10_000
OWN_CODE = "job_code"
HEADINGS = (OWN_CODE, "gender", "soc_code", "work_county", "total_pay_12m", "job_level", "hire_date", "is_manager")
"""One of each type: own code, closed code, two patterns, number, integer, date, flag; the key is one more."""
FULL_WIDTH = str.maketrans("0123456789", "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19")
PROMISED_ONCE = (*NAMES, "email", "iban", "social_security")
PROMISED = 1.0
PROMISED_NINE_DIGITS = 0.995


@cache
def honest(rows: int) -> pl.DataFrame:
    """A file that is accepted, as text."""
    draw = Random(SEED)
    return pl.DataFrame(
        {
            "employee_key": [make(SECRET, ACCOUNT, "1", str(number)) for number in range(rows)],
            "hire_date": [
                f"{date(draw.randint(1995, 2024), draw.randint(1, 12), draw.randint(1, 28))}" for _ in range(rows)
            ],
            "base_rate": [f"{draw.uniform(15, 80):.2f}" for _ in range(rows)],
            "base_rate_unit": ["hour"] * rows,
            "currency": ["USD"] * rows,
            "schedule_type": ["full_time"] * rows,
            "gender": draw.choices(["F", "M", "X"], k=rows),
            OWN_CODE: [f"J{draw.randint(1, 40):03}" for _ in range(rows)],
            "soc_code": draw.choices(["11-1021", "41-2031", "53-7065"], k=rows),
            "work_county": draw.choices(["48453", "48201", "DE300"], k=rows),
            "total_pay_12m": [f"{draw.uniform(30_000, 160_000):.2f}" for _ in range(rows)],
            "job_level": [f"{draw.randint(1, 12)}" for _ in range(rows)],
            "is_manager": draw.choices(["true", "false"], k=rows),
        }
    )


@dataclass(frozen=True, slots=True)
class Case:
    """Values of one class, in one place."""

    people: People
    placement: str
    heading: str

    @property
    def promised(self) -> bool:
        return self.placement != "once in 10,000 rows" or self.people.kind in PROMISED_ONCE

    def refused(self) -> bool:
        return PLACEMENTS[self.placement](self.people, self.heading)


def cases() -> Iterator[Case]:
    """All of them. A file of its own, and one cell of many, are tried under every heading; other places under the hardest."""
    for kind in CLASSES:
        for number, people in enumerate(everybody(kind)):
            for placement in PLACEMENTS:
                if placement == "own column":
                    yield from (Case(people, placement, heading) for heading in ("employee_key", *HEADINGS))
                elif placement == "once in 10,000 rows":
                    yield Case(people, placement, OWN_CODE)
                    yield Case(people, placement, HEADINGS[1 + number % (len(HEADINGS) - 1)])
                else:
                    yield Case(people, placement, OWN_CODE)


def _refused(frame: pl.DataFrame) -> bool:
    return taken(frame.write_csv().encode(), WORKFORCE).report.refused


def _filled(heading: str, values: Sequence[str]) -> pl.DataFrame:
    return honest(len(values)).with_columns(pl.Series(heading, values, dtype=pl.String))


def _own_column(people: People, heading: str) -> bool:
    return _refused(_filled(heading, people.values(ROWS)))


def _once(people: People, heading: str) -> bool:
    """One cell of 10,000 rows; which one, its locale says."""
    row, value = Random(f"{people}").randrange(MANY), people.values(1)[0]
    column = honest(MANY).get_column(heading).to_list()
    column[row] = value
    return _refused(_filled(heading, column))


def _heading(people: People, heading: str) -> bool:
    return _refused(honest(ROWS).rename({heading: people.values(1)[0]}))


def _quoted_newline(people: People, heading: str) -> bool:
    column = honest(ROWS).get_column(heading).to_list()
    column[ROWS // 2] = f"{column[0]}\n{people.values(1)[0]}"
    return _refused(_filled(heading, column))


def _utf_16(people: People, heading: str) -> bool:
    return taken(_filled(heading, people.values(ROWS)).write_csv().encode("utf-16"), WORKFORCE).report.refused


def _full_width(people: People, heading: str) -> bool:
    return _refused(_filled(heading, [value.translate(FULL_WIDTH) for value in people.values(ROWS)]))


def _gzip(people: People, heading: str) -> bool:
    packed = gzip.compress(_filled(heading, people.values(ROWS)).write_csv().encode(), 1)
    return taken(packed, WORKFORCE, encoding="gzip").report.refused


def _parquet(people: People, heading: str) -> bool:
    buffer = io.BytesIO()
    _filled(heading, people.values(ROWS)).write_parquet(buffer)
    return taken(buffer.getvalue(), WORKFORCE, media_type=PARQUET).report.refused


def _ndjson(people: People, heading: str) -> bool:
    buffer = io.BytesIO()
    _filled(heading, people.values(ROWS)).write_ndjson(buffer)
    return taken(buffer.getvalue(), WORKFORCE, media_type=NDJSON).report.refused


def _zstd(people: People, heading: str) -> bool:
    packed = zstd.compress(_filled(heading, people.values(ROWS)).write_csv().encode())
    return taken(packed, WORKFORCE, encoding="zstd").report.refused


PLACEMENTS: Mapping[str, Callable[[People, str], bool]] = {
    "own column": _own_column,
    "once in 10,000 rows": _once,
    "as heading": _heading,
    "quoted newline": _quoted_newline,
    "UTF-16": _utf_16,
    "full-width digits": _full_width,
    "gzip": _gzip,
    "Parquet": _parquet,
    "NDJSON": _ndjson,
    "zstd": _zstd,
}


def nine_digit_columns(rows: int, every: int = 1) -> Iterator[tuple[str, bool]]:
    """Columns of identity numbers of nine digits as numbers: where they lie, and whether the file is refused."""
    draw = Random(SEED)
    for generator, locales in (("faker", FAKER_LOCALES), ("mimesis", MIMESIS_LOCALES)):
        for locale in locales[::every]:
            numbers = nine_digits(generator, locale, rows)
            for currency in ("USD", draw.choice(["EUR", "JPY", "INR", "KRW", "IDR", "VND"])):
                frame = _filled("total_pay_12m", numbers).with_columns(pl.lit(currency).alias("currency"))
                yield f"number, {currency}", _refused(frame)
            yield "number, with .0", _refused(_filled("total_pay_12m", [f"{each}.0" for each in numbers]))
            paid = [each if draw.random() < 0.99 else "0" for each in numbers]
            yield "number, gaps", _refused(_filled("variable_pay_12m", paid))
            yield "own code", _refused(_filled(OWN_CODE, numbers))
            yield "base_rate", _refused(_filled("base_rate", numbers))


SHORT, DRAWN, FEW, FEWEST = re.compile("[A-Z]{2,4}"), 1500, 15, 3
CAPITALS = ("HR", "IT", "FIN", "OPS", "RN", "LPN", "HVAC", "LOG", "ADM", "R_D", "QC", "MKT")
OWN_OF_NAMES, OWN_OF_FEW = f"a column of {FEW} names or more", f"a column of {FEWEST} to {FEW - 1} names"
AMONG_DIGITS, AMONG_CAPITALS = "once in 10,000 codes with digits", "once in 10,000 of capitals"


def short_names(every: int = 1) -> Iterator[tuple[str, str, bool]]:
    """Names of two to four letters as capitals: where they lie, of whom they are, and whether the file is refused."""
    for people in [each for kind in ("surname", "given_name") for each in everybody(kind)][::every]:
        names = [name for name in (value.upper() for value in people.values(DRAWN)) if SHORT.fullmatch(name)]
        distinct = len(set(names[:ROWS]))
        if distinct < FEWEST:
            continue
        column = (names * ROWS)[:ROWS]
        yield (OWN_OF_NAMES if distinct >= FEW else OWN_OF_FEW), f"{people}", _refused(_filled(OWN_CODE, column))
        for place, codes in ((AMONG_DIGITS, None), (AMONG_CAPITALS, CAPITALS)):
            column = honest(MANY).get_column(OWN_CODE).to_list() if codes is None else [*codes * MANY][:MANY]
            column[Random(f"{people}").randrange(MANY)] = names[0]
            yield place, f"{people} {names[0]}", _refused(_filled(OWN_CODE, column))


def accepted_plain() -> bool:
    """The files without anything planted, in every form: else a refusal would say nothing."""
    few, many = honest(ROWS), honest(MANY).write_csv().encode()
    text, lines, parquet = few.write_csv().encode(), io.BytesIO(), io.BytesIO()
    few.write_ndjson(lines)
    few.write_parquet(parquet)
    plain = [
        (many, CSV, None),
        (text, CSV, None),
        (lines.getvalue(), NDJSON, None),
        (parquet.getvalue(), PARQUET, None),
    ]
    packed = [(gzip.compress(text), CSV, "gzip"), (zstd.compress(text), CSV, "zstd")]
    return not any(
        taken(content, WORKFORCE, media_type=media_type, encoding=encoding).report.refused
        for content, media_type, encoding in [*plain, *packed]
    )
