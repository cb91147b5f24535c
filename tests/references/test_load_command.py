"""`wm-api load-reference` on servers of its own: editions that never change, and the release that they make."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from installed import own_servers
from wm_api.cli import app
from wm_api.dev import Installation
from wm_api.references.packaged import packaged_editions
from wm_api.references.sources import SOURCES

ORIGINALS = Path(__file__).parent / "originals"
JOLTS = ORIGINALS / "jt.data.1.AllItems"
RELEASES = "SELECT name, sha256, sources FROM benchmark_releases ORDER BY published_at"


@pytest.fixture(scope="module")
def servers() -> Iterator[Installation]:
    with own_servers("wm-references-", durable=False) as running:
        yield running


def load(servers: Installation, *arguments: str) -> Result:
    """The originals of tests are cuttings, far smaller than what is packaged."""
    return CliRunner().invoke(app, ["load-reference", *arguments, "--fewer-rows"], env=servers.environment)


def rows(servers: Installation, query: str) -> list[asyncpg.Record]:
    async def ask() -> list[asyncpg.Record]:
        connection = await asyncpg.connect(servers.admin_url.rpartition("/")[0] + "/wm")
        try:
            return list(await connection.fetch(query))
        finally:
            await connection.close()

    return asyncio.run(ask())


def test_an_edition_is_loaded_once_and_frozen_into_a_release_and_never_changes(servers: Installation) -> None:
    before = rows(servers, RELEASES)
    done = load(servers, "bls_jolts", str(JOLTS), "--edition", "2021.1")
    assert done.exit_code == 0, done.output
    name, _, number = before[-1]["name"].rpartition(".")
    assert done.output.splitlines() == [
        "bls_jolts 2021.1: loaded, 6 rows.",
        f"Release {name}.{int(number) + 1} is frozen from it.",
    ]
    again = load(servers, "bls_jolts", str(JOLTS), "--edition", "2021.1")
    assert again.exit_code == 0
    assert "was loaded before" in again.output
    assert "has it already" in again.output
    other = load(servers, "bls_jolts", str(_copied(servers, JOLTS, b"\n")), "--edition", "2021.1")
    assert other.exit_code == 1
    assert "an edition never changes" in other.output
    releases = rows(servers, RELEASES)
    assert releases[:-1] == before
    counts = rows(
        servers, "SELECT label, count(*) AS n FROM benchmark_cells WHERE metric = 'turnover_rate' GROUP BY 1 ORDER BY 1"
    )
    assert [tuple(row) for row in counts] == [("US separations 2021", 28), ("US separations 2021.1", 2)]


def _copied(servers: Installation, file: Path, more: bytes) -> Path:
    copy = servers.folder / file.name
    copy.write_bytes(file.read_bytes() + more)
    return copy


def test_an_earlier_edition_is_kept_and_does_not_count(servers: Installation) -> None:
    before = len(rows(servers, RELEASES))
    done = load(servers, "bls_jolts", str(JOLTS), "--edition", "2020")
    assert done.exit_code == 0
    assert "is newer and stays the one that counts" in done.output
    assert len(rows(servers, RELEASES)) == before


def test_a_migration_loads_the_packaged_editions_and_again_changes_nothing(servers: Installation) -> None:
    before = rows(servers, RELEASES), rows(servers, "SELECT id, loaded_at FROM reference_editions ORDER BY id")
    servers.migrate()
    assert (
        rows(servers, RELEASES),
        rows(servers, "SELECT id, loaded_at FROM reference_editions ORDER BY id"),
    ) == before
    known = {(row["source"], row["edition"]) for row in rows(servers, "SELECT source, edition FROM reference_editions")}
    assert known >= {(each.source.name, each.edition) for each in packaged_editions()}


@pytest.mark.parametrize("change", ["UPDATE reference_editions SET label = 'x'", "DELETE FROM reference_editions"])
def test_not_even_the_owner_of_the_database_changes_an_edition(servers: Installation, change: str) -> None:
    with pytest.raises(asyncpg.RaiseError, match="is never changed"):
        rows(servers, change)


def test_a_file_far_smaller_than_the_last_edition_is_asked_of_before_it_is_frozen(servers: Installation) -> None:
    """One that was cut off between two industries reads well."""
    before = rows(servers, RELEASES)
    named = ["load-reference", "uk_gpg", str(ORIGINALS / "uk_gpg.csv"), "--edition", "2021-22.1"]
    done = CliRunner().invoke(app, named, env=servers.environment)
    assert done.exit_code == 1
    assert "it looks cut off" in done.output
    assert "say so with --fewer-rows" in done.output
    assert rows(servers, RELEASES) == before
    assert not rows(servers, "SELECT FROM reference_editions WHERE source = 'uk_gpg' AND edition = '2021-22.1'")


WRONG = {
    "no such source": (("weather", str(JOLTS), "--edition", "2021"), 2, "choose one of uk_gpg"),
    "no such file": (("bls_jolts", "nowhere.csv", "--edition", "2021"), 2, "nowhere.csv is not a file"),
    "no name": (("bls_jolts", str(JOLTS), "--edition", "last"), 1, "Name it after the year, as 2021"),
    "another file": (("living_wage", str(ORIGINALS / "ebs.csv"), "--edition", "2022"), 1, "There is no column state."),
    "another year": (("bls_jolts", str(JOLTS), "--edition", "2023"), 1, "it has those of 2020 to 2021"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_loaded_is_said_with_the_remedy_and_nothing_is_loaded(servers: Installation, case: str) -> None:
    arguments, code, words = WRONG[case]
    before = rows(servers, "SELECT count(*) FROM reference_editions")
    done = load(servers, *arguments)
    assert (done.exit_code, words in done.output) == (code, True), done.output
    assert rows(servers, "SELECT count(*) FROM reference_editions") == before


def test_a_missing_setting_names_itself(servers: Installation) -> None:
    environment = dict.fromkeys(servers.environment)
    done = CliRunner().invoke(app, ["load-reference", "bls_jolts", str(JOLTS), "--edition", "2021"], env=environment)
    assert done.exit_code == 2
    assert "WM_MIGRATION_URL" in done.output


def test_help_names_every_source_with_its_file_and_how_its_editions_are_named() -> None:
    said = " ".join(CliRunner().invoke(app, ["load-reference", "--help"]).output.split())
    for name, source in SOURCES.items():
        assert f"{name} {source.file}; named after {source.edition}" in said
