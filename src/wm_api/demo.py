"""The main job in one command: two companies, a push, figures, a score, a grant, a read, a refusal."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from wm_api.dev import stop_child

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "lone_star_foods"
PASSWORD = "gravel teapot 42 lantern"  # noqa: S105 - of a scratch installation
KEY_SCOPES = ["datasets:write", "datasets:read", "operations:read", "metrics:read", "scores:read", "benchmarks:read"]
screen = Console()


class StepFailed(Exception):  # noqa: N818 - named for what is wrong
    """A step was not as it should be."""


class Company:
    """A signed-up company with its owner's session."""

    def __init__(self, http: httpx.Client, name: str, facts: dict[str, str]) -> None:
        owner = {"name": "Demo Owner", "email": f"owner@{name.lower().replace(' ', '-')}.example", "password": PASSWORD}
        body = {"name": name, **facts, "owner": owner, "us_hosting_acknowledged": True}
        self.http = http
        self.id: str = expect(http.post("/v1/accounts", json=body), 201)["account"]["id"]
        sign_in = {"email": owner["email"], "password": PASSWORD}
        tokens = expect(http.post("/v1/sessions", json=sign_in), 201)
        self.headers = {"Authorization": f"Bearer {tokens['access_token']}"}

    def call(self, method: str, path: str, status: int = 200, **parts: Any) -> Any:
        return expect(self.http.request(method, path, headers=self.headers, **parts), status)


def expect(response: httpx.Response, status: int) -> Any:
    """The body of the answer that a step must get. Raises StepFailed."""
    body = response.json() if response.content else {}
    if response.status_code != status:
        code = body.get("code", "") if isinstance(body, dict) else ""
        raise StepFailed(f"{response.request.method} {response.request.url.path}: {response.status_code} {code}")
    return body


def run_demo(extract: Path | None, mapping: Path | None, as_of: str | None, json_file: Path | None) -> int:
    """0 when every step is as it should be."""
    if (extract is None) != (mapping is None):
        screen.print("Give --extract and --mapping together.")
        return 2
    with tempfile.TemporaryDirectory(prefix="wm-demo-") as scratch:
        folder = Path(scratch)
        if os.geteuid() == 0:
            folder.chmod(0o755)  # the embedded database runs as nobody
        port = _free_port()
        environment = {**os.environ, "WM_DATA_DIR": str(folder / "data")}
        command = [sys.executable, "-m", "wm_api", "dev", "--port", str(port), "--data-dir", str(folder / "data")]
        with (folder / "dev.log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)
            try:
                figures = _steps(f"http://127.0.0.1:{port}", folder, extract, mapping, as_of, process)
            except (StepFailed, httpx.HTTPError) as failed:
                screen.print(f"[red]Not as it should be:[/red] {failed}")
                return 1
            finally:
                stop_child(process)
        if json_file is not None:
            json_file.write_text(json.dumps(figures, indent=1) + "\n")
    screen.print("[green]Every step was as it should be.[/green]")
    return 0


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_until_ready(http: httpx.Client, process: "subprocess.Popen[bytes]") -> None:
    ends = time.monotonic() + 60
    while time.monotonic() < ends and process.poll() is None:
        with suppress(httpx.HTTPError):
            if http.get("/readyz").json()["status"] == "ready":
                return
        time.sleep(0.2)
    raise StepFailed("the installation did not start")


def _steps(
    url: str,
    folder: Path,
    extract: Path | None,
    mapping: Path | None,
    as_of: str | None,
    process: "subprocess.Popen[bytes]",
) -> dict[str, Any]:
    begun = time.perf_counter()
    timings: dict[str, float] = {}
    with httpx.Client(base_url=url, timeout=120, trust_env=False) as http:
        _wait_until_ready(http, process)
        timings["start"] = time.perf_counter() - begun
        facts = {
            "country": "US",
            "industry_scheme": "naics_2022",
            "industry_code": "311812",
            "size_band": "1000-4999",
            "ownership": "private",
        }
        giver, reader = Company(http, "Lone Star Foods", facts), Company(http, "Prairie Lending", {"country": "US"})
        screen.print("[b]1.[/b] Two companies signed up.")
        at = time.perf_counter()
        _push_all(giver, url, folder, extract, mapping, as_of)
        timings["push"] = time.perf_counter() - at
        metrics = giver.call("GET", "/v1/metrics", params={"limit": 200})["data"]
        score = giver.call("GET", "/v1/scores", params={"limit": 1})["data"][0]
        explanation = giver.call("GET", f"/v1/scores/{score['id']}/explanation")
        _show(metrics, score, explanation)
        figures = {
            "metrics": {f"{m['metric']}:{m['profile']}": m for m in metrics},
            "score": score,
            "explanation": explanation,
        }
        figures["dataset"] = giver.call("GET", "/v1/datasets", params={"kind": "workforce"})["data"][0]
        if score["status"] == "ok":
            figures["grant"], figures["shared"] = _share(http, giver, reader, score)
        else:
            _show_insufficient(giver, score, explanation)
        timings["total"] = time.perf_counter() - begun
        return {**figures, "timings": timings}


def _push_all(
    company: Company, url: str, folder: Path, extract: Path | None, mapping: Path | None, as_of: str | None
) -> None:
    """By the capture agent, as a process of its own: it keys the ids, checks, and sends only mapped columns."""
    key = company.call("POST", "/v1/api-keys", 201, json={"name": "nightly push", "scopes": KEY_SCOPES})
    key_file = folder / "wm.key"
    capture = [sys.executable, "-m", "wm_api.capture"]
    environment = {**os.environ, "WM_URL": url, "WM_API_KEY": key["secret"], "WM_CAPTURE_KEY": str(key_file)}
    _run([*capture, "keygen", "--account", company.id, "--out", str(key_file)], environment)
    if extract is not None and mapping is not None:
        day = ["--as-of", as_of] if as_of else []
        _run([*capture, "push", str(extract), "--mapping", str(mapping), *day, "--wait"], environment)
        return
    payroll = ["--from", "2025-12-13", "--to", "2025-12-26"]
    for name, dates in (("workforce", []), ("payroll", payroll)):
        files = [str(EXAMPLE / f"{name}.csv"), "--mapping", str(EXAMPLE / f"{name}.toml")]
        _run([*capture, "push", *files, *dates, "--wait"], environment)


def _run(command: list[str], environment: dict[str, str]) -> None:
    if subprocess.run(command, env=environment, check=False).returncode != 0:
        raise StepFailed(f"wm-capture {command[3]} failed")


def _show(metrics: list[dict[str, Any]], score: dict[str, Any], explanation: dict[str, Any]) -> None:
    peers = {each["metric"]: each for each in explanation["contributions"] if each["metric"]}
    table = Table(
        "metric", "value", "n", "status", "reference", "points", title=f"[b]2.[/b] Figures as of {score['as_of']}"
    )
    for each in sorted((m for m in metrics if m["profile"] == "default"), key=lambda m: m["metric"]):
        part = peers.get(each["metric"], {})
        peer = part.get("benchmark")
        reference = f"{peer['p50']:g}  {peer['label']}" if peer else ""
        value = f"{each['value']:.{each['decimals']}f}" if each["value"] is not None else _parts(each)
        points = f"{part['points']:+.1f}" if part.get("points") is not None else ""
        status = each["status"] if each["status"] == "ok" else f"{each['status']} ({each['reason'] or 'small group'})"
        table.add_row(each["metric"], value, str(each["n"] or ""), status, reference, points)
    screen.print(table)
    if score["status"] == "ok":
        interval = score["intervals"][0]
        screen.print(
            f"[b]3.[/b] Social Impact Score [b]{score['headline']:.1f}[/b] "
            f"({interval['low']:.1f} to {interval['high']:.1f}), "
            f"{score['star']} of 5 stars, data grade {score['data_grade']}, coverage {score['coverage']:.3f}"
        )
        moved = [each for each in explanation["contributions"] if each["metric"] is None]
        screen.print("   50 " + " ".join(f"{each['points']:+.1f} {each['area']}" for each in moved))


def _parts(metric: dict[str, Any]) -> str:
    return " / ".join(f"{part['value']:.1f}" for part in metric["groups"] if part["value"] is not None)


def _share(
    http: httpx.Client, giver: Company, reader: Company, score: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    giver.call("POST", f"/v1/scores/{score['id']}/publication")
    ends = (datetime.now(UTC) + timedelta(days=90)).isoformat()
    body = {"grantee": {"account_id": reader.id}, "detail": "areas", "purpose": "lending", "expires_at": ends}
    grant = giver.call("POST", "/v1/share-grants", 201, json=body)
    reader.call("POST", f"/v1/share-grants/{grant['id']}/acceptance", json={})
    token = reader.call("POST", f"/v1/share-grants/{grant['id']}/tokens", 201)["token"]
    holder = {"Authorization": f"Bearer {token}"}
    shared = expect(http.get("/v1/shared/scores", headers=holder), 200)["data"][0]
    screen.print(
        f"[b]4.[/b] Published, granted, accepted; read with a token: "
        f"score {shared['headline']}, {len(shared['areas'])} areas"
    )
    refused = [
        ("its records", http.get("/v1/datasets", headers=holder), 403),
        ("its own metrics", http.get("/v1/metrics", headers=holder), 403),
        ("the score itself", http.get(f"/v1/scores/{score['id']}", headers=reader.headers), 404),
    ]
    for what, response, status in refused:
        screen.print(f"   refused: {what}: {response.status_code} {expect(response, status)['code']}")
    reads = giver.call("GET", f"/v1/share-grants/{grant['id']}/access-log")["data"]
    giver.call("POST", f"/v1/share-grants/{grant['id']}/revocation")
    after = expect(http.get("/v1/shared/scores", headers=holder), 403)
    screen.print(f"[b]5.[/b] {len(reads)} read in the access log; revoked; the next read: 403 {after['code']}")
    return giver.call("GET", f"/v1/share-grants/{grant['id']}"), shared


def _show_insufficient(company: Company, score: dict[str, Any], explanation: dict[str, Any]) -> None:
    screen.print(f"[b]3.[/b] No score yet: insufficient_data, coverage {score['coverage']:.3f}. What would lift it:")
    for lift in explanation["lifts"][:8]:
        screen.print(f"   {lift['weight']:.3f}  {lift['name']}")
    refused = company.call("POST", f"/v1/scores/{score['id']}/publication", 409)
    screen.print(f"[b]4.[/b] Publication is refused: {refused['code']}; nothing is shared.")
