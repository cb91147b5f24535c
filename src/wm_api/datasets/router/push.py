"""A pushed file as a dependency: parameters, body, check; all before the write's transaction begins."""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query, Request

from wm_api.core import clock
from wm_api.core.ids import new_id
from wm_api.core.problems import FieldError, MalformedRequest, UnsupportedMediaType
from wm_api.core.transactions import transaction
from wm_api.core.web.body import counted, media_type
from wm_api.core.web.dependencies import ResourcesDep
from wm_api.datasets.auth import DatasetWriter
from wm_api.datasets.errors import DigestMismatch
from wm_api.datasets.service import datasets as service
from wm_api.datasets.service import files
from wm_api.records.facts import Facts
from wm_api.records.intake import Report
from wm_api.records.readers import CSV, PARQUET

MEDIA_TYPES = (CSV, PARQUET)
ENCODINGS = ("identity", "gzip")
BLOCK = 1 << 20
Decimal2 = Annotated[float | None, Query(ge=20, le=60, description="Hours; default 40.00.")]


@dataclass(frozen=True, slots=True)
class PushedFile:
    """A push that was read, and checked unless the same bytes are here already."""

    dataset_id: UUID
    push: service.Push
    checked: files.StoredFile | Report | None
    dry_run: bool


async def push_parameters(  # noqa: PLR0913, PLR0917 - the query of the contract
    kind: Annotated[Literal["workforce", "payroll"], Query(description="Record kind.")],
    as_of: Annotated[date | None, Query(description="The day on which the extract was true (workforce).")] = None,
    period_start: Annotated[date | None, Query(description="First day of the period (payroll).")] = None,
    period_end: Annotated[date | None, Query(description="Last day of the period (payroll).")] = None,
    window_start: Annotated[date | None, Query()] = None,
    window_end: Annotated[date | None, Query()] = None,
    full_time_weekly_hours: Decimal2 = None,
    declared_headcount: Annotated[int | None, Query(ge=1, le=5_000_000)] = None,
    perimeter: Annotated[Literal["complete", "partial"] | None, Query()] = None,
) -> Facts:
    facts = Facts(
        kind=kind,
        as_of=as_of,
        period_start=period_start,
        period_end=period_end,
        window_start=window_start,
        window_end=window_end,
        full_time_weekly_hours=full_time_weekly_hours or 40.0,
        declared_headcount=declared_headcount,
        perimeter=perimeter,
    )
    return service.checked_facts(facts, clock.today())


async def pushed_file(
    request: Request,
    principal: DatasetWriter,
    resources: ResourcesDep,
    facts: Annotated[Facts, Depends(push_parameters)],
    external_ref: Annotated[str | None, Query(pattern=r"^[A-Za-z0-9._:-]{1,64}$")] = None,
    supersedes: Annotated[UUID | None, Query(description="The dataset that this one replaces.")] = None,
    new_key: Annotated[bool, Query(description="Take keys of another key id; the series breaks.")] = False,
    dry_run: Annotated[bool, Query(description="Only the report; nothing is kept.")] = False,
) -> PushedFile:
    """Read and check the body. Nothing was read before the caller was known."""
    kind, encoding = _media(request)
    body = b"".join([block async for block in counted(request, resources.settings.push_bytes)])
    digest = sha256(body)
    _check_digest(request, digest.digest())
    request.state.body_hash = digest.digest()
    push = service.Push(facts, kind, digest.hexdigest(), len(body), external_ref, supersedes, new_key)
    dataset_id = new_id()
    async with transaction(resources, principal.owner_id) as session:
        known = await service.known_dataset(session, push)
    if known is not None and not dry_run:
        return PushedFile(dataset_id, push, None, dry_run=False)
    checked = await files.check_and_store(
        resources, principal.owner_id, dataset_id, _blocks(body), kind, encoding, facts
    )
    return PushedFile(dataset_id, push, checked, dry_run)


async def _blocks(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), BLOCK):
        yield body[start : start + BLOCK]


def _media(request: Request) -> tuple[str, str | None]:
    kind, encoding = media_type(request), request.headers.get("content-encoding", "identity").lower()
    if kind not in MEDIA_TYPES:
        raise UnsupportedMediaType(supported=list(MEDIA_TYPES))
    if encoding not in ENCODINGS:
        raise UnsupportedMediaType("This Content-Encoding is not read.", supported=list(ENCODINGS))
    return kind, None if encoding == "identity" else encoding


def _check_digest(request: Request, digest: bytes) -> None:
    """RFC 9530: `Repr-Digest: sha-256=:<base64>:`."""
    header = request.headers.get("repr-digest")
    if header is None:
        return
    algorithm, _, value = header.strip().partition("=")
    try:
        declared = base64.b64decode(value.strip().strip(":"), validate=True)
    except ValueError as error:
        raise _bad_digest() from error
    if algorithm.strip().lower() != "sha-256" or len(declared) != len(digest):
        raise _bad_digest()
    if declared != digest:
        raise DigestMismatch


def _bad_digest() -> MalformedRequest:
    return MalformedRequest(errors=[FieldError("malformed", "sha-256=:<base64>: is read.", header="Repr-Digest")])


PushedFileDep = Annotated[PushedFile, Depends(pushed_file)]
