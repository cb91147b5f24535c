"""The files of a made-up company as CSV: workforce, payroll of two fortnights, benefit plans and enrolments."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np
import polars as pl
from tools.population.company import PUSHED, Company

from wm_api.records import employee_keys
from wm_api.references.tables import market_pay, market_pay_of_states, packaged_table

SECRET = b"\x07" * 32
WINDOW, AS_OF = date(2025, 1, 1), date(2025, 12, 31)
DAYS = (AS_OF - WINDOW).days + 1
RUNS = (date(2025, 12, 1), date(2025, 12, 15))
PAYROLL_PERIOD = (RUNS[0], RUNS[-1] + timedelta(days=13))
PRICES = 0.027
"""About what consumer prices rose by in the window."""
LEVELS = {1: "53-7065", 2: "43-4051", 3: "43-3031", 4: "13-2011", 5: "15-1252", 6: "11-3121"}
FIPS = {"US-NY": "36", "US-IL": "17", "US-TX": "48", "US-CA": "06"}
LIVING_WAGES = {"36": 18.6, "17": 17.9, "48": 17.1, "06": 20.4}
"""Made up, as the companies are; the table of living wages may not be passed on (docs/sources.md)."""
PLANS = {
    "medical": 0.18, "retirement_dc": 0.10, "sick_leave": 0.06, "vacation": 0.15, "parental_leave": -0.15,
    "dental": 0.0, "life": 0.0,
}  # fmt: skip
"""Of each type, how much likelier it is offered than the company's habit says."""
Flags = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
Numbers = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class File:
    """`dated`: the parameters of its push."""

    kind: str
    dated: Mapping[str, str]
    content: bytes


def files_of(company: Company, account_id: str) -> list[File]:
    """In the order in which they are pushed: the workforce last, so that a company is scored once."""
    rng = np.random.default_rng([company.seed, company.number, 1])
    people = _people(company, rng).with_columns(
        pl.Series("employee_key", _keys(account_id, company)).alias("employee_key")
    )
    found, day = [], {"as_of": AS_OF.isoformat()}
    if "payroll" in company.pushed:
        first, last = PAYROLL_PERIOD
        period = {"period_start": first.isoformat(), "period_end": last.isoformat()}
        found.append(File("payroll", period, _csv(_payroll(company, people, rng))))
    if "benefit_plans" in company.pushed:
        plans = _plans(company, rng)
        found.append(File("benefit_plans", day, _csv(plans)))
        if "benefit_enrolments" in company.pushed and "medical" in plans["benefit_type"]:
            found.append(File("benefit_enrolments", day, _csv(_enrolments(company, people, plans, rng))))
    window = {"window_start": WINDOW.isoformat(), "window_end": AS_OF.isoformat()}
    return [*found, File("workforce", {**day, **window}, _csv(_workforce(company, people)))]


def living_wage_table() -> str:
    """One county of each state, both households that are read; in the form of the published file."""
    rows = ["state,county,adults,children,wage"]
    for state, wage in LIVING_WAGES.items():
        rows.append(f"{state},001,2 Adults (Both Working),2 Children,{wage:.2f}")
        rows.append(f"{state},001,1 Adult,0 Children,{wage * 0.82:.2f}")
    return "\n".join(rows) + "\n"


def _csv(frame: pl.DataFrame) -> bytes:
    return frame.write_csv(float_precision=2).encode()


def _leavers(company: Company) -> int:
    rng = np.random.default_rng([company.seed, company.number, 2])
    return 0 if "leavers" in company.empty else int(rng.poisson(company.people * company.habits["turnover"]))


def _keys(account_id: str, company: Company) -> list[str]:
    everybody = company.people + _leavers(company)
    return [employee_keys.make(SECRET, account_id, "1", str(number)) for number in range(everybody)]


def _people(company: Company, rng: np.random.Generator) -> pl.DataFrame:
    """Who is there at the end, then who left: as many came as went, some of them left within 90 days."""
    habits, staying, leaving = company.habits, company.people, _leavers(company)
    count, soon = staying + leaving, int(rng.binomial(leaving, min(1.0, habits["early"])))
    came = np.full(count, -1.0)  # days from the start of the window
    came[:] = -rng.exponential(365 * 5, count).clip(1, 365 * 35)
    came[: min(staying, leaving - soon)] = rng.uniform(0, DAYS - 1, min(staying, leaving - soon))
    left = np.full(count, np.nan)
    left[staying:] = rng.uniform(1, DAYS - 1, leaving)
    came[count - soon :] = rng.uniform(0, DAYS - 92, soon) if soon else came[count - soon :]
    left[count - soon :] = came[count - soon :] + rng.uniform(2, 88, soon) if soon else left[count - soon :]
    level = rng.choice(list(LEVELS), count, p=[0.32, 0.28, 0.16, 0.12, 0.08, 0.04])
    lean = company.women * (1 + habits["steep"] * (2.5 - level) / 2.5)
    woman = rng.random(count) < (0.0 if "women" in company.empty else lean.clip(0.02, 0.98))
    quit_ = rng.random(count) < habits["voluntary"]
    promoted = (rng.random(count) < habits["promotion"]) & (came < 0) & np.isnan(left)
    rate = _rates(company, level, woman, rng)
    raised = 1 + PRICES + habits["growth"] / 100 + rng.standard_t(3, count) * 0.008 + promoted * 0.06
    receives = rng.random(count) < 0.55 - woman * habits["receipt"]
    receives &= ~(woman & ("bonus" in company.empty))
    bonus = np.where(receives, rate * 2080 * 0.04 * np.exp(rng.normal(0, 0.9, count)), 0.0)
    return pl.DataFrame({
        "hire_date": _days(came),
        "termination_date": _days(left),
        "termination_reason": np.where(quit_, "voluntary_quit", "layoff"),
        "base_rate": rate.round(2),
        "weekly_hours": rng.choice([40.0, 32.0, 20.0], count, p=[0.8, 0.1, 0.1]),
        "gender": np.where(rng.random(count) < 0.01, "U", np.where(woman, "F", "M")),
        "job_level": level,
        "soc_code": [LEVELS[each] for each in level],
        "contract_type": np.where(rng.random(count) < habits["permanent"], "permanent", "fixed_term"),
        "promotions_in_window": promoted.astype(int),
        "variable_pay_12m": bonus.round(2),
        "base_rate_start": (rate / raised.clip(0.7, 2.0)).round(2),
    }).with_columns(pl.when(pl.col("termination_date").is_not_null()).then("termination_reason"))  # fmt: skip


def _days(offsets: Numbers) -> list[date | None]:
    return [None if np.isnan(each) else WINDOW + timedelta(days=int(np.floor(each))) for each in offsets]


@cache
def _market() -> tuple[Mapping[str, float], Mapping[str, float]]:
    table = packaged_table("bls_oews")
    return market_pay(table), market_pay_of_states(table)


def _rates(company: Company, level: Numbers, woman: Flags, rng: np.random.Generator) -> Numbers:
    """Hourly: the market's median of occupation and state, times the company's habit, with a tail."""
    nation, states = _market()
    state = FIPS.get(company.place, "")
    medians = {at: states.get(f"{state} {code}", nation[code]) for at, code in LEVELS.items()}
    usual = np.array([medians[each] for each in level])
    tail = np.exp(rng.standard_t(5, len(level)) * 0.09)
    paid: Numbers = usual * company.habits["market"] * tail * (1 - woman * company.habits["gap"])
    return np.maximum(paid, 17.0).clip(None, 400)


def _workforce(company: Company, people: pl.DataFrame) -> pl.DataFrame:
    place = (
        {"work_country": "US", "work_region": company.place, "work_county": f"{FIPS[company.place]}001"}
        if company.american
        else {"work_country": company.place}
    )
    currency = {"GB": "GBP", "DE": "EUR"}.get(company.place, "USD")
    fixed = {"base_rate_unit": "hour", "currency": currency, **place}
    frame = people.with_columns(**{name: pl.lit(value) for name, value in fixed.items()})
    absent = [name for name in frame.columns if name in PUSHED and name not in company.pushed]
    if "termination_date" in absent:  # a snapshot of who is there
        frame = frame.filter(pl.col("termination_date").is_null()).drop("termination_reason")
        absent = [name for name in absent if name != "termination_reason"]
    return frame.drop(absent)


def _payroll(company: Company, people: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    there = people.filter(pl.col("termination_date").is_null(), pl.col("hire_date") <= RUNS[0])
    frames = []
    for begin in RUNS:
        share = company.habits["overtime"]
        worked = rng.random(there.height) < 0.4
        extra = np.where(worked, rng.gamma(1.2, 80 * share / 0.4 / 1.2 + 1e-9, there.height), 0).clip(0, 60).round(1)
        hours = 2 * pl.col("weekly_hours")
        frames.append(there.select(
            "employee_key",
            pl.lit(begin).alias("period_start"),
            pl.lit(begin + timedelta(days=13)).alias("period_end"),
            pl.lit({"GB": "GBP", "DE": "EUR"}.get(company.place, "USD")).alias("currency"),
            (hours * pl.col("base_rate")).round(2).alias("pay_base"),
            hours.alias("hours_regular"),
            pl.Series("hours_overtime", extra),
            (1.5 * pl.col("base_rate") * pl.Series(extra)).round(2).alias("pay_overtime"),
        ))  # fmt: skip
    return pl.concat(frames)


def _plans(company: Company, rng: np.random.Generator) -> pl.DataFrame:
    access, premium = company.habits["access"], company.habits["premium"]
    hours = [access**2, 0.5 * (1 - access**2), 0.5 * (1 - access**2)]
    offered = [name for name, more in PLANS.items() if rng.random() < np.clip(access + more, 0.05, 0.99)] or [
        "vacation"
    ]
    return pl.DataFrame({
        "plan_code": [f"P{at:02d}" for at in range(len(offered))],
        "benefit_type": offered,
        "waiting_days": rng.choice([0, 30, 90], len(offered), p=[0.5, 0.3, 0.2]),
        "min_weekly_hours": rng.choice([0.0, 21.0, 30.0], len(offered), p=hours),
        "eligible_contract": rng.choice(["all", "permanent_only"], len(offered), p=[access, 1 - access]),
        "employer_premium_share_single": [round(premium, 2) if each == "medical" else None for each in offered],
        "employer_premium_share_family": [round(0.9 * premium, 2) if each == "medical" else None for each in offered],
    })  # fmt: skip


def _enrolments(company: Company, people: pl.DataFrame, plans: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Of the medical plan; whoever has no row of it may still have access by its rules."""
    plan = plans.filter(pl.col("benefit_type") == "medical").row(0, named=True)
    may = people.filter(
        pl.col("termination_date").is_null(),
        pl.col("weekly_hours") >= plan["min_weekly_hours"],
        pl.col("hire_date") <= AS_OF - timedelta(days=91),
    )
    chosen = may.filter(pl.Series(rng.random(may.height) < 0.8))
    share = (company.habits["premium"] + rng.normal(0, 0.03, chosen.height)).clip(0, 1)
    whole = rng.choice([7200.0, 21000.0], chosen.height, p=[0.6, 0.4])
    return chosen.select(
        "employee_key",
        pl.lit(plan["plan_code"]).alias("plan_code"),
        pl.Series("employer_contribution_annual", (whole * share).round(2)),
        pl.Series("employee_contribution_annual", (whole * (1 - share)).round(2)),
        pl.lit("USD").alias("currency"),
    )
