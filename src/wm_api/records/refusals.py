"""What may never be in a file: types come first, these detectors second, and nothing overrides a refusal."""

import polars as pl

from wm_api.records.columns import Code, Finding, Number, finding, where
from wm_api.records.currencies import NINE_DIGITS
from wm_api.records.kinds import OWN_CODE, RecordKind

DETECTORS = (
    r"[^@\s]+@[^@\s]+\.[^@\s]{2,}",  # e-mail
    r"(?:^|\D)\d{3}-\d{2}-\d{4}(?:\D|$)",  # US social security number
    r"^[A-Za-z]{2}\d{2}(?:[-._ A-Za-z]*\d){9,}[-._ A-Za-z]*$",  # IBAN, in groups or not
    r"^[0-9a-fA-F]{32,}$",  # plain hash
    r"^\d{3}\.\d{3}\.\d{3}-\d{2}$",  # Brazilian CPF
    r"^756\.\d{4}\.\d{4}\.\d{2}$",  # Swiss AHV
    r"^\d{6}-[1-8]\d{6}$",  # Korean resident number
    r"^\(?[2-9]\d{2}\)?[-. ][2-9]\d{2}[-. ]\d{4}$",  # North American phone
    r"^\+\d[\d ().-]{6,}$",  # international phone
)
BIRTH_DATES = (
    r"(?:^|\D)(?:19|20)\d{2}[-._](?:0?[1-9]|1[0-2])[-._](?:0?[1-9]|[12]\d|3[01])(?:\D|$)",
    r"(?:^|\D)(?:0?[1-9]|[12]\d|3[01])[-._](?:0?[1-9]|[12]\d|3[01])[-._](?:19|20)\d{2}(?:\D|$)",
)
CODE_SHAPE = r"[0-9]|^[A-Z]{1,4}(?:[._-][A-Z]{1,4}){0,3}$|^j_[a-z2-7]{16}$"
"""What a code is and a name is not: a digit, groups of at most four capitals, or a local code of wm-capture."""

SUSPECTS = {True: "|".join(DETECTORS + BIRTH_DATES), False: "|".join(DETECTORS)}

LEAST_VALUES, ENOUGH_VALUES = 50, 200_000
LEAST_WHOLE, DISTINCT_SHARE, ROUND_SHARE = 0.99, 0.98, 0.5
SHORTEST, LONGEST, SURE = 7, 13, 9
LEAST = 10 ** (SHORTEST - 1)
SAME_WIDTH, SAME_WIDTH_OF_PAY = 0.8, 0.995
FURTHEST_FROM_EVEN = 2.0


def suspicious_text(frame: pl.DataFrame, kind: RecordKind, first_row: int) -> list[Finding]:
    """Any cell of a text column that looks like a contact, a government number, a plain hash, or a name for a code."""
    found = []
    for name in frame.columns:
        column = kind.column(name)
        if not isinstance(column.type, Code) or column.type.codes:
            continue
        values = frame.get_column(name)
        codes = values.unique().drop_nulls()
        suspects = codes.filter(suspicious(codes, own=column.type == OWN_CODE))
        if len(suspects):
            found += where("personal_data_suspected", name, values.is_in(suspects.implode()), first_row)
    return found


def suspicious(codes: pl.Series, *, own: bool) -> pl.Series:
    """Marks what is personal; an own code must also have the shape of a code."""
    personal = codes.str.contains(SUSPECTS[own])
    return personal | ~codes.str.contains(CODE_SHAPE) if own else personal


class Identifiers:
    """Number columns that may still be identity numbers. The first values of a column tell, so memory is bounded."""

    def __init__(self, kind: RecordKind) -> None:
        self._kept: dict[str, list[pl.DataFrame]] = {
            column.name: [] for column in kind.columns if isinstance(column.type, Number)
        }

    def add(self, frame: pl.DataFrame) -> None:
        """Of each column that is whole and long so far, the values with the people they stand for."""
        key = pl.col("employee_key") if "employee_key" in frame.columns else pl.int_range(pl.len())
        currency = pl.col("currency") if "currency" in frame.columns else pl.lit(None, dtype=pl.String)
        for name in [name for name in self._kept if name in frame.columns]:
            parts, value = self._kept[name], pl.col(name).abs()
            if sum(part.height for part in parts) >= ENOUGH_VALUES:
                continue
            pairs = frame.select(key.alias("key"), value.alias("value"), currency.alias("currency"))
            pairs = pairs.filter(pl.col("value") > 0).head(ENOUGH_VALUES)
            values = pairs.get_column("value")
            if len(values) >= LEAST_VALUES and _share((values >= LEAST) & (values == values.round(0))) < ROUND_SHARE:
                del self._kept[name]
            else:
                parts.append(pairs)

    def findings(self) -> list[Finding]:
        return [
            finding("identifier_like_number", name)
            for name, parts in self._kept.items()
            if parts and like_identifiers(pl.concat(parts).unique())
        ]


def like_identifiers(pairs: pl.DataFrame) -> bool:
    """Whole numbers of 7 to 13 digits, of one width, one for each person, that pay would not look like.

    Pay in yen, won or rupiah passes: most of it is round, or it lies close together, as numbers given out do not.
    Of nine digits some lost a leading zero; in most currencies nine digits are nobody's pay.
    """
    values = pairs.get_column("value")
    if len(values) < LEAST_VALUES:
        return False
    widths = values.log10().floor().cast(pl.Int32) + 1
    width, count = widths.value_counts(sort=True).row(0)
    same = SAME_WIDTH if width >= SURE else SAME_WIDTH_OF_PAY
    if not (SHORTEST <= width <= LONGEST and count >= len(values) * same):
        return False
    whole, tens = _share(values == values.round(0)), _share(values % 10 == 0)
    if whole < LEAST_WHOLE or tens >= ROUND_SHARE or values.n_unique() < DISTINCT_SHARE * len(values):
        return False
    in_low_units = bool(pairs.get_column("currency").is_in(NINE_DIGITS).any())
    return (width >= SURE and not in_low_units) or _even(values)


def _share(mask: pl.Series) -> float:
    return int(mask.sum()) / len(mask)


def _even(values: pl.Series) -> bool:
    """Kolmogorov and Smirnov against an even spread: numbers that are given out fail it once in 1,500 columns."""
    ranked = values.sort()
    low, high, last = float(ranked[0]), float(ranked[-1]), len(ranked) - 1
    steps = pl.int_range(len(ranked), eager=True) / last
    furthest = ((ranked - low) / max(high - low, 1.0) - steps).abs().to_list()
    return bool(max(furthest) <= FURTHEST_FROM_EVEN / len(ranked) ** 0.5)


def too_varied(distinct: int, rows: int) -> bool:
    """More distinct codes than max(50, min(5,000, a quarter of the rows)): free text in disguise."""
    return distinct > max(50, min(5000, rows // 4))
