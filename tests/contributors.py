"""Companies with scores that take part in releases, written as the service would have them."""

import json
import random
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import asyncpg

from wm_api.benchmarks.contributed.plan import AREAS, METRIC_V1
from wm_api.core.ids import new_id

TODAY = datetime.now(UTC).date()
INDUSTRIES = {"C": "10.11", "G": "47.11", "J": "62.01"}
"""Codes of NACE 2 by section."""
ACCOUNT = """INSERT INTO accounts (id, name, country, region, industry_scheme, industry_code, size_band, state, created_at)
  VALUES ($1, $2, $3, NULL, 'nace_2', $4, '250-499', 'active', $5)"""
SCORE = """INSERT INTO scores (account_id, id, as_of, state, status, headline, record, result, digest, benchmark_release_id,
  methodology, dataset_ids, computed_at) VALUES ($1, $2, $3, 'draft', 'ok', $4, $5, $6, '', $2, 'sis-2026.1', '[]', now())"""
CONSENT = "INSERT INTO contribution_consents (account_id, id, taking_part, changed_at, changed_by) VALUES ($1, $2, $3, now(), $2)"
GROUP = "INSERT INTO contributor_groups (account_id, id, name, employees, admitted_at) VALUES ($1, $2, $3, 120, now())"


async def contributors(
    admin: asyncpg.Connection,
    count: int,
    seed: int = 1,
    *,
    taking_part: bool = True,
    admitted: bool = True,
    since: date = TODAY - timedelta(days=200),
    as_of: date = TODAY - timedelta(days=120),
) -> list[UUID]:
    """A score about 62 with a deviation of 8, in three sectors, two thirds of them in the United Kingdom.

    Metrics lie so close together that of 260 a release prints each with a chance of all but 1e-4 at the root and 1e-3
    in section C (worked out from the chances of every outcome); so a test may ask for all but one of seven.
    """
    rolls, made = random.Random(seed), []
    for _ in range(count):
        account, sector = new_id(), rolls.choice("CCCCGJ")
        place = {
            "country": rolls.choice(("GB", "GB", "DE")),
            "industry_scheme": "nace_2",
            "industry_code": INDUSTRIES[sector],
        }
        await admin.execute(
            ACCOUNT, account, f"Company {account}", place["country"], place["industry_code"], _midnight(since)
        )
        await _score(admin, rolls, account, place, as_of)
        await admin.execute(CONSENT, account, new_id(), taking_part)
        if admitted:
            await admin.execute(GROUP, account, new_id(), f"Group {account}")
        made.append(account)
    return made


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), UTC)


async def _score(
    admin: asyncpg.Connection, rolls: random.Random, account: UUID, place: dict[str, str], day: date
) -> None:
    headline = min(100.0, max(0.0, rolls.gauss(62, 8)))
    areas = [{"area": area, "score": min(100.0, max(0.0, headline + rolls.gauss(0, 6)))} for area in AREAS]
    metrics = {
        statistic.name: {
            "status": "ok",
            "value": statistic.scale.lower + statistic.scale.range * rolls.betavariate(20, 20),
        }
        for statistic in METRIC_V1.statistics
    }
    record, result = {"account": place, "metrics": metrics}, {"areas": areas}
    await admin.execute(SCORE, account, new_id(), day, headline, json.dumps(record), json.dumps(result))
