"""Employee keys `wm1_<8 hex kid>_<43 base64url>_<crc>`: made at the customer, parsed here by fixed widths."""

import base64
import hmac
import unicodedata
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeAlias
from zlib import crc32

import numpy as np
import polars as pl
from numpy.typing import NDArray

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LENGTH = 63
LEAST_SLOTS, NOBODY = 1 << 12, -1
Hashes: TypeAlias = NDArray[np.uint64]
Numbers: TypeAlias = NDArray[np.int32]
Places: TypeAlias = NDArray[np.int64]
SHAPE = r"^wm1_[0-9a-f]{8}_[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]_[0-9A-Za-z]{6}$"


class MalformedKey(ValueError):  # noqa: N818 - named for what is wrong
    """Not a valid employee key. Holds no value."""


@dataclass(frozen=True, slots=True)
class EmployeeKey:
    kid: str
    mac: str


def kid_of(secret: bytes) -> str:
    """Names a key without telling anything about it."""
    return sha256(b"wm-kid\0" + secret).hexdigest()[:8]


def make(secret: bytes, account_id: str, epoch: str, employee_id: str) -> str:
    """HMAC-SHA-256 of the id after NFKC and trimming; leading zeros are kept."""
    plain = unicodedata.normalize("NFKC", employee_id.strip()).strip()
    message = b"\0".join((b"wm1", account_id.encode(), epoch.encode(), plain.encode()))
    mac = base64.urlsafe_b64encode(hmac.digest(secret, message, "sha256")).rstrip(b"=").decode()
    head = f"wm1_{kid_of(secret)}_{mac}"
    return f"{head}_{checksum(head)}"


def checksum(text: str) -> str:
    """CRC-32 in six base62 characters, left-padded with 0."""
    number, digits = crc32(text.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = ALPHABET[digit] + digits
    return digits


def parse(token: str) -> EmployeeKey:
    """Raises MalformedKey."""
    if bool(malformed(pl.Series([token]))[0]):
        raise MalformedKey
    return EmployeeKey(token[4:12], token[13:56])


def malformed(tokens: pl.Series) -> pl.Series:
    """For each token whether it is anything but a valid key; checksums are taken of unique tokens only."""
    unique = tokens.unique()
    return ~tokens.is_in(unique.filter(_valid(unique)).implode()).fill_null(value=False)


def _valid(tokens: pl.Series) -> pl.Series:
    shaped = tokens.str.contains(SHAPE).fill_null(value=False)
    heads = tokens.set(~shaped, None).str.head(LENGTH - 7)
    sums = pl.Series([None if head is None else crc32(head) for head in heads.cast(pl.Binary)], dtype=pl.Int64)
    signs = pl.Series(list(ALPHABET))
    digits = [signs.gather(sums // 62**place % 62) for place in range(5, -1, -1)]
    sign = pl.DataFrame([digit.alias(f"{place}") for place, digit in enumerate(digits)]).select(pl.concat_str(pl.all()))
    return (sign.to_series() == tokens.str.tail(6)).fill_null(value=False)


class KeyBook:
    """The valid keys of a file, numbered from 0 as they are first met: each is looked at once, then known.

    Known by 64 bits: among a million people two are taken for one once in 37 million files. A number is found by open
    addressing, in whole columns; a key takes some 24 bytes, and none is held itself.
    """

    def __init__(self) -> None:
        self._count, self._hashes = 0, np.zeros(LEAST_SLOTS, dtype=np.uint64)
        self._slots = np.full(LEAST_SLOTS, NOBODY, dtype=np.int32)

    def __len__(self) -> int:
        return self._count

    def numbered(self, tokens: pl.Series) -> tuple[pl.Series, pl.Series]:
        """The number of each key, null where it is malformed; and the keys that are new, in the order of numbers."""
        hashes = tokens.hash(0).to_numpy()
        numbers = self._find(hashes)
        strange = pl.Series(numbers == NOBODY)
        unseen = tokens.filter(strange).unique(maintain_order=True)
        new = unseen.filter(_valid(unseen))
        if len(new):
            self._enter(new.hash(0).to_numpy())
            numbers = self._find(hashes)
            strange = pl.Series(numbers == NOBODY)
        return pl.Series("number", numbers).set(strange, None).cast(pl.UInt32), new

    def _find(self, hashes: Hashes) -> Numbers:
        """NOBODY where a hash is not known."""
        places = self._first_places(hashes)
        numbers = self._slots[places]
        others = np.flatnonzero((numbers != NOBODY) & (self._hashes[numbers] != hashes))
        while len(others):
            places[others] = self._next(places[others])
            held = self._slots[places[others]]
            numbers[others] = held
            others = others[(held != NOBODY) & (self._hashes[held] != hashes[others])]
        return numbers

    def _enter(self, hashes: Hashes) -> None:
        """Hashes that are not known yet, each once; at most half of the slots are taken."""
        begun, self._count = self._count, self._count + len(hashes)
        if 2 * self._count > len(self._slots):
            size = 1 << (2 * self._count - 1).bit_length()
            self._hashes = np.concatenate([self._hashes[:begun], np.zeros(size // 2 - begun, dtype=np.uint64)])
            self._slots, begun = np.full(size, NOBODY, dtype=np.int32), 0
        self._hashes[self._count - len(hashes) : self._count] = hashes
        numbers = np.arange(begun, self._count, dtype=np.int32)
        places = self._first_places(self._hashes[numbers])
        while len(numbers):
            free = self._slots[places] == NOBODY
            self._slots[places[free]] = numbers[free]
            late = self._slots[places] != numbers
            numbers, places = numbers[late], self._next(places[late])

    def _first_places(self, hashes: Hashes) -> Places:
        return (hashes & np.uint64(len(self._slots) - 1)).astype(np.int64)

    def _next(self, places: Places) -> Places:
        return (places + 1) & (len(self._slots) - 1)
