"""wm-api: run the service, migrate, write the contract, show it all in a demo."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated, cast

import typer
import uvicorn
from pydantic import SecretStr

from wm_api.core.logs import configure_logs
from wm_api.core.settings import NEEDED, Settings
from wm_api.core.web.problem_pages import problem_pages
from wm_api.demo import run_demo
from wm_api.dev import run_dev
from wm_api.main import application, create_app
from wm_api.migrate import load_references, migrate
from wm_api.worker import main as run_worker

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)
ROOT = Path(__file__).resolve().parents[2]
CONTRACT, PROBLEM_PAGES = ROOT / "openapi" / "v1.json", ROOT / "docs" / "problems"
Port = Annotated[int, typer.Option(help="Port on 127.0.0.1.")]


def _stop_unless_complete(names: tuple[str, ...] = NEEDED) -> None:
    """A missing secret stops the start and names itself."""
    if lines := Settings().lacking(names):
        typer.echo("\n".join(lines), err=True)
        raise typer.Exit(2)


@app.command()
def dev(
    port: Port = 8080,
    data_dir: Annotated[Path, typer.Option(help="Where the embedded servers keep their data.")] = Path(".wm"),
) -> None:
    """Start everything: PostgreSQL, Redis-compatible server, API and worker, with nothing configured.

    With WM_DATABASE_URL set nothing embedded starts: API and worker run on your servers, after `wm-api migrate`.
    """
    settings = Settings(data_dir=data_dir)
    if not settings.embedded:
        _stop_unless_complete()
    run_dev(port, settings)


@app.command()
def serve(port: Port = 8080, host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1") -> None:
    """Run one API process on the servers that WM_DATABASE_URL, WM_REDIS_URL and WM_STORAGE_URL name."""
    _stop_unless_complete()
    uvicorn.run(
        application,
        factory=True,
        host=host,
        port=port,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=5,
        server_header=False,
    )


@app.command()
def worker() -> None:
    """Run one worker process on the same servers; run as many as there is work for."""
    _stop_unless_complete()
    run_worker()


@app.command("migrate")
def migrate_command() -> None:
    """Bring the database of WM_MIGRATION_URL to the newest schema and load the packaged reference release."""
    _stop_unless_complete(("migration_url",))
    url = cast("SecretStr", Settings().migration_url).get_secret_value()
    migrate(url)
    asyncio.run(load_references(url))
    typer.echo("The database is up to date.")


@app.command()
def openapi(check: Annotated[bool, typer.Option("--check", help="Only compare; 1 when it differs.")] = False) -> None:
    """Write the contract to openapi/v1.json, and a page for each problem code to docs/problems."""
    configure_logs()
    files = _contract_files()
    stale = set(PROBLEM_PAGES.glob("*.md")) - set(files)
    if check:
        differing = [path for path, content in files.items() if not path.exists() or path.read_bytes() != content]
        for path in [*differing, *stale]:
            typer.echo(f"{path.relative_to(ROOT)} differs from the application: run `wm-api openapi`.", err=True)
        raise typer.Exit(1 if differing or stale else 0)
    for path, content in files.items():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    for path in stale:
        path.unlink()
    typer.echo(f"Wrote {CONTRACT.relative_to(ROOT)} and {len(files) - 1} pages of problems.")


def _contract_files() -> dict[Path, bytes]:
    contract: bytes = create_app(Settings()).state.contract
    pages = problem_pages(json.loads(contract))
    return {CONTRACT: contract, **{PROBLEM_PAGES / name: text.encode() for name, text in pages.items()}}


@app.command()
def demo(
    extract: Annotated[Path | None, typer.Option(help="A vendor's file; default: the bundled example.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="Its mapping.")] = None,
    as_of: Annotated[str | None, typer.Option(help="The day on which it was true, YYYY-MM-DD.")] = None,
    figures: Annotated[Path | None, typer.Option("--json", help="Write all figures here.")] = None,
) -> None:
    """The main job, end to end, on a scratch installation: push, metrics, score, share, revoke."""
    sys.exit(run_demo(extract, mapping, as_of, figures))
