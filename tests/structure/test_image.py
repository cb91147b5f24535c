"""Dockerfile and compose file, without an engine: their steps are run in a scratch folder, their commands exist."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from wm_api.cli import app
from wm_api.core import embedded
from wm_api.demo.installation import free_port
from wm_api.dev import Installation

ROOT = Path(__file__).resolve().parents[2]
KNOWN = {"FROM", "WORKDIR", "COPY", "RUN", "USER", "ENV", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"}
COMMANDS = {command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands}


def instructions() -> list[tuple[str, str]]:
    lines = (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
    parsed = [tuple(line.split(" ", 1)) for line in lines if line and not line.startswith("#")]
    return [(name, rest) for name, rest in parsed]


def argument_list(name: str) -> list[str]:
    text = next(rest for each, rest in reversed(instructions()) if each == name)
    return [str(part) for part in json.loads(text[text.index("[") :])]


@dataclass
class Build:
    """Copies and runs what the Dockerfile says; each stage in the same place, as in the image."""

    scratch: Path
    stages: dict[str, Path] = field(default_factory=dict)

    @property
    def place(self) -> Path:
        return self.scratch / "app"

    def run(self) -> None:
        for name, rest in instructions():
            assert name in KNOWN, name
            if name == "FROM":
                self._begin()
            elif name == "COPY":
                self._copy(shlex.split(rest))
            elif name == "RUN":
                self._step(rest)

    def _begin(self) -> None:
        if self.place.exists():
            self.stages["build"] = self.scratch / "stage"
            self.place.rename(self.stages["build"])
        self.place.mkdir()

    def _copy(self, words: list[str]) -> None:
        options = dict(word[2:].split("=", 1) for word in words if word.startswith("--"))
        *sources, target = [word for word in words if not word.startswith("--")]
        for source in sources:
            origin = self.stages[options["from"]] / source.removeprefix("/app/") if "from" in options else ROOT / source
            assert "from" in options or let_through(source), f"{source} is kept out by .dockerignore"
            goal = self.place / target
            goal.parent.mkdir(parents=True, exist_ok=True)  # as a builder does
            if origin.is_dir():
                shutil.copytree(origin, goal, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(origin, goal)

    def _step(self, command: str) -> None:
        tools = self.scratch / "tools"
        tools.mkdir(exist_ok=True)
        (tools / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        (tools / "python").chmod(0o755)
        environment = {**os.environ, "PATH": f"{tools}:/usr/bin:/bin"}
        done = subprocess.run(
            ["sh", "-c", command], check=False, cwd=self.place, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, (command, done.stderr[-2000:])


def let_through(source: str) -> bool:
    return any(fnmatch(source, line[1:]) for line in (ROOT / ".dockerignore").read_text().split() if line[0] == "!")


@pytest.mark.slow
def test_the_steps_of_the_image_give_a_service_that_is_healthy(installation: Installation, tmp_path: Path) -> None:
    build = Build(tmp_path)
    build.run()
    entry, port = argument_list("ENTRYPOINT"), str(free_port())

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*entry, *arguments], cwd=build.place, capture_output=True, text=True, check=False)

    assert "serve" in run("--help").stdout
    assert run("openapi", "--check").returncode == 0
    tools = [
        name for name in ("pytest", "mypy", "ruff", "hatchling") if (build.place / ".venv" / "bin" / name).exists()
    ]
    assert tools == []
    environment = {**os.environ, **installation.environment}
    serve = [port if word == "8080" else word for word in [*entry, *argument_list("CMD")]]
    check = [word.replace(":8080/", f":{port}/") for word in argument_list("HEALTHCHECK")]
    with (
        (tmp_path / "log").open("w") as log,
        subprocess.Popen(serve, cwd=build.place, env=environment, stderr=log) as api,
    ):
        ends = time.monotonic() + 60
        while subprocess.run(check, cwd=build.place, capture_output=True, check=False).returncode != 0:
            assert time.monotonic() < ends, (tmp_path / "log").read_text()
            time.sleep(0.2)
        api.terminate()
    assert subprocess.run(check, cwd=build.place, capture_output=True, check=False).returncode != 0


def test_the_image_runs_as_nobody_in_particular_and_holds_no_secret() -> None:
    assert dict(instructions())["USER"] == "10001:10001"
    assert argument_list("CMD")[0] in COMMANDS
    assert not [line for line in (ROOT / ".dockerignore").read_text().split() if "env" in line or "key" in line]
    assert (ROOT / ".dockerignore").read_text().splitlines()[0] == "*"


def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return document


def test_every_command_of_the_compose_file_exists() -> None:
    services = compose()["services"]
    ours = {name: each for name, each in services.items() if each.get("image") == "working-metrics"}
    assert set(ours) == {"migrate", "api", "worker"}
    for each in ours.values():
        assert each.get("command", argument_list("CMD"))[0] in COMMANDS
    script = services["roles"]["command"][-1]
    assert (ROOT / script.removeprefix("/")).is_file()
    assert (embedded._binaries() / services["roles"]["command"][0]).exists()
    assert (embedded._binaries() / services["postgres"]["healthcheck"]["test"][1]).exists()


def test_services_wait_for_what_they_need_and_mount_what_is_declared() -> None:
    document = compose()
    services, volumes = document["services"], document["volumes"]
    for each in services.values():
        assert set(each.get("depends_on", {})) <= set(services)
        named = {volume.split(":")[0] for volume in each.get("volumes", ()) if not volume.startswith(".")}
        assert named <= set(volumes)
    assert services["api"]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert services["migrate"]["depends_on"]["roles"]["condition"] == "service_completed_successfully"


def test_every_variable_of_the_compose_file_is_in_the_example_and_no_secret_has_a_default() -> None:
    text = (ROOT / "compose.yaml").read_text()
    used = dict(re.findall(r"\$\{(\w+)(:[^}]*)?\}", text))
    given = {line.split("=")[0] for line in (ROOT / ".env.example").read_text().splitlines() if "=" in line}
    assert set(used) == given
    assert all(used[name] == ":?" for name in used if "PASSWORD" in name or "KEY" in name)
