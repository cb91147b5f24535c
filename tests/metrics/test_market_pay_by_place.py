"""Market pay is held against the median of the occupation in the state, then in the nation, then of its major group."""

from typing import Any

import pytest

from metrics.test_pay_rules import figure_of
from wm_api.metrics.population import References
from wm_api.references.states import STATES
from wm_api.references.tables import market_pay_of_states, packaged_table

NATION = {"11-1021": 40.0, "11-0000": 50.0}
WAGES = References(NATION, market_pay_of_states={"48 11-1021": 20.0, "06 11-1021": 80.0})


def test_each_person_is_compared_on_the_first_level_that_is_known_and_the_levels_are_counted() -> None:
    rows: list[dict[str, Any]] = [
        {"soc_code": "11-1021", "work_county": "48113", "work_region": "US-CA", "base_rate": "20.00"},
        {"soc_code": "11-1021", "work_county": None, "work_region": "US-CA", "base_rate": "80.00"},
        {"soc_code": "11-1021", "work_county": "36061", "work_region": "US-NY", "base_rate": "40.00"},
        {"soc_code": "11-9999", "work_county": "48113", "work_region": None, "base_rate": "50.00"},
    ]
    figure = figure_of("market_pay_ratio", rows, references=WAGES)
    assert figure.value == pytest.approx(1.0)
    levels = {part.group: part.n for part in figure.groups if part.dimension == "reference"}
    assert levels == {"occupation_state": 2, "occupation_nation": 1, "major_group_nation": 1}
    assert figure.basis == "occupation_state"


def test_without_a_place_or_without_medians_of_states_the_nation_is_what_counts() -> None:
    rows: list[dict[str, Any]] = [{"soc_code": "11-1021", "base_rate": "20.00"}]
    assert figure_of("market_pay_ratio", rows, references=WAGES).value == pytest.approx(0.5)
    placed = [{**rows[0], "work_county": "48113"}]
    assert figure_of("market_pay_ratio", placed, references=References(NATION)).value == pytest.approx(0.5)
    assert figure_of("market_pay_ratio", placed, references=WAGES).value == pytest.approx(1.0)


def test_every_state_with_wages_has_its_region() -> None:
    states = {key[:2] for key in market_pay_of_states(packaged_table("bls_oews"))}
    assert states == set(STATES.values())
    assert market_pay_of_states(packaged_table("bls_oews"))["48 00-0000"] == 23.38
