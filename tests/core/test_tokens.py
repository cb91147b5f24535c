"""Tokens: sixty and more hostile ones are refused, each type is refused at every other use."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from jose import jwk

from hostile_tokens import KINDS, changed, hostile
from wm_api.core import clock, tokens
from wm_api.core.signing_keys import SigningKeys, make_signing_key


@pytest.fixture
def keys(tmp_path: Path) -> SigningKeys:
    make_signing_key(tmp_path)
    return SigningKeys.load(tmp_path)


def claims() -> dict[str, Any]:
    now = int(clock.now().timestamp())
    return {"iss": "i", "aud": "a", "sub": "s", "jti": "j", "iat": now, "exp": now + 600}


def check(keys: SigningKeys, token: str) -> dict[str, Any]:
    return tokens.verify(keys, token, kind=tokens.ACCESS, audiences=("a",), issuer="i", longest=timedelta(minutes=10))


def test_ac6_1_hostile_tokens_are_refused_and_the_good_one_is_not(keys: SigningKeys) -> None:
    bad = [*hostile(keys, claims()), "\u00e9.b.c", f" {tokens.issue(keys, tokens.ACCESS, claims())}"]
    assert len(bad) >= 60
    accepted = []
    for number, token in enumerate(bad):
        try:
            check(keys, token)
        except tokens.TokenRefused:
            continue
        accepted.append(number)
    assert accepted == []
    assert check(keys, tokens.issue(keys, tokens.ACCESS, claims()))["sub"] == "s"


@pytest.mark.parametrize("used_as", [tokens.ACCESS, tokens.RECEIPT])
def test_ac6_1_each_type_is_read_at_its_own_use_only(keys: SigningKeys, used_as: str) -> None:
    for kind in KINDS:
        token = tokens.issue(keys, kind, claims())
        if kind == used_as:
            assert tokens.verify_document(keys, token, used_as)["sub"] == "s"
            continue
        with pytest.raises(tokens.TokenRefused):
            tokens.verify_document(keys, token, used_as)


def test_ac6_1_a_key_of_another_installation_signs_nothing_here(keys: SigningKeys, tmp_path: Path) -> None:
    make_signing_key(tmp_path / "other")
    other = SigningKeys.load(tmp_path / "other")
    with pytest.raises(tokens.TokenRefused):
        check(keys, tokens.issue(other, tokens.ACCESS, claims()))


def test_ac6_1_a_minute_of_leeway_and_no_more(keys: SigningKeys) -> None:
    now = int(clock.now().timestamp())
    for issued, ends, good in ((now - 100, now - 50, True), (now - 100, now - 70, False), (now + 50, now + 100, True)):
        token = tokens.issue(keys, tokens.ACCESS, changed(claims(), iat=issued, exp=ends))
        if good:
            assert check(keys, token)
            continue
        with pytest.raises(tokens.TokenRefused) as refused:
            check(keys, token)
        assert refused.value.code == "token-expired"


def test_ac6_1_signatures_are_made_and_checked_by_cryptography(keys: SigningKeys) -> None:
    assert type(jwk.construct(keys.current.public_pem, "ES256")).__module__ == "jose.backends.cryptography_backend"
