"""What went out, one JSON line each, beside the key file: the same command goes on where it was cut."""

import json
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


class Journal:
    """Append only, mode 0600. Without it a push still works: the server knows the same push by its key."""

    def __init__(self, path: Path, url: str) -> None:
        self._path, self._url = path, url

    def note(self, push: str, **facts: Any) -> None:
        """One line, on disk when this returns."""
        line = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "url": self._url, "push": push, **facts}
        with suppress(OSError):
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(handle, "a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
                file.flush()
                os.fsync(file.fileno())

    def open_upload(self, push: str) -> str | None:
        """The upload that this push began and did not end."""
        upload = None
        for line in self._lines():
            if line.get("push") == push and line.get("url") == self._url:
                upload = line.get("upload") if "dataset" not in line else None
        return upload if isinstance(upload, str) else None

    def note_file(self, key: str, outcome: str, **facts: Any) -> None:
        """What became of a file of a watched folder; `key` is the digest of all that this hangs on."""
        self.note("", file=key, outcome=outcome, **facts)

    def files(self) -> dict[str, dict[str, Any]]:
        """The latest line of each file of watched folders, by its key."""
        return {
            str(line["file"]): line
            for line in self._lines()
            if line.get("url") == self._url and "file" in line and "outcome" in line
        }

    def datasets(self) -> dict[str, dict[str, Any]]:
        """What was sent to this server, by dataset, oldest first."""
        return {
            str(line["dataset"]): line
            for line in self._lines()
            if line.get("url") == self._url and "dataset" in line and "sha256" in line
        }

    def _lines(self) -> list[dict[str, Any]]:
        found = []
        with suppress(OSError, UnicodeError):
            for text in self._path.read_text(encoding="utf-8").splitlines():
                with suppress(ValueError):
                    found.append(dict(json.loads(text)))
        return found
