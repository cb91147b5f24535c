"""Real servers in a folder of their own, and settings as a process of theirs would read them."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wm_api.core.settings import Settings
from wm_api.dev import Installation


def settings_of(installation: Installation) -> Settings:
    """From its environment, which is taken back again."""
    before = dict(os.environ)
    os.environ.update(installation.environment)
    try:
        return Settings(public_url="http://test")
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def own_servers(prefix: str, *, durable: bool) -> Iterator[Installation]:
    """Started and migrated; its folder goes with it."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    folder.chmod(0o755)
    running = Installation(folder / "data", durable=durable)
    running.migrate()
    yield running
    running.stop()
    shutil.rmtree(folder, ignore_errors=True)
