"""Companies that are made up: what each is like, by seed alone.

Sizes have a heavy tail, sectors and census regions are unequal, some columns and kinds are never pushed, some groups
are empty. A company has one latent quality that all its habits share in part. They are not how employers are: they
say how the service behaves over many.
"""

from dataclasses import dataclass

import numpy as np

LEAST, MOST = 15, 12_000
SECTORS = {  # section of ISIC: share, NAICS 2022, NACE 2
    "C": (0.34, "311812", "10.11"), "G": (0.22, "445110", "47.11"), "Q": (0.14, "622110", "86.10"),
    "J": (0.10, "541511", "62.01"), "I": (0.06, "722511", "56.10"), "H": (0.05, "484110", "49.41"),
    "F": (0.04, "236220", "41.20"), "K": (0.03, "522110", "64.19"), "N": (0.02, "561320", "78.20"),
}  # fmt: skip
REGIONS = {"US-NY": 0.14, "US-IL": 0.18, "US-TX": 0.40, "US-CA": 0.24, "GB": 0.02, "DE": 0.02}
"""One state of each census region; two countries for which no prices are loaded, so that no pay area exists there."""
PUSHED = {
    "base_rate_start": 0.92, "soc_code": 0.88, "job_level": 0.93, "variable_pay_12m": 0.85, "contract_type": 0.95,
    "termination_reason": 0.93, "promotions_in_window": 0.93, "work_county": 0.95, "termination_date": 0.98,
    "benefit_plans": 0.88, "benefit_enrolments": 0.60, "payroll": 0.55,
}  # fmt: skip
"""How often a column or kind is pushed at all."""
NO_WOMEN, NO_LEAVERS, NO_BONUS_FOR_WOMEN = 0.02, 0.02, 0.02
AGREES, SHARES_A_GROUP = 0.96, 0.03
LOADING = 0.45


@dataclass(frozen=True, slots=True)
class Habit:
    """Centre and spread between companies, the bounds, and whether more is better."""

    centre: float
    spread: float
    low: float
    high: float
    better: int = 1


HABITS = {
    "market": Habit(1.02, 0.08, 0.78, 1.4),
    "growth": Habit(0.7, 1.4, -4, 6),
    "turnover": Habit(0.34, 0.13, 0.04, 1.1, better=-1),
    "voluntary": Habit(0.64, 0.10, 0.2, 0.95, better=-1),
    "early": Habit(0.12, 0.06, 0.0, 0.5, better=-1),
    "gap": Habit(0.03, 0.03, -0.08, 0.18, better=-1),
    "steep": Habit(0.10, 0.10, -0.2, 0.5, better=-1),
    "receipt": Habit(0.04, 0.05, -0.1, 0.3, better=-1),
    "promotion": Habit(0.07, 0.03, 0.0, 0.25),
    "permanent": Habit(0.89, 0.07, 0.45, 1.0),
    "access": Habit(0.80, 0.14, 0.2, 1.0),
    "premium": Habit(0.77, 0.08, 0.4, 1.0),
    "overtime": Habit(0.055, 0.025, 0.0, 0.25, better=-1),
}


@dataclass(frozen=True, slots=True)
class Company:
    """`place`: a state or a country. `group`: its ultimate parent. `pushed`: columns and kinds that it sends."""

    number: int
    seed: int
    people: int
    section: str
    place: str
    group: str
    agrees: bool
    women: float
    pushed: frozenset[str]
    empty: frozenset[str]
    habits: dict[str, float]

    @property
    def american(self) -> bool:
        return self.place.startswith("US-")

    @property
    def facts(self) -> dict[str, str]:
        """As the company signs up."""
        _, naics, nace = SECTORS[self.section]
        bands = ((50, "1-49"), (100, "50-99"), (250, "100-249"), (500, "250-499"), (1000, "500-999"))
        band = next((name for below, name in bands if self.people < below), None)
        here = {"country": "US", "region": self.place} if self.american else {"country": self.place}
        industry = ("naics_2022", naics) if self.american else ("nace_2", nace)
        return {
            "name": f"Made-up company {self.number:05d}",
            **here,
            "industry_scheme": industry[0],
            "industry_code": industry[1],
            "size_band": band or ("1000-4999" if self.people < 5000 else "5000+"),
            "ownership": "private" if self.number % 10 else "nonprofit",
        }

    @property
    def email(self) -> str:
        return f"owner{self.number}@population.example"


def company(number: int, seed: int) -> Company:
    """The same seed and number, the same company, however many there are."""
    rng = np.random.default_rng([seed, number])
    people = int(np.clip(108 * np.exp(rng.normal(0, 0.9)) * (1 + rng.pareto(2.5)), LEAST, MOST))
    quality, habits = rng.normal(), {}
    for name, habit in HABITS.items():
        better = LOADING * quality + np.sqrt(1 - LOADING**2) * rng.standard_t(4) / np.sqrt(2)
        habits[name] = float(np.clip(habit.centre + habit.better * habit.spread * better, habit.low, habit.high))
    shares = [share for share, _, _ in SECTORS.values()]
    empty = {"women": NO_WOMEN, "leavers": NO_LEAVERS, "bonus": NO_BONUS_FOR_WOMEN}
    parent = number - 1 if number and rng.random() < SHARES_A_GROUP else number
    return Company(
        number,
        seed,
        people,
        str(rng.choice(list(SECTORS), p=shares)),
        str(rng.choice(list(REGIONS), p=list(REGIONS.values()))),
        f"Made-up group {parent:05d}",
        bool(rng.random() < AGREES),
        float(rng.beta(6, 7)),
        frozenset(name for name, share in PUSHED.items() if rng.random() < share),
        frozenset(name for name, share in empty.items() if rng.random() < share),
        habits,
    )
