"""The child that reads a file: limits first, then bytes in, typed frames and a report out. It can write no file."""

import contextlib
import ctypes
import fcntl
import json
import os
import queue
import resource
import signal
import struct
import sys
import threading
from collections.abc import Callable
from typing import Any, BinaryIO, cast

import polars as pl

from wm_api.records.crosswalk import read_crosswalk
from wm_api.records.intake import Report, look
from wm_api.records.readers import Limits
from wm_api.records.wire import facts_from, findings_document, known_document, known_from, report_document

KEYS, FRAME, PROGRESS, REPORT, AGAIN = b"K", b"F", b"P", b"R", b"A"
PR_SET_PDEATHSIG = 1
F_SETPIPE_SZ = 1031
PIPE_BYTES = 1 << 20
DESCRIPTORS = 32
BLOCKS_AHEAD = 8
YIELDS = 5
MILLION = 1_000_000
prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None
Send = Callable[[bytes, bytes | memoryview], None]


def die_with(parent: int) -> None:
    """Linux only; elsewhere the end of the pipe is the end of the child."""
    if prctl is not None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        with contextlib.suppress(OSError):  # a user has so many pages of pipes at most
            fcntl.fcntl(0, F_SETPIPE_SZ, PIPE_BYTES)
            fcntl.fcntl(1, F_SETPIPE_SZ, PIPE_BYTES)
    if os.getppid() != parent:  # it went before it could be watched
        sys.exit(1)


def limit_itself(memory_bytes: int) -> None:
    """Address space, no file, few descriptors, no core dump; and it yields to the service that answers."""
    os.nice(YIELDS)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def allow_seconds(seconds: int, rows: int) -> None:
    """Processor time, half of the time on the clock, for each million rows begun."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds // 2 * (1 + rows // MILLION), hard))


class ReadAhead:
    """The next blocks come in while the one before is worked on; a few are held at most."""

    def __init__(self, source: BinaryIO) -> None:
        self._source, self._blocks = source, queue.Queue[bytes](BLOCKS_AHEAD)
        self._rest = b""
        threading.Thread(target=self._fill, daemon=True).start()

    def _fill(self) -> None:
        while block := self._source.read(PIPE_BYTES):
            self._blocks.put(block)
        self._blocks.put(b"")

    def read(self, size: int) -> bytes:
        """Like a file's `read`: fewer bytes only at the end."""
        found, held = [self._rest], len(self._rest)
        while held < size and (block := self._blocks.get()):
            found.append(block)
            held += len(block)
        if held < size:
            self._blocks.put(b"")  # the end stays the end
        whole = b"".join(found)
        self._rest = whole[size:]
        return whole[:size]


class WriteBehind:
    """The parent takes what was found while the file is read on; one message waits at most."""

    def __init__(self, sink: BinaryIO) -> None:
        self._sink, self._messages = sink, queue.Queue[tuple[bytes, bytes | memoryview] | None](1)
        self._thread = threading.Thread(target=self._drain)
        self._thread.start()

    def _drain(self) -> None:
        while message := self._messages.get():
            for part in message:
                self._sink.write(part)
            self._sink.flush()

    def send(self, kind: bytes, content: bytes | memoryview) -> None:
        self._messages.put((kind + struct.pack(">Q", len(content)), content))

    def close(self) -> None:
        self._messages.put(None)
        self._thread.join()


def look_at_records(order: dict[str, Any], source: BinaryIO, send: Send) -> None:
    def emit(keys: pl.Series, frame: pl.DataFrame) -> None:
        send(KEYS, keys.str.join("").item().encode())
        send(FRAME, frame.write_ipc_stream(None).getbuffer())

    def progress(rows: int) -> None:
        allow_seconds(order["seconds"], rows)
        send(PROGRESS, json.dumps(rows).encode())

    found = look(
        source,
        order["media_type"],
        order["content_encoding"],
        facts_from(order["facts"]),
        Limits(**order["limits"]),
        emit,
        known_from(order["known"]),
        progress,
    )
    if isinstance(found, Report):
        send(REPORT, json.dumps(report_document(found)).encode())
    else:
        send(AGAIN, json.dumps(known_document(found)).encode())


def look_at_crosswalk(order: dict[str, Any], source: BinaryIO, send: Send) -> None:
    def emit(pairs: pl.DataFrame) -> None:
        send(FRAME, pairs.write_ipc_stream(None).getbuffer())

    found = read_crosswalk(source, order["content_encoding"], order["key_id"], Limits(**order["limits"]), emit)
    send(REPORT, json.dumps(findings_document(found)).encode())


TASKS = {"records": look_at_records, "crosswalk": look_at_crosswalk}


def main(source: BinaryIO, sink: BinaryIO, parent: int) -> None:
    """The first line of the input is the order; the file follows to its end."""
    die_with(parent)
    order = json.loads(source.readline())
    limit_itself(order["memory_bytes"])
    allow_seconds(order["seconds"], 0)
    ahead, behind = ReadAhead(source), WriteBehind(sink)
    TASKS[order["task"]](order, cast("BinaryIO", ahead), behind.send)
    behind.close()
