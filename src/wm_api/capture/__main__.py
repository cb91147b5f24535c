"""python -m wm_api.capture."""

from wm_api.capture.cli import app

app()
