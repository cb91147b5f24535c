"""PURE: the profiles, several readings of the same data (domain.md 3.4). A profile changes what this table names."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

PROFILES = ("default", "uk", "us")


class Question(StrEnum):
    """The lines of the table."""

    HOURLY_PAY = "hourly_pay"
    OVERTIME = "overtime"
    WHO = "who_is_in_gaps"
    WHO_RECEIVES = "who_is_in_variable_gaps"
    VARIABLE_GAP = "variable_gap"
    TIES = "ties_in_quarters"
    GENDER_X = "gender_x"
    TURNOVER_COUNTS = "turnover_counts"
    TURNOVER_BASE = "turnover_base"
    TOP_PAY = "top_pay"
    BENEFIT_ACCESS = "benefit_access"
    AGE_BANDS = "age_bands"


@dataclass(frozen=True, slots=True)
class Answer:
    """A code that formulas read, and what people read."""

    code: str
    text: str


def _a(code: str, text: str) -> Answer:
    return Answer(code, text)


FULL_PAY = _a("full_pay", "People employed on the day, without reduced or unpaid leave.")
EVERYBODY = _a("everybody", "Everybody employed on the day.")
OWN_GAP = _a("own_gap", "Gender X has its own gap from 10 people on.")
LEFT_OUT = _a("left_out", "Gender X is left out of gaps and stays in totals.")
GROSS = _a("gross", "All pay for work over all paid hours.")
OVERTIME_IN = _a("in", "Overtime pay and overtime hours count.")

LINES: Mapping[Question, Mapping[str, Answer]] = {
    Question.HOURLY_PAY: {
        "default": _a("paid_hours", "Pay over paid hours; without payroll the rate, at 52 weeks a year."),
        "uk": _a("pay_period", "Ordinary pay and the bonus of the last pay period over its share of weekly hours."),
        "eu": GROSS,
        "esrs": GROSS,
    },
    Question.OVERTIME: {
        "default": _a("out", "Overtime pay and overtime hours do not count."),
        "eu": OVERTIME_IN,
        "esrs": OVERTIME_IN,
    },
    Question.WHO: {
        "default": FULL_PAY,
        "eu": EVERYBODY,
        "esrs": EVERYBODY,
        "us": EVERYBODY,
    },
    Question.WHO_RECEIVES: {
        "default": FULL_PAY,
        "uk": _a("everybody", "Everybody employed on the day, those on reduced or unpaid leave too."),
        "eu": EVERYBODY,
        "us": EVERYBODY,
    },
    Question.VARIABLE_GAP: {
        "default": _a("recipients", "Among those who receive variable pay."),
        "esrs": _a("none", "The standard has no gap of variable pay."),
    },
    Question.TIES: {
        "default": _a("proportional", "People on one rate share places in proportion."),
        "uk": _a("whole_people", "People on one rate share places as whole people, largest remainder first."),
    },
    Question.GENDER_X: {
        "default": OWN_GAP,
        "uk": LEFT_OUT,
        "eu": _a("left_out", "Gender X is left out of gaps: the national rule decides."),
        "esrs": LEFT_OUT,
    },
    Question.TURNOVER_COUNTS: {
        "default": _a("without_transfers", "All separations but transfers."),
        "esrs": _a("named", "Quits, dismissals, retirements and deaths."),
        "us": _a("with_transfers", "All separations; transfers count as other."),
    },
    Question.TURNOVER_BASE: {
        "default": _a("person_days", "Average of people employed each day."),
        "us": _a("monthly", "Mean of 12 monthly counts."),
    },
    Question.TOP_PAY: {
        "default": _a("highest", "The highest paid person over the median of the others."),
        "us": _a("chief_executive", "The chief executive over the median of the others."),
    },
    Question.BENEFIT_ACCESS: {
        "default": _a("past_the_wait", "Access begins after the waiting period."),
        "us": _a("ignores_the_wait", "Waiting periods do not matter; non-contributory plans count as participation."),
    },
    Question.AGE_BANDS: {
        "default": _a("as_collected", "Age bands as they are collected."),
        "esrs": _a("30_and_50", "Under 30, 30 to 50, over 50."),
        "us": _a("40_and_over", "40 and over."),
    },
}


def answer(question: Question, profile: str) -> Answer:
    """That of the profile, where it has none that of default."""
    answers = LINES[question]
    return answers.get(profile, answers["default"])


def differs(question: Question, profile: str) -> bool:
    return answer(question, profile).code != answer(question, "default").code
