"""PURE: every metric's definition, area by area in the order of domain.md 3.3."""

from collections.abc import Mapping
from types import MappingProxyType

from wm_api.metrics.definition import Definition
from wm_api.metrics.definitions import (
    benefits,
    equity,
    hours,
    mobility,
    pay,
    quality,
    representation,
    retention,
    structure,
)

AREAS = (pay, structure, equity, benefits, retention, mobility, representation, hours, quality)

CATALOGUE: Mapping[str, Definition] = MappingProxyType(
    {definition.key: definition for area in AREAS for definition in area.DEFINITIONS}
)
