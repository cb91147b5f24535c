"""The only door to jose. ES256 only, one exact key by kid, everything else refused before decoding."""

import base64
import json
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Any

from jose import jwk, jws
from jose.backends.base import Key

from wm_api.core import clock
from wm_api.core.signing_keys import SigningKey, SigningKeys

LARGEST = 8 * 1024
LEEWAY = 60
SIGNATURE = 64
ACCESS = "at+jwt"
RECEIPT = "wm-receipt+jwt"
REQUIRED = {"aud": str, "iss": str, "exp": int, "iat": int, "sub": str, "jti": str}
TIME_LIMIT = 2**33


class TokenRefused(Exception):  # noqa: N818 - named for what is wrong
    """`code` is token-malformed, token-expired or token-invalid."""

    def __init__(self, code: str = "token-invalid") -> None:
        super().__init__(code)
        self.code = code


@lru_cache(maxsize=64)
def _private(pem: str) -> Key:
    return jwk.construct(pem, "ES256")


@lru_cache(maxsize=64)
def _public(pem: str) -> Key:
    return jwk.construct(pem, "ES256")


def issue(keys: SigningKeys, kind: str, claims: Mapping[str, Any]) -> str:
    """A signed compact token of the given `typ`."""
    key = keys.current
    headers = {"kid": key.kid, "typ": kind}
    signed: str = jws.sign(dict(claims), _private(key.private_pem), headers=headers, algorithm="ES256")
    return signed


def verify(
    keys: SigningKeys, token: str, *, kind: str, audiences: tuple[str, ...], issuer: str, longest: timedelta
) -> dict[str, Any]:
    """The claims of a token that is exactly what this use expects. Raises TokenRefused for anything else."""
    try:
        payload = _checked(keys, token, kind)
        _check_claims(payload, audiences, issuer, longest)
    except TokenRefused:
        raise
    except Exception as error:  # whatever the library raises is a refusal
        raise TokenRefused from error
    return payload


def verify_document(keys: SigningKeys, token: str, kind: str) -> dict[str, Any]:
    """The payload of a signed receipt. Raises TokenRefused."""
    try:
        return _checked(keys, token, kind)
    except TokenRefused:
        raise
    except Exception as error:
        raise TokenRefused from error


def _checked(keys: SigningKeys, token: str, kind: str) -> dict[str, Any]:
    if len(token) > LARGEST or not token.isascii():
        raise TokenRefused("token-malformed")
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - header, payload, signature
        raise TokenRefused("token-malformed")
    header, payload, signature = (_canonical(part) for part in parts)
    key = _key_of(keys, _members(header), kind)
    claims = _members(payload)
    if len(signature) != SIGNATURE:
        raise TokenRefused
    jws.verify(token, _public(key.public_pem), algorithms=["ES256"])
    return claims


def _canonical(part: str) -> bytes:
    """base64url without padding, and only in its one canonical spelling."""
    raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != part:
        raise TokenRefused("token-malformed")
    return raw


def _members(raw: bytes) -> dict[str, Any]:
    """A JSON object without duplicate names, NaN or Infinity."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) != len(pairs):
            raise TokenRefused
        return members

    def refuse(_: str) -> Any:
        raise TokenRefused

    value = json.loads(raw.decode("utf-8"), object_pairs_hook=unique, parse_constant=refuse)
    if not isinstance(value, dict):
        raise TokenRefused("token-malformed")
    return value


def _key_of(keys: SigningKeys, header: Mapping[str, Any], kind: str) -> SigningKey:
    if set(header) != {"alg", "kid", "typ"} or header["alg"] != "ES256" or header["typ"] != kind:
        raise TokenRefused
    kid = header["kid"]
    if not isinstance(kid, str) or kid not in keys.by_kid:
        raise TokenRefused
    return keys.by_kid[kid]


def _check_claims(claims: Mapping[str, Any], audiences: tuple[str, ...], issuer: str, longest: timedelta) -> None:
    for name, kind in REQUIRED.items():
        if type(claims.get(name)) is not kind:  # bool is not an int here, and 1.0 is not either
            raise TokenRefused
    issued, expires = claims["iat"], claims["exp"]
    if claims["aud"] not in audiences or claims["iss"] != issuer:
        raise TokenRefused
    if not 0 < issued < expires < TIME_LIMIT or expires - issued > longest.total_seconds():
        raise TokenRefused
    now = clock.now().timestamp()
    if issued > now + LEEWAY:
        raise TokenRefused
    if expires + LEEWAY < now:
        raise TokenRefused("token-expired")
