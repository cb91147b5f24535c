"""`python tools/sign_methodology.py VERSION`: sign the file of a methodology that is about to be released.

A new key is made for each version and forgotten at once: nobody can sign another file under that name later. Its public
part takes the place of the one that the version had, if any. Never for a version that scores were published with.
"""

import argparse
import base64
import json
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

FOLDER = Path(__file__).resolve().parents[1] / "src" / "wm_api" / "scores" / "methodology"


def sign(folder: Path, version: str) -> None:
    """Writes the signature beside the file, and the public key into the set of keys."""
    private = ec.generate_private_key(ec.SECP256R1())
    jwk = _jwk(private.public_key().public_numbers())
    head = _text(json.dumps({"alg": "ES256", "kid": jwk["kid"]}, separators=(",", ":")).encode())
    signed = f"{head}.{_text((folder / f'{version}.json').read_bytes())}".encode()
    r, s = utils.decode_dss_signature(private.sign(signed, ec.ECDSA(hashes.SHA256())))
    keys, signature = folder / "keys.json", folder / f"{version}.jws"
    known = json.loads(keys.read_text())["keys"] if keys.exists() else []
    old = _kid(signature.read_text()) if signature.exists() else None
    kept = [each for each in known if each["kid"] != old]
    signature.write_text(f"{head}..{_text(r.to_bytes(32) + s.to_bytes(32))}\n")
    keys.write_text(json.dumps({"keys": [*kept, jwk]}, indent=1) + "\n")


def _jwk(numbers: ec.EllipticCurvePublicNumbers) -> dict[str, str]:
    """Named by its thumbprint (RFC 7638)."""
    members = {"crv": "P-256", "kty": "EC", "x": _text(numbers.x.to_bytes(32)), "y": _text(numbers.y.to_bytes(32))}
    thumbprint = sha256(json.dumps(members, sort_keys=True, separators=(",", ":")).encode()).digest()
    return {**members, "kid": _text(thumbprint), "alg": "ES256", "use": "sig"}


def _kid(jws: str) -> str:
    head = jws.partition(".")[0]
    return str(json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"])


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("version")
    sign(FOLDER, parser.parse_args().version)
