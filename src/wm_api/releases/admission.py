"""`wm-api admit-contributor`: the operator's word that a company is real, and which group it belongs to."""

import unicodedata
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from wm_api.benchmarks.contributed.contributions import admit, revoke
from wm_api.core.resources import opened
from wm_api.core.settings import Settings
from wm_api.core.transactions import transaction
from wm_api.releases.errors import CannotRelease


def group_name(given: str) -> str:
    """One spelling of a group, whatever capitals and spaces it was written with: it must not count twice."""
    return " ".join(unicodedata.normalize("NFKC", given).casefold().split())


async def admit_contributor(settings: Settings, account_id: UUID, group: str, employees: int) -> None:
    """Raises CannotRelease where there is no such account, the group has no name, or it is too small."""
    if not (name := group_name(group)):
        raise CannotRelease("The group has no name. Give that of the ultimate parent company.")
    async with opened(settings, settings.release_url) as resources:
        try:
            async with transaction(resources, account_id) as session:
                await admit(session, account_id, name, employees)
        except IntegrityError as error:
            raise CannotRelease("There is no such account, or it has fewer than 50 employees.") from error


async def revoke_contributor(settings: Settings, account_id: UUID) -> None:
    """Raises CannotRelease where the account is not admitted."""
    async with opened(settings, settings.release_url) as resources, transaction(resources, account_id) as session:
        if not await revoke(session, account_id):
            raise CannotRelease("This account is not admitted: there is nothing to revoke.")
