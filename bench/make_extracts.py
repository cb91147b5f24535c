"""Extracts of an invented company for the benchmarks: payroll by fortnight and its workforce, with valid keys."""

import argparse
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from wm_api.records import employee_keys

PEOPLE, PERIODS = 100_000, 26
FIRST_DAY = date(2025, 1, 1)
AS_OF = FIRST_DAY + timedelta(days=14 * PERIODS - 1)
SECRET, ACCOUNT = b"\x07" * 32, "01980000-0000-7000-8000-000000000000"


def employee_keys_of(people: int) -> pl.Series:
    return pl.Series("employee_key", [employee_keys.make(SECRET, ACCOUNT, "1", str(each)) for each in range(people)])


def first_day(periods: int) -> date:
    """Of the fortnights that end on AS_OF, so that many of them lie in the past and none in the future."""
    return AS_OF - timedelta(days=14 * periods - 1)


def payroll(keys: pl.Series, periods: int, seed: int = 1) -> Iterator[pl.DataFrame]:
    """One row per person and fortnight, a frame a period, with overtime and now and then a bonus."""
    draw, people = np.random.default_rng(seed), len(keys)
    rate = draw.uniform(18, 60, people).round(2)
    for period in range(periods):
        begin = first_day(periods) + timedelta(days=14 * period)
        regular = draw.choice([64.0, 72.0, 80.0], people, p=[0.1, 0.2, 0.7])
        leave = 80.0 - regular
        overtime = np.where(draw.random(people) < 0.3, draw.uniform(0.5, 12, people).round(2), 0.0)
        bonus = np.where(draw.random(people) < 0.05, draw.uniform(100, 2000, people).round(2), 0.0)
        columns = {
            "pay_base": rate * regular,
            "hours_regular": regular,
            "hours_paid_leave": leave,
            "hours_overtime": overtime,
            "pay_overtime": 1.5 * rate * overtime,
            "pay_bonus": bonus,
        }
        dates = (pl.lit(begin).alias("period_start"), pl.lit(begin + timedelta(days=13)).alias("period_end"))
        frame = pl.DataFrame({"employee_key": keys, **columns}).with_columns(*dates, currency=pl.lit("USD"))
        yield frame.select("employee_key", "period_start", "period_end", "currency", *columns)


def workforce(keys: pl.Series, seed: int = 2) -> pl.DataFrame:
    """One row a person, rich enough to be scored."""
    draw, people = np.random.default_rng(seed), len(keys)
    level = draw.integers(1, 9, people)
    woman, left = draw.random(people) < 0.45, draw.random(people) < 0.1
    rate = (14 + 6 * level + draw.uniform(0, 8, people) - woman * 0.8).round(2)
    hired = [AS_OF - timedelta(days=int(days)) for days in draw.integers(400, 9000, people)]
    ended = [
        AS_OF - timedelta(days=int(days)) if gone else None
        for days, gone in zip(draw.integers(1, 300, people), left, strict=True)
    ]
    return pl.DataFrame(
        {
            "employee_key": keys,
            "hire_date": hired,
            "termination_date": ended,
            "termination_reason": ["voluntary_quit" if gone else None for gone in left],
            "base_rate": rate,
            "base_rate_unit": ["hour"] * people,
            "currency": ["USD"] * people,
            "schedule_type": np.where(draw.random(people) < 0.8, "full_time", "part_time"),
            "weekly_hours": draw.choice([20.0, 32.0, 40.0], people, p=[0.1, 0.1, 0.8]),
            "gender": np.where(woman, "F", "M"),
            "job_level": level,
            "contract_type": np.where(draw.random(people) < 0.9, "permanent", "fixed_term"),
            "promotions_in_window": (draw.random(people) < 0.08).astype(int),
            "soc_code": draw.choice(["11-1021", "41-2031", "43-4051", "53-7065"], people),
            "base_rate_start": (rate - draw.uniform(0, 2, people)).round(2),
        }
    )


def make_payroll(folder: Path, people: int = PEOPLE, periods: int = PERIODS) -> Path:
    """Kept and used again where it is there already. Written period by period, so that it is never held whole."""
    file = folder / f"payroll-{people}x{periods}.csv"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(".new")
        with draft.open("wb") as writing:
            for number, frame in enumerate(payroll(employee_keys_of(people), periods)):
                frame.write_csv(writing, float_precision=2, include_header=number == 0)
        draft.rename(file)
    return file


def make_workforce(folder: Path, people: int = PEOPLE) -> Path:
    file = folder / f"workforce-{people}.csv"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        workforce(employee_keys_of(people)).write_csv(file, float_precision=2)
    return file


def make(folder: Path, people: int = PEOPLE, periods: int = PERIODS) -> tuple[Path, Path]:
    """Payroll, and the workforce of the same people."""
    return make_payroll(folder, people, periods), make_workforce(folder, people)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--people", type=int, default=PEOPLE)
    options.add_argument("--periods", type=int, default=PERIODS)
    given = options.parse_args()
    for file in make(given.folder, given.people, given.periods):
        print(f"{file}  {file.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
