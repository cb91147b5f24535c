"""wm-capture keygen."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.markup import escape

from wm_api.capture import config
from wm_api.capture.cli.endings import ended
from wm_api.capture.cli.options import JsonOption
from wm_api.capture.key_file import make_key_file
from wm_api.capture.terminal import screen


def keygen(
    account: Annotated[UUID, typer.Option(help="The account's id, as GET /v1/account shows it.")],
    out: Annotated[Path, typer.Option(help="Where to write the key file, mode 0600.")] = Path("wm.key"),
    passphrase: Annotated[bool, typer.Option("--passphrase", help="Ask for one, and wrap the key with it.")] = False,
    json_out: JsonOption = False,
) -> None:
    """Make the key that turns employee ids into keyed hashes. It never leaves this machine.

    Back the file up. Losing it means a series break: everybody counts as new.
    A passphrase wraps the key; a push then asks for it, or reads WM_CAPTURE_PASSPHRASE.
    """
    key = make_key_file(out, str(account), passphrase=config.new_passphrase() if passphrase else None)

    def show() -> None:
        wrapped = ", wrapped" if passphrase else ""
        screen.print(f"Key [b]{key.kid}[/b] written to {escape(str(out))}, mode 0600{wrapped}.")
        screen.print("Back it up now: losing it means a series break, because everybody then counts as new.")

    ended(json_out, {"kid": key.kid, "account": key.account, "file": str(out), "wrapped": passphrase}, show)
