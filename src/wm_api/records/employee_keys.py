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
    shaped = unique.filter(unique.str.contains(SHAPE).fill_null(value=False))
    valid = pl.Series([token for token in shaped.to_list() if checksum(token[:-7]) == token[-6:]], dtype=pl.String)
    return ~tokens.is_in(valid.implode()).fill_null(value=False)
