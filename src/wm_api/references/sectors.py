"""PURE: from industry codes to sections of ISIC 4, by the official concordances (tools/derive)."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

BY_CODE = frozenset({"naics_2017", "naics_2022", "nace_2_1"})
"""Lists whose codes have a concordance; the others share the divisions of ISIC 4."""


@cache
def _tables() -> dict[str, dict[str, str]]:
    text = resources.files("wm_api.references").joinpath("data/sectors.json").read_text(encoding="utf-8")
    tables: dict[str, dict[str, str]] = json.loads(text)
    return tables


def divisions() -> Mapping[str, str]:
    """The section of each division of ISIC 4, NACE 2 and UK SIC 2007."""
    return MappingProxyType(_tables()["divisions"])


def sections_of(scheme: str | None, code: str | None) -> tuple[str, ...]:
    """ISIC sections of an industry code; several where the concordance is ambiguous, none where it is not known."""
    if scheme is None or code is None:
        return ()
    plain = code.replace(".", "")
    digits = plain.lstrip("ABCDEFGHIJKLMNOPQRSTUV")
    if scheme in BY_CODE:
        return _by_code(_tables()[scheme], digits or plain)
    if plain[:1].isalpha():
        return (plain[0],)
    section = divisions().get(plain[:2])
    return (section,) if section else ()


def sections_at(place: Mapping[str, str | None]) -> tuple[str, ...]:
    """Those of the facts of an account: where its code reaches several, the one that it picked."""
    found = sections_of(place.get("industry_scheme"), place.get("industry_code"))
    picked = place.get("sector")
    return (picked,) if picked is not None and picked in found else found


def _by_code(table: Mapping[str, str], code: str) -> tuple[str, ...]:
    """Of a code that the list does not name, those of all codes that begin with it."""
    found = [table[code]] if code in table else [reached for known, reached in table.items() if known.startswith(code)]
    return tuple(sorted({section for reached in found for section in reached}))
