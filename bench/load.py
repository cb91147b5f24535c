"""A load generator: keep-alive HTTP/1.1 over plain streams, so that it costs little beside the server it measures.

Reads a JSON request from standard input: {port, seconds, connections, reads: [[path, token], ...]}. Only 127.0.0.1.
"""

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field

import uvloop

MOST = 2_000_000


@dataclass
class Tally:
    milliseconds: list[float] = field(default_factory=list)
    refused: int = 0


def request_of(path: str, token: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


async def answer(reader: asyncio.StreamReader) -> int:
    """The status of one answer; its body is read to the end."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    start = head.index(b"content-length:") + 15
    await reader.readexactly(int(head[start : head.index(b"\r\n", start)]))
    return int(head[9:12])


async def connection(number: int, port: int, requests: list[bytes], ends: float, tally: Tally) -> None:
    """One connection, one request at a time, each to the next company."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.perf_counter() < ends and len(tally.milliseconds) < MOST:
        begun = time.perf_counter()
        writer.write(requests[number % len(requests)])
        status = await answer(reader)
        tally.milliseconds.append((time.perf_counter() - begun) * 1000)
        tally.refused += status != 200
        number += 1
    writer.close()
    await writer.wait_closed()


async def load(port: int, seconds: float, connections: int, reads: list[list[str]]) -> dict[str, float]:
    requests, tally = [request_of(path, token) for path, token in reads], Tally()
    begun = time.perf_counter()
    tasks = (connection(number, port, requests, begun + seconds, tally) for number in range(connections))
    await asyncio.gather(*tasks)
    taken, ordered = time.perf_counter() - begun, sorted(tally.milliseconds)
    return {
        "requests": len(ordered),
        "refused": tally.refused,
        "per_second": len(ordered) / taken,
        "p50": ordered[len(ordered) // 2],
        "p99": ordered[int(len(ordered) * 0.99)],
    }


if __name__ == "__main__":
    asked = json.loads(sys.stdin.read())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(load(**asked))))
