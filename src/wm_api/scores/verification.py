"""A score computed once more from what it pins: datasets, benchmark release, methodology. Nothing is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from wm_api.accounts.models import Account
from wm_api.benchmarks import service as benchmarks
from wm_api.core.keystore import KeyGone
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.datasets.service import files
from wm_api.events.chain import canonical_json
from wm_api.metrics.reference_tables import BEFORE_PINS
from wm_api.metrics.service import compute_figures, read_inputs
from wm_api.metrics.sources import Sources, sources_among
from wm_api.scores import inputs as pinned
from wm_api.scores.drafts import place_of, record_of
from wm_api.scores.methodology import Methodology, load_methodology
from wm_api.scores.models import Score
from wm_api.scores.scoring import score as score_of

RECORD = ("benchmark_release", "methodology", "metrics", "peers", "guards")
LATER = ("references", "contributed_release")
"""Parts that older records lack."""


class InputDeleted(Exception):  # noqa: N818 - named for what is so
    """A dataset that the score rests on was deleted, so it can be computed by nobody any more."""


@dataclass(frozen=True, slots=True)
class _Pinned:
    """What is there of what a score pins."""

    score: Score
    place: Mapping[str, str | None]
    releases: benchmarks.Releases
    cells: benchmarks.Cells
    sources: Sources


@dataclass(frozen=True, slots=True)
class Verification:
    """`parts`: whether each is equal. `beyond`: figures that are computed today and that the score does not hold."""

    parts: Mapping[str, bool]
    beyond: int


async def verify(resources: Resources, account_id: UUID, score_id: UUID) -> Verification:
    """By part whether it is equal, byte for byte: first what it was computed from, then every step, then the digest.

    All that the score holds is compared; a metric, a profile or a field that came later does not make it differ.

    Raises InputDeleted; NotFound for a release that is gone, FileNotFoundError for a methodology that is.
    """
    kept = await _pinned(resources, account_id, score_id)
    score, methodology = kept.score, load_methodology(kept.score.methodology)
    account = Account(id=account_id, **kept.place)
    try:
        stored = {
            str(row.id): await files.snapshot_of(resources, account_id, row.stored_id) for row in kept.sources.datasets
        }
        inputs = await read_inputs(resources, account, kept.sources, _editions(score))
    except (KeyGone, FileNotFoundError) as error:
        raise InputDeleted from error
    figures = await compute_figures(inputs)
    day, star = score.computed_at.date(), score.record["guards"]["previous_star"]
    record = record_of(
        kept.place, kept.releases, methodology, kept.cells, inputs, kept.sources, figures["default"], day, star
    )
    again = {**record, "datasets": [{"id": name, "sha256": hexed} for name, hexed in stored.items()]}
    return _compared(score, methodology, again, pinned.figures_of(figures))


def _editions(score: Score) -> Mapping[str, str]:
    """Of the reference tables; a score from before they were pinned rests on those of then."""
    pins = score.record.get("references")
    return BEFORE_PINS if pins is None else {source: pin["edition"] for source, pin in pins.items()}


async def _pinned(resources: Resources, account_id: UUID, score_id: UUID) -> _Pinned:
    async with transaction(resources, account_id) as session:
        score = (await session.scalars(select(Score).where(Score.id == score_id))).one()
        if "metrics" not in score.record:
            raise InputDeleted
        place = score.record.get("account")
        if place is None:  # from before facts of the account were recorded
            place = place_of((await session.scalars(select(Account).where(Account.id == account_id))).one())
        contributed = pinned.contributed_release(score.record)
        releases = await benchmarks.releases_of(session, score.benchmark_release_id, contributed)
        return _Pinned(
            score,
            place,
            releases,
            await benchmarks.cells_of(session, releases),
            await sources_among(session, score.as_of, [UUID(each) for each in score.dataset_ids]),
        )


def _compared(
    score: Score, methodology: Methodology, again: Mapping[str, Any], figures: Mapping[str, Any]
) -> Verification:
    """The version of the code is what made it, not what it was made of; so it is taken as recorded."""
    record = {**as_held(again, score.record), "code_version": score.record["code_version"]}
    equal = {name: _same(record[name], score.record[name]) for name in ("datasets", *RECORD, *LATER) if name in record}
    if score.figures is not None:
        equal["figures"] = _same(as_held(figures, score.figures), score.figures)
    result = as_held(pinned.document_of(score_of(pinned.input_of(record), methodology)), score.result)
    equal |= {name: _same(result[name], score.result[name]) for name in result}
    equal["digest"] = pinned.digest_of(record, result) == score.digest
    return Verification(equal, len(_names(figures) - _names(score.figures or {})))


def _names(figures: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {(profile, metric) for profile, found in figures.items() for metric in found}


def as_held(again: Any, held: Any) -> Any:
    """Of what is computed again the part that was kept then. What is missing now is None, and so differs."""
    if isinstance(again, Mapping) and isinstance(held, Mapping):
        return {name: as_held(again.get(name), each) for name, each in held.items()}
    if isinstance(again, list | tuple) and isinstance(held, list) and len(again) == len(held):
        return [as_held(*pair) for pair in zip(again, held, strict=True)]
    return again


def _same(one: object, other: object) -> bool:
    return canonical_json(one) == canonical_json(other)
