"""The template: a process that has imported what reads a file, and forks one child for each file that it is asked for.

It holds no secret and no file: an environment of its own, its socket, and a pipe of the signal. What it is asked comes
as three descriptors: where the child reads, where it writes, and where the template tells of it. There it says that the
child has begun, and with which code it ended. Whoever closes the other end of that kills the child.
"""

import gc
import os
import selectors
import signal
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy.ma  # noqa: F401 - or each child imports it when polars first asks numpy for an array

from wm_api.core import sandbox_child

PARKED = {"polars-ooc-clea"}
"""polars' cleaner of spilled files: begun by the import, it waits for work that comes only of a query that spills."""
SECONDS_TO_PARK = 5
THREADS = Path("/proc/self/task")
FIRST_OF_OTHERS = 3
DESCRIPTORS = 3
"""Of a request: the two pipes of the child, and where to tell of it."""


def active_threads() -> set[str]:
    """Beside this one: a fork while another holds a lock would leave the child with a lock that nobody gives back."""
    found = set()
    for thread in THREADS.iterdir() if THREADS.exists() else ():
        name, _, rest = (thread / "stat").read_text().partition("(")[2].rpartition(")")
        if thread.name != str(os.getpid()) and (name not in PARKED or rest.split()[0] != "S"):
            found.add(name)
    return found


def wait_for_threads() -> None:
    """Ends the template where a thread goes on."""
    deadline = time.monotonic() + SECONDS_TO_PARK
    while active_threads():
        if time.monotonic() > deadline:
            sys.exit("A thread runs in the template of the sandbox.")
        time.sleep(0.01)


class Template:
    """Goes on until nobody can ask any more and the last child has ended."""

    def __init__(self, control: socket.socket) -> None:
        self._control, self._children = control, dict[int, socket.socket]()
        self._ended, self._signalled = socket.socketpair()
        self._awaited = selectors.PollSelector()

    def serve(self) -> None:
        self._ended.setblocking(False)
        self._signalled.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._signalled.fileno(), warn_on_full_buffer=False)
        self._awaited.register(self._control, selectors.EVENT_READ, self._asked)
        self._awaited.register(self._ended, selectors.EVENT_READ, self._reap)
        asking = True
        while asking or self._children:
            for key, _ in self._awaited.select():
                key.data()
            asking = self._control.fileno() >= 0

    def _asked(self) -> None:
        content, descriptors, _, _ = socket.recv_fds(self._control, 1, DESCRIPTORS)
        if not content:
            self._awaited.unregister(self._control)
            self._control.close()
            return
        if len(descriptors) == DESCRIPTORS:  # fewer where too many are open: the caller hears of no child
            self._begin(*descriptors)
        else:
            _close(*descriptors)

    def _begin(self, source: int, sink: int, told: int) -> None:
        """A child that cannot be begun is told by an end without a word."""
        wait_for_threads()
        caller = socket.socket(fileno=told)
        try:
            pid = _forked(source, sink)
        except OSError:
            caller.close()
            return
        finally:
            _close(source, sink)
        self._children[pid] = caller
        self._awaited.register(caller, selectors.EVENT_READ, lambda: self._end(pid, caller))
        _tell(caller, pid)

    def _end(self, pid: int, caller: socket.socket) -> None:
        """The caller has hung up. As long as it is not reaped, the number is of this child."""
        if self._children.get(pid) is caller:
            self._awaited.unregister(caller)
            os.kill(pid, signal.SIGKILL)

    def _reap(self) -> None:
        with suppress(BlockingIOError):
            self._ended.recv(4096)
        for pid, caller in list(self._children.items()):
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                del self._children[pid]
                with suppress(KeyError):  # it was ended by the caller
                    self._awaited.unregister(caller)
                _tell(caller, os.waitstatus_to_exitcode(status))
                caller.close()


def _close(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def _tell(caller: socket.socket, number: int) -> None:
    """A caller that is gone needs no word."""
    with suppress(OSError):
        caller.sendall(b"%d\n" % number)


def _forked(source: int, sink: int) -> int:
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        _become_child(source, sink, parent)
        code = 0
    finally:
        os._exit(code)


def _become_child(source: int, sink: int, template: int) -> None:
    """Nothing of the template's stays open: its socket brings the descriptors of other files."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(source, 0)
    os.dup2(sink, 1)
    os.closerange(FIRST_OF_OTHERS, os.sysconf("SC_OPEN_MAX"))
    with os.fdopen(0, "rb", closefd=False) as reading, os.fdopen(1, "wb", closefd=False) as writing:
        sandbox_child.main(reading, writing, template)


if __name__ == "__main__":
    gc.freeze()  # what is imported stays, and its pages are shared
    wait_for_threads()
    Template(socket.socket(fileno=os.dup(0))).serve()
