"""Employee keys `wm1_<8 hex kid>_<43 base64url>_<crc>`: made at the customer, parsed here by fixed widths."""

import base64
import hmac
import unicodedata
from dataclasses import dataclass
from hashlib import sha256
from zlib import crc32

import polars as pl

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LENGTH = 63
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
    """The valid keys of a file, numbered from 0 as they are first met: each is looked at once, then known."""

    def __init__(self) -> None:
        self._known = pl.DataFrame(schema={"key": pl.String, "number": pl.UInt32})

    def __len__(self) -> int:
        return self._known.height

    def numbered(self, tokens: pl.Series) -> tuple[pl.Series, pl.Series]:
        """The number of each key, null where it is malformed; and the keys that are new, in the order of numbers."""
        rows = tokens.alias("key").to_frame()
        numbers = self._numbers(rows)
        unseen = rows.filter(numbers.is_null()).get_column("key").unique(maintain_order=True)
        new = unseen.filter(_valid(unseen))
        if new.is_empty():
            return numbers, new
        follow = pl.Series("number", range(len(self), len(self) + len(new)), dtype=pl.UInt32)
        self._known = pl.concat([self._known, pl.DataFrame([new, follow])]).rechunk()
        return self._numbers(rows), new

    def _numbers(self, rows: pl.DataFrame) -> pl.Series:
        return rows.join(self._known, on="key", how="left", maintain_order="left").get_column("number")
