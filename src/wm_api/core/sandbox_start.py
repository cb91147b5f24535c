"""Children of the sandbox's template: each is asked for, has pipes of its own, and is ended and heard of."""

import asyncio
import atexit
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

PIPE_BYTES = 1 << 20
TRIES = 2
SECONDS_TO_BEGIN = 60
SECONDS_TO_END = 5
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LC_ALL": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
    "POLARS_MAX_THREADS": "1",  # the other core seals what this one has read
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",  # each arena takes address space, which is limited, long before memory
    # The template forks, so it has no thread that does anything; with one arena memory is given back without one.
    "_RJEM_MALLOC_CONF": "background_thread:false,narenas:1",
}
OF_LIMITS = {-signal.SIGKILL, -signal.SIGXCPU, -signal.SIGXFSZ}
"""How a child ends that was killed or reached a limit; another signal is a crash."""


class ChildKilled(OSError):  # noqa: N818 - named for what is wrong
    """The child was killed from outside, as where the machine is out of memory: it says nothing of the file."""


@dataclass(frozen=True, slots=True)
class Template:
    """One process of which children are forked."""

    process: "subprocess.Popen[bytes]"
    control: socket.socket

    @classmethod
    def started(cls) -> "Template":
        control, its = socket.socketpair()
        with ExitStack() as held, its:
            held.callback(control.close)
            process = subprocess.Popen(
                [sys.executable, "-m", "wm_api.core.sandbox_template"],
                stdin=its.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=ENVIRONMENT,
                cwd="/",
                start_new_session=True,
            )
            held.pop_all()
        control.setblocking(False)
        return cls(process, control)

    def ask(self, descriptors: list[int]) -> bool:
        """False where it is gone. Raises BlockingIOError where hundreds wait for it."""
        with suppress(BrokenPipeError, ConnectionResetError):
            return bool(socket.send_fds(self.control, [b"F"], descriptors))
        return False


class Templates:
    """At most one is asked: started for the first file, and where it is gone. Others end with their last child."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: Template | None = None
        self._retired: list[Template] = []

    def ask(self, descriptors: list[int]) -> Template:
        with self._lock:
            if self._asked is None or not self._asked.ask(descriptors):
                self._retire()
                self._asked = Template.started()
                self._asked.ask(descriptors)
            return self._asked

    def retire(self, template: Template) -> None:
        """The next file has another: nothing that was learnt of this one's memory holds there."""
        with self._lock:
            if template is self._asked:
                self._retire()

    def kill(self, template: Template) -> None:
        """And with it its children."""
        self.retire(template)
        template.process.kill()

    def end(self) -> None:
        """As the service ends: no file is read any more."""
        with self._lock:
            self._retire()
            for template in self._retired:
                template.process.kill()
                template.process.wait()

    def _retire(self) -> None:
        if self._asked is not None:
            self._asked.control.close()
            self._retired.append(self._asked)
            self._asked = None
        self._retired = [each for each in self._retired if each.process.poll() is None]


TEMPLATES = Templates()
atexit.register(TEMPLATES.end)


@dataclass(slots=True)
class Child:
    """A process that reads one file."""

    stdin: asyncio.StreamWriter
    stdout: asyncio.StreamReader
    _reading: asyncio.BaseTransport
    _template: Template
    _told: asyncio.StreamReader
    _call: asyncio.StreamWriter
    """Ended, the template kills the child."""
    _code: int | None = None

    async def begun(self) -> bool:
        """False where the template was gone before it forked, or could not."""
        with suppress(TimeoutError):
            return bool(await self._word(SECONDS_TO_BEGIN))
        TEMPLATES.kill(self._template)
        return False

    def kill(self) -> None:
        """Also where it has ended."""
        with suppress(OSError, RuntimeError):
            self._call.write_eof()

    async def ended(self) -> int | None:
        """How a child ended that says nothing more, a signal as a number below 0; None of one that lives on."""
        if self._code is None:
            try:
                word = await self._word(SECONDS_TO_END)
            except TimeoutError:
                return None
            self._code = int(word) if word else -signal.SIGKILL  # it dies with its template
            if self._code < 0 and self._code not in OF_LIMITS:
                TEMPLATES.retire(self._template)
        return self._code

    async def wait(self) -> None:
        """For the end of one that was killed. A template that does not say it is killed, and with it the child."""
        if await self.ended() is None:
            TEMPLATES.kill(self._template)
            await self.ended()

    def close(self) -> None:
        self.stdin.close()
        self._call.transport.abort()
        self._reading.close()

    async def _word(self, seconds: int) -> bytes:
        """Empty where the template is gone. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            with suppress(ConnectionResetError):
                return await self._told.readline()
        return b""


async def started() -> Child:
    """A child that has begun. A template that was killed meanwhile costs nothing; raises ChildKilled where two were."""
    for _ in range(TRIES):
        with ExitStack() as held:
            child = await _asked(held)
            held.callback(child.close)
            if await child.begun():
                held.pop_all()
                return child
    raise ChildKilled


async def _asked(held: ExitStack) -> Child:
    """What it has open ends with `held`, until it can be closed."""
    (source, feed), (heard, sink), (here, there) = os.pipe(), os.pipe(), socket.socketpair()
    pipes: list[Any] = [os.fdopen(feed, "wb", 0), os.fdopen(heard, "rb", 0), here]
    try:
        with there:
            template = TEMPLATES.ask([source, sink, there.fileno()])
        loop, stdout, nothing = asyncio.get_running_loop(), _stream(), _stream()
        writing, protocol = await loop.connect_write_pipe(partial(asyncio.StreamReaderProtocol, nothing), pipes.pop(0))
        held.callback(writing.close)
        reading, _ = await loop.connect_read_pipe(partial(asyncio.StreamReaderProtocol, stdout), pipes.pop(0))
        held.callback(reading.close)
        told, call = await asyncio.open_unix_connection(sock=pipes.pop(0))
    except BlockingIOError as error:
        raise ChildKilled from error
    finally:
        os.close(source)
        os.close(sink)
        for pipe in pipes:  # which no stream has taken over
            pipe.close()
    return Child(asyncio.StreamWriter(writing, protocol, None, loop), stdout, reading, template, told, call)


def _stream() -> asyncio.StreamReader:
    return asyncio.StreamReader(limit=PIPE_BYTES)
