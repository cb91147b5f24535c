"""Files of an invented company that answer nearly every metric: Parquet in canonical columns, payroll by run."""

from collections.abc import Mapping
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from make_extracts import AS_OF, FIRST_DAY

PLANS = {
    "plan_code": ["MED", "DC", "VAC", "SICK", "PAR"],
    "benefit_type": ["medical", "retirement_dc", "vacation", "sick_leave", "parental_leave"],
    "waiting_days": [90, 0, 0, 180, 365],
    "min_weekly_hours": [30.0, 0.0, 20.0, 0.0, 30.0],
    "leave_days_per_year": [None, None, 20.0, 9.0, None],
}
CODES: Mapping[str, Mapping[str | None, float]] = {
    "worker_type": {"employee": 0.94, "agency": 0.04, "contractor": 0.02},
    "gender": {"F": 0.45, "M": 0.53, "X": 0.01, "U": 0.01},
    "contract_type": {"permanent": 0.9, "fixed_term": 0.1},
    "union_covered": {"yes": 0.3, "no": 0.6, "undisclosed": 0.1},
    "race_ethnicity": {"white": 0.55, "black": 0.15, "hispanic": 0.15, "asian": 0.1, "unknown": 0.05},
    "age_band": {"20_24": 0.1, "25_29": 0.2, "30_39": 0.3, "40_50": 0.25, "51_59": 0.15},
    "soc_code": {"11-1021": 0.1, "41-2031": 0.4, "43-4051": 0.3, "53-7065": 0.2},
    "work_county": {"48113": 0.6, "06037": 0.4},
}
CLOSED = ("base_rate_unit", "termination_reason", *(name for name in CODES if name not in {"soc_code", "work_county"}))
REASONS = ("voluntary_quit", "involuntary_cause", "layoff", "retirement", "transfer_out")


def workforce(keys: pl.Series, draw: np.random.Generator) -> pl.DataFrame:
    """One row a person; a tenth left in the window, a tenth came in it."""
    people, levels = len(keys), draw.integers(1, 9, len(keys))
    left, came = draw.random(people) < 0.1, draw.random(people) < 0.1
    started = np.where(came, draw.integers(60, 360, people), draw.integers(400, 9000, people))
    ended = draw.integers(1, 59, people)
    rate = (12 + 6 * levels + draw.uniform(0, 8, people)).round(2)
    epoch = (AS_OF - date(1970, 1, 1)).days
    codes = {name: draw.choice(list(shares), people, p=list(shares.values())) for name, shares in CODES.items()}
    columns: dict[str, Any] = {
        "employee_key": keys,
        "hire_date": pl.Series((epoch - started).astype(np.int32)).cast(pl.Date),
        "termination_date": pl.Series((epoch - ended).astype(np.int32)).cast(pl.Date).set(pl.Series(~left), None),
        "termination_reason": pl.Series(draw.choice(REASONS, people)).set(pl.Series(~left), None),
        "base_rate": rate,
        "base_rate_unit": pl.repeat("hour", people, eager=True),
        "currency": pl.repeat("USD", people, eager=True),
        "weekly_hours": draw.choice([20.0, 32.0, 40.0], people, p=[0.1, 0.1, 0.8]),
        "job_level": levels.astype(np.int32),
        "job_level_start": np.maximum(1, levels - (draw.random(people) < 0.1)).astype(np.int32),
        "promotions_in_window": (draw.random(people) < 0.08).astype(np.int32),
        "base_rate_start": (rate - draw.uniform(0, 2, people)).round(2),
        "guaranteed_hours": draw.random(people) < 0.95,
        "top_management": draw.random(people) < 0.005,
        "training_hours_12m": draw.choice([0.0, 8.0, 24.0], people),
        **codes,
    }
    return pl.DataFrame(columns).with_columns(pl.col(CLOSED).cast(pl.Categorical))


def payroll(keys: pl.Series, rate: pl.Series, run: int, draw: np.random.Generator) -> pl.DataFrame:
    """A fortnight of everybody, with leave, overtime and now and then a bonus."""
    people, begin = len(keys), FIRST_DAY + timedelta(days=14 * run)
    regular = draw.choice([64.0, 72.0, 80.0], people, p=[0.1, 0.2, 0.7])
    base = (rate.to_numpy() * 80).round(2)
    return pl.DataFrame(
        {
            "employee_key": keys,
            "period_start": pl.repeat(begin, people, eager=True),
            "period_end": pl.repeat(begin + timedelta(days=13), people, eager=True),
            "currency": pl.repeat("USD", people, eager=True, dtype=pl.String),
            "pay_base": base,
            "hours_regular": regular,
            "hours_paid_leave": 80.0 - regular,
            "hours_overtime": np.where(draw.random(people) < 0.3, draw.uniform(0.5, 12, people).round(2), 0.0),
            "pay_bonus": np.where(draw.random(people) < 0.05, draw.uniform(100, 2000, people).round(2), 0.0),
            "employer_retirement_contribution": (0.04 * base).round(2),
        }
    )


def enrolments(keys: pl.Series, draw: np.random.Generator) -> pl.DataFrame:
    parts = []
    for plan, share in (("MED", 0.7), ("DC", 0.6)):
        enrolled = keys.filter(pl.Series(draw.random(len(keys)) < share))
        amounts = (draw.uniform(*ends, len(enrolled)).round(2) for ends in ((4000, 9000), (500, 3000)))
        names = ("employer_contribution_annual", "employee_contribution_annual")
        parts.append(
            pl.DataFrame({"employee_key": enrolled, **dict(zip(names, amounts, strict=True))}).with_columns(
                plan_code=pl.lit(plan)
            )
        )
    return pl.concat(parts)


def make(folder: Path, people: int, runs: int) -> None:
    """Workforce, plans, enrolments, and a file of payroll for each run; the same for the same numbers."""
    draw = np.random.default_rng(people)
    keys = pl.Series("employee_key", [sha256(str(each).encode()).digest() for each in range(people)], dtype=pl.Binary)
    staff = workforce(keys, draw)
    staff.write_parquet(folder / "workforce.parquet")
    pl.DataFrame(PLANS).write_parquet(folder / "plans.parquet")
    enrolments(keys, draw).write_parquet(folder / "enrolments.parquet")
    for run in range(runs):
        payroll(keys, staff.get_column("base_rate"), run, draw).write_parquet(folder / f"payroll-{run:02}.parquet")
