"""The child that reads a file: limits first, then bytes in, typed frames and a report out. It can write no file."""

import contextlib
import ctypes
import fcntl
import json
import os
import resource
import signal
import struct
import sys
from typing import BinaryIO

import polars as pl

from wm_api.records.intake import Report, take_in
from wm_api.records.readers import Limits
from wm_api.records.wire import facts_from, report_document

KEYS, FRAME, PROGRESS, REPORT = b"K", b"F", b"P", b"R"
PR_SET_PDEATHSIG = 1
F_SETPIPE_SZ = 1031
PIPE_BYTES = 1 << 20
DESCRIPTORS = 32
MILLION = 1_000_000


def die_with(parent: int) -> None:
    """Linux only; elsewhere the end of the pipe is the end of the child."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        with contextlib.suppress(OSError):  # some event loops give sockets in place of pipes
            fcntl.fcntl(sys.stdin.fileno(), F_SETPIPE_SZ, PIPE_BYTES)
            fcntl.fcntl(sys.stdout.fileno(), F_SETPIPE_SZ, PIPE_BYTES)
    if os.getppid() != parent:  # it went before it could be watched
        sys.exit(1)


def limit_itself(memory_bytes: int) -> None:
    """Address space, no file, few descriptors, no core dump."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def allow_seconds(seconds: int, rows: int) -> None:
    """Processor time, half of the time on the clock, for each million rows begun."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds // 2 * (1 + rows // MILLION), hard))


def main(source: BinaryIO, sink: BinaryIO) -> None:
    """The first line of the input is the order; the file follows to its end."""
    order = json.loads(source.readline())
    die_with(order["parent"])
    limit_itself(order["memory_bytes"])
    allow_seconds(order["seconds"], 0)

    def send(kind: bytes, content: bytes | memoryview) -> None:
        sink.write(kind + struct.pack(">Q", len(content)))
        sink.write(content)
        sink.flush()

    def emit(keys: pl.Series, frame: pl.DataFrame) -> None:
        send(KEYS, "".join(keys).encode())
        send(FRAME, frame.write_ipc_stream(None).getbuffer())

    def progress(rows: int) -> None:
        allow_seconds(order["seconds"], rows)
        send(PROGRESS, json.dumps(rows).encode())

    report: Report = take_in(
        source,
        order["media_type"],
        order["content_encoding"],
        facts_from(order["facts"]),
        Limits(**order["limits"]),
        emit,
        progress,
    )
    send(REPORT, json.dumps(report_document(report)).encode())


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
