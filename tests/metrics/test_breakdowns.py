"""Figures by entity and region: groups add up to the whole, and nothing small is shown or found by subtraction."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from random import Random
from typing import Any

import pytest
from hypothesis import Phase, given, settings

from metrics.test_properties import few, inputs_of, people, seeds
from wm_api.metrics.breakdowns import BROKEN_DOWN, MOST, OTHERS, UNKNOWN, Breakdown, Dimension, breakdowns, groups_of
from wm_api.metrics.figures import Status
from wm_api.metrics.formulas import compute
from wm_api.metrics.population import AccountFacts
from wm_api.metrics.suppression import LEAST, hidden_groups

couple = settings(deadline=None, max_examples=2, phases=[Phase.generate])
COUNTS = ("permanent_share", "guaranteed_hours_share", "collective_bargaining_coverage", "disclosure_rate")
"""Metrics whose n is people, each in one group."""


def placed(seed: int, count: int = 160, sites: str = "AABBBCD") -> list[dict[str, Any]]:
    draw = Random(seed)
    return [
        {
            **row,
            "establishment_code": draw.choice([*(f"S{site}" for site in sites), None]),
            "work_region": draw.choice(["US-TX", "US-TX", "US-CA", None]),
        }
        for row in people(seed, count)
    ]


def shown(found: Breakdown) -> dict[str, tuple[Status, float | None, int | None]]:
    return {each.group: (each.status, each.value, each.n) for each in found.groups}


@couple
@given(seeds)
def test_a_group_has_the_figure_of_a_company_of_its_people_alone(seed: int) -> None:
    inputs = inputs_of(placed(seed), least=True)
    groups = groups_of(inputs, Dimension.ESTABLISHMENT)
    of_key = dict(groups.iter_rows())
    alone = {
        group: compute(inputs_of([row for row in placed(seed) if of_key[row["employee_key"]] == group], least=True))
        for group in set(of_key.values())
    }
    seen = 0
    for metric, found in breakdowns(inputs)[Dimension.ESTABLISHMENT].items():
        for each in found.groups:
            if each.status is Status.OK:
                own = alone[each.group][metric]
                assert (each.value, each.n, each.interval) == (own.value, own.n, own.interval)
                seen += 1
    assert seen


@couple
@given(seeds)
def test_counts_of_all_groups_add_up_to_the_whole(seed: int) -> None:
    inputs = inputs_of(placed(seed, 400, sites="AB"), least=True)
    whole = compute(inputs)
    for dimension in Dimension:
        found = breakdowns(inputs)[dimension]
        for metric in COUNTS:
            groups = found[metric].groups
            assert all(each.status is Status.OK for each in groups)
            assert sum(each.n or 0 for each in groups) == whole[metric].n
            if metric != "disclosure_rate":  # that of the attribute known least, which need not be the same one
                assert sum((each.n or 0) * (each.value or 0) for each in groups) == pytest.approx(
                    (whole[metric].n or 0) * (whole[metric].value or 0)
                )


@couple
@given(seeds)
def test_the_order_of_rows_changes_no_group(seed: int) -> None:
    rows = placed(seed)
    shuffled = Random(seed + 1).sample(rows, len(rows))
    assert breakdowns(inputs_of(rows, least=True)) == breakdowns(inputs_of(shuffled, least=True))


@couple
@given(seeds)
def test_a_company_merged_with_itself_has_the_same_rates_in_each_group(seed: int) -> None:
    rows = placed(seed, 300, sites="AB")
    twins = [*rows, *({**row, "employee_key": f"t{row['employee_key']}"} for row in rows)]
    one, two = (breakdowns(inputs_of(each, least=True))[Dimension.ESTABLISHMENT] for each in (rows, twins))
    seen = 0
    for metric in COUNTS:
        for before, after in zip(one[metric].groups, two[metric].groups, strict=True):
            assert before.group == after.group
            if before.status is Status.OK:  # of twice as many people a group may be shown that was too small
                assert after.value == pytest.approx(before.value)
                assert after.n == 2 * (before.n or 0)
                seen += 1
    assert seen


def hidden_people(cells: Mapping[tuple[str, ...], int], hidden: set[tuple[str, str]]) -> dict[str, int]:
    totals: Counter[str] = Counter()
    for (site, region), count in cells.items():
        totals["site"] += count if ("site", site) in hidden else 0
        totals["region"] += count if ("region", region) in hidden else 0
    return totals


@settings(few, max_examples=100)
@given(seeds)
def test_no_sum_or_difference_of_what_is_shown_is_of_few_people(seed: int) -> None:
    draw = Random(seed)
    cells: dict[tuple[str, ...], int] = {
        (site, region): draw.choice([1, 3, 8, 15, 40]) for site in "ABCD" for region in "XYZ" if draw.random() < 0.5
    }
    if not cells:
        return
    hidden = hidden_groups(["site", "region"], cells)
    keys = sorted(cells)
    groups = {("site", key[0]) for key in keys} | {("region", key[1]) for key in keys}
    known = [tuple(key[0 if name == "site" else 1] == value for key in keys) for name, value in groups - hidden]
    known.append(tuple(True for _ in keys))
    sizes = [cells[key] for key in keys]
    whole_is_small = sum(sizes) < LEAST
    # every sum of shown groups less every other sum, where that is a set of cells
    sums = {tuple(sum(each) for each in zip(*some, strict=True)) for k in (1, 2, 3) for some in combinations(known, k)}
    for more in sums:
        for less in sums:
            rest = [a - b for a, b in zip(more, less, strict=True)]
            if set(rest) <= {0, 1} and any(rest):
                count = sum(n for n, inside in zip(sizes, rest, strict=True) if inside)
                assert count >= LEAST or whole_is_small


def test_one_small_group_takes_the_smallest_other_one_with_it() -> None:
    hidden = hidden_groups(["site"], {("A",): 60, ("B",): 25, ("C",): 4})
    assert hidden == {("site", "C"), ("site", "B")}
    assert hidden_groups(["site"], {("A",): 60, ("B",): 25, ("C",): 14}) == set()


def test_a_region_less_its_sites_gives_no_small_site() -> None:
    """Site B is hidden with A; the region X holds B and C alone, so X less C would give it away."""
    cells: dict[tuple[str, ...], int] = {("A", "Y"): 11, ("B", "X"): 4, ("C", "X"): 30, ("D", "Y"): 50}
    hidden = hidden_groups(["site", "region"], cells)
    assert ("site", "B") in hidden
    assert ("site", "C") in hidden or ("region", "X") in hidden


def test_a_small_site_is_suppressed_in_every_metric_and_so_is_a_second_one() -> None:
    rows = [
        {**row, "employee_key": f"p{number}", "worker_type": "employee", "establishment_code": site}
        for number, (row, site) in enumerate(zip(people(3, 100), ["A1"] * 60 + ["B1"] * 35 + ["C1"] * 5, strict=True))
    ]
    found = breakdowns(inputs_of(rows, least=True))[Dimension.ESTABLISHMENT]
    for metric in BROKEN_DOWN:
        assert shown(found[metric])["C1"] == (Status.SUPPRESSED, None, None)
        assert shown(found[metric])["B1"] == (Status.SUPPRESSED, None, None)
    assert shown(found["permanent_share"])["A1"][0] is Status.OK


def test_without_the_column_the_breakdown_names_it() -> None:
    found = breakdowns(inputs_of(people(1), least=True))
    for dimension, column in ((Dimension.ESTABLISHMENT, "establishment_code"), (Dimension.REGION, "work_region")):
        assert set(found[dimension].values()) == {Breakdown(Status.NOT_REPORTED, f"column:{column}")}


def test_a_place_that_is_not_given_is_the_account_s_region_in_its_own_country_alone() -> None:
    rows = [
        {**row, "employee_key": f"p{number}", "work_region": region, "work_country": country}
        for number, (row, (region, country)) in enumerate(
            zip(people(1, 4), [("US-CA", "US"), (None, "US"), (None, None), (None, "FR")], strict=True)
        )
    ]
    inputs = replace(inputs_of(rows), account=AccountFacts("US", region="US-TX"))
    groups = dict(groups_of(inputs, Dimension.REGION).iter_rows())
    assert groups == {"p0": "US-CA", "p1": "US-TX", "p2": "US-TX", "p3": UNKNOWN}


def test_beyond_the_largest_groups_the_rest_is_one() -> None:
    rows = [
        {**row, "employee_key": f"p{number}", "establishment_code": f"S{number % (MOST + 5)}"}
        for number, row in enumerate(people(1, 3 * MOST))
    ]
    groups = groups_of(inputs_of(rows), Dimension.ESTABLISHMENT).get_column("group").unique().to_list()
    assert len(groups) == MOST + 1
    assert OTHERS in groups
