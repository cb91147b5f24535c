"""The agent in one file: with an empty Python and no package index, from key to an accepted push."""

import ast
import asyncio
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest

from capture.agents import Agent
from capture.customers import ACCOUNT, MAPPING, STAFF
from capture.wires import Wire, wire_to

ROOT = Path(__file__).resolve().parents[2]
PYTHON = Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
NEEDED = {
    "annotated-doc", "annotated-types", "anyio", "backports-zstd", "certifi", "cffi", "cryptography", "fastexcel", "h11",
    "httpcore", "httpx", "idna", "jinja2", "markdown-it-py", "markupsafe", "mdurl", "numpy", "polars", "polars-runtime-32", "pycparser", "pydantic",
    "pydantic-core", "pygments", "rich", "shellingham", "typer", "typing-extensions", "typing-inspection",
}  # fmt: skip


@pytest.fixture(scope="module")
def zipapp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("built") / "wm-capture.pyz"
    subprocess.run([sys.executable, str(ROOT / "tools" / "capture_zipapp.py"), "--out", str(out)], check=True)
    return out


def bare(home: Path, **more: str) -> dict[str, str]:
    """Nothing of this environment; a package index, if one were asked, is nowhere."""
    nowhere = "http://127.0.0.1:1"
    return {
        "HOME": str(home),
        "PATH": "/usr/bin:/bin",
        "https_proxy": nowhere,
        "http_proxy": nowhere,
        "COLUMNS": "80",
        **more,
    }


def imported(*packages: str) -> Iterator[str]:
    """Top-level names that the source of these packages imports."""
    for package in packages:
        for file in (ROOT / "src" / "wm_api" / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    yield from (each.name.partition(".")[0] for each in node.names)
                elif isinstance(node, ast.ImportFrom):
                    yield str(node.module).partition(".")[0]


def test_all_that_the_agent_imports_is_in_the_file() -> None:
    """The quick half: a new import of `records` is seen before anybody builds the file.

    What no distribution here holds comes with a later Python (compression).
    """
    known = packages_distributions()
    foreign = set(imported("capture", "records")) - set(sys.stdlib_module_names) - {"wm_api"}
    needed = {re.sub(r"[-_.]+", "-", name).lower() for module in foreign for name in known.get(module, [])}
    assert needed >= {"numpy", "polars", "typer"}
    assert needed - NEEDED == set()


@pytest.mark.slow
def test_the_file_holds_what_the_agent_needs_and_nothing_of_the_server(zipapp: Path) -> None:
    names = zipfile.ZipFile(zipapp).namelist()
    held = {match[1] for name in names if (match := re.match(r"lib/([^/]+)-[^-/]+\.dist-info/METADATA$", name))}
    assert {re.sub(r"[-_.]+", "-", name).lower() for name in held} == NEEDED | {"wm-api"}
    own = {name.split("/")[2] for name in names if name.startswith("lib/wm_api/")}
    assert own == {"__init__.py", "capture", "records"}
    assert not {
        name
        for name in names
        if re.search(r"^lib/(fastapi|sqlalchemy|asyncpg|starlette|uvicorn|arq|redis|obstore)", name)
    }


@pytest.mark.slow
def test_it_unpacks_itself_once_closed_to_others_and_says_where_it_cannot(zipapp: Path, tmp_path: Path) -> None:
    assert subprocess.run(
        [PYTHON, "-I", "-c", "import polars"], env=bare(tmp_path), capture_output=True, check=False
    ).returncode
    command = [str(PYTHON), "-I", str(zipapp), "--help"]
    for _ in range(2):
        done = subprocess.run(command, env=bare(tmp_path), capture_output=True, text=True, check=True)
        assert "Exit codes" in done.stdout
    told = subprocess.run([*command[:-1], "--version"], env=bare(tmp_path), capture_output=True, text=True, check=True)
    assert told.stdout == f"wm-capture {version('wm-api')}\n"
    (place,) = (tmp_path / ".cache" / "wm-capture").iterdir()
    assert place.stat().st_mode & 0o077 == 0
    nowhere = bare(tmp_path, WM_CAPTURE_CACHE=str(zipapp))
    failed = subprocess.run(command, env=nowhere, capture_output=True, text=True, check=False)
    assert (failed.returncode, "Set WM_CAPTURE_CACHE" in failed.stderr) == (1, True)


@pytest.mark.slow
async def test_it_pushes_to_a_live_server(
    zipapp: Path, agent: Agent, address: tuple[str, int], worker: None, tmp_path: Path
) -> None:
    staff, mapping = agent.customer.file("staff.csv", STAFF), agent.customer.file("staff.toml", MAPPING)
    key = str(tmp_path / "zip.key")
    async with wire_to(address, Wire()) as wire:
        settings = bare(tmp_path, WM_URL=wire.url, WM_API_KEY=agent.secret, WM_CAPTURE_KEY=key)
        lines = []
        for arguments in (
            ["keygen", "--account", agent.company.id, "--out", key, "--json"],
            ["dry-run", staff, "--mapping", mapping, "--out", str(tmp_path / "out.parquet"), "--json"],
            ["push", staff, "--mapping", mapping, "--wait", "--json"],
            ["verify", "--json"],
        ):
            run = await asyncio.create_subprocess_exec(
                str(PYTHON), "-I", str(zipapp), *arguments,
                env=settings, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
            out, said = await asyncio.wait_for(run.communicate(), 120)
            assert run.returncode == 0, said.decode()
            lines.append(json.loads(out))
    assert lines[2]["operation"]["state"] == "succeeded"
    assert {each["ok"] for each in lines[3]["checks"]} == {True}
    assert [each["state"] for each in await agent.datasets()] == ["accepted"]
    assert ACCOUNT not in json.dumps(lines)
