"""wm-capture inspect."""

from pathlib import Path

from rich.markup import escape

from wm_api.capture.cli.endings import ended
from wm_api.capture.cli.options import FileArgument, JsonOption, Written
from wm_api.capture.problems import FileRefused
from wm_api.capture.survey import Survey, surveyed
from wm_api.capture.terminal import screen, show_survey


def inspect(file: FileArgument, written: Written, json_out: JsonOption = False) -> None:
    """Show headings, likely types, and columns that look personal. Counts and row numbers, never values.

    Day and month order, and the decimal sign, come with the data rows that prove them; rows count from 1
    below the headings. What nothing proves, ask the vendor: it is never guessed.
    """
    survey = surveyed(file, written.given)
    problem = FileRefused(survey.wrong) if survey.wrong else None
    ended(json_out, survey.summary(), lambda: _show(survey, file), problem)


def _show(survey: Survey, file: Path) -> None:
    show_survey(survey)
    screen.print("Nothing was sent. Next, with the kind of the file:")
    screen.print(f"  wm-capture map {escape(str(file))} --kind workforce", soft_wrap=True)
