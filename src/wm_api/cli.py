"""wm-api runs the Working Metrics service.

\b
To look at it, with nothing configured:
  wm-api demo                 the main job on a scratch installation
  wm-api dev                  everything in one process tree, until Ctrl-C

\b
On servers of your own (docs/operating.md has every setting):
  wm-api migrate              the schema; as WM_MIGRATION_URL
  wm-api serve                one API process
  wm-api worker               one worker process
  wm-api verify-score ID      compute a score once more and compare
  wm-api load-reference       a new edition of a public source, or your table
  wm-api admit-contributor    a verified company counts in what is released
  wm-api release-benchmarks   statistics of many companies, once a year

Exit codes: 0 done, 1 not as it should be, 2 a setting or an option is missing or wrong.
"""  # noqa: D301 - the sign that keeps lines as they are

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import fill
from typing import Annotated, cast
from uuid import UUID

import typer
import uvicorn
from pydantic import SecretStr

from wm_api.benchmarks.contributed.plan import PLANS
from wm_api.core import clock
from wm_api.core.logs import configure_logs
from wm_api.core.server_folder import ServerDidNotStart
from wm_api.core.settings import NEEDED, Settings
from wm_api.core.web.problem_pages import problem_pages
from wm_api.core.web.rule_page import rule_page
from wm_api.demo import run_demo
from wm_api.dev import run_dev, standing
from wm_api.migrate import load_reference, load_references, migrate
from wm_api.references.loaders.original import WrongFile
from wm_api.references.sources import SOURCES, EditionRefused
from wm_api.releases.admission import admit_contributor, revoke_contributor
from wm_api.releases.errors import CannotRelease
from wm_api.scores.verify_command import verify_score
from wm_api.worker import main as run_worker

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False, rich_markup_mode=None
)
ROOT = Path(__file__).resolve().parents[2]
CONTRACT, PROBLEM_PAGES = ROOT / "openapi" / "v1.json", ROOT / "docs" / "problems"
RULE_PAGE = ROOT / "docs" / "integrators" / "rules.md"
REFERENCE_SOURCES = "\b\nSources, each with its file and the name of an edition:\n" + "\n".join(
    fill(f"{source.file}; named after {source.edition}", 78, initial_indent=f"  {name:<15}", subsequent_indent=" " * 17)
    for name, source in SOURCES.items()
)
Port = Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)]


@contextmanager
def _servers_start() -> Iterator[None]:
    """Where one does not, the reason is told and no trace."""
    try:
        yield
    except ServerDidNotStart as why:
        typer.echo(str(why), err=True)
        raise typer.Exit(1) from why


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
    """Start everything in one process tree.

    That is PostgreSQL, a Redis-compatible server, the schema, a worker and the API, with nothing configured.
    Data, secrets and logs (api.log, worker.log) lie in the data folder and survive a restart. Stop with Ctrl-C.

    With WM_DATABASE_URL set nothing embedded starts: API and worker run on your servers, after `wm-api migrate`.
    """
    settings = Settings(data_dir=data_dir)
    if not settings.embedded:
        _stop_unless_complete()
    with _servers_start():
        run_dev(port, settings)


@app.command()
def serve(port: Port = 8080, host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1") -> None:
    """Run one API process on servers of your own.

    It needs WM_DATABASE_URL, WM_REDIS_URL, WM_STORAGE_URL, WM_KEYSTORE_URL, WM_MASTER_KEY, WM_PASSWORD_PEPPER and
    WM_SIGNING_KEYS; what is missing is named.
    Start as many as you like. /healthz says whether it lives, /readyz whether it can work, /docs shows the contract.
    """
    _stop_unless_complete()
    uvicorn.run(
        "wm_api.main:application",  # by name: no other command needs the routes, a third of the time to start
        factory=True,
        host=host,
        port=port,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=5,
        server_header=False,
        proxy_headers=False,  # WM_TRUSTED_PROXIES says whose are believed
    )


@app.command()
def worker() -> None:
    """Run one worker process on servers of your own.

    It has the settings of `serve`, and logs in by WM_WORKER_URL where that is set. It computes what was pushed
    and removes what is over. Start as many as there is work for. SIGTERM hands its jobs
    to the others.
    """
    _stop_unless_complete()
    run_worker()


@app.command("migrate")
def migrate_command() -> None:
    """Bring the database up to date.

    It takes WM_MIGRATION_URL to the newest schema and loads the packaged reference release. Run it before a new
    version serves; again does no harm. deploy/roles.sql makes the roles it needs.
    """
    _stop_unless_complete(("migration_url",))
    url = cast("SecretStr", Settings().migration_url).get_secret_value()
    migrate(url)
    asyncio.run(load_references(url))
    typer.echo("The database is up to date.")


@app.command("load-reference", epilog=REFERENCE_SOURCES)
def load_reference_command(
    source: Annotated[str, typer.Argument(help=f"One of {', '.join(SOURCES)}.", show_default=False)],
    file: Annotated[Path, typer.Argument(help="The original, as it was published; also packed by gzip (.gz).")],
    edition: Annotated[str, typer.Option(help="Its name, after what it is of: 2022, 2022-23, 2026-05, 2022-H1.")],
    fewer_rows: Annotated[
        bool, typer.Option("--fewer-rows", help="The file is whole, though far smaller than the last edition.")
    ] = False,
) -> None:
    """Load an edition of a reference table.

    The file is the one that the source publishes. An edition never changes: the same file again does no harm, another
    file under its name is refused. Of each source the last edition in the order of names counts for figures and scores
    that are computed from now on; scores that were computed before keep what they rest on. With statistics that
    companies are compared with, the next benchmark release is frozen too. It has the setting of `migrate`.
    """
    _stop_unless_complete(("migration_url",))
    if source not in SOURCES or not file.is_file():
        wrong = f"There is no source {source!r}: choose one of {', '.join(SOURCES)}."
        typer.echo(wrong if source not in SOURCES else f"{file} is not a file.", err=True)
        raise typer.Exit(2)
    url = cast("SecretStr", Settings().migration_url).get_secret_value()
    try:
        lines = asyncio.run(load_reference(url, SOURCES[source], file, edition, fewer_rows=fewer_rows))
    except (WrongFile, EditionRefused) as error:
        typer.echo(f"{source} was not loaded. {error}", err=True)
        raise typer.Exit(1) from error
    typer.echo("\n".join(lines))


@app.command("verify-score")
def verify_score_command(
    score_id: Annotated[UUID, typer.Argument(help="The score's id.")],
    data_dir: Annotated[Path | None, typer.Option(help="The data folder of `wm-api dev`, running or not.")] = None,
) -> None:
    """Compute a score once more and compare.

    It reads the datasets, the benchmark release and the methodology that the score pins, also those that were
    corrected since, and says part by part whether the result is equal, byte for byte. Nothing is written. It has the
    settings of `worker`, or looks into the folder of a local installation with --data-dir. The exit code is 1 where
    anything differs, or a dataset was deleted.
    """
    if data_dir is None:
        _stop_unless_complete()
        whole, lines = asyncio.run(verify_score(Settings(), score_id))
    else:
        with _servers_start(), standing(data_dir) as installation:
            whole, lines = asyncio.run(verify_score(installation.settings, score_id))
    typer.echo("\n".join(lines))
    raise typer.Exit(0 if whole else 1)


@app.command("release-benchmarks")
def release_benchmarks_command(
    plan: Annotated[str, typer.Option(help=f"What is released: {' or '.join(PLANS)}.")] = "score_v1",
    name: Annotated[str, typer.Option(help="The release's name; default: contributed-YEAR.PLAN.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be drawn and what it costs.")] = False,
    abandon: Annotated[bool, typer.Option("--abandon", help="Give up a release that is not published.")] = False,
) -> None:
    """Release statistics of the companies that take part.

    Look with --dry-run first: a draw is spent for the year, also where no cell reaches a gate. Under differential
    privacy those count whose owner agreed, whose group was admitted, who are here for 90 days and have a score that is
    three months old. Every cell of the tree is counted with noise; those that reach their gate are drawn once and
    frozen. What it costs is in the ledger, and the database refuses what would pass a cap: two releases a year at most.
    If it is stopped, run it again with the same name: nothing is drawn twice. One release is open at a time; --abandon
    deletes the snapshot of one that shall not be published, and what it spent stays spent.

    It has the settings of `worker` and WM_RELEASE_URL, the database as wm_release, and needs the extra `release`:
    pip install 'wm-api[release]'.
    """
    _stop_unless_complete((*NEEDED, "release_url"))
    if plan not in PLANS:
        typer.echo(f"There is no plan {plan!r}: choose {' or '.join(PLANS)}.", err=True)
        raise typer.Exit(2)
    try:
        from wm_api.releases.command import abandon_release, release_benchmarks, what_it_costs  # noqa: PLC0415 - an extra of its own
    except ModuleNotFoundError as error:
        typer.echo("OpenDP is missing: pip install 'wm-api[release]'.", err=True)
        raise typer.Exit(2) from error
    day = clock.today()
    named = name or f"contributed-{day.year}.{plan}"
    try:
        if dry_run:
            typer.echo("\n".join(asyncio.run(what_it_costs(Settings(), PLANS[plan], day))))
        elif abandon:
            asyncio.run(abandon_release(Settings(), named, typer.echo))
        else:
            asyncio.run(release_benchmarks(Settings(), named, PLANS[plan], day, typer.echo))
    except CannotRelease as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


@app.command("admit-contributor")
def admit_contributor_command(
    account_id: Annotated[UUID, typer.Argument(help="The account's id.")],
    group: Annotated[
        str | None, typer.Option(help="The corporate group that it belongs to: all of its accounts count as one.")
    ] = None,
    employees: Annotated[int | None, typer.Option(help="Verified number of employees of the account.", min=50)] = None,
    domain_verified: Annotated[bool, typer.Option("--domain-verified", help="The domain was verified.")] = False,
    payment_verified: Annotated[bool, typer.Option("--payment-verified", help="A payment was verified.")] = False,
    revoke: Annotated[bool, typer.Option("--revoke", help="Take back, from the next release on.")] = False,
) -> None:
    """Admit a verified company to contributed benchmarks.

    Somebody who makes up companies could surround one and see it through the rest. So only verified groups count, each
    once, and only where an owner agreed (PUT /v1/account/contribution). Run it again to correct group or employees.
    Each of it is a line in the account's events.
    It has the settings of `worker` and WM_RELEASE_URL.
    """
    _stop_unless_complete((*NEEDED, "release_url"))
    try:
        if revoke:
            asyncio.run(revoke_contributor(Settings(), account_id))
        elif group is None or employees is None or not (domain_verified and payment_verified):
            typer.echo(
                "Verify domain and payment, then say so, with the group and its employees: --group --employees"
                " --domain-verified --payment-verified.",
                err=True,
            )
            raise typer.Exit(2)
        else:
            asyncio.run(admit_contributor(Settings(), account_id, group, employees))
    except CannotRelease as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    done = (
        "Revoked. It counts in no release from the next one on; what is published stays."
        if revoke
        else "Admitted. It counts from the next release on, once an owner has agreed and after 90 days."
    )
    typer.echo(done)


@app.command()
def openapi(check: Annotated[bool, typer.Option("--check", help="Only compare; 1 when it differs.")] = False) -> None:
    """Write the contract and the pages made from it.

    These are openapi/v1.json, the pages of problems and the page of rules. They come from the application and are
    committed. With --check nothing is written: every file that differs is named, and the exit code is 1.
    """
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
    typer.echo(f"Wrote {CONTRACT.relative_to(ROOT)} and {len(files) - 2} pages of problems, one of rules.")


def _contract_files() -> dict[Path, bytes]:
    from wm_api.main import create_app  # noqa: PLC0415 - as for `serve`

    contract: bytes = create_app(Settings()).state.contract()
    pages = problem_pages(json.loads(contract))
    return {
        CONTRACT: contract,
        RULE_PAGE: rule_page().encode(),
        **{PROBLEM_PAGES / name: text.encode() for name, text in pages.items()},
    }


@app.command()
def demo(
    extract: Annotated[Path | None, typer.Option(help="A vendor's file; default: the bundled example.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="Its mapping.")] = None,
    as_of: Annotated[str | None, typer.Option(help="The day on which it was true, YYYY-MM-DD.")] = None,
    figures: Annotated[Path | None, typer.Option("--json", help="Write all figures here.")] = None,
) -> None:
    """Run the main job on a scratch installation.

    Two companies sign up; one pushes an extract, gets metrics and a score, publishes and shares it; the other reads
    it, until it is revoked. Refusals are tried too. The exit code is 1 if any step is not as it should be.
    """
    sys.exit(run_demo(extract, mapping, as_of, figures))
