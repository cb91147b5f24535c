"""The customer's key: made here, kept here, never sent. A passphrase wraps it; the key is never derived from one."""

import base64
import json
import os
import secrets
import stat
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from wm_api.capture.problems import KeyFileBad
from wm_api.records.employee_keys import kid_of

LENGTH, SALT, NONCE = 32, 16, 12
MEMORY_KIB, PASSES, LANES = 64 * 1024, 3, 4


@dataclass(frozen=True, slots=True)
class CustomerKey:
    account: str
    epoch: str
    secret: bytes

    @property
    def kid(self) -> str:
        return kid_of(self.secret)


def make_key_file(path: Path, account: str, epoch: str = "1", passphrase: str | None = None) -> CustomerKey:
    """32 random bytes, mode 0600. Raises KeyFileBad when the file exists: a key is never overwritten."""
    key = CustomerKey(account, epoch, secrets.token_bytes(LENGTH))
    document = {
        "version": 1,
        "account": account,
        "epoch": epoch,
        "kid": key.kid,
        **({"secret": _text(key.secret)} if passphrase is None else {"wrapped": _wrapped(key, passphrase)}),
        "checksum": _checksum(account, epoch, key.secret),
    }
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise KeyFileBad(f"{path} exists; a key is never overwritten. Choose another name with --out.") from error
    except OSError as error:
        raise KeyFileBad(f"{path} cannot be written: {error.strerror}.") from error
    with os.fdopen(handle, "w") as file:
        file.write(json.dumps(document, indent=1) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return key


def read_key_file(path: Path, ask: Callable[[], str]) -> CustomerKey:
    """The key; `ask` gives the passphrase of a wrapped one. Raises KeyFileBad."""
    try:
        mode = path.stat().st_mode
        document = json.loads(path.read_text(encoding="utf-8"))
        account, epoch, kid = (str(document[name]) for name in ("account", "epoch", "kid"))
        plain, wrapped = document.get("secret"), document.get("wrapped")
        secret = b"" if plain is None else base64.urlsafe_b64decode(plain)
    except FileNotFoundError as error:
        raise KeyFileBad(f"There is no key file {path}. Make one with wm-capture keygen.") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise KeyFileBad(f"{path} is not a key file of wm-capture keygen.") from error
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise KeyFileBad(f"Others may read the key file. Close it with: chmod 600 {path}")
    if wrapped is not None:
        secret = _unwrapped(wrapped, account, epoch, kid, ask())
    if len(secret) != LENGTH or document.get("checksum") != _checksum(account, epoch, secret) or kid != kid_of(secret):
        raise KeyFileBad("The key file is damaged: its checksum differs. Restore it from your backup.")
    return CustomerKey(account, epoch, secret)


def _checksum(account: str, epoch: str, secret: bytes) -> str:
    return sha256(b"\0".join((b"wm-key-file", account.encode(), epoch.encode(), secret))).hexdigest()[:16]


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()


def _bound(account: str, epoch: str, kid: str) -> bytes:
    return b"\0".join((b"wm-key-wrap", account.encode(), epoch.encode(), kid.encode()))


def _wrapping_key(passphrase: str, salt: bytes) -> bytes:
    derived = Argon2id(salt=salt, length=32, iterations=PASSES, lanes=LANES, memory_cost=MEMORY_KIB)
    return derived.derive(passphrase.encode())


def _wrapped(key: CustomerKey, passphrase: str) -> dict[str, Any]:
    salt, nonce = secrets.token_bytes(SALT), secrets.token_bytes(NONCE)
    sealed = AESGCM(_wrapping_key(passphrase, salt)).encrypt(nonce, key.secret, _bound(key.account, key.epoch, key.kid))
    return {
        "kdf": f"argon2id m={MEMORY_KIB} t={PASSES} p={LANES}",
        "cipher": "aes-256-gcm",
        "salt": _text(salt),
        "nonce": _text(nonce),
        "sealed": _text(sealed),
    }


def _unwrapped(wrapped: dict[str, Any], account: str, epoch: str, kid: str, passphrase: str) -> bytes:
    try:
        salt, nonce, sealed = (base64.urlsafe_b64decode(wrapped[name]) for name in ("salt", "nonce", "sealed"))
        return AESGCM(_wrapping_key(passphrase, salt)).decrypt(nonce, sealed, _bound(account, epoch, kid))
    except InvalidTag as error:
        raise KeyFileBad("The passphrase is not that of the key file, or the file is damaged.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise KeyFileBad("The key file is damaged. Restore it from your backup.") from error
