"""PURE: the profiles, several readings of the same data (domain.md 3.4). A profile changes what this table names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

DEFAULT = "default"
PROFILES = (DEFAULT, "uk", "eu", "esrs", "us")


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


FULL_PAY = Answer("full_pay", "People employed on the day, without reduced or unpaid leave.")
EVERYBODY = Answer("everybody", "Everybody employed on the day.")
OWN_GAP = Answer("own_gap", "Gender X has its own gap from 10 people on.")
LEFT_OUT = Answer("left_out", "Gender X is left out of gaps and stays in totals.")
OVERTIME_IN = Answer("in", "Overtime pay and overtime hours count.")

NONE = "none"
"""The code of an answer by which a profile has no such metric."""

LINES: Mapping[Question, Mapping[str, Answer]] = {
    Question.HOURLY_PAY: {
        "default": Answer(
            "paid_hours",
            "Pay over paid hours; without payroll the rate, at 52 weeks a year; r counts bonus and commission (without"
            " payroll `variable_pay_12m`), r0 does not.",
        ),
        "uk": Answer("pay_period", "Ordinary pay and the bonus of the last pay period over its share of weekly hours."),
        "eu": Answer(
            "gross_and_annual", "All pay for work over all paid hours; beside it the gap of gross annual pay."
        ),
        "esrs": Answer("gross", "All pay for work over all paid hours."),
    },
    Question.OVERTIME: {
        "default": Answer("out", "Overtime pay and overtime hours do not count."),
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
        "uk": Answer("everybody", "Everybody employed on the day, those on reduced or unpaid leave too."),
        "eu": EVERYBODY,
        "us": EVERYBODY,
    },
    Question.VARIABLE_GAP: {
        "default": Answer("recipients", "Among those who receive variable pay."),
        "esrs": Answer(NONE, "The standard has no gap of variable pay."),
    },
    Question.TIES: {
        "default": Answer("proportional", "People on one rate share places in proportion."),
        "uk": Answer("whole_people", "People on one rate share places as whole people, largest remainder first."),
    },
    Question.GENDER_X: {
        "default": OWN_GAP,
        "uk": LEFT_OUT,
        "eu": Answer("left_out", "Gender X is left out of gaps: the national rule decides."),
        "esrs": LEFT_OUT,
    },
    Question.TURNOVER_COUNTS: {
        "default": Answer("without_transfers", "All separations but transfers."),
        "esrs": Answer("named", "Quits, dismissals, retirements and deaths."),
        "us": Answer("with_transfers", "All separations; transfers count as other."),
    },
    Question.TURNOVER_BASE: {
        "default": Answer("person_days", "Average of people employed each day."),
        "us": Answer("monthly", "Mean of 12 monthly counts."),
    },
    Question.TOP_PAY: {
        "default": Answer("highest", "The highest paid person over the median of the others."),
        "us": Answer("chief_executive", "The chief executive over the median of the others."),
    },
    Question.BENEFIT_ACCESS: {
        "default": Answer("past_the_wait", "Access begins after the waiting period."),
        "us": Answer(
            "ignores_the_wait", "Waiting periods do not matter; non-contributory plans count as participation."
        ),
    },
    Question.AGE_BANDS: {
        "default": Answer("as_collected", "Age bands as they are collected."),
        "esrs": Answer("30_and_50", "Under 30, 30 to 50, over 50."),
        "us": Answer("40_and_over", "40 and over."),
    },
}


def answer(question: Question, profile: str) -> Answer:
    """That of the profile, where it has none that of default."""
    answers = LINES[question]
    return answers.get(profile, answers["default"])


def differs(question: Question, profile: str) -> bool:
    return answer(question, profile).code != answer(question, "default").code


@dataclass(frozen=True, slots=True)
class Difference:
    """A question that a profile answers in another way than default does."""

    question: Question
    default: Answer
    profile: Answer


def differences(questions: Sequence[Question], profile: str) -> tuple[Difference, ...]:
    return tuple(
        Difference(each, answer(each, "default"), answer(each, profile)) for each in questions if differs(each, profile)
    )
