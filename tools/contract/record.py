"""Record the examples of the contract: one story, told to the running service, one file an operation.

`python tools/contract/record.py` starts a scratch installation, tells the story of Lone Star Foods and Prairie
Lending, and writes src/wm_api/core/web/examples/. Then `wm-api openapi` puts them into the contract.
"""

import asyncio
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from tools.contract.story import tell  # noqa: E402 - found from the root

from wm_api.core import credentials  # noqa: E402
from wm_api.core.ids import new_id  # noqa: E402
from wm_api.core.resources import Resources, opened  # noqa: E402
from wm_api.core.settings import Settings  # noqa: E402
from wm_api.core.transactions import transaction  # noqa: E402
from wm_api.dev import Installation  # noqa: E402
from wm_api.main import create_app  # noqa: E402
from wm_api.pipeline.run import run_operation  # noqa: E402

EXAMPLES = ROOT / "src/wm_api/core/web/examples"
BASE = "https://api.workingmetrics.com"
LONGEST = {"metrics": 20, "data": 2, "columns": 3, "codes": 6, "keys": 1}
SHOWN_HEADERS = {"idempotency-key", "if-match", "repr-digest", "upload-length", "upload-offset", "upload-complete"}
JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
SECRET = re.compile(r"(wm[krig])_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}")
SAMPLE_JWT = "eyJhbGciOiJFUzI1NiIsImtpZCI6InNhbXBsZSIsInR5cCI6ImF0K2p3dCJ9.eyJqdGkiOiJzYW1wbGUifQ.c2FtcGxl"


def masked(value: str) -> str:
    """No secret of a run stands in an example: each is replaced by one of the same form that never was."""
    value = JWT.sub(SAMPLE_JWT, value)
    return SECRET.sub(lambda found: _sample(f"{found[1]}_{'0' * 43}"), value)


def _sample(head: str) -> str:
    return f"{head}_{credentials.checksum(head)}"


def short(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: short(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [short(each) for each in value[: LONGEST.get(name, 100)]]
    return value


@dataclass
class Recorder:
    """Calls by operation id. The first success and the first problem of each are its examples."""

    http: httpx.AsyncClient
    worker: Resources
    operations: Mapping[str, tuple[str, str, Mapping[str, Any]]]
    recorded: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def call(self, name: str, token: str | None = None, **parts: Any) -> httpx.Response:
        """`path`, `query`, `headers`, `body` or `content` (with `sample`, the shorter text that is shown)."""
        method, path, _ = self.operations[name]
        for key, value in parts.get("path", {}).items():
            path = path.replace(f"{{{key}}}", value)
        headers = {**parts.get("headers", {}), **({"Authorization": f"Bearer {token}"} if token else {})}
        body = {"json": parts["body"]} if "body" in parts else {"content": parts.get("content")}
        response = await self.http.request(method, path, params=parts.get("query"), headers=headers, **body)
        self._record(name, response, parts)
        return response

    async def do(self, name: str, token: str | None = None, **parts: Any) -> Any:
        response = await self.call(name, token, **parts)
        if response.status_code >= 400:
            raise SystemExit(f"{name}: {response.status_code} {response.text}")
        return response.json() if response.content and "json" in response.headers["content-type"] else None

    async def wrong(self, name: str, code: str, token: str | None = None, **parts: Any) -> None:
        response = await self.call(name, token, **parts)
        if response.status_code < 400 or (response.content and response.json()["code"] != code):
            raise SystemExit(f"{name}: {code} is expected, not {response.status_code} {response.text}")

    def _record(self, name: str, response: httpx.Response, parts: Mapping[str, Any]) -> None:
        example = self.recorded.setdefault(name, {})
        media_type = response.headers.get("content-type", "").partition(";")[0]
        answer: dict[str, Any] = {"status": response.status_code}
        if response.content:
            json_body = "json" in media_type
            answer |= {"media_type": media_type, "body": response.json() if json_body else response.text}
        if response.status_code >= 400:
            example.setdefault("problem", answer)
        elif "answer" not in example:
            example["answer"] = answer
            example["request"] = _request(parts)

    async def settle(self) -> None:
        """Do what waits for a worker."""
        async with transaction(self.worker, None) as session:
            waiting = text("SELECT account_id, id FROM operations WHERE state = 'queued' ORDER BY id")
            rows = (await session.execute(waiting)).all()
        for account_id, operation_id in rows:
            await run_operation(self.worker, account_id, operation_id)

    async def usual_problems(self, token: str) -> None:
        """Where the story has none: an id that is nobody's, a page too long, or a parameter that is not known."""
        for name, (_, path, declared) in self.operations.items():
            if "problem" in self.recorded.get(name, {}):
                continue
            keys = re.findall(r"\{(\w+)\}", path)
            limited = any(each["name"] == "limit" for each in declared["parameters"])
            parts: dict[str, Any] = {"path": dict.fromkeys(keys, str(new_id()))}
            if not keys:
                parts["query"] = {"limit": "500"} if limited else {"verbose": "1"}
            await self.call(name, token if declared["security"] else None, **parts)


def _request(parts: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {name: parts[name] for name in ("path", "query") if parts.get(name)}
    headers = {name: value for name, value in parts.get("headers", {}).items() if name.lower() in SHOWN_HEADERS}
    if headers:
        shown["headers"] = headers
    if "body" in parts:
        shown |= {"media_type": "application/json", "body": parts["body"]}
    elif parts.get("content"):
        sample = parts.get("sample") or parts["content"]
        media_type = parts["headers"]["Content-Type"]
        shown |= {"media_type": media_type, "body": sample.decode() if isinstance(sample, bytes) else sample}
    return shown


def write(recorded: Mapping[str, dict[str, Any]]) -> None:
    contract = recorded["contract_get"]["answer"]
    contract["body"] = {name: contract["body"][name] for name in ("openapi", "info")}  # the whole would hold itself
    for name, example in recorded.items():
        text_ = masked(json.dumps(short(example), indent=1, sort_keys=True, ensure_ascii=False))
        (EXAMPLES / f"{name}.json").write_text(text_ + "\n", encoding="utf-8")


async def record(settings: Settings) -> dict[str, dict[str, Any]]:
    async with opened(settings) as resources, opened(settings, settings.worker_url) as worker:
        app = create_app(settings, resources)
        paths = json.loads(app.state.contract())["paths"]
        operations = {
            declared["operationId"]: (method.upper(), path, declared)
            for path, methods in paths.items()
            for method, declared in methods.items()
        }
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE, timeout=60) as http:
            recorder = Recorder(http, worker, operations)
            await tell(recorder)
    missing = [name for name in operations if not {"answer", "problem"} <= recorder.recorded.get(name, {}).keys()]
    if missing:
        raise SystemExit(f"without an example: {missing}")
    return recorder.recorded


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="wm-story-"))
    folder.chmod(0o755)
    EXAMPLES.mkdir(exist_ok=True)
    for old in EXAMPLES.glob("*.json"):
        old.unlink()
    installation = Installation(folder / "data", durable=False)
    try:
        installation.migrate()
        os.environ.update(installation.environment)
        write(asyncio.run(record(Settings(public_url=BASE))))
    finally:
        installation.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
