"""Tokens that look right and are not: each differs from a good one in one thing."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from wm_api.core import clock, tokens
from wm_api.core.signing_keys import SigningKeys

KINDS = (tokens.ACCESS, tokens.RECEIPT, "JWT", "at+JWT", "vc+jwt", "application/at+jwt", "wm-statement+jwt")


def encoded(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def changed(claims: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """None leaves a claim out."""
    return {name: value for name, value in {**claims, **changes}.items() if value is not None}


def with_wrong_headers(keys: SigningKeys, good: str) -> list[str]:
    header, payload, signature = good.split(".")
    right = json.loads(base64.urlsafe_b64decode(header + "=="))
    kid = keys.current.kid
    kids: list[Any] = ["", "../../etc/passwd", "/dev/null", "x", f"{kid}\0", 1, None, [kid], {}]
    heads: list[Any] = [
        *({**right, "alg": alg} for alg in ("none", "None", "NONE", "HS256", "RS256", "ES384", "EdDSA", "", None, 1)),
        *({**right, "kid": each} for each in kids),
        *({**right, "typ": typ} for typ in ("JWT", "vc+jwt", "wm-receipt+jwt", "AT+JWT", "", None, 1)),
        *({**right, name: "x"} for name in ("jku", "jwk", "x5u", "x5c", "crit", "cty", "b64", "zip", "enc")),
        {"alg": "ES256"}, {"kid": kid}, {}, [], "text", 1, None,
    ]  # fmt: skip
    return [f"{encoded(head)}.{payload}.{signature}" for head in heads]


def with_wrong_claims(keys: SigningKeys, claims: Mapping[str, Any]) -> list[str]:
    """Signed by us, and still not what a use expects."""
    now = int(clock.now().timestamp())
    wrong: list[dict[str, Any]] = [
        *({"aud": aud} for aud in ("b", [claims["aud"]], None, "", claims["aud"] + "/", claims["aud"].upper())),
        *({"iss": iss} for iss in ("x", None, "", claims["iss"] + "/")), {"sub": None}, {"sub": 1}, {"jti": None}, {"jti": 7},
        *({"exp": exp} for exp in (None, str(now + 60), now + 60.5, True, now + 999_999, 2**40, -1, 1e400, [now + 60])),
        *({"iat": iat} for iat in (None, str(now), now + 0.5, False, -5, now + 3000)),
        {"iat": now - 4000, "exp": now - 3000}, {"iat": now + 3000, "exp": now + 3500}, {"iat": 0, "exp": 1},
        {"iat": now, "exp": now - 1}, {"iat": now - 700, "exp": now - 100},
    ]  # fmt: skip
    return [tokens.issue(keys, tokens.ACCESS, changed(claims, **each)) for each in wrong]


def with_wrong_shapes(good: str, claims: Mapping[str, Any]) -> list[str]:
    header, payload, signature = good.split(".")
    flipped = base64.urlsafe_b64decode(signature + "==")
    high_s = flipped[:32] + (GROUP_ORDER - int.from_bytes(flipped[32:], "big")).to_bytes(32, "big")
    twice = json.dumps(dict(claims))[:-1] + f', "sub": "{claims["sub"]}"}}'
    return [
        "", ".", "..", "a.b", "a.b.c.d", "a" * 9000, good + "=", good + "A", good[:-1], good + "." + signature,
        f"{header}.{payload}.", f"{header}..{signature}", f".{payload}.{signature}", f"{header}.{payload}.{encoded(b'')}",
        f"{header}.{payload}.{encoded(flipped[::-1])}", f"{header}.{payload}.{encoded(b'0' * 64)}",
        f"{header}.{payload}.{encoded(flipped + b'0')}", f"{header}.{payload}.{encoded(bytes(64))}",
        f"{header}.{encoded({**claims, 'sub': 'other'})}.{signature}", f"{header}.{encoded(b'{')}.{signature}",
        f"{header}.{encoded(twice.encode())}.{signature}", f"{header}.{encoded(b'[' * 3000)}.{signature}",
        good.replace(".", "..", 1), good.swapcase(), encoded({"a": 1}) * 3, f"{encoded(good.encode())}.{payload}.{signature}",
        f"{encoded({'alg': 'ES256', 'kid': good, 'typ': 'at+jwt'})}.{payload}.{signature}", "A" * 1_000_000,
        f"{header}.{'A' * 1_000_000}.{signature}", f"{header}.{payload}.{signature[:43]}", f"{header}.{payload}.{encoded(high_s)}x",
    ]  # fmt: skip


GROUP_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def of_other_kinds(keys: SigningKeys, claims: Mapping[str, Any]) -> list[str]:
    """Every type but the one of this use, signed by us over good claims."""
    return [tokens.issue(keys, kind, claims) for kind in KINDS if kind != tokens.ACCESS]


def hostile(keys: SigningKeys, claims: Mapping[str, Any]) -> list[str]:
    """Each once."""
    good = tokens.issue(keys, tokens.ACCESS, claims)
    heads, bodies = with_wrong_headers(keys, good), with_wrong_claims(keys, claims)
    shapes, kinds = with_wrong_shapes(good, claims), of_other_kinds(keys, claims)
    return list(dict.fromkeys([*heads, *bodies, *shapes, *kinds]))
