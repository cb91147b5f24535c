"""What may never be in a file: types come first, these detectors second, and nothing overrides a refusal."""

import re

import polars as pl

from wm_api.records.columns import Code, Finding, Number, finding
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


def suspicious_text(frame: pl.DataFrame, kind: RecordKind) -> list[Finding]:
    """Any cell of a text column that looks like a contact, a government number or a plain hash."""
    found = []
    for name in frame.columns:
        column = kind.column(name)
        if not isinstance(column.type, Code) or column.type.codes:
            continue
        hit = frame.get_column(name).str.contains("|".join(DETECTORS)).fill_null(value=False)
        if hit.any():
            found.append(finding("personal_data_suspected", name, (hit.arg_true() + 1).to_list()))
    return found


def identifier_like(frame: pl.DataFrame, kind: RecordKind) -> list[Finding]:
    """Whole numbers of one width of 7 to 13 digits, nearly all distinct; round amounts of pay pass."""
    found = []
    for column in kind.columns:
        if column.name not in frame.columns or not isinstance(column.type, Number):
            continue
        values = frame.get_column(column.name).drop_nulls()
        if len(values) < LEAST_ROWS or not (values == values.round(0)).all():
            continue
        widths = values.cast(pl.Int64).cast(pl.String).str.len_chars().unique()
        width = int(widths[0]) if len(widths) == 1 else 0
        distinct = values.n_unique() / len(values)
        rounds = (values % 100 == 0).mean()
        if WIDTHS[0] <= width <= WIDTHS[1] and distinct >= DISTINCT_SHARE and float(str(rounds)) < ROUND_SHARE:
            found.append(finding("identifier_like_number", column.name))
    return found


def too_varied(distinct: int, rows: int) -> bool:
    """More distinct codes than max(50, min(5,000, a quarter of the rows)): free text in disguise."""
    return distinct > max(50, min(5000, rows // 4))
