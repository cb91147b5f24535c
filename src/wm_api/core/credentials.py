"""One-time secrets and keys: `wmk_<43 base62>_<crc>`. A typing error is found before any look-up."""

import hmac
import re
import secrets
from hashlib import sha256
from zlib import crc32

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
BODY = 43
SHAPE = re.compile(r"(wm[krig])_([0-9A-Za-z]{43})_([0-9A-Za-z]{6})")
API_KEY, REFRESH, INVITATION, ACCEPTANCE = "wmk", "wmr", "wmi", "wmg"


class MalformedCredential(ValueError):  # noqa: N818 - named for what is wrong
    """Shape, prefix or checksum is wrong."""


def base62(number: int, width: int) -> str:
    """Left-padded with 0."""
    digits = []
    for _ in range(width):
        number, digit = divmod(number, 62)
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


def checksum(text: str) -> str:
    """CRC-32 in six base62 characters."""
    return base62(crc32(text.encode()), 6)


def make(prefix: str) -> str:
    """256 bits from the system's source."""
    return _complete(prefix, secrets.randbits(256))


def successor(refresh_token: str, server_key: bytes) -> str:
    """The refresh token that follows: the same presented token always gives the same one."""
    digest = hmac.digest(server_key, b"refresh\0" + refresh_token.encode(), "sha256")
    return _complete(REFRESH, int.from_bytes(digest, "big"))


def _complete(prefix: str, number: int) -> str:
    head = f"{prefix}_{base62(number, BODY)}"
    return f"{head}_{checksum(head)}"


def secret_hash(token: str, prefix: str) -> bytes:
    """SHA-256 of a well-formed credential of this kind. Raises MalformedCredential without a look-up."""
    match = SHAPE.fullmatch(token)
    if match is None or match[1] != prefix or checksum(token[:-7]) != match[3]:
        raise MalformedCredential
    return sha256(token.encode()).digest()
