"""What changed since the score before: own data, peers, methodology; the parts add up to the last digit."""

from dataclasses import replace
from decimal import Decimal
from itertools import permutations
from math import factorial, fsum
from random import Random
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from beside import succeeded
from companies import Company, sign_up, workforce
from page import Page
from scores.test_properties import METHODOLOGY, PEERS, some_input
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.scores.changes import SWITCHES, Change, Side, Unexplained, since, split
from wm_api.scores.methodology import Methodology
from wm_api.scores.models import Score
from wm_api.scores.quartiles import Quartiles
from wm_api.scores.results import ScoreInput
from wm_api.scores.scoring import headline_of
from wm_api.scores.shapley import shapley

few = settings(deadline=None, max_examples=25, phases=[Phase.generate])
seeds = st.integers(0, 2**32)


def other_methodology(draw: Random) -> Methodology:
    """Other weights of areas and metrics, and other declared spreads."""
    rules = tuple(
        replace(
            rule,
            weight=rule.weight * draw.uniform(0.5, 1.5),
            declared_spread=rule.declared_spread and rule.declared_spread * draw.choice([0.5, 2]),
        )
        for rule in METHODOLOGY.metrics
    )
    areas = {name: weight * draw.uniform(0.5, 1.5) for name, weight in METHODOLOGY.areas.items()}
    return replace(METHODOLOGY, areas=areas, metrics=rules)


def other_peers(draw: Random) -> dict[str, Quartiles]:
    """Moved, and some of them not there."""
    moved = {name: draw.uniform(0.6, 1.6) for name in PEERS if draw.random() < 0.8}
    return {
        name: replace(PEERS[name], q25=PEERS[name].q25 * by, q50=PEERS[name].q50 * by, q75=PEERS[name].q75 * by)
        for name, by in moved.items()
    }


def two_sides(seed: int) -> tuple[Side, Side]:
    draw = Random(seed)
    old = ScoreInput(some_input(draw.getrandbits(32)).metrics, PEERS, "0" * 64)
    new = ScoreInput(some_input(draw.getrandbits(32)).metrics, other_peers(draw), "1" * 64)
    return Side(old, METHODOLOGY), Side(new, other_methodology(draw))


def decimals(change: Change) -> list[Decimal]:
    return [Decimal(repr(getattr(change, name))) for name in SWITCHES]


@given(st.dictionaries(st.frozensets(st.sampled_from("abcd")), st.floats(-50, 50)), st.integers(1, 4))
def test_the_values_are_what_each_player_adds_on_average_over_all_orders(
    worth: dict[frozenset[str], float], count: int
) -> None:
    players = "abcd"[:count]
    found = shapley(players, lambda inside: worth.get(inside, 0.0))
    for player in players:
        added = []
        for order in permutations(players):
            before = frozenset(order[: order.index(player)])
            added.append(worth.get(before | {player}, 0.0) - worth.get(before, 0.0))
        assert found[player] == pytest.approx(fsum(added) / factorial(count), abs=1e-9)


@few
@given(seeds)
def test_the_parts_add_to_the_difference_of_the_headlines_to_the_last_place(seed: int) -> None:
    old, new = two_sides(seed)
    found = split(old, new)
    ends = headline_of(old.inputs, old.methodology), headline_of(new.inputs, new.methodology)
    assert isinstance(found, Change)
    assert sum(decimals(found)) == Decimal(repr(ends[1])) - Decimal(repr(ends[0]))


@few
@given(seeds, st.sampled_from(SWITCHES))
def test_where_one_thing_alone_changed_it_has_the_whole_difference(seed: int, switch: str) -> None:
    old, other = two_sides(seed)
    new = {
        "own_data": Side(replace(old.inputs, metrics=other.inputs.metrics), METHODOLOGY),
        "benchmark": Side(replace(old.inputs, peers=other.inputs.peers), METHODOLOGY),
        "methodology": Side(old.inputs, other.methodology),
    }[switch]
    found = split(old, new)
    assert isinstance(found, Change)
    assert [name for name in SWITCHES if getattr(found, name) != 0] == [switch]
    assert split(old, old) == Change(0.0, 0.0, 0.0)


@few
@given(seeds, st.integers(-3_000_000, 3_000_000), st.integers(-3_000_000, 3_000_000))
def test_what_an_earlier_version_of_the_code_made_of_it_is_of_the_method(seed: int, one: int, other: int) -> None:
    """The parts add up to the difference of the headlines as they were kept, not as they would be today."""
    old, new = two_sides(seed)
    ends = [headline_of(each.inputs, each.methodology) or 0.0 for each in (old, new)]
    kept = [round(end + millionths / 1e6, 6) for end, millionths in zip(ends, (one, other), strict=True)]
    found, plain = split(replace(old, stated=kept[0]), replace(new, stated=kept[1])), split(old, new)
    assert isinstance(found, Change)
    assert isinstance(plain, Change)
    assert sum(decimals(found)) == Decimal(repr(kept[1])) - Decimal(repr(kept[0]))
    assert (found.own_data, found.benchmark) == pytest.approx((plain.own_data, plain.benchmark), abs=1.1e-6)


def test_a_declared_spread_is_the_methods_and_not_the_peers() -> None:
    """The release knows the centre alone."""
    spread = {"turnover_rate": Quartiles(27.93, 39.9, 51.87, declared=True, label="US separations 2021")}
    wider = {"turnover_rate": Quartiles(15.96, 39.9, 63.84, declared=True, label="US separations 2021")}
    rules = tuple(
        replace(rule, declared_spread=0.6) if rule.metric == "turnover_rate" else rule for rule in METHODOLOGY.metrics
    )
    metrics = some_input(11).metrics
    old = Side(ScoreInput(metrics, spread, "0" * 64), METHODOLOGY)
    new = Side(ScoreInput(metrics, wider, "0" * 64), replace(METHODOLOGY, metrics=rules))
    found = split(old, new)
    assert isinstance(found, Change)
    assert found.methodology != 0
    assert (found.own_data, found.benchmark) == (0.0, 0.0)


def test_what_cannot_be_compared_says_why() -> None:
    def score(headline: float | None, **record: Any) -> Score:
        return Score(headline=headline, record={"guards": {"previous_star": None}, "metrics": {}, **record})

    unknown = {"methodology": {"id": "sis-1999.1", "sha256": ""}, "peers": {}}
    assert since(None, score(50.0)) is Unexplained.FIRST
    assert since(None, score(50.0, guards={"previous_star": 3})) is Unexplained.NOT_RECORDED
    assert since(score(None), score(50.0)) is Unexplained.NO_HEADLINE
    assert since(Score(headline=None, record={}), score(50.0)) is Unexplained.DELETED
    whole = score(50.0, **unknown, guards={"adjusted_gap_interval": None})
    assert since(whole, whole) is Unexplained.METHODOLOGY


@pytest.fixture
async def company(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


async def draft_of(company: Company, resources: Resources, people: int, **query: str) -> dict[str, Any]:
    made = await company.push(workforce(company.id, people), 202, **query)
    await succeeded(company, resources, made["operation_id"])
    found = (await company.call("GET", "/v1/scores", params={"state": "draft"}))["data"]
    return dict(next(each for each in found if each["as_of"] == query.get("as_of", "2025-12-31")))


async def published_and_restated(company: Company, resources: Resources) -> tuple[dict[str, Any], dict[str, Any]]:
    """A score that was published, and the draft of the corrected file."""
    first = await draft_of(company, resources, 300)
    await company.call("POST", f"/v1/scores/{first['id']}/publication")
    return first, await draft_of(company, resources, 250, supersedes=first["datasets"][0]["id"])


async def test_an_explanation_and_a_restatement_say_what_changed_since_the_score_published_before(
    company: Company, worker_resources: Resources
) -> None:
    first = await draft_of(company, worker_resources, 300)
    shown = await company.call("GET", f"/v1/scores/{first['id']}/explanation")
    assert (shown["change"], shown["change_reason"]) == (None, "no_published_score_before")
    await company.call("POST", f"/v1/scores/{first['id']}/publication")
    second = await draft_of(company, worker_resources, 250, supersedes=first["datasets"][0]["id"])
    shown = await company.call("GET", f"/v1/scores/{second['id']}/explanation")
    change = shown["change"]
    assert shown["change_reason"] is None
    assert change["from_score_id"] == first["id"]
    assert (change["benchmark"], change["methodology"]) == (0.0, 0.0)
    headlines = [Decimal(repr(each["headline"])) for each in (first, second)]
    assert Decimal(repr(change["own_data"])) == headlines[1] - headlines[0] != 0
    restated = await company.call("GET", f"/v1/scores/{second['id']}/restatement")
    assert restated["change"] == change
    assert (change["references_changed"], "references" in restated["causes"]) == (False, False)


async def test_a_change_says_whether_metrics_read_other_editions_of_reference_tables(
    company: Company, worker_resources: Resources
) -> None:
    first, second = await published_and_restated(company, worker_resources)
    async with transaction(worker_resources, UUID(company.id)) as session:
        row = await session.get_one(Score, (UUID(company.id), UUID(first["id"])))
        table = {"edition": "2021", "sha256": "0" * 64}
        row.record = {**row.record, "references": {**row.record["references"], "living_wage": table}}
    change = (await company.call("GET", f"/v1/scores/{second['id']}/explanation"))["change"]
    restated = await company.call("GET", f"/v1/scores/{second['id']}/restatement")
    page = await company.http.get(
        f"/v1/scores/{second['id']}/report", headers={**company.headers, "Accept": "text/html"}
    )
    assert (change["references_changed"], restated["causes"]) == (True, ["datasets", "references"])
    assert "own data, read with other editions of reference tables," in " ".join(Page(page.content).texts)


async def test_another_industry_is_a_change_of_peers_and_a_later_day_is_compared_as_well(
    company: Company, worker_resources: Resources
) -> None:
    first = await draft_of(company, worker_resources, 300)
    await company.call("POST", f"/v1/scores/{first['id']}/publication")
    await company.call("PATCH", "/v1/account", json={"industry_code": "622110"})
    later = await draft_of(company, worker_resources, 290, as_of="2026-01-15")
    assert (later["restates"], later["status"]) == (None, "ok")
    change = (await company.call("GET", f"/v1/scores/{later['id']}/explanation"))["change"]
    parts = [Decimal(repr(change[name])) for name in SWITCHES]
    assert all(part != 0 for part in parts[:2])
    assert parts[2] == 0
    assert sum(parts) == Decimal(repr(later["headline"])) - Decimal(repr(first["headline"]))


async def test_a_score_from_before_the_one_before_was_kept_says_so(
    company: Company, worker_resources: Resources
) -> None:
    _, second = await published_and_restated(company, worker_resources)
    async with transaction(worker_resources, UUID(company.id)) as session:
        await session.execute(update(Score).where(Score.id == UUID(second["id"])).values(previous_id=None))
    shown = await company.call("GET", f"/v1/scores/{second['id']}/explanation")
    assert (shown["change"], shown["change_reason"]) == (None, "score_before_not_recorded")
