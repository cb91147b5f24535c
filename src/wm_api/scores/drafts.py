"""A draft of a day: computed outside of any transaction from what it rests on, and kept while that still holds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.accounts.models import Account
from wm_api.benchmarks import service as benchmarks
from wm_api.benchmarks.contributed.tree import region_of
from wm_api.benchmarks.fallback import FACTS, Place
from wm_api.benchmarks.models import BenchmarkRelease
from wm_api.core import clock
from wm_api.core.ids import new_id
from wm_api.core.principal import SYSTEM, Actor
from wm_api.events import service as events
from wm_api.events.models import EventType
from wm_api.metrics.figures import Figure
from wm_api.metrics.population import MetricInputs
from wm_api.metrics.service import account_facts
from wm_api.metrics.sources import SUPPORTED, Sources, sources_of
from wm_api.operations import service as operations
from wm_api.operations.models import OperationType
from wm_api.scores import inputs as pinned
from wm_api.scores.methodology import Methodology, load_methodology
from wm_api.scores.models import Score, ScoreState
from wm_api.scores.peers import guards_of, peers_of

PLACE = ("country", *FACTS)
"""Facts of an account that figures or comparisons read."""
PLACE_IN_TREE = (*PLACE, "region")
"""And those that the tree of contributed cells reads."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a draft rests on besides its sources: the newest benchmark releases, the score published before, the facts
    of the account.
    """

    releases: benchmarks.Releases
    before: Score | None
    account: tuple[str | None, ...]

    def key(self) -> tuple[object, ...]:
        """Equal as long as a draft of this basis may be kept."""
        return self.releases.ids, self.before.id if self.before else None, self.account

    def last_values(self) -> dict[str, float]:
        """By metric, of the score published before."""
        readings = self.before.record["metrics"] if self.before else {}
        return {name: each["value"] for name, each in readings.items() if each["value"] is not None}


async def basis_of(session: AsyncSession, sources: Sources) -> Basis:
    published = select(Score).where(Score.state == ScoreState.PUBLISHED, Score.as_of <= sources.day)
    before = await session.scalar(published.order_by(Score.as_of.desc(), Score.id.desc()).limit(1))
    facts = place_of(await account_facts(session), PLACE_IN_TREE)
    return Basis(await benchmarks.latest_releases(session), before, tuple(facts.values()))


def place_of(account: Account, names: Iterable[str] = PLACE) -> dict[str, str | None]:
    return {name: getattr(account, name) for name in names}


def outdated(draft: Score, account: Account) -> bool:
    """Whether facts of the account have changed since; a record from before facts were recorded does not say."""
    recorded = draft.record.get("account")
    return recorded is not None and any(recorded.get(name) != getattr(account, name) for name in {*recorded, "sector"})


async def compute_again(session: AsyncSession, actor: Actor, day: date) -> None:
    """What a day rests on now gives new figures and a new draft."""
    sources = await sources_of(session, day)
    if sources is not None and sources.day == day:
        subject = ("dataset", sources.workforce[-1].id)
        await operations.enqueue(session, OperationType.SCORE_COMPUTE, actor, subject)


def drafted(
    account: Account,
    basis: Basis,
    cells: benchmarks.Cells,
    inputs: MetricInputs,
    sources: Sources,
    figures: Mapping[str, Mapping[str, Figure]],
) -> Score:
    """Computed from its record alone, as a re-run does. Not yet kept; takes a while, so call it in a thread."""
    releases, before, methodology, now = basis.releases, basis.before, load_methodology(), clock.now()
    star = before.star if before else None
    place, computed = place_of(account, PLACE_IN_TREE if releases.contributed else PLACE), figures["default"]
    record = record_of(place, releases, methodology, cells, inputs, sources, computed, now.date(), star)
    result = pinned.recompute(record)
    document = pinned.document_of(result)
    return Score(
        account_id=account.id,
        id=new_id(),
        as_of=sources.day,
        state=ScoreState.DRAFT.value,
        status=result.status,
        headline=result.headline,
        star=result.star,
        record=record,
        result=document,
        figures=pinned.figures_of(figures),
        digest=pinned.digest_of(record, document),
        benchmark_release_id=releases.public.id,
        methodology=methodology.id,
        dataset_ids=[str(each.id) for each in sources.datasets],
        restates=before.id if before and before.as_of == sources.day else None,
        previous_id=before.id if before else None,
        computed_at=now,
    )


def record_of(  # noqa: PLR0913, PLR0917 - all that a score rests on
    place: Mapping[str, str | None],
    releases: benchmarks.Releases,
    methodology: Methodology,
    cells: benchmarks.Cells,
    inputs: MetricInputs,
    sources: Sources,
    figures: Mapping[str, Figure],
    day: date,
    previous_star: int | None,
) -> dict[str, Any]:
    """What a score pins. `place`: the facts of the account; `day`: when it is computed. The same input, the same."""
    stands = Place.of(place, region_of(place["country"] or "", place.get("region")))
    record = pinned.record_of(
        [{"id": str(row.id), "sha256": row.snapshot_sha256 or ""} for row in sources.datasets],
        _pinned(releases.public),
        methodology,
        version("wm-api"),
        pinned.readings_of(figures, methodology),
        peers_of(cells.public, stands, methodology, cells.contributed),
        guards_of(inputs, sources, figures, day, previous_star, place["size_band"]),
    )
    record |= {"account": dict(place), "references": {n: dict(pin) for n, pin in inputs.references.pins.items()}}
    return record if releases.contributed is None else {**record, "contributed_release": _pinned(releases.contributed)}


def _pinned(release: BenchmarkRelease) -> dict[str, str]:
    return {"id": str(release.id), "name": release.name, "sha256": release.sha256}


async def keep(session: AsyncSession, draft: Score) -> None:
    """One open draft a day: a later one takes the place of the one before. A published score never changes."""
    await _supersede(session, Score.as_of == draft.as_of)
    session.add(draft)
    await session.flush()
    await events.append(session, SYSTEM, EventType.SCORE_COMPUTED, ("score", draft.id), state=draft.state)


async def drop_unsupported(session: AsyncSession) -> None:
    """No draft stays open for a day that a correction has moved away from."""
    await _supersede(session, Score.as_of.not_in(SUPPORTED))


async def _supersede(session: AsyncSession, which: ColumnElement[bool]) -> None:
    open_ = select(Score).where(which, Score.state == ScoreState.DRAFT).order_by(Score.id).with_for_update()
    for each in (await session.scalars(open_)).all():
        each.state = ScoreState.SUPERSEDED.value
        await session.flush()
        await events.append(session, SYSTEM, EventType.SCORE_SUPERSEDED, ("score", each.id), state=each.state)
