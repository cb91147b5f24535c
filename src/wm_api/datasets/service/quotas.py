"""What one account may keep: open uploads, datasets, bytes as sent. Asked with the account's row locked, so that of
two requests for the last place one gets it.
"""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core.settings import Settings
from wm_api.datasets.errors import QuotaReached
from wm_api.datasets.models import Dataset, Upload, UploadState
from wm_api.datasets.states import STORED

UNUSED = (UploadState.OPEN, UploadState.COMPLETE)


async def room_for_upload(session: AsyncSession, settings: Settings, length: int) -> None:
    """Raises QuotaReached."""
    unused = select(func.count(), func.coalesce(func.sum(Upload.length), 0)).where(Upload.state.in_(UNUSED))
    uploads, coming = (await session.execute(unused)).one()
    _within("uploads", settings.most_uploads, uploads + 1)
    _within("bytes", settings.most_bytes, await _kept_bytes(session) + int(coming) + length)


async def room_for_dataset(session: AsyncSession, settings: Settings, size: int) -> None:
    """Raises QuotaReached."""
    kept = select(func.count()).select_from(Dataset).where(Dataset.deleted_at.is_(None), Dataset.state.in_(STORED))
    _within("datasets", settings.most_datasets, int((await session.execute(kept)).scalar_one()) + 1)
    _within("bytes", settings.most_bytes, await _kept_bytes(session) + size)


async def _kept_bytes(session: AsyncSession) -> int:
    """Of datasets that have an object, or an upload that waits for its check."""
    stored = (Dataset.deleted_at.is_(None), Dataset.state.in_(STORED))
    total = select(func.coalesce(func.sum(Dataset.bytes), 0)).where(*stored)
    return int((await session.execute(total)).scalar_one())


def _within(what: str, limit: int, wanted: int) -> None:
    if wanted > limit:
        raise QuotaReached(quota=what, limit=limit)
