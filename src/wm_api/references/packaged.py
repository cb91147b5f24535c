"""PURE: the editions that come with the distribution, as derived by tools/derive and stated in provenance.json."""

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources

from wm_api.references.sources import SOURCES, Source

FOLDER = resources.files("wm_api.references").joinpath("data")


@dataclass(frozen=True, slots=True)
class Packaged:
    """`sha256` is of the original that the table was made from."""

    source: Source
    edition: str
    sha256: str
    table: str


@cache
def packaged_editions() -> tuple[Packaged, ...]:
    stated = json.loads(FOLDER.joinpath("provenance.json").read_text(encoding="utf-8"))
    return tuple(
        Packaged(
            SOURCES[entry["table_of"]],
            entry["edition"],
            entry["original_sha256"],
            FOLDER.joinpath(name).read_text(encoding="utf-8"),
        )
        for name, entry in stated.items()
        if entry["table_of"] in SOURCES
    )


def packaged(source: str) -> Packaged:
    return next(each for each in packaged_editions() if each.source.name == source)
