"""Routes of /v1/employee-key-rotations."""

from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response

from wm_api.core.problems import ContentTooLarge, StateConflict, UnsupportedMediaType
from wm_api.core.resources import Resources
from wm_api.core.web.body import counted
from wm_api.core.web.declarations import ETAG, declare
from wm_api.core.web.dependencies import ResourcesDep, SessionDep, WriteSession
from wm_api.core.web.etags import tagged
from wm_api.core.web.pagination import PagingDep, link_next
from wm_api.core.web.routing import new_router
from wm_api.datasets import errors, models, schemas
from wm_api.datasets.auth import DatasetReader, DatasetWriter
from wm_api.datasets.router.push import file_media
from wm_api.datasets.service import key_links
from wm_api.datasets.service import key_rotations as service
from wm_api.records.readers import CSV

router = new_router("/v1/employee-key-rotations", "datasets")
BODY = {
    "required": True,
    "description": "A CSV of old_key,new_key; also with Content-Encoding: gzip or zstd.",
    "content": {CSV: {"schema": {"type": "string", "format": "binary"}}},
}
KNOWN: dict[int | str, dict[str, Any]] = {
    200: {"model": schemas.EmployeeKeyRotation, "description": "The same pairs were taken before."}
}


@dataclass(slots=True)
class SentRotation:
    """A crosswalk that was checked, or the rotation of the same pairs; kept when its rotation is a row."""

    rotation: service.Rotation | models.EmployeeKeyRotation
    kept: bool = False


async def sent_rotation(
    request: Request, principal: DatasetWriter, resources: ResourcesDep
) -> AsyncIterator[SentRotation]:
    """Read and checked before the write's transaction begins; links that the write did not keep are forgotten."""
    sent = await _sent(request, principal.owner_id, resources)
    try:
        yield sent
    finally:
        if isinstance(sent.rotation, service.Rotation) and not sent.kept:
            await key_links.forget_links(resources, principal.owner_id, sent.rotation.id)


async def _sent(request: Request, account_id: UUID, resources: Resources) -> SentRotation:
    """Raises UnsupportedMediaType, ContentTooLarge, RotationRefused."""
    kind, encoding = file_media(request)
    if kind != CSV:
        raise UnsupportedMediaType(supported=[CSV])
    body, digest = deque[bytes](), sha256()
    async for block in counted(request, resources.settings.crosswalk_bytes):
        digest.update(block)
        body.append(block)
    request.state.body_hash = digest.digest()
    async with resources.sandboxes.taken(account_id):
        found = await service.prepared(resources, account_id, _used_up(body), encoding, digest.hexdigest())
    return SentRotation(found)


async def _used_up(body: deque[bytes]) -> AsyncIterator[bytes]:
    """Block by block, none of which is held after it was given."""
    while body:
        yield body.popleft()


@router.post(
    "",
    status_code=201,
    operation_id="employee_key_rotations_create",
    summary="Rotate the key of employee keys",
    responses=KNOWN,
    openapi_extra=declare(
        errors.RotationRefused, StateConflict, ContentTooLarge, UnsupportedMediaType, requestBody=BODY
    ),
)
async def create_rotation(
    principal: DatasetWriter,
    sent: Annotated[SentRotation, Depends(sent_rotation, scope="function")],
    session: WriteSession,
    response: Response,
) -> schemas.EmployeeKeyRotation:
    """Every person under the old and the new key, in one request; `wm-capture rotate` makes it where the ids are.

    From now on the account takes keys of the new key id, stores them under the first, and figures stay what they were.
    Who has no pair counts as new. Any fault refuses all of it. Nothing that was pushed is written again.
    """
    if isinstance(sent.rotation, models.EmployeeKeyRotation):
        response.status_code = 200
        return schemas.EmployeeKeyRotation.of(sent.rotation, await service.key_id_of(session))
    row = await service.rotate(session, principal.actor, sent.rotation)
    sent.kept = True
    return schemas.EmployeeKeyRotation.of(row, row.new_key_id)


@router.get("", operation_id="employee_key_rotations_list", summary="List rotations of the key")
async def list_rotations(
    _: DatasetReader, session: SessionDep, page: PagingDep, response: Response
) -> schemas.EmployeeKeyRotationList:
    """Newest first: who changed the key, when, from which key id to which, and how many people are followed."""
    rows, next_cursor = await service.list_rotations(session, page)
    link_next(response, page, next_cursor)
    key_id = await service.key_id_of(session)
    data = [schemas.EmployeeKeyRotation.of(row, key_id) for row in rows]
    return schemas.EmployeeKeyRotationList(data=data, next_cursor=next_cursor)


@router.get(
    "/{rotation_id}",
    operation_id="employee_key_rotations_get",
    summary="Read one rotation of the key",
    response_model=schemas.EmployeeKeyRotation,
    openapi_extra=declare(headers=[ETAG]),
)
async def get_rotation(
    rotation_id: UUID, _: DatasetReader, session: SessionDep, request: Request, response: Response
) -> schemas.EmployeeKeyRotation | Response:
    """Never the pairs: they are not kept."""
    row = await service.get(session, rotation_id)
    return tagged(request, response, schemas.EmployeeKeyRotation.of(row, await service.key_id_of(session)))
