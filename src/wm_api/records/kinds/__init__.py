"""The record kinds, as data: every column with type, unit, range and meaning."""

from collections.abc import Mapping
from typing import Literal

from wm_api.records.kinds.benefits import BENEFIT_ENROLMENTS, BENEFIT_PLANS
from wm_api.records.kinds.payroll import PAYROLL
from wm_api.records.kinds.shapes import OWN_CODE, RecordKind
from wm_api.records.kinds.workforce import UNITS, WORKFORCE

__all__ = ["KINDS", "OWN_CODE", "UNITS", "KindName", "RecordKind"]

KindName = Literal["workforce", "payroll", "benefit_plans", "benefit_enrolments"]
"""For contracts: the names of KINDS, which a type checker cannot read off a value."""
KINDS: Mapping[str, RecordKind] = {kind.name: kind for kind in (WORKFORCE, PAYROLL, BENEFIT_PLANS, BENEFIT_ENROLMENTS)}
