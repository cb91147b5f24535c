"""PURE: vendor text to dates, numbers and codes, whole columns at a time. What does not parse never becomes 0."""

import re

import polars as pl

from wm_api.capture.mapping import Source
from wm_api.capture.problems import AMBIGUOUS

ISO = "%Y-%m-%d"
ISO_CELL = r"^\d{4}-\d{2}-\d{2}( 00:00:00(\.0+)?)?$"
DAY_FIRST, MONTH_FIRST = ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"), ("%m/%d/%Y", "%m.%d.%Y", "%m-%d-%Y")
SHORT_YEAR = r"^\d{1,2}[./-]\d{1,2}[./-]\d{2}$"
SPACES = "[\u00a0\u202f\u2009]"
EXACT = pl.Decimal(38, 10)
"""Numbers are decimal from end to end: what is 0.1 in the file is 0.1 on the wire."""


def number_shape(decimal: str, thousands: str) -> str:
    """Plain, or with thousands marks at their right places; nothing else is a number."""
    fraction = rf"({re.escape(decimal)}\d{{1,20}})?"
    plain = rf"\d{{1,20}}{fraction}|{re.escape(decimal)}\d{{1,20}}"
    grouped = rf"|\d{{1,3}}({re.escape(thousands)}\d{{3}})+{fraction}" if thousands else ""
    return rf"^-?({plain}{grouped})$"


def numbers(text: pl.Series, source: Source) -> pl.Series:
    """Null where the text is empty or is not a number."""
    plain = text.str.replace_all(SPACES, " ") if source.thousands == " " else text
    shaped = plain.str.contains(number_shape(source.decimal, source.thousands)).fill_null(value=False)
    if source.format == "xlsx" and source.decimal != ".":
        pointed = plain.str.contains(number_shape(".", "")).fill_null(value=False)
        plain = plain.zip_with(~pointed, plain.str.replace(".", source.decimal, literal=True))
        shaped = shaped | pointed
    plain = plain.set(~shaped, None)
    if source.thousands:
        plain = plain.str.replace_all(source.thousands, "", literal=True)
    if source.decimal != ".":
        plain = plain.str.replace(source.decimal, ".", literal=True)
    return plain.cast(EXACT, strict=False)


def printed(values: pl.Series) -> pl.Series:
    """Plain decimal text without trailing zeros."""
    return values.cast(pl.String).str.strip_chars_end("0").str.strip_suffix(".")


def dates(text: pl.Series, form: str | None, source: Source) -> pl.Series:
    """Null where the text is empty or is not a date of this format; a date cell of XLSX is one in any case."""
    found = text.str.to_date(form or ISO, strict=False)
    if source.format == "xlsx":
        cells = text.set(~text.str.contains(ISO_CELL).fill_null(value=False), None)
        found = found.fill_null(cells.str.slice(0, 10).str.to_date(ISO, strict=False))
    return found


def dates_need_a_format(text: pl.Series, source: Source) -> str | None:
    """What to say when a column of dates is not YYYY-MM-DD and the mapping gives no format; none when it may go on."""
    filled = text.drop_nulls()
    if filled.is_empty() or dates(filled, None, source).is_not_null().any():
        return None
    orders = date_orders(filled)
    if orders == {"day", "month"}:
        return f"{AMBIGUOUS}: dates parse both day first and month first; say date under [source]"
    known = {"day": "day first", "month": "month first"}
    proven = f"dates are {known[next(iter(orders))]}" if len(orders) == 1 else "dates are not YYYY-MM-DD"
    return f"{proven}; say date under [source], or format here"


def date_orders(filled: pl.Series) -> set[str]:
    """Which of `day` and `month` may come first: every cell parses so."""
    longer = filled.str.replace(r"^(\d{1,2}[./-]\d{1,2}[./-])(\d{2})$", "${1}20$2").str.replace(r"[ T].*$", "")
    fits = {"day": DAY_FIRST, "month": MONTH_FIRST}
    return {
        name
        for name, forms in fits.items()
        if any(longer.str.to_date(form, strict=False).is_not_null().all() for form in forms)
    }


def coded(text: pl.Series, spellings: dict[str, str], otherwise: str | None) -> pl.Series:
    """The code of each spelling; a new spelling is null, or `otherwise`. Empty stays empty."""
    if not spellings:
        return text
    found = text.replace_strict(spellings, default=None, return_dtype=pl.String)
    return found if otherwise is None else found.zip_with(found.is_not_null() | text.is_null(), _same(text, otherwise))


def _same(like: pl.Series, value: str) -> pl.Series:
    return pl.Series(like.name, [value], dtype=pl.String).new_from_index(0, len(like))
