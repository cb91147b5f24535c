"""What must be known of a whole file: hashes, sums, and of workforce the few columns that spells need."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

import polars as pl

from wm_api.records import checks, refusals
from wm_api.records.columns import Code, Finding, finding
from wm_api.records.facts import Facts
from wm_api.records.kinds import OWN_CODE, RecordKind
from wm_api.records.repeats import Repeats
from wm_api.records.shape import Shape, ShapeSoFar
from wm_api.records.short_names import ShortNames

MOST_CODES = 5001
LEVEL_COLUMNS = ("job_code", "last_level_change_date", "last_level_change_reason")
SPELL_COLUMNS = ("employee_key", "hire_date", "termination_date", "spell_no", *LEVEL_COLUMNS, *checks.UNKNOWN)


class WholeFile:
    """Takes a file part by part. `findings` is asked once, at its end."""

    def __init__(self, kind: RecordKind, facts: Facts, *, compared: bool) -> None:
        """`compared`: rows of payroll are compared with each other; else `add` may raise RowsRepeat."""
        self._kind, self._facts = kind, facts
        self._repeats, self._identifiers = Repeats(kind, compared=compared), refusals.Identifiers(kind)
        self._codes: dict[str, pl.Series] = {}
        self._words = {column.name: ShortNames() for column in kind.columns if column.type == OWN_CODE}
        self._pay: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        self._shape = ShapeSoFar(kind)
        self._spells: list[pl.DataFrame] = []
        self.headcount: int | None = None

    def add(self, frame: pl.DataFrame, first_row: int) -> tuple[pl.DataFrame, list[Finding]]:
        """The rows that count: of identical rows the first."""
        first = self._repeats.first(frame, first_row)
        repeated = where_not(first, first_row)
        rows = frame.with_row_index("row", offset=first_row)
        if repeated:
            frame, rows = frame.filter(first), rows.filter(first)
        self._identifiers.add(frame)
        self._remember_codes(rows)
        self._shape.add(frame)
        self._sum_pay(frame)
        if self._kind.name == "workforce":
            self._spells.append(rows.select("row", *(name for name in SPELL_COLUMNS if name in rows.columns)))
        return frame, repeated

    def findings(self, rows: int) -> list[Finding]:
        found = self._repeats.findings()
        for name, codes in self._codes.items():
            each_its_own = not self._kind.keyed and name in self._kind.natural_key  # as a list of plans has
            if refusals.too_varied(len(codes), 4 * rows if each_its_own else rows):
                found.append(finding("code_column_too_varied", name))
            if name in self._words and len(names := self._words[name].rows(len(codes), rows)):
                found.append(finding("personal_data_suspected", name, names))
        found += self._identifiers.findings()
        if len({currency for _, currency in self._pay}) > 1:
            found.append(finding("currency_mixed", "currency"))
        if self._kind.name == "workforce":
            spells = pl.concat(self._spells)
            employed = spells.filter(checks.employed_on(spells, self._facts.reference_day))
            self.headcount = employed.get_column("employee_key").n_unique()
            found += checks.workforce_findings(spells, self._facts, self.headcount)
        return found

    def totals(self) -> dict[tuple[str, str], Decimal]:
        """By measure and currency."""
        return dict(sorted(self._pay.items()))

    def shape(self, key_ids: Sequence[str]) -> Shape:
        return self._shape.shape(key_ids, {name: len(codes) for name, codes in self._codes.items()})

    def _remember_codes(self, frame: pl.DataFrame) -> None:
        for column in self._kind.columns:
            own = isinstance(column.type, Code) and not column.type.codes and column.name != "currency"
            if own and column.name in frame.columns:
                codes = frame.get_column(column.name).drop_nulls().unique()
                known = self._codes.get(column.name, codes.clear())
                self._codes[column.name] = pl.concat([known, codes]).unique().head(MOST_CODES)
                if column.name in self._words:
                    self._words[column.name].add(codes, frame.select("row", pl.col(column.name).alias("code")))

    def _sum_pay(self, frame: pl.DataFrame) -> None:
        pay = next((name for name in ("gross_pay", "pay_base", "base_rate") if name in frame.columns), None)
        if pay is None:
            return
        sums = {pay: pl.col(pay)} | ({"gross": checks.gross(frame)} if self._kind.name == "payroll" else {})
        by_currency = frame.group_by("currency").agg(value.sum().alias(name) for name, value in sums.items())
        for row in by_currency.iter_rows(named=True):
            for name in sums:
                self._pay[name, row["currency"]] += Decimal(str(round(row[name] or 0, 4)))


def where_not(first: pl.Series, first_row: int) -> list[Finding]:
    if first.all():
        return []
    return [finding("duplicate_row_identical", None, (~first).arg_true().cast(pl.Int64) + first_row)]
