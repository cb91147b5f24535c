"""Real servers in a folder of their own, and settings as a process of theirs would read them.

A first start costs seconds (initdb, migrations, reference tables). It is done once a run; each further installation
begins as a copy of that one, stopped cleanly, and has its own servers, ports and data from then on.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path

from wm_api.core.settings import Settings
from wm_api.dev import Installation

MEMORY = Path("/dev/shm")
ROOM = 4 * 1024**3
OF_A_RUN = "wm-tests-"
RUN = "TESTS_OF_THIS_RUN"
"""The variable by which the processes of a run find its folder."""


def settings_of(installation: Installation) -> Settings:
    """From its environment, which is taken back again."""
    before = dict(os.environ)
    os.environ.update(installation.environment)
    try:
        return Settings(public_url="http://test")
    finally:
        os.environ.clear()
        os.environ.update(before)


def begin_run() -> TextIOWrapper:
    """A folder for the servers of all processes of this run; they inherit its name. What is returned is kept open."""
    place = _quick_place()
    if place is not None:
        _clear(place)
    folder = Path(tempfile.mkdtemp(prefix=OF_A_RUN, dir=place))
    running = (folder / "running").open("w")
    fcntl.flock(running, fcntl.LOCK_EX)
    folder.chmod(0o755)
    os.environ[RUN] = str(folder)
    return running


def _clear(place: Path) -> None:
    """Of runs that were killed: what lies there takes memory."""
    for file in place.glob(f"{OF_A_RUN}*/running"):
        with suppress(OSError), file.open("w") as running:
            fcntl.flock(running, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(file.parent, ignore_errors=True)


def end_run() -> None:
    shutil.rmtree(os.environ.pop(RUN), ignore_errors=True)


def _quick_place() -> Path | None:
    """In memory, where there is room for files and they may be run: what is not durable need not reach a disk."""
    if not MEMORY.is_dir() or os.statvfs(MEMORY).f_flag & os.ST_NOEXEC or shutil.disk_usage(MEMORY).free < ROOM:
        return None
    return MEMORY


@contextmanager
def own_servers(prefix: str, *, durable: bool) -> Iterator[Installation]:
    """Started and migrated; its folder goes with it. What is durable lies on the disk."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=None if durable else os.environ[RUN]))
    folder.chmod(0o755)
    _copied(_made(), folder / "data")
    running = Installation(folder / "data", durable=durable)
    yield running
    running.stop()
    shutil.rmtree(folder, ignore_errors=True)


def _made() -> Path:
    """An installation that nobody has used, stopped."""

    def make(draft: Path) -> None:
        running = Installation(draft, durable=False)
        running.migrate()
        running.stop()

    return once_a_run("made", make)


def once_a_run(name: str, make: Callable[[Path], object]) -> Path:
    """A file or folder that all processes of this run share. The first that asks makes it, the others wait."""
    made = Path(os.environ[RUN]) / name
    with made.with_name(f"lock-{name}").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            draft = made.with_name(f"draft-{name}")
            make(draft)
            draft.rename(made)
    return made


def _copied(made: Path, folder: Path) -> None:
    """With owners and modes; without ports, which would be those of the other."""
    subprocess.run(["cp", "-Rp", made, folder], check=True)
    for server in ("postgres", "valkey"):
        (folder / server / "port").unlink()
