"""The figures of a company in plain Python, day by day and row by row, without a line of the formulas."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cached_property
from math import exp, fsum, log
from statistics import fmean, median
from typing import Any

from metrics.whole_company import END, PLACES, PRICES, START, Company, Rows

DAYS = [START + timedelta(days=number) for number in range((END - START).days + 1)]
YEARS = len(DAYS) / 365.25
AT = ((2023, 0.5 + 0.5 / 365.25), (2025, 364.5 / 365.25 - 0.5))
"""How far the middles of the first and of the last day lie on the line from the middle of a year to that of the next."""
UNITS = {"month": 12, "year": 1}
Person = dict[str, Any]


def day(text: str | None, default: date = END) -> date:
    return date.fromisoformat(text) if text else default


def number(text: str | None) -> float | None:
    return None if text is None else float(text)


def percent(flags: Sequence[bool | None]) -> float:
    known = [flag for flag in flags if flag is not None]
    return 100 * sum(known) / len(known)


def quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


class ByHand:
    def __init__(self, company: Company) -> None:
        self.company = company
        self.spells = [row for row in company.workforce if row["worker_type"] in {None, "employee", "apprentice"}]

    # Employment, a set of days a person

    @cached_property
    def employed(self) -> dict[str, set[date]]:
        found: dict[str, set[date]] = defaultdict(set)
        for row in self.spells:
            first, last = day(row["hire_date"]), min(day(row["termination_date"]), END)
            found[row["employee_key"]] |= {first + timedelta(days=each) for each in range((last - first).days + 1)}
        return found

    def why(self, key: str, last: date) -> str:
        rows = [row for row in self.spells if row["employee_key"] == key and row["termination_date"] == f"{last}"]
        return max(row["termination_reason"] or "unknown" for row in rows) if rows else ""

    def gender(self, key: str) -> str:
        codes = {row["gender"] for row in self.spells if row["employee_key"] == key}
        return codes.pop() if len(codes) == 1 else "U"

    @cached_property
    def ends(self) -> list[tuple[str, date, str]]:
        """Key, last day and reason of every stay that ends in the window."""
        gone = [
            (key, last)
            for key, days in self.employed.items()
            for last in days & set(DAYS)
            if last + timedelta(days=1) not in days
        ]
        told = [(key, last, self.why(key, last)) for key, last in gone]
        return [each for each in told if each[2]]  # on the last day of all nobody has left unless a row says so

    def years(self, code: str | None = None) -> float:
        keys = [key for key in self.employed if code in {None, self.gender(key)}]
        return sum(len(self.employed[key] & set(DAYS)) for key in keys) / len(DAYS) * YEARS

    def turnover_rate(self) -> float:
        return 100 * sum(why != "transfer_out" for _, _, why in self.ends) / self.years()

    def voluntary_turnover_rate(self) -> float:
        return 100 * sum(why == "voluntary_quit" for _, _, why in self.ends) / self.years()

    def turnover_gap(self) -> float:
        quits = [self.gender(key) for key, _, why in self.ends if why == "voluntary_quit"]
        return (quits.count("F") / self.years("F")) / (quits.count("M") / self.years("M"))

    def quits_rate_monthly(self) -> float:
        rates = []
        for month in range(24):
            twelfth = date(2024 + month // 12, month % 12 + 1, 12)
            there = sum(twelfth in days for days in self.employed.values())
            quits = [last for _, last, why in self.ends if why == "voluntary_quit"]
            rates.append(100 * sum((last.year, last.month) == (twelfth.year, twelfth.month) for last in quits) / there)
        return fmean(rates)

    def early_attrition_90d(self) -> float:
        times = []
        for key, days in self.employed.items():
            for hired in (each for each in days & set(DAYS) if each - timedelta(days=1) not in days):
                last = hired
                while last + timedelta(days=1) in days:
                    last += timedelta(days=1)
                times.append(((last - hired).days, self.why(key, last) not in {"", "transfer_out"}))
        survival = 1.0
        for time in range(91):
            at_risk, events = sum(each >= time for each, _ in times), sum(each == time and left for each, left in times)
            survival *= 1 - events / at_risk if events else 1
        return 100 * (1 - survival)

    def retention_rate_12m(self) -> float:
        first = date(2025, 1, 1)
        cohort = [key for key, days in self.employed.items() if first in days and not self._moved(key, first)]
        return 100 * sum(END in self.employed[key] for key in cohort) / len(cohort)

    def _moved(self, key: str, last: date) -> bool:
        while last + timedelta(days=1) in self.employed[key]:
            last += timedelta(days=1)
        return last < END and self.why(key, last) == "transfer_out"

    # People of the day

    @cached_property
    def runs(self) -> dict[tuple[str, str], Rows]:
        """Of a person and currency; what is taken back is as if it had never been."""
        gone = {
            (r["employee_key"], r["period_start"], r["reverses_run_no"])
            for r in self.company.payroll
            if r["reverses_run_no"]
        }
        found: dict[tuple[str, str], Rows] = defaultdict(list)
        for row in self.company.payroll:
            if not row["reverses_run_no"] and (row["employee_key"], row["period_start"], row["run_no"]) not in gone:
                found[row["employee_key"], row["currency"]].append(row)
        return found

    @cached_property
    def people(self) -> list[Person]:
        jobs: dict[str, list[Person]] = defaultdict(list)
        for row in self.spells:
            if day(row["hire_date"]) <= END <= day(row["termination_date"]):
                jobs[row["employee_key"]].append(
                    {**row, "annual": self._annual(row), "hours": float(row["weekly_hours"])}
                )
        return [self._person(rows) for rows in jobs.values()]

    def _annual(self, row: Person) -> float:
        rate = float(row["base_rate"])
        return (
            rate * 52 * float(row["weekly_hours"])
            if row["base_rate_unit"] == "hour"
            else rate * UNITS[row["base_rate_unit"]]
        )

    def _person(self, jobs: list[Person]) -> Person:
        lead = max(jobs, key=lambda row: (row["hours"], row["annual"]))
        paid = [row for row in jobs if row["currency"] == lead["currency"]]
        hours, annual = sum(row["hours"] for row in jobs), sum(row["annual"] for row in paid)
        extra = [float(row["variable_pay_12m"]) for row in paid if row["variable_pay_12m"] is not None]
        person = {**lead, "hours": hours, "variable": sum(extra) if extra else None}
        person["r0"] = annual / 52 / sum(row["hours"] for row in paid)
        person["r"] = person["r0"] + (person["variable"] or 0) / 52 / hours
        allowances = [float(row["guaranteed_allowance_annual"]) for row in paid if row["guaranteed_allowance_annual"]]
        person["allowance"] = sum(allowances) / 52 / hours
        if runs := self.runs.get((lead["employee_key"], lead["currency"])):
            worked = sum(float(run["hours_regular"]) + float(run["hours_paid_leave"] or 0) for run in runs)
            person["variable"] = sum(float(run["pay_bonus"] or 0) for run in runs)
            person["r0"] = fsum(float(run["pay_base"]) + float(run["pay_allowance"] or 0) for run in runs) / worked
            person["r"] = person["r0"] + person["variable"] / worked
            inside = sum(float(run["pay_allowance"] or 0) for run in runs) / worked
            person["allowance"] = max(0, person["allowance"] - inside)
        return person

    @cached_property
    def paid(self) -> list[Person]:
        """Full pay, in dollars."""
        return [each for each in self.people if each["pay_status"] == "active" and each["currency"] == "USD"]

    def of(self, code: str, name: str) -> list[float]:
        return [each[name] for each in self.paid if each["gender"] == code]

    def median_hourly_pay(self) -> float:
        return float(median(each["r"] for each in self.paid))

    def gender_gap_mean_hourly(self) -> float:
        return 100 * (1 - fmean(self.of("F", "r")) / fmean(self.of("M", "r")))

    def gender_gap_median_hourly(self) -> float:
        return 100 * (1 - median(self.of("F", "r")) / median(self.of("M", "r")))

    def pay_p90_p10_ratio(self) -> float:
        pay = [each["r"] for each in self.paid]
        return quantile(pay, 0.9) / quantile(pay, 0.1)

    def gini_pay(self) -> float:
        pay = [each["r"] for each in self.paid]
        return fsum(abs(one - other) for one in pay for other in pay) / (2 * len(pay) * fsum(pay))

    def living_wage_share(self) -> float:
        return percent([each["r0"] + each["allowance"] >= PLACES[each["work_county"]] for each in self.paid])

    def living_wage_gap_depth(self) -> float:
        lacking = [
            max(0, PLACES[each["work_county"]] - each["r0"] - each["allowance"]) * each["hours"] for each in self.paid
        ]
        return 100 * fsum(lacking) / fsum(PLACES[each["work_county"]] * each["hours"] for each in self.paid)

    def entry_wage_to_minimum_ratio(self) -> float:
        return quantile([each["r0"] / 7.25 for each in self.paid if each["job_level"] == 1], 0.05)

    def market_pay_ratio(self) -> float:
        medians = {"11-1021": 40.0, "29-1141": 28.5, "11-9199": 45.0}  # the nation, the state, the major group
        return exp(fmean(log(each["r0"] / medians[each["soc_code"]]) for each in self.paid))

    def real_wage_growth_stayers(self) -> float:
        people = [
            each
            for each in self.people
            if each["currency"] == "USD" and set(DAYS) <= self.employed[each["employee_key"]]
        ]
        growth = [self._growth(each) for each in people]
        at = [PRICES[year] + (PRICES[year + 1] - PRICES[year]) * share for year, share in AT]
        return 100 * (median(each for each in growth if each is not None) * at[0] / at[1] - 1)

    def _growth(self, row: Person) -> float | None:
        before, hours = number(row["base_rate_start"]), number(row["weekly_hours_start"])
        if before is None:
            return None
        change = hours / float(row["weekly_hours"]) if hours and row["base_rate_unit"] != "hour" else 1.0
        return float(row["base_rate"]) / before * change

    # Variable pay

    @cached_property
    def told(self) -> list[Person]:
        return [each for each in self.people if each["pay_status"] == "active" and each["variable"] is not None]

    def gender_gap_mean_variable(self) -> float:
        amounts = {
            code: [
                e["variable"] for e in self.told if e["gender"] == code and e["currency"] == "USD" and e["variable"] > 0
            ]
            for code in "FM"
        }
        return 100 * (1 - fmean(amounts["F"]) / fmean(amounts["M"]))

    def variable_receipt_gap(self) -> float:
        shares = {code: percent([e["variable"] > 0 for e in self.told if e["gender"] == code]) for code in "FM"}
        return shares["M"] - shares["F"]

    # Shares of the people of the day

    def permanent_share(self) -> float:
        return percent([None if not (code := e["contract_type"]) else code == "permanent" for e in self.people])

    def guaranteed_hours_share(self) -> float:
        return percent([each["guaranteed_hours"] for each in self.people])

    def collective_bargaining_coverage(self) -> float:
        codes = [each["union_covered"] for each in self.people]
        return percent([None if code in {None, "undisclosed"} else code == "yes" for code in codes])

    def representation_share(self) -> float:
        return percent([None if each["gender"] == "U" else each["gender"] == "F" for each in self.people])

    def leadership_representation_ratio(self) -> float:
        top = [each["gender"] for each in self.people if each["top_management"] and each["gender"] != "U"]
        return 100 * top.count("F") / len(top) / self.representation_share()

    def contingent_share(self) -> float:
        rows = [r for r in self.company.workforce if day(r["hire_date"]) <= END <= day(r["termination_date"])]
        hours = [(float(row["weekly_hours"]), row["worker_type"] in {"agency", "contractor"}) for row in rows]
        return 100 * fsum(each for each, contingent in hours if contingent) / fsum(each for each, _ in hours)

    # Hours and contributions of payroll

    def _runs_of_staff(self) -> Iterator[tuple[str, Rows]]:
        keys = {row["employee_key"] for row in self.spells}
        return ((key, rows) for (key, _), rows in self.runs.items() if key in keys)

    def overtime_hours_share(self) -> float:
        rows = [row for _, each in self._runs_of_staff() for row in each]
        overtime, regular = (
            fsum(float(row[name] or 0) for row in rows) for name in ("hours_overtime", "hours_regular")
        )
        return 100 * overtime / (overtime + regular)

    def long_hours_share(self) -> float:
        rows = [row for _, each in self._runs_of_staff() for row in each if not self._partial(row)]
        return percent([float(row["hours_overtime"]) + float(row["hours_regular"]) > 48 for row in rows])

    def _partial(self, row: Person) -> bool:
        days = self.employed[row["employee_key"]]
        first, last = day(row["period_start"]), day(row["period_end"])
        week = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        return any(each in days for each in week) and not all(each in days for each in week)

    def retirement_contribution_rate(self) -> float:
        rows = [row for _, each in self._runs_of_staff() for row in each if row["currency"] == "USD"]
        return (
            100
            * fsum(float(row["employer_retirement_contribution"]) for row in rows)
            / fsum(float(row["pay_base"]) for row in rows)
        )
