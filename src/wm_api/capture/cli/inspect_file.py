"""wm-capture inspect."""

from wm_api.capture.cli.endings import ended
from wm_api.capture.cli.options import FileArgument, JsonOption, Written
from wm_api.capture.problems import FileRefused
from wm_api.capture.survey import surveyed
from wm_api.capture.terminal import show_survey


def inspect(file: FileArgument, written: Written, json_out: JsonOption = False) -> None:
    """Show headings, likely types, and columns that look personal. Counts and row numbers, never values.

    Day and month order, and the decimal sign, come with the data rows that prove them; rows count from 1
    below the headings. What nothing proves, ask the vendor: it is never guessed.
    """
    survey = surveyed(file, written.given)
    problem = FileRefused(survey.wrong) if survey.wrong else None
    ended(json_out, survey.summary(), lambda: show_survey(survey), problem)
