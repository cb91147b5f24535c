"""A pushed file as a dependency: parameters, body, check; all before the write's transaction begins."""

import base64
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core.ids import new_id
from wm_api.core.principal import Actor, Principal
from wm_api.core.problems import FieldError, MalformedRequest, Problem, UnsupportedMediaType, ValidationFailed
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.core.web.accept import JSON, check_accept
from wm_api.core.web.body import counted, in_blocks, media_type, small_body
from wm_api.core.web.dependencies import ResourcesDep, Write
from wm_api.core.web.idempotency import Replay
from wm_api.datasets.auth import DatasetWriter
from wm_api.datasets.errors import DigestMismatch
from wm_api.datasets.models import Dataset
from wm_api.datasets.router.push_parameters import push_parameters
from wm_api.datasets.service import amendments, datasets, files, uploads
from wm_api.datasets.service.cases import Case
from wm_api.datasets.service.existing import known_dataset
from wm_api.datasets.service.others import Others
from wm_api.datasets.service.pushes import Push, Said
from wm_api.datasets.service.settling import looked, settled
from wm_api.datasets.service.sources import of_source
from wm_api.datasets.service.verdicts import Forms, case_of
from wm_api.datasets.states import CHECKED
from wm_api.records.intake import Report
from wm_api.records.readers import ENCODINGS, MEDIA_TYPES


@dataclass(slots=True)
class PushedFile:
    """A push that was read, and checked unless the same bytes are here already or come by an upload."""

    dataset_id: UUID
    push: Push
    forms: Forms
    checked: files.StoredFile | Report | None = None
    upload_id: UUID | None = None
    dry_run: bool = False
    decided: bool = False
    kept: bool = False
    kept_as: UUID | None = None


async def pushed_file(
    request: Request,
    principal: DatasetWriter,
    resources: ResourcesDep,
    said: Annotated[Said, Depends(push_parameters)],
    dry_run: Annotated[bool, Query(description="Only the report; nothing is kept. Not with upload_id.")] = False,
    upload_id: Annotated[UUID | None, Query(description="A complete upload, in place of a body.")] = None,
) -> AsyncIterator[PushedFile]:
    """Read and check the body before the write's transaction begins; forget what the write did not keep.

    A failed commit may have succeeded all the same, so after one the sealed file stays until the sweep has looked:
    what breaks after it was decided that the file is kept.
    """
    if not dry_run:
        check_accept(request.headers.get("accept"), JSON)  # a dataset has no other form; a report has
    if upload_id is not None:
        yield await _uploaded(request, resources, principal.owner_id, said, upload_id, dry_run=dry_run)
        return
    file = await _read(request, resources, principal.owner_id, said, dry_run=dry_run)
    try:
        yield file
    except BaseException as why:
        if isinstance(why, Problem | Replay) or not file.decided:
            await file.forms.keep(None)
        raise
    await file.forms.keep(file.kept_as)


async def _read(request: Request, resources: Resources, account_id: UUID, said: Said, *, dry_run: bool) -> PushedFile:
    """Nothing was read before the caller was known."""
    kind, encoding = file_media(request)
    body = b"".join([block async for block in counted(request, resources.settings.push_bytes)])
    digest = sha256(body)
    if declared_digest(request.headers.get("repr-digest")) not in {None, digest.digest()}:
        raise DigestMismatch
    request.state.body_hash = digest.digest()
    async with transaction(resources, account_id) as session:
        said = await amendments.resolved(session, said)
        push = await of_source(session, Push(said, kind, digest.hexdigest(), len(body)))
        file = PushedFile(new_id(), push, Forms(resources, account_id), dry_run=dry_run)
        known = await known_dataset(session, file.push)
    if dry_run or known is None or known.state not in CHECKED:
        async with resources.sandboxes.taken(account_id):
            file.checked = await amendments.checked(
                resources,
                account_id,
                file.dataset_id,
                said,
                lambda object_id, facts: files.check_and_store(
                    resources, account_id, object_id, lambda: in_blocks(body), kind, encoding, facts
                ),
            )
        if isinstance(file.checked, files.StoredFile):
            file.forms.ids.append(file.dataset_id)
    return file


async def tried(resources: Resources, account_id: UUID, file: PushedFile) -> None:
    """A dry run: compared as a push is, and no more."""
    if isinstance(file.checked, files.StoredFile):
        see = partial(_beside, resources, file, file.checked)
        _, file.checked = await looked(resources, account_id, see, file.forms.compared)


async def pushed(resources: Resources, principal: Principal, write: Write, file: PushedFile) -> Dataset | Problem:
    """The dataset, also one of the same bytes that was here; or why nothing is kept.

    The problem is returned and not raised, so that the event of the refusal is committed. Raises what `receive` raises.
    """
    act = partial(_received, resources, principal.actor, file)
    if isinstance(file.checked, files.StoredFile):
        see = partial(_beside, resources, file, file.checked)
        return await settled(resources, principal.owner_id, write.begun, see, file.forms.compared, act)
    async with write.begun() as session:
        return await act(session, file.checked)


async def _received(
    resources: Resources,
    actor: Actor,
    file: PushedFile,
    session: AsyncSession,
    checked: files.StoredFile | Report | None,
) -> Dataset | Problem:
    if isinstance(checked, Report):
        return await datasets.refuse(session, actor, checked)
    file.decided = True
    row, file.kept = await datasets.receive(
        session, resources.settings, actor, file.dataset_id, file.push, checked, file.upload_id
    )
    file.kept_as = row.stored_id if file.kept else None
    return row


async def _beside(resources: Resources, file: PushedFile, stored: files.StoredFile, session: AsyncSession) -> Case:
    """A push beside what counts now; beside nothing where the same bytes are here by now, of which it is no second.

    Raises what `known_dataset` raises.
    """
    known = await known_dataset(session, file.push)
    if known is None or known.state not in CHECKED:
        return await case_of(session, resources, file.push, stored, file.dataset_id)
    alone = replace(stored, beside=frozenset())
    return Case(resources, session.info["account_id"], file.push, alone, file.dataset_id, Others())


async def _uploaded(
    request: Request, resources: Resources, account_id: UUID, said: Said, upload_id: UUID, *, dry_run: bool
) -> PushedFile:
    """A large file: its bytes are here already, and a job checks them."""
    if dry_run or await small_body(request):
        clash = FieldError(
            "clash", "An upload takes the place of the body; dry_run is for a body.", parameter="upload_id"
        )
        raise ValidationFailed(clash.detail, errors=[clash])
    upload = await uploads.whole(resources, account_id, upload_id)
    async with transaction(resources, account_id) as session:
        said = await amendments.resolved(session, said)
        push = await of_source(session, Push(said, upload.media_type, upload.sha256 or "", upload.length))
    return PushedFile(new_id(), push, Forms(resources, account_id), upload_id=upload_id)


def file_media(request: Request) -> tuple[str, str | None]:
    """Media type and encoding of a file. Raises UnsupportedMediaType."""
    kind, encoding = media_type(request), request.headers.get("content-encoding", "identity").lower()
    if kind not in MEDIA_TYPES:
        raise UnsupportedMediaType(supported=list(MEDIA_TYPES))
    if encoding not in ENCODINGS:
        raise UnsupportedMediaType("This Content-Encoding is not read.", supported=list(ENCODINGS))
    return kind, None if encoding == "identity" else encoding


def declared_digest(header: str | None) -> bytes | None:
    """The SHA-256 of `Repr-Digest: sha-256=:<base64>:` (RFC 9530). Raises MalformedRequest."""
    if header is None:
        return None
    found = re.fullmatch(r"sha-256=:([A-Za-z0-9+/]{43}=):", header.strip(), re.IGNORECASE)
    if found is None:
        error = FieldError("malformed", "sha-256=:<base64>: is read.", header="Repr-Digest")
        raise MalformedRequest("The header Repr-Digest has a wrong form.", errors=[error])
    return base64.b64decode(found[1])


PushedFileDep = Annotated[PushedFile, Depends(pushed_file, scope="function")]
