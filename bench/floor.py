"""The floor: duckdb reads the same files, writes Parquet (zstd) and computes the same metrics. Prints JSON."""

import json
import resource
import sys
import time
from pathlib import Path

import duckdb

WINDOW = "DATE '2024-12-31'", "DATE '2025-12-30'"
PEOPLE = """
CREATE TEMP TABLE sums AS SELECT employee_key, sum(pay_base) / sum(hours_regular + hours_paid_leave) AS r0,
    sum(pay_bonus) AS bonus, sum(hours_regular + hours_paid_leave) AS paid, sum(hours_regular) AS regular,
    sum(hours_overtime) AS overtime, count(DISTINCT period_start) AS periods FROM '{payroll}' GROUP BY employee_key;
CREATE TEMP TABLE people AS SELECT *, r0 + bonus / paid AS r FROM '{workforce}' JOIN sums USING (employee_key)
    WHERE hire_date <= {end} AND (termination_date IS NULL OR termination_date >= {end});
"""
METRICS = {
    "gender_gap_mean_hourly": """SELECT 100 * (1 - avg(r) FILTER (gender = 'F') / avg(r) FILTER (gender = 'M'))
        FROM people""",
    "gender_gap_median_hourly": """SELECT 100 * (1 - median(r) FILTER (gender = 'F') / median(r) FILTER (gender = 'M'))
        FROM people""",
    "pay_quarters": """SELECT quarter, 100.0 * count(*) FILTER (gender = 'F') / count(*)
        FROM (SELECT gender, ntile(4) OVER (ORDER BY r, employee_key) AS quarter FROM people) GROUP BY quarter""",
    "variable_receipt_gap": """SELECT 100 * (avg((bonus > 0)::INT) FILTER (gender = 'M')
        - avg((bonus > 0)::INT) FILTER (gender = 'F')) FROM people""",
    "adjusted_gap_by_level": """SELECT 100 * (1 - exp(avg(f - m))) FROM (SELECT job_level,
        avg(ln(r0)) FILTER (gender = 'F') AS f, avg(ln(r0)) FILTER (gender = 'M') AS m
        FROM people GROUP BY job_level)""",
    "market_pay": "SELECT exp(avg(ln(r0 / 25))) FROM people WHERE soc_code IS NOT NULL",
    "wage_growth": """SELECT 100 * (median(base_rate / base_rate_start) - 1) FROM people
        WHERE hire_date <= {start}""",
    "turnover_rate": """SELECT 100.0 * count(*) FILTER (termination_date BETWEEN {start} AND {end})
        / (sum(datediff('day', greatest(hire_date, {start}), least(coalesce(termination_date, {end}), {end})) + 1)
        FILTER (hire_date <= {end} AND coalesce(termination_date, {end}) >= {start}) / 365.25) FROM '{workforce}'""",
    "promotion_rate": "SELECT 100.0 * sum(promotions_in_window) / count(*) FROM people",
    "permanent_share": "SELECT 100 * avg((contract_type = 'permanent')::INT) FROM people",
    "overtime_hours_share": "SELECT 100 * sum(overtime) / (sum(regular) + sum(overtime)) FROM sums",
}


def run(payroll: Path, workforce: Path, folder: Path) -> dict[str, object]:
    """Seconds of each stage, peak memory, and the figures."""
    names = {"start": WINDOW[0], "end": WINDOW[1]}
    names |= {"payroll": str(folder / "payroll.parquet"), "workforce": str(folder / "workforce.parquet")}
    connection, begun = duckdb.connect(), time.perf_counter()
    for source, name in ((payroll, "payroll"), (workforce, "workforce")):
        connection.execute(f"COPY (FROM read_csv('{source}')) TO '{names[name]}' (FORMAT parquet, COMPRESSION zstd)")
    written = time.perf_counter()
    connection.execute(PEOPLE.format(**names))
    figures = {name: connection.execute(query.format(**names)).fetchall() for name, query in METRICS.items()}
    ended, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    return {
        "read_and_write": written - begun,
        "metrics": ended - written,
        "total": ended - begun,
        "cpu": used.ru_utime + used.ru_stime,
        "peak_mb": used.ru_maxrss / 1024,
        "figures": figures,
    }


if __name__ == "__main__":
    print(json.dumps(run(*(Path(argument) for argument in sys.argv[1:4]))))
