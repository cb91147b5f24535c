"""PURE: which heading means which column, and which spelling which code, by synonyms.toml."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import partial
from importlib.resources import files


def plain(text: str) -> str:
    """Letters and digits, without case and accents."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return re.sub(r"[\W_]+", "", bare.casefold())


KNOWN = tomllib.loads(files("wm_api.capture").joinpath("synonyms.toml").read_text(encoding="utf-8"))
RANKS = {name: {plain(each): rank for rank, each in enumerate(known)} for name, known in KNOWN["headings"].items()}
CODES = {
    name: {spelling: code for code, known in codes.items() for spelling in known}
    for name, codes in KNOWN["spellings"].items()
}


ALIKE = 0.8
"""From how much likeness on a heading is taken for another in new words: `Grade Cd` and `Grade Code` have 0.88."""


def rank_of(heading: str, column: str) -> int | None:
    """How well a heading fits a column: 0 is best, none is not at all. A column's own name fits best."""
    own = {plain(column): -1}
    return {**RANKS.get(column, {}), **own}.get(plain(heading))


def renamed(gone: Iterable[str], new: Iterable[str]) -> dict[str, str]:
    """Headings that are gone, and those that likely took their place: of one meaning, or written nearly alike."""
    found: dict[str, str] = {}
    for old in sorted(gone):
        free = [each for each in sorted(new) if each not in found.values()]
        likest = max(free, key=partial(_likeness, old), default=None)
        if likest is not None and _likeness(old, likest) >= ALIKE:
            found[old] = likest
    return found


def _likeness(first: str, second: str) -> float:
    one, other = plain(first), plain(second)
    if any(one in known and other in known for known in RANKS.values()):
        return 1.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def evident(column: str, spellings: Iterable[str], vocabulary: Iterable[str]) -> dict[str, str]:
    """Those spellings that have one meaning in this column, and their codes; a code stands for itself."""
    known = {**{plain(code): code for code in vocabulary}, **CODES.get(column, {})}
    return {each: known[plain(each)] for each in spellings if plain(each) in known}


def unit_said_by(heading: str) -> str | None:
    """The unit of a rate by its heading."""
    units = [unit for unit, words in KNOWN["units"].items() if any(word in plain(heading) for word in words)]
    return units[0] if len(units) == 1 else None
