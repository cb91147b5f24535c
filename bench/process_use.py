"""Memory and processor time of a process tree, read from /proc while it runs, short-lived children too."""

import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path

EVERY = 0.02
TEMPLATE = "wm_api.core.sandbox_template"
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Use:
    """Largest resident memory, and processor seconds, of one kind of process."""

    peak_mb: float = 0.0
    cpu: float = 0.0


class Watch:
    """`kinds` maps a word of the command line to a name; the sandbox's template and children after whose they are."""

    def __init__(self, root: int, kinds: dict[str, str]) -> None:
        self._root, self._kinds = root, kinds
        self._seen: dict[int, tuple[str, float, float]] = {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> dict[str, Use]:
        self._stopped.set()
        self._thread.join()
        uses: dict[str, Use] = {}
        for name, peak, cpu in self._seen.values():
            use = uses.setdefault(name, Use())
            use.peak_mb, use.cpu = max(use.peak_mb, peak), use.cpu + cpu
        return uses

    def _watch(self) -> None:
        while not self._stopped.is_set():
            parents = tree(self._root)
            for pid in parents:
                name = self._name(pid, parents)
                used = measured(pid)
                if name and used:
                    self._seen[pid] = (name, *used)
            time.sleep(EVERY)

    def _name(self, pid: int, parents: dict[int, int]) -> str | None:
        words = command(pid)
        if TEMPLATE in words:
            above = parents.get(pid, 0)
            name = self._name(above, parents) or "the tree"
            return "child" + name.removeprefix("template") if name.startswith("template") else f"template of {name}"
        return next((name for word, name in self._kinds.items() if word in words), None)


def tree(root: int) -> dict[int, int]:
    """The descendants of a process, each with its parent."""
    parents = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found, new = {}, {root}
    while new:
        new = {pid for pid, parent in parents.items() if parent in new}
        found |= {pid: parents[pid] for pid in new}
    return found


def command(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return []


def measured(pid: int) -> tuple[float, float] | None:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    except OSError:
        return None
    peak = next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), None)
    return None if peak is None else (peak, sum(map(int, times)) / TICKS)
