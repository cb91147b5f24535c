"""Real employers' files go through `wm-capture push` to a live installation; their figures equal the published ones."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest

from agents import Agent, agent_of
from companies import Company, sign_up
from shared import SHARED, needs_shared

pytestmark = [needs_shared, pytest.mark.slow]
DATA = SHARED / "data"
MAPPINGS = Path(__file__).resolve().parents[2] / "examples" / "mappings"
TEXAS, IOWA, BALTIMORE = DATA / "texas_employers", DATA / "iowa_state_university", DATA / "baltimore_police"
EMPLOYERS = sorted(file.name.removesuffix(".csv.gz") for file in TEXAS.glob("*.csv.gz"))
MEAN, MEDIAN = "gender_gap_mean_hourly", "gender_gap_median_hourly"
YEAR, LEAST_YEARLY = 365.25, 2000
ROSTERS = {
    "2018-05-03": "2018-05-03_active",
    "2018-08-13": "2018-08-13_active",
    "2019-11-13": "2019-11-13_active",
    "2020-12-03": "2020-12-03_hris_pay",
    "2021-11-18": "2021-11-18_workday_pay",
    "2023-01-11": "2023-01_workday_pay",
}


def expected_of(folder: Path) -> Any:
    return json.loads((folder / "expected.json").read_text())


async def figures_of(company: Company, day: str) -> dict[str, Any]:
    """The figures of a day in the default profile, by metric."""
    asked = {"as_of": day, "profile": "default", "limit": "200"}
    answer = await company.call("GET", "/v1/metrics", params=asked)
    return {each["metric"]: each for each in answer["data"]}


def sizes(figure: dict[str, Any]) -> dict[str, int]:
    return {each["group"]: each["n"] for each in figure["groups"] if each["group"] in {"F", "M"}}


def assert_gaps(figures: dict[str, Any], published: dict[str, Any]) -> None:
    for metric, name in ((MEAN, "mean_gap_pct"), (MEDIAN, "median_gap_pct")):
        assert figures[metric]["status"] == "ok"
        assert round(figures[metric]["value"], 4) == published[name]
        assert sizes(figures[metric]) == {"F": published["n_female"], "M": published["n_male"]}


def line(name: str, headcount: int, figures: dict[str, Any]) -> str:
    def shown(metric: str) -> str:
        value = figures[metric]["value"]
        return "-" if value is None else f"{value:.4f}"

    return f"{name}: {headcount} people, gaps {shown(MEAN)} {shown(MEDIAN)}, turnover {shown('turnover_rate')}"


def say(lines: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")


async def at_work(client: httpx.AsyncClient, live: tuple[str, Path]) -> tuple[Company, Agent]:
    company = await sign_up(client)
    return company, await agent_of(company, *live)


async def test_twelve_texas_employers(
    client: httpx.AsyncClient, live: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    published, lines = expected_of(TEXAS)["employers"], []
    for employer in EMPLOYERS:
        company, agent = await at_work(client, live)
        pushed = await agent.push(TEXAS / f"{employer}.csv.gz", MAPPINGS / f"{employer}.toml")
        figures = await figures_of(company, pushed["dataset"]["as_of"])
        assert pushed["file"]["rows"] == published[employer]["rows"]
        assert pushed["file"]["employee_ids"] == published[employer]["distinct_person_key"]
        if "full_time" in published[employer]:
            assert pushed["dataset"]["employees"] == published[employer]["full_time_rows"]
            assert_gaps(figures, published[employer]["full_time"])
        lines.append(line(employer, pushed["dataset"]["employees"], figures))
    say(lines, capsys)


def on_the_roll(year: int) -> pl.DataFrame:
    """Salaried jobs of Iowa State on 1 July, read without our code.

    In 2007 and 2008 the yearly salary of some is below 2,000: those rows are set aside.
    """
    rows = pl.read_csv(IOWA / "isu_salaries_2007_2019.csv.gz", infer_schema=False)
    salary = pl.col("base_salary").cast(pl.Float64)
    salaried = (pl.col("pay_period") == "year") & pl.col("gender").is_in(["m", "f"])
    roll = rows.filter((salary > 0) & salaried & (pl.col("year") == str(year)))
    number = pl.int_range(pl.len()).over("person_key").cast(pl.String)
    return roll.with_columns(job=pl.col("person_key") + " " + number).filter(salary >= LEAST_YEARLY)


def turnover(before: set[str], after: set[str], days: int) -> float:
    """Leavers in percent a year of the average of opening and closing headcount."""
    rate = 100 * len(before - after) / ((len(before) + len(after)) / 2)
    return rate if days in {365, 366} else rate * YEAR / days


async def test_thirteen_years_of_iowa_state_are_thirteen_datasets_of_one_account(
    client: httpx.AsyncClient, live: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    published, lines = expected_of(IOWA)["years"], []
    company, agent = await at_work(client, live)
    before: set[str] = set()
    for year in range(2007, 2020):
        day, roll = f"{year}-07-01", on_the_roll(year)
        people = set(roll.get_column("job"))
        chosen = ("--keep", f"year={year}", "--as-of", day, "--quarantine-ceiling", "0.05")
        pushed = await agent.push(
            IOWA / "isu_salaries_2007_2019.csv.gz", MAPPINGS / "iowa_state_university.toml", *chosen
        )
        aside = {2007: 147, 2008: 132}.get(year, 0)
        assert pushed["file"]["sent"] == roll.height + aside
        assert pushed["dataset"]["employees"] == len(people)
        figures = await figures_of(company, day)
        if str(year) in published:
            assert published[str(year)]["salaried"] == roll.height
            assert_gaps(figures, published[str(year)]["gap_base_salary"])
        if before:
            days = (date(year, 7, 1) - date(year - 1, 7, 1)).days
            assert figures["turnover_rate"]["value"] == pytest.approx(turnover(before, people, days), abs=1e-9)
            assert figures["turnover_rate"]["basis"] == "two_points"
        else:
            assert figures["turnover_rate"]["status"] == "not_reported"
        before = people
        lines.append(line(f"iowa {year}", len(people), figures))
    assert len((await company.call("GET", "/v1/datasets", params={"state": "accepted"}))["data"]) == 13
    say(lines, capsys)


async def test_six_linked_rosters_of_the_baltimore_police(
    client: httpx.AsyncClient, live: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    published, lines = expected_of(BALTIMORE), []
    company, agent = await at_work(client, live)
    moves = {each["to"]: each for each in published["transitions"]}
    gaps = {"2020-12-03": published["hourly_gap_2020_12"], "2021-11-18": published["annual_gap_2021_11"]}
    for day, name in ROSTERS.items():
        pushed = await agent.push(BALTIMORE / f"{name}.csv.gz", MAPPINGS / f"baltimore_police_{name}.toml")
        figures = await figures_of(company, day)
        if day in moves:
            assert pushed["dataset"]["employees"] == moves[day]["closing"]
            assert round(figures["turnover_rate"]["value"], 4) == moves[day]["annualised_pct"]
            assert figures["turnover_rate"]["basis"] == "two_points"
        if day in gaps:
            assert_gaps(figures, gaps[day])
        lines.append(line(f"baltimore {day}", pushed["dataset"]["employees"], figures))
    say(lines, capsys)


async def test_two_police_departments_beside_it(
    client: httpx.AsyncClient, live: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = []
    for name, day, rows in (
        ("baltimore_county_police_2020", "2020-12-31", 1760),
        ("prince_georges_county_police_2021-10", "2021-10-31", 1473),
    ):
        company, agent = await at_work(client, live)
        pushed = await agent.push(BALTIMORE / f"{name}.csv.gz", MAPPINGS / f"{name}.toml")
        figures = await figures_of(company, day)
        assert pushed["dataset"]["employees"] == rows
        if day == "2020-12-31":
            assert_gaps(figures, expected_of(BALTIMORE)["baltimore_county_2020_annual"])
        lines.append(line(name, rows, figures))
    say(lines, capsys)


async def test_a_roster_without_ids_cannot_be_pushed(
    client: httpx.AsyncClient, live: tuple[str, Path], tmp_path: Path
) -> None:
    """Nobody can be followed by a number of a row, so the agent asks for a column with the employee's id."""
    _, agent = await at_work(client, live)
    text = (
        (MAPPINGS / "baltimore_police_2018-08-13_active.toml")
        .read_text()
        .replace('from = "PERSON_KEY"', 'from = "#occurrence"')
    )
    (tmp_path / "map.toml").write_text(text)
    arguments = ["push", str(BALTIMORE / "2020-08_active_noid.csv.gz"), "--mapping", str(tmp_path / "map.toml")]
    with pytest.raises(AssertionError, match="from must name the column with the employee's id"):
        await agent.run(*arguments)
