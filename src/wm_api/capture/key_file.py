"""The customer's key: made here, kept here, never sent. Losing it means a series break."""

import base64
import json
import secrets
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from wm_api.records.employee_keys import kid_of

LENGTH = 32


class KeyFileBad(Exception):  # noqa: N818 - named for what is wrong
    """Not a key file, or damaged."""


@dataclass(frozen=True, slots=True)
class CustomerKey:
    account: str
    epoch: str
    secret: bytes

    @property
    def kid(self) -> str:
        return kid_of(self.secret)


def _checksum(account: str, epoch: str, secret: bytes) -> str:
    return sha256(b"\0".join((b"wm-key-file", account.encode(), epoch.encode(), secret))).hexdigest()[:16]


def make_key_file(path: Path, account: str, epoch: str = "1") -> CustomerKey:
    """32 random bytes, mode 0600. Raises FileExistsError: a key is never overwritten."""
    secret = secrets.token_bytes(LENGTH)
    path.touch(mode=0o600, exist_ok=False)
    key = CustomerKey(account, epoch, secret)
    document = {
        "version": 1,
        "account": account,
        "epoch": epoch,
        "kid": key.kid,
        "secret": base64.urlsafe_b64encode(secret).decode(),
        "checksum": _checksum(account, epoch, secret),
    }
    path.write_text(json.dumps(document, indent=1) + "\n")
    return key


def read_key_file(path: Path) -> CustomerKey:
    """Raises KeyFileBad."""
    try:
        document = json.loads(path.read_text())
        secret = base64.urlsafe_b64decode(document["secret"])
        account, epoch = str(document["account"]), str(document["epoch"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise KeyFileBad("The key file cannot be read. Make one with wm-capture keygen.") from error
    if len(secret) != LENGTH or document.get("checksum") != _checksum(account, epoch, secret):
        raise KeyFileBad("The key file is damaged: its checksum differs. Restore it from your backup.")
    return CustomerKey(account, epoch, secret)
