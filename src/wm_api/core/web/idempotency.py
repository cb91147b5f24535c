"""Idempotency-Key: a write's answer is kept in the write's own transaction, and replayed (7 days)."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from wm_api.core import clock
from wm_api.core.database import Base
from wm_api.core.problems import (
    FieldError,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    MalformedRequest,
    SecretNotReplayable,
)
from wm_api.core.transactions import bind_account

PUBLIC = UUID(int=0)
"""The account of calls without a credential. Their key is joined with the hash of the body."""
KEPT_HEADERS = ("location", "etag", "content-type", "content-security-policy", "retry-after")
TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(:key)")


class IdempotentAnswer(Base):
    """The answer to a write that was sent with an Idempotency-Key."""

    __tablename__ = "idempotent_answers"
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    key_hash: Mapped[bytes] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes]
    status: Mapped[int]
    headers: Mapped[dict[str, Any]]
    body: Mapped[bytes | None]
    existing: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]


@dataclass(slots=True)
class Claim:
    """A claimed key, until the answer is kept."""

    session: AsyncSession
    account_id: UUID
    key_hash: bytes
    fingerprint: bytes
    existing: dict[str, str] | None = field(default=None)


class Replay(Exception):  # noqa: N818 - not an error: the kept answer takes the place of a new one
    def __init__(self, answer: IdempotentAnswer) -> None:
        super().__init__("replayed")
        self.response = Response(
            content=answer.body,
            status_code=answer.status,
            headers={**answer.headers, "Idempotency-Replayed": "true"},
        )


async def claim_key(request: Request, session: AsyncSession, account_id: UUID | None, body_hash: bytes) -> None:
    """Look the key up and hold it until the transaction ends; a crash leaves no stuck key."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return
    if not (0 < len(key) <= 255 and key.isascii() and all("!" <= sign <= "~" for sign in key)):  # noqa: PLR2004
        error = FieldError(code="malformed", detail="1 to 255 visible ASCII characters.", header="Idempotency-Key")
        raise MalformedRequest("The Idempotency-Key cannot be read.", errors=[error])
    scope = account_id or PUBLIC
    key_hash = sha256(key.encode() + (b"" if account_id else body_hash)).digest()
    target = f"{request.method} {request.url.path}?{request.url.query}".encode()
    claim = Claim(session, scope, key_hash, sha256(target + b"\0" + body_hash).digest())
    await bind_account(session, scope)
    await _replay_or_hold(claim)
    request.state.claim = claim


async def _replay_or_hold(claim: Claim) -> None:
    lock = int.from_bytes(sha256(claim.account_id.bytes + claim.key_hash).digest()[:8], "big", signed=True)
    if not await claim.session.scalar(TRY_LOCK, {"key": lock}):
        raise IdempotencyKeyInUse(headers={"Retry-After": "1"})
    known = (IdempotentAnswer.account_id == claim.account_id, IdempotentAnswer.key_hash == claim.key_hash)
    answer = await claim.session.scalar(select(IdempotentAnswer).where(*known))
    if answer is None:
        return
    if answer.fingerprint != claim.fingerprint:
        raise IdempotencyKeyReused
    if answer.existing is not None:
        raise SecretNotReplayable(existing=answer.existing)
    raise Replay(answer)


def made_secret(request: Request, kind: str, existing: UUID) -> None:
    """The answer holds a secret, which is never kept: a replay names what exists instead."""
    claim: Claim | None = getattr(request.state, "claim", None)
    if claim is not None:
        claim.existing = {"type": kind, "id": str(existing)}


async def keep_answer(request: Request, response: Response) -> None:
    """Errors have no effect and are not kept."""
    claim: Claim | None = getattr(request.state, "claim", None)
    if claim is None or not 200 <= response.status_code < 300:  # noqa: PLR2004 - every 2xx
        return
    await bind_account(claim.session, claim.account_id)
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    values = {
        "account_id": claim.account_id,
        "key_hash": claim.key_hash,
        "fingerprint": claim.fingerprint,
        "status": response.status_code,
        "headers": json.loads(json.dumps(headers)),
        "body": None if claim.existing else bytes(response.body),
        "existing": claim.existing,
        "created_at": clock.now(),
    }
    await claim.session.execute(insert(IdempotentAnswer).values(values))
