"""Scores as rows, made by the engine from generated inputs."""

import json
from dataclasses import asdict
from datetime import date
from random import Random
from typing import Any
from uuid import UUID

from scores.test_properties import METHODOLOGY, some_input
from wm_api.scores import inputs as pinned
from wm_api.scores.beside import GUARDS, Beside, Verification
from wm_api.scores.models import Score
from wm_api.scores.report.facts import Report
from wm_api.scores.report.own import Past, report_of
from wm_api.scores.results import ScoreInput
from wm_api.scores.scoring import score

ID = UUID("01a2108c-469e-7000-98c1-74b2ef8875cb")
LABELS = ("UK employers, returns 2021-22 (section C)", "US separations 2021 (manufacturing)")


def row_of(inputs: ScoreInput, day: date, state: str = "published") -> Score:
    """As the service keeps it: record and result as JSON gives them back."""
    methodology = {"id": METHODOLOGY.id, "sha256": METHODOLOGY.sha256}
    record = pinned.record_of([], {}, METHODOLOGY, "0", inputs.metrics, inputs.peers, inputs.guards)
    record = json.loads(json.dumps({**record, "methodology": methodology}))
    for name, peers in record["peers"].items():
        peers["label"] = LABELS["turnover" in name]
    result = json.loads(json.dumps(asdict(score(pinned.input_of(record), METHODOLOGY))))
    return Score(
        account_id=ID, id=ID, as_of=day, state=state, status=result["status"], headline=result["headline"],
        star=result["star"], record=record, result=result, digest="ab" * 32, methodology=METHODOLOGY.id,
    )  # fmt: skip


def some_report(seed: int, company: str = "Lone Star Foods") -> tuple[Report, Score]:
    """Of some score with one before it, and quarters of pay."""
    draw = Random(seed)
    before, now = (
        row_of(some_input(seed + 1), date(2024, 12, 31)),
        row_of(some_input(seed), date(2025, 12, 31), "draft"),
    )
    quarters = [draw.choice([25.0, 100 * draw.random()]) for _ in range(4)]
    said = Beside(
        pinned.declared_share(now.record),
        draw.choice(list(Verification)),
        draw.choice([None, "complete", "partial"]),
        draw.choice([None, 0.0, 100 * draw.random()]),
        "ok",
        tuple(code for code in GUARDS if draw.random() < 0.5),
    )
    return report_of(now, company, METHODOLOGY, Past([before], before), quarters, said), now


def facts_of(report: Report) -> Any:
    return json.loads(json.dumps(asdict(report), default=str))
