"""PURE: the signature of a methodology's file, a detached JWS (RFC 7515, appendix F) by ES256 over its bytes."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils


class NotSigned(ValueError):  # noqa: N818 - named for what is so
    """The file is not the one that was signed, or nobody known has signed it. Its text says which."""


def check(raw: bytes, jws: str, keys: Mapping[str, Any]) -> dict[str, str]:
    """The public key (JWK) that signed these bytes, of a set of such keys (JWKS). Raises NotSigned."""
    head, _, rest = jws.partition(".")
    payload, _, signature = rest.partition(".")
    try:
        header = json.loads(_bytes(head))
        jwk = next(dict(each) for each in keys["keys"] if each["kid"] == header["kid"])
        numbers, both = [int.from_bytes(_bytes(jwk[name])) for name in ("x", "y")], _bytes(signature)
    except StopIteration as error:
        raise NotSigned("no known key has signed it") from error
    except (ValueError, KeyError, TypeError) as error:
        raise NotSigned("the signature or the key cannot be read") from error
    if payload or header.get("alg") != "ES256" or len(both) != 64:  # noqa: PLR2004 - r and s, 32 bytes each
        raise NotSigned("the signature is of another kind")
    der = utils.encode_dss_signature(int.from_bytes(both[:32]), int.from_bytes(both[32:]))
    signed = f"{head}.{base64.urlsafe_b64encode(raw).rstrip(b'=').decode()}".encode()
    try:
        key = ec.EllipticCurvePublicNumbers(numbers[0], numbers[1], ec.SECP256R1()).public_key()
        key.verify(der, signed, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError) as error:
        raise NotSigned("the file was changed since, or signed by another key") from error
    return jwk


def _bytes(text: str) -> bytes:
    """base64url without padding. Raises ValueError."""
    if not set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"):
        raise ValueError("not base64url")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
