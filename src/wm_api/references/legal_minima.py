"""PURE: the packaged legal minima of hourly pay; every line has its place, days and legal source."""

from functools import cache

from wm_api.records.legal_minimum import LegalMinimum
from wm_api.references.packaged import packaged


@cache
def legal_minima() -> tuple[LegalMinimum, ...]:
    edition = packaged("legal_minimum")
    rows = edition.source.opened(edition.table).select("place", "currency", "hourly", "since", "until")
    return tuple(LegalMinimum(*row) for row in rows.iter_rows())
