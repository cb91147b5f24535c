"""ES256 signing keys by kid (RFC 7638 thumbprint), and the JWKS document."""

import base64
import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One key pair; PEM texts, because `core/tokens.py` builds its objects from PEM only."""

    kid: str
    private_pem: str
    public_pem: str
    jwk: dict[str, str]

    @classmethod
    def of(cls, private: ec.EllipticCurvePrivateKey) -> "SigningKey":
        numbers = private.public_key().public_numbers()
        x, y = (_base64url(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
        members = {"crv": "P-256", "kty": "EC", "x": x, "y": y}
        thumbprint = sha256(json.dumps(members, sort_keys=True, separators=(",", ":")).encode()).digest()
        kid = _base64url(thumbprint)
        pem = serialization.Encoding.PEM
        private_pem = private.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        public_pem = private.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
        return cls(kid, private_pem, public_pem, {**members, "kid": kid, "alg": "ES256", "use": "sig"})


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """All keys by kid; the newest file signs, all verify."""

    by_kid: dict[str, SigningKey]
    current: SigningKey

    @classmethod
    def load(cls, folder: Path) -> "SigningKeys":
        """Raises FileNotFoundError when the folder holds no key."""
        files = sorted(folder.glob("*.pem"), key=lambda file: (file.stat().st_mtime_ns, file.name))
        keys = [cls._read(file) for file in files]
        if not keys:
            raise FileNotFoundError("the folder of signing keys holds no .pem file")
        return cls({key.kid: key for key in keys}, keys[-1])

    @staticmethod
    def _read(file: Path) -> SigningKey:
        private = serialization.load_pem_private_key(file.read_bytes(), password=None)
        if not isinstance(private, ec.EllipticCurvePrivateKey) or private.curve.name != "secp256r1":
            raise ValueError("a signing key must be ES256 (P-256)")
        return SigningKey.of(private)

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        return {"keys": [key.jwk for key in self.by_kid.values()]}


def make_signing_key(folder: Path) -> str:
    """Write a new private key, mode 0600, named by its kid. Returns the kid."""
    key = SigningKey.of(ec.generate_private_key(ec.SECP256R1()))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / f"{key.kid}.pem"
    file.touch(mode=0o600)
    file.write_text(key.private_pem)
    return key.kid
