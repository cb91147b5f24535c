"""The capture agent as a process of its own, with a key file and an API key of a company."""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from companies import Company

KEY_SCOPES = ["datasets:write", "datasets:read", "operations:read", "metrics:read", "scores:read"]


@dataclass(frozen=True)
class Agent:
    environment: dict[str, str]

    async def run(self, *arguments: str) -> bytes:
        """What it prints; it must end well."""
        command = [sys.executable, "-m", "wm_api.capture", *arguments]
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, env=self.environment, stdout=pipe, stderr=pipe)
        out, err = await process.communicate()
        assert process.returncode == 0, (process.returncode, out.decode()[-500:], err.decode()[-500:])
        return out

    async def push(self, extract: Path, mapping: Path, *more: str) -> dict[str, Any]:
        """Pushed and followed to the end: file, dataset and operation."""
        printed = await self.run("push", str(extract), "--mapping", str(mapping), "--wait", "--json", *more)
        return dict(json.loads(printed))


async def agent_of(company: Company, url: str, folder: Path) -> Agent:
    """With a key file of its own in the folder."""
    made = await company.call("POST", "/v1/api-keys", 201, json={"name": "agent", "scopes": KEY_SCOPES})
    key = folder / f"{company.id}.key"
    settings = {"WM_URL": url, "WM_API_KEY": made["secret"], "WM_CAPTURE_KEY": str(key)}
    agent = Agent({**os.environ, **settings})
    await agent.run("keygen", "--account", company.id, "--out", str(key))
    return agent
