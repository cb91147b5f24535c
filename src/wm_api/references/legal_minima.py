"""PURE: the packaged legal minima of hourly pay; every line has its place, days and legal source."""

import csv
from datetime import date
from functools import cache

from wm_api.records.legal_minimum import LegalMinimum
from wm_api.references.tables import text_of


@cache
def legal_minima() -> tuple[LegalMinimum, ...]:
    rows = csv.DictReader(text_of("legal_minima.csv").splitlines())
    return tuple(
        LegalMinimum(
            row["place"],
            row["currency"],
            float(row["hourly"]),
            date.fromisoformat(row["since"]),
            date.fromisoformat(row["until"]) if row["until"] else None,
        )
        for row in rows
    )
