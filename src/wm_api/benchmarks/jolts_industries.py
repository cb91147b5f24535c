"""PURE: which industries of JOLTS a company is compared with: of its NAICS code, else of its ISIC section.

After the industry codes of the survey (download.bls.gov/pub/time.series/jt/jt.industry) and the sectors of NAICS.
"""

from collections.abc import Iterator

NAICS = frozenset({"naics_2017", "naics_2022"})
BY_NAICS = {
    "1133": "110099", "21": "110099", "23": "230000",
    "31": "340000", "32": "300000", "321": "320000", "322": "340000", "323": "340000", "324": "340000", "325": "340000",
    "326": "340000", "327": "320000", "33": "320000",
    "42": "420000", "44": "440000", "45": "440000", "22": "480099", "48": "480099", "49": "480099",
    "51": "510000", "52": "520000", "53": "530000", "54": "540099", "55": "540099", "56": "540099",
    "61": "610000", "62": "620000", "71": "710000", "72": "720000", "81": "810000", "92": "900000",
}  # fmt: skip
"""By the longest known beginning of a code. Sector 32 as a whole is of durable and of other goods: manufacturing."""
SUPERSECTORS = {
    "320000": "300000", "340000": "300000", "420000": "400000", "440000": "400000", "480099": "400000",
    "520000": "510099", "530000": "510099", "610000": "600000", "620000": "600000", "710000": "700000",
    "720000": "700000",
}  # fmt: skip
BY_SECTION = {
    "B": "110099", "C": "300000", "D": "480099", "E": "480099", "H": "480099", "F": "230000", "G": "400000",
    "I": "720000", "J": "510000", "K": "520000", "L": "530000", "M": "540099", "N": "540099", "O": "900000",
    "P": "610000", "Q": "620000", "R": "710000", "S": "810000",
}  # fmt: skip
NAMES = {
    "110099": "mining and logging", "230000": "construction", "300000": "manufacturing",
    "320000": "durable goods manufacturing", "340000": "nondurable goods manufacturing",
    "400000": "trade, transportation and utilities", "420000": "wholesale trade", "440000": "retail trade",
    "480099": "transportation, warehousing and utilities", "510000": "information", "510099": "financial activities",
    "520000": "finance and insurance", "530000": "real estate, rental and leasing",
    "540099": "professional and business services", "600000": "private education and health services",
    "610000": "private educational services", "620000": "health care and social assistance",
    "700000": "leisure and hospitality", "710000": "arts, entertainment and recreation",
    "720000": "accommodation and food services", "810000": "other services", "900000": "government",
}  # fmt: skip
"""As the survey calls them."""
LONGEST = 4


def industries(section: str | None, naics: str | None) -> Iterator[tuple[str, str]]:
    """The nearest first, each with the words for where it is found."""
    own = _of_naics(naics or "")
    if own is not None:
        yield own, f"{NAMES[own]}, by NAICS code"
        if own in SUPERSECTORS:
            yield SUPERSECTORS[own], f"supersector {NAMES[SUPERSECTORS[own]]}, by NAICS code"
    elif section in BY_SECTION:
        yield BY_SECTION[section], f"section {section}, {NAMES[BY_SECTION[section]]}"


def _of_naics(code: str) -> str | None:
    return next((BY_NAICS[code[:n]] for n in range(LONGEST, 1, -1) if code[:n] in BY_NAICS), None)
