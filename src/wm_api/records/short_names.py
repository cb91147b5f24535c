"""PURE: names among codes of at most four capitals (LEE, KIM, WU), known by the codes around them: there is no list.

Such names have a vowel, nearly all of a column of them; of a column of abbreviations half to three quarters have one.
Among codes with digits a word that nearly no row has is a stray. What is measured stands in docs/security.md.
"""

import polars as pl

LEAST_WORDS, NAMES_SHARE = 15, 0.95
LEAST_CODES, STRAY_SHARE, STRAY_ROWS = 20, 0.05, 1000
DIGIT, MARK = r"[0-9]", r"[._-]"
SPOKEN = r"[AEIOUY][A-Z]|[A-Z][AEIOUY]"
USUAL = (
    *("ACCT", "ADM", "ADMN", "AUD", "CEO", "CFO", "CIO", "COO", "CTO", "EXEC", "EVP", "EXT", "FAC", "FIN"),
    *("HVAC", "ICU", "INT", "INTL", "IT", "LOG", "MISC", "NA", "NICU", "NONE", "OPS", "PACU", "PROD", "PUR"),
    *("QA", "SEC", "TBA", "TEC", "TECH", "TEMP", "UNIT", "UNK"),
)
"""Abbreviations of functions and of nothing known, which no name is."""
ABBREVIATION = rf"\b(?:{'|'.join(USUAL)})\b"


class ShortNames:
    """Codes of one column as they come, with the rows of those that are words; then which look like names."""

    def __init__(self) -> None:
        self._words: pl.DataFrame | None = None

    def add(self, codes: pl.Series, rows: pl.DataFrame) -> None:
        """`codes`: the distinct ones of this part of a column; `rows`: its `row` numbers and `code`."""
        words = codes.filter(~codes.str.contains(DIGIT))
        if words.is_empty():
            return
        count = pl.len().cast(pl.Int64).alias("count")
        found = rows.filter(pl.col("code").is_in(words.implode())).group_by("code").agg(pl.col("row").min(), count)
        known = [] if self._words is None else [self._words]
        both = pl.concat([*known, found]).group_by("code")
        self._words = both.agg(pl.col("row").min(), pl.col("count").sum())

    def rows(self, distinct: int, rows: int) -> pl.Series:
        """The first row of each code that looks like a name, of so many different codes in so many rows."""
        if self._words is None:
            return pl.Series(dtype=pl.Int64)
        groups = pl.col("code").str.replace_all(MARK, " ").str.replace_all(ABBREVIATION, "")
        like = self._words.filter(groups.str.contains(SPOKEN))
        if self._words.height >= LEAST_WORDS and like.height >= NAMES_SHARE * self._words.height:
            return like.get_column("row").sort()
        if distinct >= LEAST_CODES and like.height <= STRAY_SHARE * distinct:
            strays = like.filter(pl.col("count") <= max(1, rows // STRAY_ROWS))
            return strays.get_column("row").sort()
        return pl.Series(dtype=pl.Int64)
