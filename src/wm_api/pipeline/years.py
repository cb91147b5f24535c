"""What changed over a year, of days that an operation touches: the workforce of both days is read, nothing else."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from wm_api.accounts.models import Account
from wm_api.core.keystore import KeyGone
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.metrics import service as metrics
from wm_api.metrics.like_for_like import Change, like_for_like, not_compared
from wm_api.metrics.population import MetricInputs
from wm_api.metrics.sources import Sources
from wm_api.metrics.years import NONE, Year, years_of
from wm_api.operations.leases import Lease


@dataclass(frozen=True, slots=True)
class Compared:
    year: Year
    changes: Mapping[str, Change]


async def compared(resources: Resources, lease: Lease, years: Mapping[date, Year]) -> dict[date, Compared]:
    """No transaction is open while it calculates. A day whose files went meanwhile is left out: ask again.

    Raises KeyGone or FileNotFoundError where nothing has changed: then something is lost.
    """
    found = {}
    for day, year in years.items():
        try:
            found[day] = Compared(year, await _changes(resources, lease, year))
        except (KeyGone, FileNotFoundError):
            async with transaction(resources, lease.account_id) as session:
                now = (await years_of(session, lease.subject_id, [day])).get(day)
            if now is not None and now.same(year):
                raise
    return found


async def of_a_day(
    resources: Resources, account: Account, sources: Sources, inputs: MetricInputs, year: Year | None
) -> Compared | None:
    """With the records of the day that are read already: those of the day before alone are opened.

    None where the year is of other files by now, or those of the day before have gone: then `compared` sees to it.
    """
    if year is None or not year.of_files(sources):
        return None
    if year.before is None:
        return Compared(year, not_compared(year.reason or NONE))
    try:
        before = await metrics.read_inputs(resources, account, year.before)
    except (KeyGone, FileNotFoundError):
        return None
    return Compared(year, await asyncio.to_thread(like_for_like, inputs.of_workforce_alone(), before))


async def _changes(resources: Resources, lease: Lease, year: Year) -> Mapping[str, Change]:
    if year.before is None:
        return not_compared(year.reason or NONE)
    async with transaction(resources, lease.account_id) as session:
        account = await metrics.account_facts(session)
    now, before = [await metrics.read_inputs(resources, account, each) for each in (year.now, year.before)]
    return await asyncio.to_thread(like_for_like, now, before)
