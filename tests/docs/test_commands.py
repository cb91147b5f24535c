"""The commands of README and docs are run as they are printed, in order, against a live `wm-api dev`."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from companies import ALL_KEY_SCOPES, Company, published_score, sign_up
from wm_api.demo.installation import free_port

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    page.relative_to(ROOT).as_posix()
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md"))
    if not {"adr", "problems"} & set(page.relative_to(ROOT).parts)
)
BLOCK = re.compile(r"^```(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUN = {"sh", "python"}
SHOWN = {"console", "ts", "toml", "json", "text", "http"}
NOT_RUN = {
    "README.md": 2,  # make demo and make test, which run this; the server that the others need
    "CONTRIBUTING.md": 2,  # as above
    "docs/operating.md": 4,  # processes that do not end, a PostgreSQL of one's own, files of publishers, containers
    "docs/frontend/README.md": 1,  # generated types need Node
}
"""Blocks that cannot run here, by page."""


def blocks(page: str) -> list[tuple[str, str]]:
    return [(language, text) for language, text in BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))]


@dataclass(frozen=True)
class Live:
    """A running `wm-api dev`, and a company for each page that says it has one."""

    url: str

    async def company(self) -> dict[str, str]:
        """What docs/integrators, docs/partners say is set: an account, its key, and a grant that waits for an answer."""
        async with httpx.AsyncClient(base_url=self.url, timeout=60) as http:
            giver, ours = await sign_up(http), await sign_up(http)
            await published_score(giver)
            body = {"grantee": {"account_id": ours.id}, "detail": "metrics", "purpose": "lending"}
            grant = await giver.call(
                "POST", "/v1/share-grants", 201, json={**body, "expires_at": "2027-06-01T00:00:00Z"}
            )
            return {
                "WM_ACCOUNT": ours.id,
                "WM_TOKEN": ours.headers["Authorization"].removeprefix("Bearer "),
                "WM_API_KEY": await self._key(ours),
                "WM_GRANT": str(grant["id"]),
            }

    async def _key(self, company: Company) -> str:
        made = await company.call("POST", "/v1/api-keys", 201, json={"name": "docs", "scopes": ALL_KEY_SCOPES})
        return str(made["secret"])


@pytest.fixture(scope="module")
def live() -> Iterator[Live]:
    folder, port = Path(tempfile.mkdtemp(prefix="wm-docs-")), free_port()
    folder.chmod(0o755)
    command = [sys.executable, "-m", "wm_api", "dev", "--port", str(port), "--data-dir", str(folder / "data")]
    with (folder / "dev.log").open("w") as log, subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as dev:
        ends = time.monotonic() + 180
        try:
            while not _answers(f"http://127.0.0.1:{port}/readyz"):
                assert dev.poll() is None, (folder / "dev.log").read_text()[-2000:]
                assert time.monotonic() < ends
                time.sleep(0.2)
            yield Live(f"http://127.0.0.1:{port}")
        finally:
            dev.terminate()
    shutil.rmtree(folder, ignore_errors=True)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


def scratch(folder: Path) -> Path:
    """What a clone holds, without its history."""
    for name in ("examples", "deploy", "docs", "openapi"):
        (folder / name).symlink_to(ROOT / name)
    (folder / ".venv").symlink_to(sys.prefix)
    return folder


def script(page: str, folder: Path) -> str:
    """The page's blocks as one shell script: what one block sets the next one has."""
    lines = ["set -euo pipefail"]
    for number, (language, text) in enumerate(blocks(page), start=1):
        if language == "sh":
            lines += [f"echo '== block {number}' >&2", text]
        elif language == "python":
            (folder / f"block{number}.py").write_text(text)
            lines += [f"echo '== block {number}' >&2", f".venv/bin/python block{number}.py"]
    return "\n".join(lines)


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if RUN & {language for language, _ in blocks(page)}])
def test_every_command_of_the_page_runs_as_printed(live: Live, page: str, tmp_path: Path) -> None:
    folder = scratch(tmp_path)
    given = {} if page == "README.md" else asyncio.run(live.company())
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WM_")}
    environment = {**kept, **given, "WM_URL": live.url, "PART": "20000", "COLUMNS": "100"}
    done = subprocess.run(
        ["bash", "-c", script(page, folder)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-3000:]}"


def test_every_block_has_a_known_language_and_what_does_not_run_is_listed() -> None:
    assert len(PAGES) > 8
    found = {page: [language for language, _ in blocks(page)] for page in PAGES}
    assert {language for languages in found.values() for language in languages} <= RUN | SHOWN
    assert {page: languages.count("console") for page, languages in found.items() if "console" in languages} == NOT_RUN


def links(text: str) -> list[str]:
    prose = BLOCK.sub("", text)
    return [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", prose) if "://" not in link]


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file(page: str) -> None:
    lost = [
        link for link in links((ROOT / page).read_text()) if link and not (ROOT / page).parent.joinpath(link).exists()
    ]
    assert lost == []


@pytest.mark.parametrize("page", PAGES)
def test_every_row_of_a_table_has_the_cells_of_its_head(page: str) -> None:
    rows = [line.strip() for line in BLOCK.sub("", (ROOT / page).read_text()).splitlines()]
    width, odd = 0, []
    for before, row in zip(["", *rows], rows, strict=False):
        if not row.startswith("|"):
            continue
        cells = len(re.split(r"(?<!\\)\|", row)) - 2
        width = cells if not before.startswith("|") else width
        if cells != width or not row.endswith("|"):
            odd.append(row)
    assert odd == []


@pytest.mark.parametrize("page", PAGES)
def test_rows_are_never_called_anonymous(page: str) -> None:
    assert not re.search(r"(?i)\banonym", (ROOT / page).read_text())
