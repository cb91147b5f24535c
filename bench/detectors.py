"""Values a second of the refusal detectors, beside a floor: one plain pattern over the same column in the same run."""

import time
from collections.abc import Callable

import numpy as np
import polars as pl

from wm_api.records import refusals
from wm_api.records.kinds import KINDS

ROWS, BATCH, RUNS = 4_000_000, 65_536, 3
KIND = KINDS["workforce"]


def columns() -> dict[str, pl.DataFrame]:
    """Codes as a company has them, codes all different as no honest file has, and numbers of pay."""
    draw = np.random.default_rng(1)
    few = pl.select(pl.format("JP-{}", pl.Series(draw.integers(0, 2000, ROWS)))).to_series().alias("job_code")
    many = pl.select(pl.format("JP-{}", pl.Series(np.arange(ROWS)))).to_series().alias("job_code")
    people = pl.Series("employee_key", np.arange(ROWS), dtype=pl.Int32)
    dollars = pl.Series("base_rate", draw.lognormal(11, 0.4, ROWS).round(2))
    yen = pl.Series("base_rate", draw.lognormal(15.5, 0.4, ROWS).round(0))
    return {
        "codes, 2,000 different": pl.DataFrame([few]),
        "codes, all different": pl.DataFrame([many]),
        "pay in dollars": pl.DataFrame([people, dollars]),
        "pay in yen": pl.DataFrame([people, yen]),
    }


def text(frame: pl.DataFrame) -> None:
    for batch in frame.iter_slices(BATCH):
        refusals.suspicious_text(batch, KIND, 1)


def numbers(frame: pl.DataFrame) -> None:
    identifiers = refusals.Identifiers(KIND)
    for batch in frame.iter_slices(2 * BATCH):
        identifiers.add(batch)
    if identifiers.findings():
        raise SystemExit("honest pay is refused")


def floor(frame: pl.DataFrame) -> None:
    for batch in frame.iter_slices(BATCH):
        batch.to_series(batch.width - 1).cast(pl.String).str.contains(r"^[^@]+$").all()


def best(work: Callable[[pl.DataFrame], None], frame: pl.DataFrame) -> float:
    """Processor seconds of the best run, on all cores together: other work on the machine does not count."""
    took = []
    for _ in range(RUNS):
        begun = time.process_time()
        work(frame)
        took.append(time.process_time() - begun)
    return min(took)


def main() -> None:
    print(f"{'column':26}{'M values/s':>12}{'floor':>10}{'ratio':>8}")
    for name, frame in columns().items():
        ours, least = best(text if frame.width == 1 else numbers, frame), best(floor, frame)
        print(f"{name:26}{ROWS / ours / 1e6:12.1f}{ROWS / least / 1e6:10.1f}{ours / least:8.2f}")


if __name__ == "__main__":
    main()
