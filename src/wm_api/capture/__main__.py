"""wm-capture, also as python -m wm_api.capture."""

import os
import signal

INTERRUPTED = 130


def main() -> None:
    """Loads the agent, then runs it. Ctrl-C while it still loads ends it at once: there is nothing to tidy up yet."""
    waits = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if waits:
        signal.signal(signal.SIGINT, lambda *_: os._exit(INTERRUPTED))
    from wm_api.capture.cli import app  # noqa: PLC0415 - it takes half a second

    if waits:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    app(prog_name="wm-capture")


if __name__ == "__main__":
    main()
