"""PURE: the form of a metric's definition."""

from dataclasses import dataclass
from functools import cache

from wm_api.metrics.profiles import NONE, PROFILES, Question, answer, differs


@dataclass(frozen=True, slots=True)
class Source:
    """`checked` False: the article was not compared with the text itself, and no user reads that it was."""

    standard: str
    article: str
    url: str
    checked: bool = True

    @property
    def shown(self) -> str:
        return self.standard if self.checked else f"after {self.standard}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """Direction is higher, lower, zero or none; `minimum_n` counts people, of rates person-years; `conditions` say what
    else a value needs, or of whom the least group is.

    `inputs` are record kinds (`payroll`) and columns (`workforce.job_level`) beyond the required ones of a workforce,
    `references` the tables it needs. `questions` are the lines of the profiles' table that change its reading.
    """

    key: str
    name: str
    area: str
    unit: str
    direction: str
    decimals: int
    formula: str
    sources: tuple[Source, ...]
    minimum_n: int = 0
    minimum_group_n: int | None = None
    conditions: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    scored: bool = False
    version: str = "1.0"

    @property
    def profiles(self) -> tuple[str, ...]:
        """Default, and those that read it in another way, but for those that have no such metric."""
        return _profiles(self.questions)


@cache
def _profiles(questions: tuple[Question, ...]) -> tuple[str, ...]:
    having = [each for each in PROFILES if all(answer(q, each).code != NONE for q in questions)]
    return tuple(each for each in having if each == "default" or any(differs(q, each) for q in questions))
