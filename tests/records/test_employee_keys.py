"""Employee keys: only what was made at a customer parses, and a stored one tells nothing without both keys."""

import base64
import hashlib
import hmac
import secrets
import string
import uuid
from collections.abc import Iterator

import polars as pl
import pytest

from shared import scaled
from wm_api.core import credentials
from wm_api.records import employee_keys

ACCOUNT = "01900000-0000-7000-8000-000000000000"
SIGNS = employee_keys.ALPHABET + "-_"
FORMS = ("hex", "base64", "uuid", "digits", "e-mail", "cut", "altered")


def test_the_vector_of_an_employee_key_and_of_a_checksum() -> None:
    key = employee_keys.make(bytes(32), ACCOUNT, "1", " 100042 ")
    assert key == "wm1_f0ee666b_Zlh0RLvRPXdGOYtHeaBznEXB4y2Z91xLxb8kEQwt7Gc_38EYnC"
    head = "wmk_" + "0" * 43
    assert f"{head}_{credentials.checksum(head)}" == head + "_0n6J4y"


def foreign(form: str, count: int) -> Iterator[str]:
    """Ids as companies have sent them elsewhere: hashes without a key, numbers, addresses, damaged keys."""
    digests = (hashlib.md5, hashlib.sha1, hashlib.sha256, hashlib.sha512)
    for number in range(count):
        digest = digests[number % 4](str(secrets.randbits(30)).encode()).digest()
        key = employee_keys.make(digest.ljust(32, b"\0")[:32], ACCOUNT, "1", str(number))
        at, letter = secrets.randbelow(len(key)), secrets.choice(SIGNS)
        yield {
            "hex": digest.hex() if number % 2 else digest.hex().upper(),
            "base64": (base64.b64encode if number % 2 else base64.urlsafe_b64encode)(digest).decode(),
            "uuid": str(uuid.uuid4()) if number % 2 else uuid.uuid4().hex,
            "digits": str(secrets.randbelow(10 ** (4 + number % 10))),
            "e-mail": f"{secrets.token_hex(4)}@{secrets.choice(string.ascii_lowercase)}.example",
            "cut": key[: at or 1] if number % 2 else key[at + 1 :],
            "altered": key[:at] + (letter if letter != key[at] else "!") + key[at + 1 :],
        }[form]


@pytest.mark.parametrize("form", FORMS)
def test_ac1_2_what_is_not_a_keyed_hash_is_refused(form: str) -> None:
    cases = list(foreign(form, scaled(10_000)))
    assert employee_keys.malformed(pl.Series(cases)).all()


def single_edits(key: str) -> list[str]:
    changed = [key[:at] + sign + key[at + 1 :] for at in range(len(key)) for sign in SIGNS if sign != key[at]]
    lost = [key[:at] + key[at + 1 :] for at in range(len(key))]
    added = [key[:at] + sign + key[at:] for at in range(len(key) + 1) for sign in SIGNS]
    pairs = [at for at in range(len(key) - 1) if key[at] != key[at + 1]]
    return changed + lost + added + [key[:at] + key[at + 1] + key[at] + key[at + 2 :] for at in pairs]


def test_ac1_2_every_single_edit_of_a_key_is_refused() -> None:
    edits = 0
    for number in range(13):
        key = employee_keys.make(secrets.token_bytes(32), ACCOUNT, "1", str(number))
        assert not employee_keys.malformed(pl.Series([key])).any()
        cases = single_edits(key)
        assert employee_keys.malformed(pl.Series(cases)).all()
        edits += len(cases)
    assert edits >= 100_000


def stored(number: str, customer: bytes, server: bytes) -> bytes:
    """What lies in a file: the customer's keyed hash, keyed again."""
    return hmac.digest(server, employee_keys.make(customer, ACCOUNT, "1", number).encode(), "sha256")


def test_ac1_1_only_data_and_both_keys_together_find_the_planted_numbers() -> None:
    numbers, planted = scaled(1_000_000), scaled(1_000)
    customer, server, first, step = secrets.token_bytes(32), secrets.token_bytes(32), 100_000, numbers // planted
    data = {stored(str(first + step * number), customer, server) for number in range(planted)}
    for kc, ks, found in ((customer, server, planted), (bytes(32), server, 0), (customer, bytes(32), 0)):
        assert sum(stored(str(first + number), kc, ks) in data for number in range(numbers)) == found
