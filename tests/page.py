"""A page as a test reads it: its tags, its text and the numbers in both."""

import re
from collections.abc import Iterator
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
BETWEEN_THOUSANDS = re.compile(r"(?<=[0-9]),(?=[0-9]{3})")


class Page(HTMLParser):
    """The tags of a page with their attributes, and its text without the style."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._inside = ""
        self.feed(content.decode())

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = "" if tag == self._inside else self._inside

    def handle_data(self, data: str) -> None:
        if self._inside != "style":
            self.texts.append(data)

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]


def numbers_of(text: str) -> set[Decimal]:
    return {Decimal(each) for each in NUMBER.findall(BETWEEN_THOUSANDS.sub("", text))}


def numbers_in(document: Any) -> Iterator[Decimal]:
    if isinstance(document, dict | list):
        for each in document.values() if isinstance(document, dict) else document:
            yield from numbers_in(each)
    elif isinstance(document, str):
        yield from numbers_of(document)
    elif document is not None and not isinstance(document, bool):
        yield abs(Decimal(repr(document)))
