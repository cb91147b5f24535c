"""python -m wm_api."""

from wm_api.cli import app

app()
