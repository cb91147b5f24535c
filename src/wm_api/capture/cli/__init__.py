"""wm-capture keys your employees' ids, codes your job titles and sends only the columns that you map.

Ids, titles and unmapped columns never leave this machine.

\b
A first push:
  wm-capture keygen --account ACCOUNT_ID --out wm.key
  wm-capture inspect staff.csv
  wm-capture map staff.csv --kind workforce --out staff.toml
  export WM_CAPTURE_KEY=wm.key WM_URL=https://api.example.com
  export WM_API_KEY=wmk_...
  wm-capture dry-run staff.csv --mapping staff.toml --as-of 2025-12-31
  wm-capture push staff.csv --mapping staff.toml --as-of 2025-12-31 --wait

\b
Exit codes: 0 done, 1 refused here, 2 usage, 3 refused by the server,
4 network (run the same command again), 5 the file no longer fits its mapping,
6 a fault of wm-capture itself, 130 interrupted.
"""  # noqa: D301 - the sign that keeps lines as they are

from collections.abc import Callable
from typing import Annotated

import typer

from wm_api.capture.cli.decide import commit, discard
from wm_api.capture.cli.dry_run import dry_run
from wm_api.capture.cli.endings import Command, ends_clearly
from wm_api.capture.cli.inspect_file import inspect
from wm_api.capture.cli.keygen import keygen
from wm_api.capture.cli.map_file import map_file
from wm_api.capture.cli.options import spread
from wm_api.capture.cli.push import push
from wm_api.capture.cli.rotate import rotate
from wm_api.capture.cli.verify import verify
from wm_api.capture.cli.watch import watch
from wm_api.capture.client import VERSION

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)
COMMANDS: dict[str, Callable[..., None]] = {
    "keygen": keygen,
    "inspect": inspect,
    "map": map_file,
    "dry-run": dry_run,
    "push": push,
    "watch": watch,
    "commit": commit,
    "discard": discard,
    "verify": verify,
    "rotate": rotate,
}
"""In the order of --help. A command is a plain function in a module of its own; it raises CaptureProblem."""


def _told(asked: bool) -> None:
    if asked:
        typer.echo(f"wm-capture {VERSION}")
        raise typer.Exit


@app.callback(help=__doc__)
def begin(
    version: Annotated[
        bool, typer.Option("--version", callback=_told, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    """Before each command; options that need none end here."""


for name, command in COMMANDS.items():
    app.command(name, cls=Command)(ends_clearly(spread(command)))
