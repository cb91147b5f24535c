"""Keys, ciphertexts, tokens, chains: what must be refused is refused."""

import asyncio
import base64
import hmac
import json
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from wm_api.core import clock, credentials, tokens
from wm_api.core.encryption import CHUNK, HEADER, TAG, Place, Tampered, new_key, open_sealed, seal
from wm_api.core.keystore import KeyGone, KeyStore
from wm_api.core.signing_keys import SigningKeys, make_signing_key
from wm_api.events import chain
from wm_api.records import employee_keys

TWICE = b'{"a":1,"a":2}'
ACCOUNT = "01900000-0000-7000-8000-000000000000"


def test_the_vector_of_an_employee_key_and_of_a_checksum() -> None:
    key = employee_keys.make(bytes(32), ACCOUNT, "1", " 100042 ")
    assert key == "wm1_f0ee666b_Zlh0RLvRPXdGOYtHeaBznEXB4y2Z91xLxb8kEQwt7Gc_38EYnC"
    head = "wmk_" + "0" * 43
    assert f"{head}_{credentials.checksum(head)}" == head + "_0n6J4y"


def test_ac1_2_foreign_forms_and_every_single_edit_are_refused() -> None:
    raw = [secrets.token_bytes(32) for _ in range(2000)]
    foreign = [
        form
        for each in raw
        for form in (
            each.hex(),
            base64.b64encode(each).decode(),
            each.hex()[:32],
            str(int.from_bytes(each[:4], "big")),
            each.hex() + "@a.de",
        )
    ]
    assert employee_keys.malformed(pl.Series(foreign)).all()
    key, signs = employee_keys.make(bytes(32), ACCOUNT, "1", "7"), employee_keys.ALPHABET + "-_"
    edits = [key[:at] + sign + key[at + 1 :] for at in range(len(key)) for sign in signs if sign != key[at]]
    edits += [key[:at] + key[at + 1 :] for at in range(len(key))] + [
        key[:at] + sign + key[at:] for at in range(len(key)) for sign in signs
    ]
    edits += [key[:at] + key[at + 1] + key[at] + key[at + 2 :] for at in range(len(key) - 1) if key[at] != key[at + 1]]
    assert employee_keys.malformed(pl.Series(edits)).all()
    assert not employee_keys.malformed(pl.Series([key])).any()


def test_ac1_1_only_data_and_both_keys_together_find_a_planted_number() -> None:
    customer, server = secrets.token_bytes(32), secrets.token_bytes(32)
    planted = [str(100000 + 37 * number) for number in range(100)]

    def stored(number: str, kc: bytes, ks: bytes) -> bytes:
        return hmac.digest(ks, employee_keys.make(kc, ACCOUNT, "1", number).encode(), "sha256")

    data = {stored(number, customer, server) for number in planted}
    guesses = [str(100000 + number) for number in range(5000)]
    for kc, ks, found in ((customer, server, 100), (bytes(32), server, 0), (customer, bytes(32), 0)):
        assert sum(stored(guess, kc, ks) in data for guess in guesses) == found


def test_ac4_3_a_ciphertext_cut_swapped_flipped_or_moved_is_refused() -> None:
    key, place = new_key(), Place("a", "o", "dataset")
    plain = secrets.token_bytes(3 * CHUNK + 17)
    sealed = seal(plain, key, place)
    assert open_sealed(sealed, key, place) == plain
    block = CHUNK + TAG
    swapped = (
        sealed[:HEADER]
        + sealed[HEADER + block : HEADER + 2 * block]
        + sealed[HEADER : HEADER + block]
        + sealed[HEADER + 2 * block :]
    )
    flipped = bytearray(sealed)
    flipped[HEADER + 5] ^= 1
    bad = [sealed[: HEADER + 2 * block], sealed[:-1], swapped, bytes(flipped), sealed + b"x", b"", sealed[:5]]
    for each in bad:
        with pytest.raises(Tampered):
            open_sealed(each, key, place)
    for other in (
        Place("b", "o", "dataset"),
        Place("a", "p", "dataset"),
        Place("a", "o", "upload"),
        Place("a", "o", "dataset", 2),
    ):
        with pytest.raises(Tampered):
            open_sealed(sealed, key, other)


async def test_a_destroyed_object_key_never_comes_back(tmp_path: Path) -> None:
    store = KeyStore(tmp_path.as_uri(), secrets.token_bytes(32))
    made = await store.make_object_key("a", "o", "dataset")
    assert await store.object_key("a", "o", "dataset") == made
    await store.destroy_object_key("a", "o", "dataset")
    for call in (store.object_key, store.make_object_key):
        with pytest.raises(KeyGone):
            await call("a", "o", "dataset")
    files = await asyncio.to_thread(lambda: [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()])
    assert made not in b"".join(files)


@pytest.fixture
def keys(tmp_path: Path) -> SigningKeys:
    make_signing_key(tmp_path)
    return SigningKeys.load(tmp_path)


def claims(**changes: Any) -> dict[str, Any]:
    now = int(clock.now().timestamp())
    good = {"iss": "i", "aud": "a", "sub": "s", "jti": "j", "iat": now, "exp": now + 600}
    return {name: value for name, value in (good | changes).items() if value is not None}


def check(keys: SigningKeys, token: str) -> dict[str, Any]:
    return tokens.verify(keys, token, kind=tokens.ACCESS, audiences=("a",), issuer="i", longest=timedelta(minutes=10))


def encoded(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def hostile(keys: SigningKeys) -> list[str]:
    good = tokens.issue(keys, tokens.ACCESS, claims())
    header, payload, signature = good.split(".")
    kid, now = keys.current.kid, int(clock.now().timestamp())
    heads = [
        {"alg": alg, "kid": kid, "typ": "at+jwt"} for alg in ("none", "None", "HS256", "RS256", "ES384", "", None, 1)
    ] + [
        {"alg": "ES256", "kid": each, "typ": "at+jwt"} for each in ("", "../../etc/passwd", "x", 1, None, [kid], {"a": 1})
    ] + [
        {"alg": "ES256", "kid": kid, "typ": typ} for typ in ("JWT", "vc+jwt", "wm-receipt+jwt", "", None)
    ] + [
        {"alg": "ES256", "kid": kid, "typ": "at+jwt", name: "x"} for name in ("jku", "jwk", "x5u", "crit", "cty", "b64")
    ] + [{"alg": "ES256"}, {"kid": kid}, {}, [], "text", 1]  # fmt: skip
    forged = [f"{encoded(head)}.{payload}.{signature}" for head in heads]
    wrong = [
        claims(aud="b"), claims(aud=["a"]), claims(aud=None), claims(iss="x"), claims(iss=None), claims(sub=None),
        claims(sub=1), claims(jti=None), claims(exp=None), claims(iat=None), claims(exp=str(now + 60)), claims(exp=now + 60.5),
        claims(exp=True), claims(iat=now - 4000, exp=now - 3000), claims(iat=now + 3000, exp=now + 3500), claims(exp=now + 999999),
        claims(iat=0, exp=1), claims(iat=now, exp=now - 1), claims(exp=2**40), claims(iat=-5),
    ]  # fmt: skip
    signed = [tokens.issue(keys, tokens.ACCESS, each) for each in wrong]
    kinds = [tokens.issue(keys, kind, claims()) for kind in ("JWT", tokens.RECEIPT, "at+JWT")]
    flipped = base64.urlsafe_b64decode(signature + "==")
    shapes = [
        "", ".", "..", "a.b", "a.b.c.d", "a" * 9000, good + "=", good + "A", good[:-1], f"{header}.{payload}.", f"{header}..{signature}",
        f".{payload}.{signature}", f"{header}.{payload}.{encoded(b'')}", f"{header}.{payload}.{encoded(flipped[::-1])}",
        f"{header}.{encoded({**claims(), 'sub': 'other'})}.{signature}", f"{header}.{encoded(b'{')}.{signature}",
        f"{header}.{encoded(TWICE)}.{signature}",
        f" {good}", f"{good} ", good.replace(".", "..", 1), "\u00e9.b.c", good.swapcase(), encoded({"a": 1}) * 3,
    ]  # fmt: skip
    return forged + signed + kinds + shapes


def test_ac6_1_sixty_hostile_tokens_are_refused_and_the_good_one_is_not(keys: SigningKeys) -> None:
    bad = hostile(keys)
    assert len(bad) >= 60
    for token in bad:
        with pytest.raises(tokens.TokenRefused):
            check(keys, token)
    assert check(keys, tokens.issue(keys, tokens.ACCESS, claims()))["sub"] == "s"


def test_ac6_1_a_key_of_another_installation_signs_nothing_here(keys: SigningKeys, tmp_path: Path) -> None:
    make_signing_key(tmp_path / "other")
    other = SigningKeys.load(tmp_path / "other")
    with pytest.raises(tokens.TokenRefused):
        check(keys, tokens.issue(other, tokens.ACCESS, claims()))


def test_ac5_1_every_change_of_a_chain_up_to_a_remembered_head_is_found() -> None:
    lines, previous = [], chain.GENESIS
    for sequence in range(1, 41):
        line: dict[str, object] = {"sequence": sequence, "type": "t", "id": str(sequence)}
        previous = chain.link(previous, line)
        lines.append((line, previous))
    head = (40, previous)
    assert chain.verify(lines, head) is None
    for at in range(40):
        changed = [*lines]
        changed[at] = ({**lines[at][0], "type": "x"}, lines[at][1])
        dropped, moved = lines[:at] + lines[at + 1 :], [*lines]
        if at:
            moved[at], moved[at - 1] = moved[at - 1], moved[at]
            assert chain.verify(moved, head) is not None
        rewritten, last = lines[:at], lines[at - 1][1] if at else chain.GENESIS
        for line, _ in lines[at:]:
            forged = {**line, "type": "forged"}
            last = chain.link(last, forged)
            rewritten = [*rewritten, (forged, last)]
        for bad in (changed, dropped, lines[:at], rewritten):
            assert chain.verify(bad, head) is not None
