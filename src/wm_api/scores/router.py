"""Routes of /v1/scores."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response, Security
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.accounts.service import accounts
from wm_api.core.principal import Principal, Scope
from wm_api.core.problems import Gone, StateConflict
from wm_api.core.web.auth import require, require_person
from wm_api.core.web.declarations import ETAG, declare
from wm_api.core.web.dependencies import SessionDep, WriteSession
from wm_api.core.web.errors import problem_response
from wm_api.core.web.etags import IfMatch, check_if_match, etag_of, tagged
from wm_api.core.web.pagination import DaysDep, PagingDep, link_next
from wm_api.core.web.policies import Clause
from wm_api.core.web.routing import new_router
from wm_api.scores import drafts, models, schemas, service
from wm_api.scores.beside import beside_of
from wm_api.scores.errors import RestatesNothing, ScoreIncomplete
from wm_api.scores.explanation_schemas import Explanation
from wm_api.scores.report.answers import FORMS, Chart, ChartName, answered
from wm_api.scores.report.reading import read_report
from wm_api.scores.restatement import restatement_of
from wm_api.scores.restatement_schemas import Restatement

CHANGED = "Facts of the account or the data have changed since; a new draft is being computed."
router = new_router("/v1/scores", "scores")
ScoreReader = Annotated[Principal, Security(require, scopes=[Scope.SCORES_READ])]
ScorePublisher = Annotated[Principal, Security(require_person, scopes=[Scope.SCORES_PUBLISH])]


async def shown(session: AsyncSession, row: models.Score) -> schemas.Score:
    return (await all_shown(session, [row]))[0]


async def all_shown(session: AsyncSession, rows: Sequence[models.Score]) -> list[schemas.Score]:
    ended, said = await service.ended_inputs(session, rows), await beside_of(session, rows)
    return [schemas.Score.of(row, ended, said[row.id]) for row in rows]


@router.get("", operation_id="scores_list", summary="List scores")
async def list_scores(
    _: ScoreReader,
    session: SessionDep,
    page: PagingDep,
    days: DaysDep,
    response: Response,
    state: Annotated[models.ScoreState | None, Query()] = None,
    as_of: Annotated[date | None, Query()] = None,
) -> schemas.ScoreList:
    """Newest first. A score is made by the service after an accepted push."""
    rows, next_cursor = await service.list_scores(session, state, as_of, page, days)
    link_next(response, page, next_cursor)
    return schemas.ScoreList(data=await all_shown(session, rows), next_cursor=next_cursor)


@router.get(
    "/{score_id}",
    operation_id="scores_get",
    summary="Read one score",
    response_model=schemas.Score,
    openapi_extra=declare(headers=[ETAG]),
)
async def get_score(
    score_id: UUID, _: ScoreReader, session: SessionDep, request: Request, response: Response
) -> schemas.Score | Response:
    """With areas, intervals, data grade and what it was computed from."""
    return tagged(request, response, await shown(session, await service.get_score(session, score_id)))


@router.get("/{score_id}/explanation", operation_id="scores_get_explanation", summary="What moved a score")
async def get_explanation(score_id: UUID, _: ScoreReader, session: SessionDep) -> Explanation:
    """Contributions that add up, benchmarks used, reachable steps, what would lift coverage, and what changed since the
    score published before.
    """
    row = await service.get_score(session, score_id)
    return Explanation.of(row, await service.score_before(session, row))


@router.get(
    "/{score_id}/restatement",
    operation_id="scores_get_restatement",
    summary="A score beside the one that it restates",
    openapi_extra=declare(RestatesNothing),
)
async def get_restatement(score_id: UUID, _: ScoreReader, session: SessionDep) -> Restatement:
    """Old and new: headline, areas, every metric that moved, and which dataset took the place of which."""
    return Restatement.of(await restatement_of(session, await service.get_score(session, score_id)))


@router.get(
    "/{score_id}/report",
    operation_id="scores_get_report",
    summary="A score as people read it",
    response_class=Response,
    responses=dict(FORMS),
    openapi_extra=declare(Gone),
)
async def get_report(
    score_id: UUID, _: ScoreReader, session: SessionDep, request: Request, chart: ChartName = Chart.SCORE
) -> Response:
    """Sentences and charts of the same figures as the JSON, rounded. `Accept` chooses page, chart or PDF.

    404 for a chart that has nothing to show, 410 where the data of the score were deleted.
    """
    return await answered(request, await read_report(session, score_id), chart, "private, no-cache")


@router.post(
    "/{score_id}/publication",
    operation_id="scores_publish",
    summary="Publish a score",
    response_model=schemas.Score,
    openapi_extra=declare(StateConflict, ScoreIncomplete, clause=Clause.DESIGNATED_COMPANIES),
)
async def publish_score(
    score_id: UUID,
    principal: ScorePublisher,
    session: WriteSession,
    request: Request,
    response: Response,
    if_match: IfMatch = None,
) -> schemas.Score | Response:
    """A person's act; nothing is visible to a grantee before it. If-Match proves which score was looked at."""
    row = await service.get_score(session, score_id, lock=True)
    current = await shown(session, row)
    check_if_match(if_match, current)
    account = await accounts.get_account(session, principal.owner_id)
    if row.state == models.ScoreState.DRAFT and (drafts.outdated(row, account) or current.ended_datasets):
        await drafts.compute_again(session, principal.actor, row.as_of)
        return problem_response(
            request, StateConflict(CHANGED, state=row.state, allowed=[])
        )  # not raised: it is queued
    published = await shown(session, await service.publish(session, principal.actor, row, account.name))
    response.headers["ETag"] = etag_of(published)
    return published


@router.delete(
    "/{score_id}/publication",
    operation_id="scores_withdraw",
    summary="Withdraw a published score",
    openapi_extra=declare(StateConflict, clause=Clause.DESIGNATED_COMPANIES),
)
async def withdraw_score(
    score_id: UUID, principal: ScorePublisher, session: WriteSession, response: Response, if_match: IfMatch = None
) -> schemas.Score:
    """No longer visible to anybody it was shared with, from the next request on."""
    row = await service.get_score(session, score_id, lock=True)
    current = await shown(session, row)
    check_if_match(if_match, current)
    withdrawn = await shown(session, await service.withdraw(session, principal.actor, row))
    response.headers["ETag"] = etag_of(withdrawn)
    return withdrawn
