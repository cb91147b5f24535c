"""The API under a sampling profiler: each millisecond of its processor time, which layer was at work?

Environment: SAMPLED_PORT, SAMPLED_TO (a JSON file, written at the end) and the settings of `wm-api serve`.
"""

import json
import os
import signal
from collections import Counter
from pathlib import Path
from types import FrameType

import uvicorn

from wm_api.main import application

LAYERS = (
    ("wm_api/core/tokens", "token"), ("jose/", "token"), ("cryptography/", "token"),
    ("wm_api/core/logs", "log line"), ("structlog/", "log line"),
    ("asyncpg/", "asyncpg"), ("sqlalchemy/", "SQLAlchemy"),
    ("pydantic", "pydantic"), ("fastapi/", "FastAPI"), ("starlette/", "Starlette"), ("anyio/", "Starlette"),
    ("wm_api/core/web", "our web layer"), ("wm_api/core/transactions", "unit of work"), ("wm_api/", "our code"),
    ("uvicorn/", "uvicorn, event loop"),
)  # fmt: skip
samples: Counter[str] = Counter()
places: Counter[str] = Counter()


def layer_of(frame: FrameType | None) -> tuple[str, str]:
    """The innermost frame of a known layer; the standard library counts for who called it."""
    while frame is not None:
        path = frame.f_code.co_filename
        for part, layer in LAYERS:
            if part in path:
                return layer, f"{path.rpartition('site-packages/')[2].rpartition('src/')[2]}:{frame.f_code.co_qualname}"
        frame = frame.f_back
    return "uvicorn, event loop", "event loop"


def sample(_: int, frame: FrameType | None) -> None:
    layer, place = layer_of(frame)
    samples[layer] += 1
    places[place] += 1


def begin(_: int, __: FrameType | None) -> None:
    signal.setitimer(signal.ITIMER_PROF, 0.001, 0.001)


def stop(_: int, __: FrameType | None) -> None:
    raise SystemExit(0)


def serve() -> None:
    signal.signal(signal.SIGTERM, stop)  # uvicorn ends as it was told to, and raises the signal again
    signal.signal(signal.SIGPROF, sample)
    signal.signal(signal.SIGUSR1, begin)  # the start of the process is no part of a read
    port = int(os.environ["SAMPLED_PORT"])
    try:
        uvicorn.run(application, factory=True, host="127.0.0.1", port=port, access_log=False, log_level="warning")
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        found = {"samples": dict(samples), "places": dict(places.most_common(60))}
        Path(os.environ["SAMPLED_TO"]).write_text(json.dumps(found))


if __name__ == "__main__":
    serve()
