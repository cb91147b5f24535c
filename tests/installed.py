"""Settings as a process of an installation would read them."""

import os

from wm_api.core.settings import Settings
from wm_api.dev import Installation


def settings_of(installation: Installation) -> Settings:
    """From its environment, which is taken back again."""
    before = dict(os.environ)
    os.environ.update(installation.environment)
    try:
        return Settings(public_url="http://test")
    finally:
        os.environ.clear()
        os.environ.update(before)
