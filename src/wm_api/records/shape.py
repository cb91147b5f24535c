"""PURE: what a file looks like, without a value of any person; and what changed since the file before (drift).

Kept are rows and key id; of each column how many rows fill it, the codes seen of a closed list, how many codes of the
account's own; and of numbers and days one typical value: a median in steps of 4 %, or a year, of ten rows or more.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import ceil, log
from typing import Any

import polars as pl

from wm_api.records.columns import Code, Column, Day, Finding, Flag, Integer, Number, Severity, finding
from wm_api.records.kinds import RecordKind

SAMPLE = 4096
"""Rows of a batch whose numbers are looked at, evenly spread."""
STEPS = 16
"""Of a doubling: a median is known to 2**(1/16)."""
LEAST = 10
"""Rows below which a median would tell of persons."""
MOST_CURRENCIES = 200
AMOUNTS = {"workforce": ("base_rate", "base_rate_unit"), "payroll": ("pay_base", "frequency")}
"""The pay of a kind, and the column that says for how long it is."""
FACTORS = (12, 24, 26, 40, 52, 80, 100, 173, 260, 1000, 2080)
"""Between pay of an hour, a day, a week, two, a month, a year; between cents, units and thousands."""
NEAR, ALIKE = 1.15, 1.25
HALF = 0.5
MIX, FEW = 0.5, 0.1
YEARS = 2


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """`codes` of a closed list, else None; `distinct` codes of one's own, else None."""

    name: str
    filled: float
    codes: tuple[str, ...] | None = None
    distinct: int | None = None
    typical: float | None = None


@dataclass(frozen=True, slots=True)
class Amount:
    """Pay of one unit: which share of the rows, and the typical amount."""

    unit: str | None
    share: float
    typical: float | None


@dataclass(frozen=True, slots=True)
class Shape:
    rows: int
    key_id: str | None
    columns: tuple[ColumnShape, ...]
    amounts: tuple[Amount, ...] = ()


class ShapeSoFar:
    """Takes a file batch by batch; memory does not grow with it."""

    def __init__(self, kind: RecordKind) -> None:
        self._kind, self._rows = kind, 0
        self._filled, self._codes = Counter[str](), dict[str, set[str]]()
        self._bins: dict[str, Counter[int]] = {}
        self._pay: dict[str | None, Counter[int]] = {}

    def add(self, frame: pl.DataFrame) -> None:
        self._rows += frame.height
        sample = frame.gather_every(max(1, ceil(frame.height / SAMPLE)))
        for name in frame.columns:
            values, column = frame.get_column(name), self._kind.column(name)
            self._filled[name] += frame.height - values.null_count()
            if _is_listed(column):
                seen = self._codes.setdefault(name, set())
                seen.update(values.drop_nulls().unique().cast(pl.String).to_list()[:MOST_CURRENCIES])
            elif isinstance(column.type, Number | Integer | Day):
                self._bins.setdefault(name, Counter()).update(_binned(sample.get_column(name)))
        self._add_pay(sample)

    def _add_pay(self, sample: pl.DataFrame) -> None:
        pay, unit = AMOUNTS.get(self._kind.name, ("", ""))
        if pay not in sample.columns:
            return
        by = sample.get_column(unit).cast(pl.String) if unit in sample.columns else None
        for each in [None] if by is None else by.unique().to_list():
            rows = sample if by is None else sample.filter(by.is_null() if each is None else by == each)
            self._pay.setdefault(each, Counter()).update(_binned(rows.get_column(pay)))

    def shape(self, key_ids: Sequence[str], own_codes: Mapping[str, int]) -> Shape:
        """`own_codes`: how many codes each column has that is of the account's own vocabulary."""
        columns = tuple(self._column(name, own_codes.get(name)) for name in self._kind.names if name in self._filled)
        paid = sum(bins.total() for bins in self._pay.values()) or 1
        units = sorted(self._pay.items(), key=lambda item: item[0] or "")
        amounts = tuple(Amount(unit, round(bins.total() / paid, 3), _median(bins)) for unit, bins in units)
        return Shape(self._rows, next(iter(key_ids), None), columns, amounts)

    def _column(self, name: str, distinct: int | None) -> ColumnShape:
        codes = tuple(sorted(self._codes[name])) if name in self._codes else None
        typical = None
        if name in self._bins:
            bins = self._bins[name]
            typical = _middle(bins) if isinstance(self._kind.column(name).type, Day) else _median(bins)
        return ColumnShape(name, round(self._filled[name] / max(self._rows, 1), 4), codes, distinct, typical)


def _is_listed(column: Column) -> bool:
    """Codes that the contract lists, not those of the account's own."""
    return isinstance(column.type, Flag) or (
        isinstance(column.type, Code) and bool(column.type.codes or column.name == "currency")
    )


def _binned(values: pl.Series) -> dict[int, int]:
    """Counts by year of days, by steps of the logarithm of numbers above 0."""
    if values.dtype == pl.Date:
        bins = values.drop_nulls().dt.year()
    else:
        above = values.cast(pl.Float64).filter(values > 0)
        bins = (above.log(2) * STEPS).round().cast(pl.Int32)
    return dict(bins.value_counts().iter_rows())


def _middle(bins: Counter[int]) -> int | None:
    """The median of what was counted; None where that would tell of persons."""
    half, passed = bins.total() / 2, 0
    if bins.total() < LEAST:
        return None
    for each in sorted(bins):
        passed += bins[each]
        if passed >= half:
            return each
    return None


def _median(bins: Counter[int]) -> float | None:
    middle = _middle(bins)
    return None if middle is None else float(f"{2 ** (middle / STEPS):.3g}")


def shape_document(shape: Shape) -> dict[str, Any]:
    return asdict(shape)


def shape_from(document: dict[str, Any]) -> Shape:
    columns = (
        ColumnShape(**{**each, "codes": None if each["codes"] is None else tuple(each["codes"])})
        for each in document["columns"]
    )
    amounts = tuple(Amount(**each) for each in document["amounts"])
    return Shape(document["rows"], document["key_id"], tuple(columns), amounts)


def drift(kind: RecordKind, before: Shape, after: Shape) -> list[Finding]:
    """What changed between two files of one source. What needs a yes has the severity refuse, the rest warns."""
    return [
        *_columns(kind, before, after),
        *_codes(kind, before, after),
        *_units(kind, before, after),
        *_keys_and_rows(before, after),
    ]


def _by_name(shape: Shape) -> dict[str, ColumnShape]:
    return {each.name: each for each in shape.columns}


def _columns(kind: RecordKind, before: Shape, after: Shape) -> Iterator[Finding]:
    was, now = _by_name(before), _by_name(after)
    gone, new = [was[name] for name in was if name not in now], [now[name] for name in now if name not in was]
    renamed = _renamed(kind, gone, new)
    for old, other in renamed.items():
        yield replace(finding("drift_column_renamed", old), about=(other,))
    for each in gone:
        if each.name not in renamed:
            yield _graver_where_filled("drift_column_missing", each)
    for each in new:
        if each.name not in renamed.values():
            yield _graver_where_filled("drift_column_new", each)
    for name in was.keys() & now.keys():
        if was[name].filled >= HALF and not now[name].filled:
            yield finding("drift_column_emptied", name)


def _graver_where_filled(code: str, column: ColumnShape) -> Finding:
    """A column that is empty throughout may come and go with a warning."""
    found = finding(code, column.name)
    return found if column.filled else replace(found, severity=Severity.WARN)


def _renamed(kind: RecordKind, gone: Sequence[ColumnShape], new: Sequence[ColumnShape]) -> dict[str, str]:
    """Each column that is gone with the new one that is most like it; no new one twice."""
    found = dict[str, str]()
    for old in gone:
        alike = [(_distance(kind, old, each), each.name) for each in new if each.name not in found.values()]
        nearest = min(((far, name) for far, name in alike if far is not None), default=None)
        if nearest is not None and old.filled:
            found[old.name] = nearest[1]
    return found


def _distance(kind: RecordKind, old: ColumnShape, new: ColumnShape) -> float | None:
    """How far two columns are from each other; None where one cannot be the other."""
    if kind.column(old.name).type != kind.column(new.name).type and not _same_sort(kind, old.name, new.name):
        return None
    far = abs(old.filled - new.filled)
    if isinstance(kind.column(old.name).type, Day):
        apart = None if old.typical is None or new.typical is None else abs(old.typical - new.typical)
        return None if far > HALF / 2 or (apart or 0) > YEARS else far + (apart or 0)
    seen, there = set(old.codes or ()), set(new.codes or ())
    if far > HALF / 2 or ((seen or there) and len(seen & there) / len(seen | there) < HALF):
        return None
    for one, other in ((old.typical, new.typical), (old.distinct, new.distinct)):
        if one and other:
            ratio = abs(log(one / other))
            if ratio > log(ALIKE):
                return None
            far += ratio
    return far


def _same_sort(kind: RecordKind, old: str, new: str) -> bool:
    """Numbers of one unit, whatever their range."""
    one, other = kind.column(old).type, kind.column(new).type
    return isinstance(one, Number) and isinstance(other, Number) and one.unit == other.unit


def _codes(kind: RecordKind, before: Shape, after: Shape) -> Iterator[Finding]:
    """Of closed lists; those of units and currencies have findings of their own."""
    was, now = _by_name(before), _by_name(after)
    apart = {"currency", AMOUNTS.get(kind.name, ("", ""))[1]}
    for name, old in was.items():
        if old.codes is None or name not in now or name in apart or not (old.filled and now[name].filled):
            continue
        new, gone = set(now[name].codes or ()) - set(old.codes), set(old.codes) - set(now[name].codes or ())
        if new:
            yield replace(finding("drift_code_new", name), about=tuple(sorted(new)))
        if gone:
            yield replace(finding("drift_code_gone", name), about=tuple(sorted(gone)))


def _units(kind: RecordKind, before: Shape, after: Shape) -> Iterator[Finding]:
    pay, unit = AMOUNTS.get(kind.name, ("", ""))
    was, now = {each.unit: each for each in before.amounts}, {each.unit: each for each in after.amounts}
    if unit in _by_name(before) and unit in _by_name(after):
        moved = {each for each in was | now if each is not None and _mix_changed(was.get(each), now.get(each))}
        if moved:
            yield replace(finding("drift_unit", unit), about=tuple(sorted(moved)))
    for each in sorted(was.keys() & now.keys(), key=str):
        times = _times(was[each].typical, now[each].typical)
        if times:
            yield replace(finding("drift_amount", pay), about=(*([each] if each else []), times))
    currencies = [set((_by_name(shape).get("currency") or ColumnShape("", 0)).codes or ()) for shape in (before, after)]
    if all(currencies) and currencies[0] != currencies[1]:
        yield finding("drift_currency", "currency")


def _mix_changed(was: Amount | None, now: Amount | None) -> bool:
    """A unit that was never there, one that went with a part of the rows, or one that is now most or few of them."""
    if was is None or now is None:
        return was is None or was.share >= FEW
    return abs(was.share - now.share) > MIX


def _times(was: float | None, now: float | None) -> str | None:
    """By which of the known factors an amount moved, as words."""
    if not was or not now:
        return None
    ratio = max(was / now, now / was)
    factor = min(FACTORS, key=lambda each: abs(log(ratio / each)))
    if abs(log(ratio / factor)) > log(NEAR):
        return None
    return f"times {factor}" if now > was else f"divided by {factor}"


def _keys_and_rows(before: Shape, after: Shape) -> Iterator[Finding]:
    if before.key_id and after.key_id and before.key_id != after.key_id:
        yield finding("drift_key_id", "employee_key")
    if after.rows < before.rows * HALF:
        yield finding("drift_rows_fewer")
    elif after.rows > before.rows * (1 + HALF):
        yield finding("drift_rows_more")
