"""In-process parts on the installation of tests that kill servers or move the clock."""

from collections.abc import AsyncIterator

import httpx
import pytest

from installed import settings_of
from wm_api.core.resources import Resources, opened
from wm_api.core.settings import Settings
from wm_api.dev import Installation
from wm_api.main import create_app


@pytest.fixture(scope="session")
def own_settings(own: Installation) -> Settings:
    return settings_of(own)


@pytest.fixture(scope="session")
async def own_worker(own_settings: Settings) -> AsyncIterator[Resources]:
    async with opened(own_settings, own_settings.worker_url) as running:
        yield running


@pytest.fixture(scope="session")
async def own_http(own_settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with opened(own_settings) as running:
        transport = httpx.ASGITransport(create_app(own_settings, running))
        async with httpx.AsyncClient(transport=transport, base_url="http://test", timeout=60) as client:
            yield client
