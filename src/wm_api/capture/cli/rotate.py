"""wm-capture rotate."""

from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from wm_api.capture import config
from wm_api.capture.cli.endings import ended
from wm_api.capture.cli.options import FileArgument, JsonOption, MappingOption
from wm_api.capture.client import Client
from wm_api.capture.preparation import written
from wm_api.capture.rotation import made_crosswalk
from wm_api.capture.terminal import Watch, screen

PATH = "/v1/employee-key-rotations"


def rotate(
    file: FileArgument,
    mapping: MappingOption,
    old_key: Annotated[Path, typer.Option(help="The key file until now.")],
    new_key: Annotated[Path, typer.Option(help="The key file from now on; make it with keygen.")],
    out: Annotated[Path | None, typer.Option(help="Write the crosswalk (gzipped CSV) here, and send nothing.")] = None,
    json_out: JsonOption = False,
) -> None:
    """Change the key, and keep following everybody.

    Everybody who is in the file: it needs all ids that you will push again.
    Only the pairs of old and new keyed hashes leave. Safe to run again.

    \b
    wm-capture keygen --account ACCOUNT_ID --out new.key
    wm-capture rotate staff.csv --mapping staff.toml \\
      --old-key wm.key --new-key new.key
    export WM_CAPTURE_KEY=new.key
    """  # noqa: D301 - the sign that keeps lines as they are
    old, new = config.key_in(old_key), config.key_in(new_key)
    with Watch() as watch:
        content, people = made_crosswalk(file, mapping, old, new, watch.stage)
        if out is not None:
            written(out, content)
            answer = {"out": str(out)}
        else:
            watch.stage("sending")
            with Client(config.server_url(), config.api_key()) as client:
                answer = client.call("POST", PATH, body=content, headers=_headers(content)).body

    def show() -> None:
        if out is not None:
            screen.print(f"{people:,} people under both keys, written to {escape(str(out))}. Nothing was sent.")
            return
        screen.print(f"{people:,} people are followed from key {old.kid} to key [b]{new.kid}[/b].")
        screen.print(f"From now on push with WM_CAPTURE_KEY={escape(str(new_key))}; the old key is refused.")

    ended(json_out, {"people": people, "old_key_id": old.kid, "new_key_id": new.kid, **answer}, show)


def _headers(content: bytes) -> dict[str, str]:
    name = sha256(content).hexdigest()[:32]
    return {"Content-Type": "text/csv", "Content-Encoding": "gzip", "Idempotency-Key": f"rotation-{name}"}
