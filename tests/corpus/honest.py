"""Files that are as they should be, of all kinds of records, currencies, sizes and styles of codes, seeded."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from random import Random

import polars as pl

from corpus.people import SEED
from extracts import ACCOUNT, PAYROLL, SECRET, WORKFORCE, taken
from wm_api.records.employee_keys import make
from wm_api.records.facts import Facts
from wm_api.records.intake import Report

FILES = 200
MONTHLY: dict[str, tuple[float, int]] = {
    "USD": (5200, 2), "EUR": (3800, 2), "GBP": (3100, 2), "CHF": (6900, 2), "CAD": (5600, 2), "AUD": (6400, 2),
    "SEK": (38_000, 0), "DKK": (45_000, 0), "NOK": (52_000, 0), "PLN": (8200, 2), "CZK": (44_000, 0), "HUF": (610_000, 0),
    "ISK": (850_000, 0), "INR": (95_000, 0), "MXN": (19_000, 2), "BRL": (4200, 2), "CLP": (950_000, 0), "COP": (3_100_000, 0),
    "JPY": (385_000, 0), "KRW": (4_100_000, 0), "IDR": (5_900_000, 0), "VND": (6_800_000, 0), "TRY": (52_000, 2),
    "PHP": (31_000, 2), "NGN": (310_000, 2), "KES": (88_000, 2), "THB": (28_000, 0), "TWD": (56_000, 0),
}  # fmt: skip
"""A month's pay in the middle, and its places. Yen, won, rupiah and dong are whole and long."""
LOCAL = "abcdefghijklmnopqrstuvwxyz234567"
DEPARTMENTS = (
    "HR IT FIN OPS RN LPN HVAC LOG ADM PROD MKT ENG LEG QA QC R_D PR CS BI UX EHS HSE MFG PUR SCM WHS DIST TRN EDU SEC FAC MNT "
    "CNA MD NP PT OT SLP RT LAB RAD PHAR ICU ER ONC"
)
STATES = (
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD "
    "TN TX UT VT VA WA WV WI WY"
)
AIRPORTS = "ATL DFW DEN ORD LAX JFK LAS CLT MIA SEA PHX EWR SFO IAH BOS FLL MSP LGA DTW PHL SLC BWI DCA SAN IAD TPA MDW BNA HNL AUS"
COUNTRIES = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE GB US CA MX BR JP KR"
CODES: dict[str, Callable[[Random], str]] = {
    "digits": lambda draw: f"{draw.randint(10_000, 10_060)}",
    "sap position": lambda draw: f"5000{draw.randint(1200, 1240)}",
    "oracle id": lambda draw: f"3000000476{draw.randint(10_000, 10_040)}",
    "workday": lambda draw: f"JP-{draw.randint(1, 45):05}",
    "peoplesoft": lambda draw: f"{draw.randint(1, 60):06}",
    "family and grade": lambda draw: f"{draw.choice(['SWE', 'ENG', 'MKT', 'OPS', 'FIN'])}-IC{draw.randint(1, 7)}",
    "short capitals": lambda draw: draw.choice(["LOG", "ADM", "HR", "IT", "FIN", "OPS", "PROD", "R_D", "IT.OPS"]),
    "departments": lambda draw: draw.choice(DEPARTMENTS.split()),
    "states": lambda draw: draw.choice(STATES.split()),
    "airports": lambda draw: draw.choice(AIRPORTS.split()),
    "countries": lambda draw: draw.choice(COUNTRIES.split()),
    "digits and few words": lambda draw: (
        draw.choice(["HQ", "CEO", "TEMP", "HR", "IT.OPS", "N_A"])
        if draw.random() < 0.02
        else f"{draw.randint(1, 40):04}"
    ),
    "grade": lambda draw: f"{draw.choice(['G', 'A', 'E', 'GS-', 'TVL_E', 'NHS.B'])}{draw.randint(1, 8)}",
    "class": lambda draw: f"{draw.choice([11, 13, 15, 43])}-{draw.randint(1011, 1020)}.00",
    "title and number": lambda draw: f"nurse_{draw.randint(1, 9)}",
    "siret": lambda draw: f"5521005540{draw.randint(1000, 1030)}",
    "agent": lambda draw: "j_" + "".join(Random(f"{draw.randint(1, 40)}").choices(LOCAL, k=16)),
}
OWN = ("job_code", "job_family", "worker_category", "establishment_code")


@cache
def keys(count: int) -> list[str]:
    return [make(SECRET, ACCOUNT, "1", str(number)) for number in range(count)]


@dataclass(frozen=True, slots=True)
class File:
    facts: Facts
    frame: pl.DataFrame

    def report(self) -> Report:
        return taken(self.frame.write_csv().encode(), self.facts).report


def files() -> Iterator[File]:
    """Currencies, kinds and code styles all take their turn; all else is drawn."""
    for number in range(FILES):
        draw = Random(f"{SEED} {number}")
        currency, style = list(MONTHLY)[number % len(MONTHLY)], list(CODES)[number % len(CODES)]
        yield MAKERS[number % len(MAKERS)](draw, currency, style)


class _Pay:
    """Pay of one company: skewed as pay is, to the cent or the whole unit, or round as many contracts are."""

    def __init__(self, draw: Random, currency: str) -> None:
        self._draw, (self.middle, self._places) = draw, MONTHLY[currency]
        self._spread, self._round = draw.uniform(0.3, 0.55), draw.random() < 0.3

    def amount(self, months: float = 1) -> str:
        value = self.middle * months * self._draw.lognormvariate(0, self._spread)
        return f"{round(value, -3):.0f}" if self._round and value > 10_000 else f"{value:.{self._places}f}"


def _workforce(draw: Random, currency: str, style: str) -> File:
    rows, pay, code = draw.choice([12, 60, 250, 900, 2500]), _Pay(draw, currency), CODES[style]
    unit, months = draw.choice([("month", 1.0), ("year", 12.0)])
    people = range(rows)

    def some(values: list[str]) -> list[str]:
        return draw.choices(values, k=rows)

    hired = [date(1990, 1, 1) + timedelta(days=draw.randrange(12_700)) for _ in people]
    columns: dict[str, list[str]] = {
        "employee_key": keys(2500)[:rows],
        "hire_date": [f"{day}" for day in hired],
        "base_rate": [pay.amount(months) for _ in people],
        "base_rate_unit": [unit] * rows,
        "currency": [currency] * rows,
        "weekly_hours": some(["40", "37.5", "20", "35.25"]),
        "gender": some(["F", "M", "M", "F", "X"]),
    }
    optional: dict[str, list[str]] = {
        "termination_date": [""] * (rows - 1) + ["2025-09-17"],
        "termination_reason": [""] * (rows - 1) + ["voluntary_quit"],
        "worker_type": some(["employee", "apprentice"]),
        "contract_type": some(["permanent", "fixed_term"]),
        "pay_status": some(["active", "leave_unpaid"]),
        "fte": some(["1", "0.5", "0.875"]),
        "pay_basis": some(["salaried", "hourly"]),
        "base_rate_start": [pay.amount(months) for _ in people],
        "guaranteed_allowance_annual": [pay.amount(0.5) for _ in people],
        "variable_pay_12m": [pay.amount(draw.choice([0.5, 1, 3])) for _ in people],
        "total_pay_12m": [pay.amount(13) for _ in people],
        "soc_code": some(["11-1021", "41-2031", "53-7065"]),
        "isco_code": some(["2512", "1211", "5223"]),
        "eeo1_category": some(["1.1", "2", "9"]),
        "job_level": [f"{draw.randint(1, 14)}" for _ in people],
        "promotions_in_window": some(["0", "0", "1"]),
        "last_level_change_date": [f"{day + timedelta(days=30)}" for day in hired],
        "is_manager": some(["true", "false"]),
        "work_country": some(["US", "JP", "DE"]),
        "work_region": some(["US-TX", "DE-BY", "JP-13"]),
        "work_county": some(["48453", "DE300"]),
        "age_band": some(["25_29", "30_39", "51_59"]),
        "performance_band": some(["1", "3", "5"]),
        "training_hours_12m": [f"{draw.uniform(0, 80):.1f}" for _ in people],
    }
    for name in OWN:
        optional[name] = [code(draw) for _ in people]
    kept = {name: cells for name, cells in optional.items() if name in OWN[:1] or draw.random() < 0.7}
    return File(WORKFORCE, pl.DataFrame(columns | kept))


def _payroll(draw: Random, currency: str, _style: str) -> File:
    people, pay = draw.choice([6, 40, 200]), _Pay(draw, currency)
    months = range(1, 1 + draw.choice([1, 3, 12]))
    rows = [(person, month) for month in months for person in range(people)]
    first = [date(2025, month, 1) for _, month in rows]
    fixed = {person: pay.amount() for person in range(people)}
    columns: dict[str, list[str]] = {
        "employee_key": [keys(2500)[person] for person, _ in rows],
        "period_start": [f"{day}" for day in first],
        "period_end": [f"{(day + timedelta(days=31)).replace(day=1) - timedelta(days=1)}" for day in first],
        "currency": [currency] * len(rows),
        "pay_base": [fixed[person] if draw.random() < 0.8 else pay.amount() for person, _ in rows],
    }
    optional: dict[str, list[str]] = {
        "frequency": ["month"] * len(rows),
        "run_no": ["1"] * len(rows),
        "pay_date": [f"{day + timedelta(days=24)}" for day in first],
        "run_type": ["regular"] * len(rows),
        "hours_regular": draw.choices(["160", "152.5", "80"], k=len(rows)),
        "hours_overtime": [f"{draw.choice([0, 0, 4.25, 11])}" for _ in rows],
        "hours_source": ["actual"] * len(rows),
        "pay_overtime": [draw.choice(["0", "", pay.amount(0.1)]) for _ in rows],
        "pay_bonus": [draw.choice(["", "", pay.amount(1)]) for _ in rows],
        "pay_tips": [draw.choice(["", pay.amount(0.01)]) for _ in rows],
        "pay_reimbursement": [draw.choice(["", pay.amount(0.05)]) for _ in rows],
        "employer_retirement_contribution": [pay.amount(0.1) for _ in rows],
    }
    kept = {name: cells for name, cells in optional.items() if draw.random() < 0.8}
    return File(PAYROLL, pl.DataFrame(columns | kept))


MAKERS: tuple[Callable[[Random, str, str], File], ...] = (_workforce, _payroll)
