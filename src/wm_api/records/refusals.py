"""What may never be in a file: types come first, these detectors second, and nothing overrides a refusal."""

import re

import polars as pl

from wm_api.records.columns import Code, Finding, Number, finding, where
from wm_api.records.kinds import RecordKind

PERSONAL_HEADING = re.compile(
    r"(?i)(^|[^a-z])(e[-_ ]?mail|phone|telephone|mobile|ssn|social[-_ ]?security|passport|iban|"
    r"(first|last|sur|given|family|full|maiden|employee)[-_ ]?name|nom|prenom|pr\u00e9nom|nombre|apellidos?|"
    r"vorname|nachname|cognome|naam|achternaam|imie|nazwisko|address|street|adresse|direccion|birth|dob|geburt\w*|"
    r"naissance|nacimiento|national[-_ ]?id|tax[-_ ]?id|bank|account[-_ ]?number|manager[-_ ]?name)([^a-z]|$)"
)
DETECTORS = (
    r"[^@\s]+@[^@\s]+\.[^@\s]{2,}",  # e-mail
    r"^\d{3}-\d{2}-\d{4}$",  # US social security number
    r"^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$",  # IBAN
    r"^[0-9a-fA-F]{32,}$",  # plain hash
)
WIDTHS = (7, 13)
DISTINCT_SHARE = 0.98
ROUND_SHARE = 0.5
LEAST_ROWS = 50


def suspicious_text(frame: pl.DataFrame, kind: RecordKind, first_row: int) -> list[Finding]:
    """Any cell of a text column that looks like a contact, a government number or a plain hash."""
    found = []
    for name in frame.columns:
        column = kind.column(name)
        if not isinstance(column.type, Code) or column.type.codes:
            continue
        values = frame.get_column(name)
        codes = values.unique()
        suspects = codes.filter(codes.str.contains("|".join(DETECTORS)).fill_null(value=False))
        if len(suspects):
            found += where("personal_data_suspected", name, values.is_in(suspects.implode()), first_row)
    return found


class Identifiers:
    """Number columns that may still be identity numbers: whole, of one width of 7 to 13 digits, nearly all distinct.

    Only of such a column are the values kept; the first cell of pay with cents, or of another width, clears it.
    """

    def __init__(self, kind: RecordKind) -> None:
        self._suspects: dict[str, list[pl.Series]] = {
            column.name: [] for column in kind.columns if isinstance(column.type, Number)
        }

    def add(self, frame: pl.DataFrame) -> None:
        for name in [name for name in self._suspects if name in frame.columns]:
            values, seen = frame.get_column(name).drop_nulls().abs(), self._suspects[name]
            if values.is_empty():
                continue
            ends = pl.Series([values.min(), values.max(), seen[0].item(0) if seen else values.item(0)])
            widths = ends.cast(pl.Int64).cast(pl.String).str.len_chars().unique()
            suspect = len(widths) == 1 and WIDTHS[0] <= int(widths.item()) <= WIDTHS[1]
            if suspect and (values == values.round(0)).all():
                seen.append(values)
            else:
                del self._suspects[name]

    def findings(self) -> list[Finding]:
        """Round amounts of pay pass."""
        found = []
        for name, parts in self._suspects.items():
            values = pl.concat(parts) if parts else pl.Series(dtype=pl.Float64)
            if len(values) < LEAST_ROWS:
                continue
            rounds = (values % 100 == 0).sum() / len(values)
            if values.n_unique() / len(values) >= DISTINCT_SHARE and rounds < ROUND_SHARE:
                found.append(finding("identifier_like_number", name))
        return found


def too_varied(distinct: int, rows: int) -> bool:
    """More distinct codes than max(50, min(5,000, a quarter of the rows)): free text in disguise."""
    return distinct > max(50, min(5000, rows // 4))
