"""The child that reads a file: limits first, then bytes in, typed frames and a report out. It can write no file."""

import json
import resource
import struct
import sys
from typing import BinaryIO

import polars as pl

from wm_api.records.intake import Report, take_in
from wm_api.records.readers import Limits
from wm_api.records.wire import facts_from, report_document

FRAME, PROGRESS, REPORT = b"F", b"P", b"R"


def limit_itself(memory_bytes: int, seconds: int) -> None:
    """Address space, processor time, no file, no core dump."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(source: BinaryIO, sink: BinaryIO) -> None:
    """The first line of the input is the order; the file follows to its end."""
    order = json.loads(source.readline())
    limit_itself(order["memory_bytes"], order["seconds"])

    def send(kind: bytes, content: bytes) -> None:
        sink.write(kind + struct.pack(">Q", len(content)))
        sink.write(content)
        sink.flush()

    def emit(frame: pl.DataFrame) -> None:
        send(FRAME, frame.write_ipc_stream(None).getvalue())

    def progress(rows: int) -> None:
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
