"""Files of people, plans and enrolments as inputs of the formulas."""

from datetime import date, timedelta
from random import Random
from typing import Any

from metrics.worked import typed
from wm_api.metrics.figures import Figure
from wm_api.metrics.formulas import FORMULAS
from wm_api.metrics.population import AccountFacts, MetricInputs, References
from wm_api.records.facts import Facts

FACTS = Facts(kind="workforce", as_of=date(2025, 12, 31))
PERSON = {
    "hire_date": "2020-01-01", "base_rate": "20.00", "base_rate_unit": "hour", "currency": "USD",
    "weekly_hours": "40.00", "gender": "F", "contract_type": "permanent",
}  # fmt: skip
MEDICAL = {"plan_code": "MED", "benefit_type": "medical"}
TYPES = (
    "medical", "dental", "retirement_dc", "retirement_db", "vacation", "sick_leave", "parental_leave", "family_leave",
)  # fmt: skip
FIGURES = (
    "benefit_access_rate", "benefit_participation_rate", "benefit_take_up_rate", "employer_premium_share",
    "retirement_contribution_rate", "paid_leave_days_per_fte", "low_wage_benefit_parity",
)  # fmt: skip
Rows = list[dict[str, Any]]


def inputs_of(workforce: Rows, plans: Rows | None, enrolments: Rows | None = None, **changes: Any) -> MetricInputs:
    rows = [{**PERSON, "employee_key": f"k{number}", **row} for number, row in enumerate(workforce)]
    listed = typed("benefit_plans", plans) if plans else None
    enrolled = typed("benefit_enrolments", enrolments) if enrolments else None
    given: dict[str, Any] = {"least": False, **changes}
    return MetricInputs(
        typed("workforce", rows), FACTS, None, References(), AccountFacts("US"), plans=listed, enrolments=enrolled, **given
    )  # fmt: skip


def figure(metric: str, inputs: MetricInputs) -> Figure:
    return FORMULAS[metric](inputs, "default")


def enrolment(number: int, employer: str | None, employee: str | None, **row: str | None) -> dict[str, Any]:
    amounts = {"employer_contribution_annual": employer, "employee_contribution_annual": employee}
    return {"employee_key": f"k{number}", "plan_code": "MED", **amounts, **row}


def benefits(seed: int, keys: list[str]) -> tuple[Rows, Rows]:
    draw = Random(seed)
    plans: Rows = [
        {
            "plan_code": f"P{number}", "benefit_type": draw.choice(TYPES), "waiting_days": draw.choice([None, 0, 90, 365]),
            "min_weekly_hours": draw.choice([None, "0", "30.00", "37.50"]), "eligible_contract": draw.choice([None, "all", "permanent_only"]),
            "employer_premium_share_single": "0.8000", "employer_premium_share_family": "0.5000",
            "contributory": draw.choice([None, True, False]), "leave_days_per_year": draw.choice([None, "0", "10.00", "22.50"]),
        }
        for number in range(draw.randint(1, 12))
    ]  # fmt: skip
    enrolments: Rows = [
        {
            "employee_key": key, "plan_code": f"P{draw.randint(0, 13)}", "status": draw.choice([None, "enrolled", "waived", "offered"]),
            "eligible_from": draw.choice([None, f"{date(2025, 11, 1) + timedelta(days=draw.randint(0, 90))}"]),
            "coverage_to": draw.choice([None, None, "2025-12-31", "2025-06-30"]), "tier": draw.choice(["single", "family", None]),
            "employer_contribution_annual": draw.choice([None, "0.00", "4100.10", "7200.35"]),
            "employee_contribution_annual": draw.choice([None, "0.00", "950.05"]),
        }
        for key in draw.sample(keys, len(keys) // 2)
    ]  # fmt: skip
    return plans, enrolments


def with_benefits(rows: Rows, plans: Rows, enrolments: Rows | None) -> MetricInputs:
    return MetricInputs(
        typed("workforce", rows), FACTS, None, References(), AccountFacts("US"), least=False,
        plans=typed("benefit_plans", plans), enrolments=typed("benefit_enrolments", enrolments) if enrolments else None,
    )  # fmt: skip


def counts(figure: Figure) -> dict[str, int]:
    return {each.group: round((each.n or 0) * (each.value or 0) / 100) for each in figure.groups}
