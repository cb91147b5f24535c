"""In-process parts on the installation of tests that kill servers or move the clock."""

import os
from collections.abc import AsyncIterator

import httpx
import pytest

from wm_api.core.resources import Resources, opened
from wm_api.core.settings import Settings
from wm_api.dev import Installation
from wm_api.main import create_app


@pytest.fixture(scope="session")
def own_settings(own: Installation) -> Settings:
    before = dict(os.environ)
    os.environ.update(own.environment)
    try:
        return Settings(public_url="http://test")
    finally:
        os.environ.clear()
        os.environ.update(before)


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
