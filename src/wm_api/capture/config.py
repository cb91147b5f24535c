"""What the environment says: address, API key, key file, passphrase."""

import os
import sys
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import typer

from wm_api.capture.key_file import CustomerKey, read_key_file
from wm_api.capture.problems import UsageWrong

DEFAULT_URL = "http://127.0.0.1:8080"
LEAST_PASSPHRASE = 12


def server_url() -> str:
    """https, or this machine: an API key is never sent in the clear. Raises UsageWrong."""
    if "WM_URL" not in os.environ:
        typer.echo(f"WM_URL is not set: using {DEFAULT_URL}.", err=True)
    url = os.environ.get("WM_URL", DEFAULT_URL).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageWrong("WM_URL must be an address such as https://api.example.com.")
    if parts.scheme == "http" and not _is_here(parts.hostname):
        raise UsageWrong("WM_URL must be https: the API key would travel in the clear.")
    return url


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def api_key() -> str:
    """Raises UsageWrong."""
    key = os.environ.get("WM_API_KEY", "").strip()
    if not key:
        raise UsageWrong(
            "Set WM_API_KEY to an API key with the scopes datasets:write, datasets:read and operations:read."
        )
    if not key.isascii() or not key.isprintable():
        raise UsageWrong("WM_API_KEY is not an API key: it looks like wmk_ and letters and digits.")
    return key


def customer_key() -> CustomerKey:
    """Raises UsageWrong, KeyFileBad."""
    path = os.environ.get("WM_CAPTURE_KEY")
    if not path:
        raise UsageWrong("Set WM_CAPTURE_KEY to the path of your key file; make one with wm-capture keygen.")
    return key_in(Path(path))


def key_in(path: Path) -> CustomerKey:
    """The key of a file that is named. Raises KeyFileBad."""
    return read_key_file(path, _known_passphrase)


def journal_path() -> Path:
    """Beside the key file."""
    return Path(os.environ["WM_CAPTURE_KEY"] + ".journal")


def _known_passphrase() -> str:
    given = os.environ.get("WM_CAPTURE_PASSPHRASE")
    return given if given is not None else _typed("Passphrase of the key file")


def _typed(what: str, *, twice: bool = False) -> str:
    """Asked on a terminal only: a scheduler must not wait for somebody. Raises UsageWrong."""
    if not sys.stdin.isatty():
        raise UsageWrong(f"{what}: there is no terminal to type it. Set WM_CAPTURE_PASSPHRASE.")
    return str(typer.prompt(what, hide_input=True, confirmation_prompt=twice, err=True))


def new_passphrase() -> str:
    """Asked twice, or WM_CAPTURE_PASSPHRASE. Raises UsageWrong when it is short."""
    given = os.environ.get("WM_CAPTURE_PASSPHRASE")
    if given is None:
        given = _typed("New passphrase", twice=True)
    if len(given) < LEAST_PASSPHRASE:
        raise UsageWrong(f"A passphrase has at least {LEAST_PASSPHRASE} characters.")
    return given
