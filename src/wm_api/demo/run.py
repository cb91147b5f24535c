"""Step by step: sign up, push, figures, score, share, read, refusals, revoke. Every step is asserted."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from wm_api.demo import figures, show
from wm_api.demo.companies import BUNDLED, READER, Company, StepFailed, expect
from wm_api.demo.installation import Scratch, scratch_installation

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "lone_star_foods"
BUNDLED_FILES = (("workforce", ()), ("payroll", ("--from", "2025-12-13", "--to", "2025-12-26")))
KEY_SCOPES = ["datasets:write", "datasets:read", "operations:read"]
INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Extract:
    """What is pushed: a vendor's file with its mapping, or the bundled example."""

    file: Path | None = None
    mapping: Path | None = None
    as_of: str | None = None

    @property
    def company(self) -> dict[str, str]:
        if self.file is None:
            return BUNDLED
        return {"name": self.file.name.split(".")[0].replace("_", " ").title() or "Demo", "country": "US"}

    def pushes(self) -> list[list[str]]:
        """The arguments of each push."""
        if self.file is not None and self.mapping is not None:
            day = ["--as-of", self.as_of] if self.as_of else []
            return [[str(self.file), "--mapping", str(self.mapping), *day]]
        return [
            [str(EXAMPLE / f"{name}.csv"), "--mapping", str(EXAMPLE / f"{name}.toml"), *dates]
            for name, dates in BUNDLED_FILES
        ]


@dataclass
class Timings:
    """Seconds of each step."""

    begun: float = field(default_factory=time.perf_counter)
    last: float = field(default_factory=time.perf_counter)
    seconds: dict[str, float] = field(default_factory=dict)

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[name], self.last = round(now - self.last, 3), now
        self.seconds["total"] = round(now - self.begun, 3)


def run_demo(extract: Path | None, mapping: Path | None, as_of: str | None, json_file: Path | None) -> int:
    """0 when every step is as it should be."""
    if (extract is None) != (mapping is None):
        show.failure("Give --extract and --mapping together.")
        return 2
    if as_of is not None and extract is None:
        show.failure("--as-of goes with --extract; the bundled example has its own day.")
        return 2
    timings = Timings()
    try:
        show.starting()
        with scratch_installation() as scratch:
            timings.lap("start")
            with httpx.Client(base_url=scratch.url, timeout=120, trust_env=False) as http:
                found = _steps(http, scratch, Extract(extract, mapping, as_of), timings)
        timings.lap("stop")
        if json_file is not None:
            json_file.write_text(json.dumps({**found, "timings": timings.seconds}, indent=1) + "\n")
    except (StepFailed, httpx.HTTPError, OSError) as failed:
        show.failure(f"Not as it should be: {failed}")
        return 1
    except (KeyError, IndexError, TypeError) as missing:
        show.failure(f"Not as it should be: an answer lacks {missing}")
        return 1
    except KeyboardInterrupt:
        show.failure("Stopped; the scratch installation is gone.")
        return INTERRUPTED
    show.success(timings.seconds["total"])
    return 0


def _steps(http: httpx.Client, scratch: Scratch, extract: Extract, timings: Timings) -> dict[str, Any]:
    giver, reader = Company(http, extract.company), Company(http, READER)
    show.signed_up(giver, reader)
    timings.lap("sign_up")
    pushes = _push_all(giver, scratch, extract)
    timings.lap("push")
    metrics = giver.call("GET", "/v1/metrics", params={"limit": 200})["data"]
    score = giver.call("GET", "/v1/scores", params={"limit": 1})["data"][0]
    explanation = giver.call("GET", f"/v1/scores/{score['id']}/explanation")
    show.metrics(metrics, explanation)
    found = figures.collected(metrics, score, explanation) | {"pushes": pushes}
    found["datasets"] = giver.call("GET", "/v1/datasets")["data"]
    timings.lap("read")
    if score["status"] == "ok":
        show.score(score, explanation)
        found |= _share(http, giver, reader, score)
    else:
        show.insufficient(score, explanation)
        refused = giver.call("POST", f"/v1/scores/{score['id']}/publication", 409, "score-incomplete")
        show.not_published(refused)
        found["refusals"] = [_refusal("publication", 409, refused)]
    timings.lap("share")
    return found


def _push_all(company: Company, scratch: Scratch, extract: Extract) -> list[dict[str, Any]]:
    """By the capture agent, as a process of its own: it keys the ids, checks, and sends only mapped columns."""
    key = company.call("POST", "/v1/api-keys", 201, json={"name": "nightly push", "scopes": KEY_SCOPES})
    key_file, report = scratch.folder / "wm.key", scratch.folder / "push.json"
    capture = [sys.executable, "-m", "wm_api.capture"]
    own = {"WM_URL": scratch.url, "WM_API_KEY": key["secret"], "WM_CAPTURE_KEY": str(key_file)}
    environment = {**os.environ, **own}
    show.pushing()
    _run([*capture, "keygen", "--account", company.id, "--out", str(key_file)], environment, quiet=True)
    pushed = []
    for arguments in extract.pushes():
        _run([*capture, "push", *arguments, "--wait", "--report", str(report)], environment)
        pushed.append(json.loads(report.read_text()))
    return pushed


def _run(command: list[str], environment: dict[str, str], *, quiet: bool = False) -> None:
    output = subprocess.DEVNULL if quiet else None
    if (code := subprocess.run(command, env=environment, stdout=output, check=False).returncode) != 0:
        raise StepFailed(f"wm-capture {command[3]} ended with {code}")


def _share(http: httpx.Client, giver: Company, reader: Company, score: dict[str, Any]) -> dict[str, Any]:
    giver.call("POST", f"/v1/scores/{score['id']}/publication")
    ends = (datetime.now(UTC) + timedelta(days=90)).isoformat()
    body = {"grantee": {"account_id": reader.id}, "detail": "areas", "purpose": "lending", "expires_at": ends}
    grant = giver.call("POST", "/v1/share-grants", 201, json=body)
    path = f"/v1/share-grants/{grant['id']}"
    reader.call("POST", f"{path}/acceptance", json={})
    token = reader.call("POST", f"{path}/tokens", 201)["token"]
    holder = {"Authorization": f"Bearer {token}"}
    shared = expect(http.get("/v1/shared/scores", headers=holder), 200)["data"]
    if [each["score_id"] for each in shared] != [score["id"]]:
        raise StepFailed("the grantee does not see exactly the published score")
    show.shared(reader, grant, shared[0])
    refusals = _refusals(http, giver, reader, score, holder)
    reads = giver.call("GET", f"{path}/access-log")["data"]
    if not reads:
        raise StepFailed("the access log does not show the read")
    giver.call("POST", f"{path}/revocation")
    dead = expect(http.get("/v1/shared/scores", headers=holder), 403, "grant-inactive")
    anew = reader.call("POST", f"{path}/tokens", 403, "grant-inactive")
    after = [_refusal("the next read", 403, dead), _refusal("a new token", 403, anew)]
    show.revoked(len(reads), after)
    return {"grant": giver.call("GET", path), "shared": shared[0], "refusals": refusals + after}


def _refusals(
    http: httpx.Client, giver: Company, reader: Company, score: dict[str, Any], holder: dict[str, str]
) -> list[dict[str, Any]]:
    """What the grantee must not get: records and figures by its token, records and score by its own session."""
    dataset = giver.call("GET", "/v1/datasets")["data"][0]["id"]
    asked = (
        ("its records, with the token", "/v1/datasets", holder, 403, "insufficient-scope"),
        ("its metrics, with the token", "/v1/metrics", holder, 403, "insufficient-scope"),
        ("its records, signed in", f"/v1/datasets/{dataset}", reader.headers, 404, "not-found"),
        ("a foreign score, signed in", f"/v1/scores/{score['id']}", reader.headers, 404, "not-found"),
    )
    found = []
    for what, path, headers, status, code in asked:
        found.append(_refusal(what, status, expect(http.get(path, headers=headers), status, code)))
    show.refusals(found)
    return found


def _refusal(what: str, status: int, body: dict[str, Any]) -> dict[str, Any]:
    return {"what": what, "status": status, "code": body["code"]}
