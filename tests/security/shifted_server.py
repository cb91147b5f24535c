"""One API process whose clock is wrong by so many seconds: `python shifted_server.py PORT SECONDS`."""

import sys
from datetime import datetime, timedelta

import uvicorn

from wm_api.core import clock
from wm_api.main import application

right_now = clock.now


def shifted() -> datetime:
    return right_now() + timedelta(seconds=int(sys.argv[2]))


if __name__ == "__main__":
    clock.now = shifted
    uvicorn.run(
        application, factory=True, host="127.0.0.1", port=int(sys.argv[1]), access_log=False, log_level="warning"
    )
