"""PURE: which company facts fit together: countries of ISO 3166-1, regions of their country, codes of their scheme."""

import re
from collections.abc import Iterator, Mapping

from wm_api.references.sectors import sections_of

_NAICS, _NACE = r"\d{2,6}", r"[A-V]|(?:[A-V])?\d{2}(?:\.\d{1,2})?"
INDUSTRY_CODES: Mapping[str, re.Pattern[str]] = {
    "naics_2022": re.compile(_NAICS),
    "naics_2017": re.compile(_NAICS),
    "nace_2": re.compile(_NACE),
    "nace_2_1": re.compile(_NACE),
    "uk_sic_2007": re.compile(r"[A-U]|\d{2,5}"),
}


def misfits(facts: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Each fact that does not fit the others, and why; never the value."""
    country, region = facts.get("country"), facts.get("region")
    if isinstance(region, str) and not region.startswith(f"{country}-"):
        yield "region", "A region of ISO 3166-2 begins with the account's country."
    scheme, code = facts.get("industry_scheme"), facts.get("industry_code")
    if code is not None and scheme is None:
        yield "industry_scheme", "An industry code needs its scheme."
    elif isinstance(code, str) and not INDUSTRY_CODES[str(scheme)].fullmatch(code):
        yield "industry_code", "The code does not have the form of its scheme."
    elif facts.get("sector") is not None and facts["sector"] not in sections_of(_text(scheme), _text(code)):
        yield "sector", "The industry code does not reach this section. Pick one of `sectors`, or send null."


def _text(fact: object) -> str | None:
    return fact if isinstance(fact, str) else None
