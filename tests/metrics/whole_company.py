"""A company whose files hold every column and kind that figures read, so that each metric has a figure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Any

from metrics.worked import paid, typed
from wm_api.metrics.catalogue import CATALOGUE
from wm_api.metrics.figures import Figure
from wm_api.metrics.formulas import compute
from wm_api.metrics.population import AccountFacts, MetricInputs, References
from wm_api.metrics.profiles import PROFILES
from wm_api.records.facts import Facts

Rows = list[dict[str, Any]]
START, END = date(2024, 1, 1), date(2025, 12, 31)
"""Two years: `frontline_advancement_24m` needs them."""
FIRST_WEEK, WEEKS = date(2025, 9, 1), 16
WITHOUT = {"availability_ratio", "schedule_notice_14d_share"}
"""No table, no kind of records."""
SEVERAL = {"pay_quarter_female_share"}
PLANS: Rows = [
    {"plan_code": "MED", "benefit_type": "medical", "waiting_days": 60, "min_weekly_hours": "30.00", "contributory": True,
     "employer_premium_share_single": "0.8000", "employer_premium_share_family": "0.6000", "currency": "USD"},
    {"plan_code": "DC", "benefit_type": "retirement_dc", "waiting_days": 365, "contributory": False},
    {"plan_code": "SICK", "benefit_type": "sick_leave", "leave_days_per_year": "8.00"},
    {"plan_code": "VAC", "benefit_type": "vacation", "eligible_contract": "permanent_only", "leave_days_per_year": "15.50"},
    {"plan_code": "HOL", "benefit_type": "holidays", "leave_days_per_year": "10.00"},
    {"plan_code": "PAR", "benefit_type": "parental_leave", "waiting_days": 180},
]  # fmt: skip
PRICES = {2022: 97.0, 2023: 100.0, 2024: 103.0, 2025: 106.0, 2026: 108.0}
PLACES = {"48113": 22.0, "48201": 21.0}


@dataclass(frozen=True)
class Company:
    workforce: Rows
    payroll: Rows
    plans: Rows
    enrolments: Rows
    years: int = 0
    """By how many all days lie later; 28 of them have the same weekdays."""
    country: str = "US"

    def with_rows(self, **changes: Any) -> "Company":
        return replace(self, **changes)

    @property
    def facts(self) -> Facts:
        return Facts(kind="workforce", as_of=later(END, self.years), window_start=later(START, self.years))

    def inputs(self, *, least: bool = False) -> MetricInputs:
        summed, weeks = paid([typed("payroll", self.payroll)], self.facts.window()) if self.payroll else (None, ())
        return MetricInputs(
            typed("workforce", self.workforce), self.facts, summed, references(self.years), AccountFacts(self.country),
            plans=typed("benefit_plans", self.plans) if self.plans else None,
            enrolments=typed("benefit_enrolments", self.enrolments) if self.enrolments else None,
            weeks=weeks, least=least,
        )  # fmt: skip

    def figures(self, profiles: tuple[str, ...] = PROFILES, *, least: bool = False) -> dict[str, dict[str, Figure]]:
        """By metric and profile."""
        inputs = self.inputs(least=least)
        found = {profile: compute(inputs, profile) for profile in profiles}
        return {
            name: {profile: figures[name] for profile, figures in found.items() if name in figures}
            for name in CATALOGUE
        }


def later(day: date, years: int) -> date:
    return day.replace(year=day.year + years)


def references(years: int = 0) -> References:
    return References(
        {"11-1021": 40.0, "29-1141": 30.0, "11-0000": 45.0},
        {year + years: index for year, index in PRICES.items()},
        PLACES,
        {place: wage * 0.6 for place, wage in PLACES.items()},
        {"US USD": 7.25},
        {"48 29-1141": 28.5},
    )


def company(seed: int, count: int = 90) -> Company:
    """Ties, part-timers, leavers, rehires, second jobs, other currencies, unknown cells, runs that are taken back."""
    draw = Random(seed)
    workforce = [_person(draw, number) for number in range(count)]
    workforce += [_second(draw, row) for row in draw.sample(workforce, count // 12)]
    there = [row for row in workforce if not row["termination_date"] or row["termination_date"] > f"{FIRST_WEEK}"]
    keys = sorted({row["employee_key"] for row in there})
    money = {row["employee_key"]: row["currency"] for row in there}
    payroll = [run for key in draw.sample(keys, len(keys) * 2 // 3) for run in _runs(draw, key, money[key])]
    enrolments = [_enrolment(draw, key) for key in draw.sample(keys, len(keys) * 2 // 3)]
    return Company(workforce, payroll, [dict(row) for row in PLANS], enrolments)


def _person(draw: Random, number: int) -> dict[str, Any]:
    hired = date(2021, 1, 1) + timedelta(days=draw.randint(0, 1780))
    end = min(hired + timedelta(days=draw.randint(20, 1500)), date(2026, 3, 1)) if draw.random() < 0.35 else None
    unit, low, high = draw.choice([("hour", 9, 60), ("hour", 9, 60), ("month", 1500, 9000), ("year", 18000, 120000)])
    rate = draw.randint(low, high)
    level = draw.choice([1, 1, 2, 3])
    return {
        "employee_key": f"k{number:03}",
        "hire_date": f"{hired}",
        "termination_date": end and f"{end}",
        "termination_reason": end
        and draw.choice([*["voluntary_quit"] * 4, "layoff", "retirement", "transfer_out", None]),
        "base_rate": f"{rate}.00",
        "base_rate_start": draw.choice([None, f"{rate * 0.95:.2f}", f"{rate * 0.8:.2f}"]),
        "base_rate_unit": unit,
        "currency": draw.choice(["USD"] * 12 + ["CAD"]),
        "weekly_hours": draw.choice(["20.00", "37.50", "40.00"]),
        "weekly_hours_start": draw.choice([None, "20.00", "40.00"]),
        "gender": draw.choice("FMFMFMFMXU"),
        "job_level": level,
        "job_level_start": draw.choice([None, 1, level]),
        "job_family": draw.choice(["OPS", "CARE"]),
        "contract_type": draw.choice([None, "permanent", "permanent", "fixed_term"]),
        "promotions_in_window": draw.choice([None, 0, 0, 1]),
        "guaranteed_allowance_annual": draw.choice([None, "1200.00"]),
        "variable_pay_12m": draw.choice([None, "0", "900.00", "1500.00"]),
        "total_pay_12m": draw.choice([None, f"{draw.randint(18000, 160000)}.00"]),
        "pay_status": draw.choice([*["active"] * 8, "leave_unpaid"]),
        "pay_basis": draw.choice([None, "hourly", "salaried"]),
        "overtime_exempt": draw.choice([None, "exempt", "nonexempt"]),
        "worker_category": draw.choice(["C1", "C1", "C2"]),
        "soc_code": draw.choice(["11-1021", "29-1141", "11-9199"]),
        "work_region": "US-TX",
        "work_county": draw.choice(sorted(PLACES)),
        **attributes(draw, 16),
        "disability": draw.choice([None, "yes", "no", "undisclosed"]),
        "veteran": draw.choice([None, "yes", "no", "no"]),
    }


def attributes(draw: Random, employees: int) -> dict[str, Any]:
    """What somebody is by chance, an employee with odds of `employees` to four."""
    return {
        "worker_type": draw.choice([*["employee"] * employees, None, "apprentice", "agency", "contractor"]),
        "guaranteed_hours": draw.choice([None, True, True, False]),
        "union_covered": draw.choice([None, "yes", "no", "undisclosed"]),
        "training_hours_12m": draw.choice([None, "0", "7.50", "24.00"]),
        "top_management": draw.choice([None, False, False, True]),
        "race_ethnicity": draw.choice([None, "white", "black", "asian", "unknown"]),
        "age_band": draw.choice([None, "u20", "25_29", "30_39", "40_50", "60_plus"]),
    }


def _second(draw: Random, row: Mapping[str, Any]) -> dict[str, Any]:
    """A second job, or, of who has left, a return."""
    hired = date.fromisoformat(row["termination_date"] or "2025-02-01") + timedelta(days=draw.choice([1, 40]))
    changes = {"termination_date": None, "termination_reason": None, "weekly_hours": "12.00"}
    return {**row, **changes, "hire_date": f"{min(hired, date(2025, 10, 1))}"}


def _runs(draw: Random, key: str, currency: str) -> Rows:
    rows, usual = [], draw.choice([20, 32, 38])
    for number in range(WEEKS):
        first = FIRST_WEEK + timedelta(days=7 * number)
        hours = draw.choice([usual, usual, usual - 6])
        run = {
            "employee_key": key, "currency": currency, "frequency": "week", "run_no": 1, "reverses_run_no": None,
            "period_start": f"{first}", "period_end": f"{first + timedelta(days=6)}",
            "hours_regular": f"{hours}.00", "hours_overtime": draw.choice(["0", "0", "4.50", "16.00"]),
            "hours_paid_leave": draw.choice([None, "0", "8.00"]),
            "pay_base": f"{hours * draw.choice([18, 21, 33])}.00", "pay_overtime": draw.choice([None, "120.00"]),
            "pay_allowance": draw.choice([None, "10.00"]), "pay_bonus": draw.choice([*[None] * 12, "300.00"]), "bonus_months": 3,
            "pay_commission": None, "employer_retirement_contribution": draw.choice(["0", "25.00"]),
        }  # fmt: skip
        rows.append(run)
    if draw.random() < 0.2:
        blank = {"hours_regular": None, "hours_overtime": None, "hours_paid_leave": None, "pay_overtime": None}
        wrong = {**rows[0], "run_no": 2, "pay_bonus": None, "pay_allowance": None}
        undone = {"run_no": 3, "reverses_run_no": 2, "pay_base": f"-{rows[0]['pay_base']}", **blank}
        rows += [wrong, {**wrong, **undone, "employer_retirement_contribution": None}]
    return rows


def _enrolment(draw: Random, key: str) -> dict[str, Any]:
    return {
        "employee_key": key, "plan_code": draw.choice(["MED", "MED", "MED", "DC"]), "status": draw.choice(["enrolled", "waived"]),
        "coverage_from": draw.choice([None, "2024-06-01"]), "tier": draw.choice(["single", "family"]), "currency": "USD",
        "employer_contribution_annual": draw.choice([None, "4100.10", "7200.35"]), "employee_contribution_annual": "950.05",
    }  # fmt: skip
