"""PURE: one module an area, each with its `FORMULAS` by metric; `compute` gives every metric of the catalogue."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from wm_api.metrics.catalogue import CATALOGUE
from wm_api.metrics.figures import Figure
from wm_api.metrics.formulas import (
    adjusted_gap,
    advancement,
    benefit_participation,
    benefit_values,
    benefits,
    category_gaps,
    cohorts,
    hours,
    living_wage,
    mobility,
    pay_equity,
    pay_level,
    pay_quarters,
    pay_structure,
    quality,
    quits,
    representation,
    retention,
    variable_pay,
)
from wm_api.metrics.population import MetricInputs

Formula = Callable[[MetricInputs, str], Figure]
"""From the frames of a day, which all formulas share, and a profile to a figure; one of several parts has them in its
groups, each with its dimension."""

MODULES = (
    pay_level,
    living_wage,
    pay_structure,
    pay_equity,
    variable_pay,
    pay_quarters,
    category_gaps,
    adjusted_gap,
    benefits,
    benefit_participation,
    benefit_values,
    retention,
    quits,
    cohorts,
    mobility,
    advancement,
    representation,
    hours,
    quality,
)
_KNOWN: Mapping[str, Formula] = {name: formula for module in MODULES for name, formula in module.FORMULAS.items()}
FORMULAS: Mapping[str, Formula] = MappingProxyType({name: _KNOWN[name] for name in CATALOGUE})


def compute(inputs: MetricInputs, profile: str = "default") -> dict[str, Figure]:
    """Every metric that has the profile, each with a status; nothing is imputed."""
    return {name: formula(inputs, profile) for name, formula in FORMULAS.items() if profile in CATALOGUE[name].profiles}
