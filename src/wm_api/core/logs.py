"""Structured logs: JSON lines with allow-listed fields only, so that no value of a customer can slip in."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

ALLOWED = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "request_id",
        "account_id",
        "operation_id",
        "method",
        "route",
        "status",
        "duration_ms",
        "kind",
        "stage",
        "attempt",
        "error_type",
        "where",
        "count",
        "port",
        "code",
        "process",
    }
)


def only_allowed(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: value for key, value in event.items() if key in ALLOWED}


class OfLibraries(logging.Handler):
    """What libraries log, as a line of ours: who and where, without their text, which may hold a value."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        place = {"where": f"{record.name}:{record.funcName}:{record.lineno}"}
        log().log(record.levelno, "library", **(failure(error) if error is not None else {}) | place)


def configure_logs(level: int = logging.INFO) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_allowed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[OfLibraries()], level=max(level, logging.WARNING), force=True)


def log() -> structlog.typing.FilteringBoundLogger:
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return logger


def failure(error: BaseException) -> dict[str, str]:
    """Type and place of an error: never its text, which may hold a value."""
    frames = []
    trace = error.__traceback__
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return {"error_type": type(error).__name__, "where": " > ".join(frames[-6:])}
