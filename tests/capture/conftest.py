"""A customer's machine with its key, and a company with its API key at a server behind a real socket."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from capture.agents import SCOPES, Agent
from capture.customers import ACCOUNT, Customer
from capture.wires import serving
from companies import Company, sign_up


@pytest.fixture
def customer(tmp_path: Path) -> Customer:
    made = Customer(tmp_path)
    key = str(tmp_path / "wm.key")
    assert made.run("keygen", "--account", ACCOUNT, "--out", key).exit_code == 0
    made.environment = {"WM_CAPTURE_KEY": key, "WM_API_KEY": "wmk_none", "COLUMNS": "80"}
    return made


@pytest.fixture
async def address(application: FastAPI) -> AsyncIterator[tuple[str, int]]:
    async with serving(application) as socket:
        yield socket


@pytest.fixture
async def company(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


@pytest.fixture
async def agent(
    customer: Customer, company: Company, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Agent:
    key = await company.call("POST", "/v1/api-keys", 201, json={"name": "push", "scopes": SCOPES})
    return Agent(customer, company, key["secret"], monkeypatch, capsys)
