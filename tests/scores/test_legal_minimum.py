"""Pay below a legal minimum is told at the push, counted, and caps the stars of the score."""

import httpx
import pytest

from beside import findings, person, pushed
from companies import Company, sign_up, workforce

pytestmark = pytest.mark.usefixtures("worker")


@pytest.fixture
async def company(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


async def floors(company: Company, text: str, **query: str) -> tuple[list[str], int]:
    await company.pushed_and_done(text, **query)
    score = (await company.call("GET", "/v1/scores", params={"as_of": query["as_of"]}))["data"][0]
    return score["floors"], score["star"]


async def test_the_floor_falls_where_somebody_is_paid_less_and_caps_the_star(company: Company) -> None:
    sound = workforce(company.id)
    lines = sound.splitlines()
    cells = lines[2].split(",")
    cells[4] = "7.24"
    low = "\n".join([*lines[:2], ",".join(cells), *lines[3:]]) + "\n"
    named, star = await floors(company, sound, as_of="2025-12-31")
    assert "floor_minimum_wage" not in named
    named, capped = await floors(company, low, as_of="2026-01-31")
    assert "floor_minimum_wage" in named
    assert capped == min(star, 3)


async def test_the_report_names_the_rows_and_a_file_at_the_minimum_has_none(company: Company) -> None:
    rows = [person(company, number) for number in range(20)]
    rows[4]["base_rate"] = rows[11]["base_rate"] = "7.24"
    told = (await findings(company, await pushed(company, rows)))["below_legal_minimum"]
    assert (told["severity"], told["column"], told["rows"], told["row_count"]) == ("warn", "base_rate", [5, 12], 2)
    rows[4]["base_rate"] = rows[11]["base_rate"] = "7.25"
    assert "below_legal_minimum" not in await findings(company, await pushed(company, rows, as_of="2026-01-31"))
    rows[4] |= {"base_rate": "0"}
    zero = await findings(company, await pushed(company, rows, as_of="2026-02-28"))
    assert "zero_pay" in zero
    assert "below_legal_minimum" not in zero
