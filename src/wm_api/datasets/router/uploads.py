"""Routes of /v1/uploads: a large file in parts (IETF resumable upload, draft 15, without interim answers)."""

import base64
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated
from uuid import UUID

from fastapi import Header, Request, Response

from wm_api.core.problems import ContentTooLarge, FieldError, MalformedRequest, StateConflict, UnsupportedMediaType
from wm_api.core.settings import Settings
from wm_api.core.web.body import BodyStopped, counted, media_type, small_body
from wm_api.core.web.declarations import ETAG, LOCATION, declare
from wm_api.core.web.dependencies import ResourcesDep, SessionDep, WriteSession
from wm_api.core.web.etags import tagged
from wm_api.core.web.policies import Clause
from wm_api.core.web.routing import new_router
from wm_api.datasets import errors, models, schemas
from wm_api.datasets.auth import DatasetWriter
from wm_api.datasets.router.push import declared_digest, file_media
from wm_api.datasets.service import quotas
from wm_api.datasets.service import uploads as service
from wm_api.datasets.service.datasets import lock_account

router = new_router("/v1/uploads", "uploads")
PART = "application/partial-upload"
PART_BODY = {"required": True, "content": {PART: {"schema": {"type": "string", "format": "binary"}}}}
STATE_HEADERS = ("Upload-Offset", "Upload-Length", "Upload-Complete", "Upload-Limit", "Repr-Digest")
APPEND_PROBLEMS = (
    errors.UploadExpired,
    errors.MismatchingUploadOffset,
    errors.InconsistentUploadLength,
    errors.CompletedUpload,
    errors.DigestMismatch,
)
Length = Annotated[str | None, Header(alias="Upload-Length", description="Bytes of the whole file.")]
Offset = Annotated[str | None, Header(alias="Upload-Offset", description="Where the append begins.")]
Complete = Annotated[
    str | None, Header(alias="Upload-Complete", description="?1 when the file ends with this append, else ?0.")
]
Digest = Annotated[
    str | None, Header(alias="Repr-Digest", description="`sha-256=:<base64>:` of the whole file as sent.")
]


def malformed(header: str, form: str) -> MalformedRequest:
    error = FieldError("malformed", f"{form} is read.", header=header)
    return MalformedRequest(f"The header {header} is missing or has a wrong form.", errors=[error])


def number(value: str | None, header: str) -> int:
    if value is None or not re.fullmatch(r"\d{1,15}", value.strip(), re.ASCII):
        raise malformed(header, "A whole number of bytes")
    return int(value)


def flag(value: str | None) -> bool:
    if value is None or value.strip() not in {"?0", "?1"}:
        raise malformed("Upload-Complete", "?0 or ?1")
    return value.strip() == "?1"


def upload_headers(upload: models.Upload, settings: Settings) -> dict[str, str]:
    seconds = int(settings.upload_lifetime.total_seconds())
    limit = f"max-size={settings.upload_bytes}, max-append-size={settings.append_bytes}, max-age={seconds}"
    digest = base64.b64encode(bytes.fromhex(upload.sha256 or "")).decode()
    return {
        **({"Repr-Digest": f"sha-256=:{digest}:"} if digest else {}),
        "Upload-Offset": str(upload.offset),
        "Upload-Length": str(upload.length),
        "Upload-Complete": "?1" if upload.all_received else "?0",
        "Upload-Limit": limit,
        "Cache-Control": "no-store",
    }


@router.post(
    "",
    status_code=201,
    operation_id="uploads_create",
    summary="Begin a large file",
    openapi_extra=declare(
        ContentTooLarge, UnsupportedMediaType, errors.QuotaReached, headers=[LOCATION, *STATE_HEADERS]
    ),
)
async def create_upload(
    principal: DatasetWriter,
    request: Request,
    resources: ResourcesDep,
    session: WriteSession,
    response: Response,
    upload_length: Length = None,
    upload_complete: Complete = None,
    repr_digest: Digest = None,
) -> schemas.Upload:
    """An empty body; Content-Type and Content-Encoding are those of the file. Then append its bytes with PATCH."""
    media, encoding = file_media(request)
    length, limit = number(upload_length, "Upload-Length"), resources.settings.upload_bytes
    if flag(upload_complete) or length == 0 or await small_body(request):
        raise MalformedRequest("Begin with an empty body, Upload-Complete: ?0 and an Upload-Length above 0.")
    if length > limit:
        raise ContentTooLarge(limit=limit)
    digest = declared_digest(repr_digest)
    new = service.NewUpload(media, encoding, length, digest.hex() if digest else None)
    await lock_account(session)
    await quotas.room_for_upload(session, resources.settings, length)
    upload = await service.create(session, resources, principal.actor, new)
    response.headers.update({**upload_headers(upload, resources.settings), "Location": f"/v1/uploads/{upload.id}"})
    return schemas.Upload.model_validate(upload)


@router.head(
    "/{upload_id}",
    status_code=204,
    operation_id="uploads_head",
    summary="Where to go on",
    openapi_extra=declare(errors.UploadExpired, headers=STATE_HEADERS),
)
async def head_upload(upload_id: UUID, _: DatasetWriter, session: SessionDep, resources: ResourcesDep) -> Response:
    """Upload-Offset is the number of bytes that are kept; the next append begins there."""
    upload = await service.get(session, upload_id)
    return Response(status_code=204, headers=upload_headers(upload, resources.settings))


@router.get(
    "/{upload_id}",
    operation_id="uploads_get",
    summary="Read an upload",
    response_model=schemas.Upload,
    openapi_extra=declare(errors.UploadExpired, headers=[ETAG]),
)
async def get_upload(
    upload_id: UUID, _: DatasetWriter, session: SessionDep, request: Request, response: Response
) -> schemas.Upload | Response:
    """How far it is, and its hash when it is complete."""
    return tagged(request, response, schemas.Upload.model_validate(await service.get(session, upload_id)))


@router.patch(
    "/{upload_id}",
    operation_id="uploads_append",
    summary="Append bytes",
    response_model=schemas.Upload,
    responses={204: {"description": "Kept; more is expected from Upload-Offset on."}},
    openapi_extra=declare(*APPEND_PROBLEMS, headers=STATE_HEADERS, requestBody=PART_BODY),
)
async def append_upload(
    upload_id: UUID,
    principal: DatasetWriter,
    request: Request,
    resources: ResourcesDep,
    response: Response,
    upload_offset: Offset = None,
    upload_complete: Complete = None,
) -> schemas.Upload | Response:
    """What arrives before a break is kept: ask with HEAD and go on. The last append answers 200 with the hash."""
    if media_type(request) != PART:
        raise UnsupportedMediaType(supported=[PART])
    offset, last = number(upload_offset, "Upload-Offset"), flag(upload_complete)
    blocks = until_broken(request, resources.settings)
    upload = await service.append(resources, principal.owner_id, upload_id, offset, blocks, last=last)
    headers = upload_headers(upload, resources.settings)
    if upload.state == models.UploadState.OPEN:
        return Response(status_code=204, headers=headers)
    response.headers.update(headers)
    return schemas.Upload.model_validate(upload)


async def until_broken(request: Request, settings: Settings) -> AsyncIterator[bytes]:
    """The body up to its end, to a broken connection, or to a sender that has fallen silent."""
    with suppress(BodyStopped):
        async for block in counted(request, settings.append_bytes):
            yield block


@router.delete(
    "/{upload_id}",
    status_code=204,
    operation_id="uploads_cancel",
    summary="Cancel an upload",
    openapi_extra=declare(errors.UploadExpired, StateConflict, clause=Clause.DELETION),
)
async def cancel_upload(upload_id: UUID, principal: DatasetWriter, resources: ResourcesDep) -> None:
    """Its key and bytes are destroyed."""
    await service.cancel(resources, principal.owner_id, upload_id)
