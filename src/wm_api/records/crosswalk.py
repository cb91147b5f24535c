"""PURE: a crosswalk, the pairs of old and new employee keys of a rotation; made at the customer, read here.

A CSV of two columns in which every line but the first has 127 characters, so it is read by fixed widths.
"""

import zlib
from collections.abc import Collection

import polars as pl

from wm_api.records.columns import Finding, finding, where
from wm_api.records.employee_keys import LENGTH, make, malformed

HEADER = "old_key,new_key"
COLUMNS = ("old_key", "new_key")
LINE = rf"^.{{{LENGTH}}},.{{{LENGTH}}}$"


def crosswalk(account: str, old: tuple[bytes, str], new: tuple[bytes, str], ids: Collection[str]) -> pl.DataFrame:
    """Each id under the old and under the new secret and epoch; in the order of the old keys, which says nothing."""
    pairs = [[make(secret, account, epoch, each) for each in ids] for secret, epoch in (old, new)]
    return pl.DataFrame(dict(zip(COLUMNS, pairs, strict=True)), schema=dict.fromkeys(COLUMNS, pl.String)).sort(
        "old_key"
    )


def unpacked(body: bytes, most: int) -> bytes | None:
    """The content of a gzip body; None where it is damaged, or unpacks to more."""
    opener = zlib.decompressobj(wbits=31)
    try:
        content = opener.decompress(body, most)
    except zlib.error:
        return None
    return content if opener.eof and not opener.unused_data else None


def read_crosswalk(content: bytes, kid: str | None) -> pl.DataFrame | list[Finding]:
    """The pairs of a rotation away from the key id `kid`; or what is wrong with them, never a value."""
    try:
        lines = content.decode("utf-8-sig").replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError:
        return [finding("encoding_not_utf8")]
    if lines[-1] == "":
        lines.pop()
    if not lines or lines[0] != HEADER:
        return [finding("crosswalk_heading")]
    if len(lines) == 1:
        return [finding("file_empty")]
    rows = pl.Series("line", lines[1:], dtype=pl.String)
    pairs = pl.DataFrame([rows.str.slice(0, LENGTH).alias("old_key"), rows.str.slice(LENGTH + 1).alias("new_key")])
    return _findings(pairs, ~rows.str.contains(LINE), kid) or pairs


def _findings(pairs: pl.DataFrame, misshapen: pl.Series, kid: str | None) -> list[Finding]:
    """Forms first: what is not a key has no key id."""
    found = [finding("file_unreadable", rows=misshapen.arg_true() + 1)] if misshapen.any() else []
    for column in () if found else COLUMNS:
        found += where("key_malformed", column, malformed(pairs.get_column(column)), 1)
    if found:
        return found
    old, new = (pairs.get_column(name).str.slice(4, 8) for name in COLUMNS)
    found += where("key_id_not_current", "old_key", old != (kid or ""), 1)
    found += where("key_id_not_new", "new_key", (new != new[0]) | (new == (kid or "")), 1)
    for column in COLUMNS:
        found += where("key_repeated", column, pairs.get_column(column).is_duplicated(), 1)
    return found
