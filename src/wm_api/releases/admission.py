"""`wm-api admit-contributor`: the operator's word that a company is real, and which group it belongs to."""

from uuid import UUID

from sqlalchemy.exc import IntegrityError

from wm_api.benchmarks.contributed.contributions import admit
from wm_api.core.resources import opened
from wm_api.core.settings import Settings
from wm_api.core.transactions import transaction
from wm_api.releases.errors import CannotRelease


async def admit_contributor(settings: Settings, account_id: UUID, group: str, employees: int) -> None:
    """Raises CannotRelease where there is no such account, or the group is too small."""
    async with opened(settings, settings.release_url) as resources:
        try:
            async with transaction(resources, account_id) as session:
                await admit(session, account_id, group.strip(), employees)
        except IntegrityError as error:
            raise CannotRelease("There is no such account, or it has fewer than 50 employees.") from error
