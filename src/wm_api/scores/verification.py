"""A score computed once more from what it pins: datasets, benchmark release, methodology. Nothing is written."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

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
from wm_api.scores.case import significant
from wm_api.scores.drafts import place_of, record_of
from wm_api.scores.methodology import Methodology, load_methodology
from wm_api.scores.models import Score, ScorePublication
from wm_api.scores.scoring import score as score_of
from wm_api.scores.service import KEPT, shared_document

RECORD = ("benchmark_release", "methodology", "metrics", "peers", "guards")
LATER = ("references", "contributed_release")
"""Parts that older records lack."""
CAME_LATER = frozenset({*LATER, "account", "size_band_fits", "printed_contributions"})
"""All names that an older score may lack: whatever else it has not, somebody took away. A new field goes in here."""
SHARED_LATER = frozenset({"restates"})
"""The same of what those see whom a score is shared with."""
COLUMNS = ("status", "headline", "star")
"""Of the result what the score's row tells as well."""
_SEEN = select(ScorePublication.document).where(ScorePublication.withdrawn_at.is_(None))


class InputDeleted(Exception):  # noqa: N818 - named for what is so
    """A dataset that the score rests on was deleted, so it can be computed by nobody any more."""


@dataclass(frozen=True, slots=True)
class _Pinned:
    """What is there of what a score pins. `star` is that of the score before, `seen` what those see whom it is shared
    with.
    """

    score: Score
    star: int | None
    seen: Mapping[str, Any] | None
    place: Mapping[str, str | None]
    releases: benchmarks.Releases
    cells: benchmarks.Cells
    sources: Sources


@dataclass(frozen=True, slots=True)
class Verification:
    """`parts`: whether each is equal. `beyond`: figures that are computed today and that the score does not hold.
    `made_by`: the version of the code that computed it then.
    """

    parts: Mapping[str, bool]
    beyond: int
    made_by: str


async def verify(
    resources: Resources, account_id: UUID, score_id: UUID, tell: Callable[[str], None] = lambda _: None
) -> Verification:
    """By part whether it is equal, byte for byte: first what it was computed from, then every step, then the digest.

    All that the score holds is compared, and what those see whom it is shared with; a metric, a profile or a field
    that came later does not make it differ. `tell` hears what is being done.

    Raises InputDeleted; Tampered for a file that is not as it was stored, NotFound for a release that is gone,
    FileNotFoundError for a methodology that is, NotSigned for one that is not as it was signed.
    """
    kept = await _pinned(resources, account_id, score_id)
    score, methodology = kept.score, load_methodology(kept.score.methodology)
    account, count = Account(id=account_id, **kept.place), len(kept.sources.datasets)
    try:
        tell(f"Reading {count} dataset{'s' * (count != 1)}, twice: for the hash, and for the figures.")
        stored = {
            str(row.id): await files.snapshot_of(resources, account_id, row.stored_id) for row in kept.sources.datasets
        }
        inputs = await read_inputs(resources, account, kept.sources, _editions(score))
    except (KeyGone, FileNotFoundError) as error:
        raise InputDeleted from error
    tell("Computing all figures and the score.")
    figures = await compute_figures(inputs)
    day, computed = score.computed_at.date(), figures["default"]
    record = record_of(
        kept.place, kept.releases, methodology, kept.cells, inputs, kept.sources, computed, day, kept.star
    )
    again = {**record, "datasets": [{"id": name, "sha256": hexed} for name, hexed in stored.items()]}
    found = _compared(score, methodology, again, pinned.figures_of(figures))
    if kept.seen is None:
        return found
    return replace(found, parts={**found.parts, "publication": _seen_as_it_is(score, kept.seen)})


def _editions(score: Score) -> Mapping[str, str]:
    """Of the reference tables; a score from before they were pinned rests on those of then."""
    pins = score.record.get("references")
    return BEFORE_PINS if pins is None else {source: pin["edition"] for source, pin in pins.items()}


async def _pinned(resources: Resources, account_id: UUID, score_id: UUID) -> _Pinned:
    async with transaction(resources, account_id) as session:
        score = (await session.scalars(select(Score).where(Score.id == score_id))).one()
        if set(score.record) <= set(KEPT):
            raise InputDeleted
        place = score.record.get("account")
        if place is None:  # from before facts of the account were recorded
            place = place_of((await session.scalars(select(Account).where(Account.id == account_id))).one())
        contributed = pinned.contributed_release(score.record)
        releases = await benchmarks.releases_of(session, score.benchmark_release_id, contributed)
        return _Pinned(
            score,
            await _star_before(session, score),
            await session.scalar(_SEEN.where(ScorePublication.id == score_id)),
            place,
            releases,
            await benchmarks.cells_of(session, releases),
            await sources_among(session, score.as_of, [UUID(each) for each in score.dataset_ids]),
        )


async def _star_before(session: AsyncSession, score: Score) -> int | None:
    """Of the score that it followed; as recorded where that one is not known, or its figures were deleted."""
    before = select(Score.star).where(Score.id == score.previous_id)
    star = await session.scalar(before) if score.previous_id else None
    recorded: int | None = score.record.get("guards", {}).get("previous_star")
    return recorded if star is None else star


def _compared(
    score: Score, methodology: Methodology, again: Mapping[str, Any], figures: Mapping[str, Any]
) -> Verification:
    """The version of the code is what made it, not what it was made of; so it is taken as recorded."""
    made_by = score.record.get("code_version")
    record = {**as_held(again, score.record, CAME_LATER), "code_version": made_by}
    parts = (name for name in ("datasets", *RECORD, *LATER) if name in record)
    equal = {name: _same(record[name], score.record.get(name)) for name in parts}
    if score.figures is not None:
        equal["figures"] = _same(*map(at_digits, (as_held(figures, score.figures), score.figures)))
    result = as_held(pinned.document_of(score_of(pinned.input_of(record), methodology)), score.result, CAME_LATER)
    told = {name: getattr(score, name) for name in COLUMNS}
    equal |= {
        name: _same([result[name]] * 2, [score.result.get(name), told.get(name, result[name])]) for name in result
    }
    equal["digest"] = pinned.digest_of(record, result) == score.digest
    return Verification(equal, len(_names(figures) - _names(score.figures or {})), made_by or "an unknown version")


def _seen_as_it_is(score: Score, seen: Mapping[str, Any]) -> bool:
    """What stands beside a score is counted anew with each publication, and is not compared."""
    figures = {name: each for name, each in seen.items() if name != "beside"}
    return _same(as_held(shared_document(score), figures, SHARED_LATER), figures)


def at_digits(figures: Mapping[str, Any]) -> dict[str, Any]:
    """At the digits at which a score reads them: a regression can differ in the last of a double by the processor."""
    return {
        profile: {name: each and {**each, "value": significant(each["value"])} for name, each in (found or {}).items()}
        for profile, found in figures.items()
        if found is not None
    }


def _names(figures: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {(profile, metric) for profile, found in figures.items() for metric in found}


def as_held(again: Any, held: Any, later: Collection[str] | None = None) -> Any:
    """Of what is computed again the part that was kept then; what is missing now is None, and so differs. `later`: the
    names that alone may be missing in what was kept; without it any.
    """
    if isinstance(again, Mapping) and isinstance(held, Mapping):
        taken = {} if later is None else {n: each for n, each in again.items() if n not in held and n not in later}
        return {**{name: as_held(again.get(name), each, later) for name, each in held.items()}, **taken}
    if isinstance(again, list | tuple) and isinstance(held, list) and len(again) == len(held):
        return [as_held(*pair, later) for pair in zip(again, held, strict=True)]
    return again


def _same(one: object, other: object) -> bool:
    return canonical_json(one) == canonical_json(other)
