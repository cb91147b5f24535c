"""What if some metrics were others: the score from the same record, peers, methodology and draws. Nothing is kept."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import case
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core import clock
from wm_api.core.problems import FieldError, Gone, RateLimited
from wm_api.core.settings import Settings
from wm_api.scores.case import Case, significant
from wm_api.scores.errors import ScoreIncomplete
from wm_api.scores.inputs import input_of, methodology_of
from wm_api.scores.methodology import MetricRule
from wm_api.scores.models import Score, SimulationCount
from wm_api.scores.results import Guards, Reading, ScoreInput, ScoreResult
from wm_api.scores.scoring import score

GAP = "adjusted_gender_gap"


def check_base(row: Score) -> None:
    """Raises Gone where figures or methodology are no longer there, ScoreIncomplete without a headline to move."""
    if "metrics" not in row.record:
        raise Gone
    try:
        methodology_of(row.record)
    except (FileNotFoundError, ValueError) as error:
        raise Gone from error
    if row.status != "ok":
        raise ScoreIncomplete(lifts=[name for name, _ in row.result["lifts"]])


def errors_of(record: Mapping[str, Any], changes: list[tuple[str, float]]) -> Iterator[FieldError]:
    """A metric that does not count in the score, comes twice, or is beyond the bounds of the methodology."""
    scored, seen = Case(input_of(record), methodology_of(record)), set()
    for at, (metric, value) in enumerate(changes):
        if metric not in scored.ok:
            yield FieldError("not_in_score", _why_not(scored, metric), pointer=f"/changes/{at}/metric")
        elif metric in seen:
            yield FieldError("repeated", "The metric comes twice.", pointer=f"/changes/{at}/metric")
        else:
            low, high = bounds(scored.methodology.rule(metric))
            if not low <= value <= high:
                detail = f"It must be from {low:g} to {high:g}."
                yield FieldError("out_of_range", detail, pointer=f"/changes/{at}/value")
        seen.add(metric)


def _why_not(scored: Case, metric: str) -> str:
    if metric in scored.readings and scored.readings[metric].reason == "no_reference":
        return "The metric has neither peers nor goalposts in this score, so it counts for nothing."
    return "The score has no value of this metric."


def bounds(rule: MetricRule) -> tuple[float, float]:
    """The public bounds; a gap may be to the disadvantage of either side."""
    return (-rule.upper if rule.direction == "0" else rule.lower), rule.upper


def simulated(record: Mapping[str, Any], changes: Mapping[str, float]) -> ScoreResult:
    """PURE. Standard errors, guards and draws stay those of the score, so that a difference is not noise."""
    base = input_of(record)
    moved = {name: replace(base.metrics[name], value=significant(value)) for name, value in changes.items()}
    guards = _moved_gap(base.guards, base.metrics.get(GAP), moved.get(GAP))
    inputs = ScoreInput({**base.metrics, **moved}, base.peers, base.seed, guards)
    return score(inputs, methodology_of(record))


def _moved_gap(guards: Guards, old: Reading | None, new: Reading | None) -> Guards:
    """The interval of the adjusted gap, that a floor asks, moves along with it."""
    if old is None or new is None or guards.adjusted_gap_interval is None:
        return guards
    by = (new.value or 0.0) - (old.value or 0.0)
    low, high = guards.adjusted_gap_interval
    return replace(guards, adjusted_gap_interval=(low + by, high + by))


async def take_turn(session: AsyncSession, settings: Settings, account_id: UUID) -> int:
    """How many are left in this window. A refused one is rolled back with its count. Raises RateLimited."""
    now, length = clock.now(), settings.simulation_window.total_seconds()
    start = datetime.fromtimestamp(now.timestamp() // length * length, tz=UTC)
    first = insert(SimulationCount).values(account_id=account_id, window_start=start, count=1)
    same = SimulationCount.window_start == first.excluded.window_start
    again = {"window_start": start, "count": case((same, SimulationCount.count + 1), else_=1)}
    counted = first.on_conflict_do_update(index_elements=["account_id"], set_=again).returning(SimulationCount.count)
    left = settings.most_simulations - (await session.execute(counted)).scalar_one()
    if left < 0:
        wait = start + timedelta(seconds=length) - now
        after = str(max(1, int(wait.total_seconds())))
        raise RateLimited(headers={"Retry-After": after}, violated_policies=["score-simulations"])
    return left
