"""Cursor paging: a signed, stable walk over ids, newest first. Rows made after the first page do not shift it."""

import base64
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core import clock
from wm_api.core.problems import CursorExpired, CursorInvalid

LIFETIME = timedelta(hours=24)
MAC = 16
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Paging:
    """Where a walk goes on, and how far. A cursor is bound to the path, the filters and the account."""

    limit: int
    given: str | None
    secret: bytes
    binding: str
    path: str
    filters: tuple[tuple[str, str], ...] = ()

    def cursor(self, position: str, account_id: object) -> str:
        expiry = int((clock.now() + LIFETIME).timestamp())
        payload = json.dumps([position, self.binding, str(account_id), expiry]).encode()
        mac = hmac.digest(self.secret, payload, "sha256")[:MAC]
        return base64.urlsafe_b64encode(mac + payload).rstrip(b"=").decode()

    def position(self, account_id: object) -> str | None:
        """Raises CursorInvalid for a changed or foreign cursor, CursorExpired after 24 hours."""
        if self.given is None:
            return None
        position, binding, account, expiry = self._open(self.given)
        if (binding, account) != (self.binding, str(account_id)):
            raise CursorInvalid
        if not isinstance(expiry, int) or expiry < clock.now().timestamp():
            raise CursorExpired
        return str(position)

    def _open(self, cursor: str) -> list[object]:
        try:
            sealed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except ValueError as error:
            raise CursorInvalid from error
        mac, payload = sealed[:MAC], sealed[MAC:]
        if not hmac.compare_digest(hmac.digest(self.secret, payload, "sha256")[:MAC], mac):
            raise CursorInvalid
        opened: list[object] = json.loads(payload)
        return opened


async def page_of(session: AsyncSession, rows: Select[Any], key: Any, page: Paging) -> tuple[Sequence[Any], str | None]:
    """One page of rows, newest first by the UUIDv7 column `key`, and the cursor of the next."""
    account_id = session.info.get("account_id")
    position = page.position(account_id)
    if position is not None:
        rows = rows.where(key < UUID(position))
    found = (await session.scalars(rows.order_by(key.desc()).limit(page.limit + 1))).all()
    if len(found) <= page.limit:
        return found, None
    found = found[: page.limit]
    return found, page.cursor(str(getattr(found[-1], key.key)), account_id)


def page_of_items(items: Sequence[Row], page: Paging) -> tuple[Sequence[Row], str | None]:
    """One page of a fixed public list, in its own order."""
    start = int(page.position(None) or 0)
    end = start + page.limit
    return items[start:end], page.cursor(str(end), None) if end < len(items) else None
