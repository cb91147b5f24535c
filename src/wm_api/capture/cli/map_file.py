"""wm-capture map."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from wm_api.capture.cli.endings import ended
from wm_api.capture.cli.options import FileArgument, JsonOption, Written
from wm_api.capture.draft_file import rendered
from wm_api.capture.drafting import QUESTIONS, Draft, asked, drafted
from wm_api.capture.problems import FileRefused, UsageWrong
from wm_api.capture.survey import Survey, surveyed
from wm_api.capture.terminal import screen
from wm_api.records.kinds import KINDS

HOW = {"employee_key": "keyed", "local_code": "coded; its texts stay here"}


def map_file(
    file: FileArgument,
    kind: Annotated[str, typer.Option(metavar="KIND", autocompletion=lambda: list(KINDS), help=", ".join(KINDS) + ".")],
    written: Written,
    out: Annotated[Path, typer.Option(help="The draft; never overwritten.")] = Path("map.toml"),
    ask: Annotated[bool, typer.Option("--ask", help="Ask what the file does not say.")] = False,
    json_out: JsonOption = False,
) -> None:
    """Draft a mapping from headings and value shapes. What they do not prove stays open.

    Open columns have as = "todo" and block the push. The order of day and month is never guessed.
    Spellings are written only for columns that look like codes. Nothing is sent.

    \b
    wm-capture map staff.csv --kind workforce --out staff.toml
    """  # noqa: D301 - the sign that keeps lines as they are
    if kind not in KINDS:
        raise UsageWrong(f"--kind must be one of {', '.join(KINDS)}.")
    if out.exists():
        raise UsageWrong(f"{out} exists; a mapping is never overwritten. Choose another name with --out.")
    if ask and not sys.stdin.isatty():
        raise UsageWrong("--ask needs a terminal. Without it, fill the draft in with an editor.")
    survey = surveyed(file, written.given)
    if not survey.rows:
        raise FileRefused(survey.wrong)  # nothing to draft from, and a draft would be in the way of the next
    draft = _draft(survey, kind, out, {})
    if ask:
        answers = {name: _answer(name) for name in asked(draft)}
        draft = _draft(survey, kind, out, {name: text for name, text in answers.items() if text})
    _write(out, rendered(draft))
    problem = FileRefused(survey.wrong) if survey.wrong else None
    ended(json_out, {"file": str(out), **_summary(draft)}, lambda: _show(draft, survey, file, out), problem)


def _draft(survey: Survey, kind: str, out: Path, answers: dict[str, str]) -> Draft:
    return drafted(survey.profiles, KINDS[kind], survey.source, f"{out.stem}-codes.csv", answers)


def _answer(name: str) -> str:
    question, choices = QUESTIONS[name]
    offered = f" ({', '.join(choices)})" if choices else ""
    while True:
        text = str(typer.prompt(f"{question}{offered}; empty: later", default="", show_default=False)).strip()
        if not text or not choices or text in choices:
            return text


def _write(path: Path, text: str) -> None:
    """The mapping may name spellings of codes: closed to others."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageWrong(f"{path} cannot be written: {error.strerror}.") from error


def _summary(draft: Draft) -> dict[str, object]:
    return {
        "leaves": [{"column": each.column, "heading": each.heading, "as": each.as_} for each in draft.leaves],
        "stays": list(draft.source.ignore),
        "undecided": [{"column": each.column, "heading": each.heading, "why": each.note} for each in draft.undecided],
    }


def _show(draft: Draft, survey: Survey, file: Path, out: Path) -> None:
    screen.print(f"Draft written to {escape(str(out))}, from {survey.rows:,} rows.")
    screen.print("\n[b]Will leave this machine[/b], as columns of the record kind:")
    for each in draft.leaves:
        origin = escape(each.heading) if each.heading else f"always {each.constant}"
        how = f"  [dim]{HOW[each.as_]}[/dim]" if each.as_ in HOW else ""
        screen.print(f"  {each.column:24}{origin}{how}")
    screen.print(
        "\n[b]Will not leave[/b]: " + escape(", ".join(name or "(empty)" for name in draft.source.ignore) or "-")
    )
    if draft.offered:
        names = ", ".join(each.column for each in draft.offered)
        screen.print(f"Sensitive, and could be sent if you want it: {names}. See the end of the draft.")
    if draft.undecided:
        screen.print(f"\n[yellow]To decide[/yellow] ({len(draft.undecided)}), with an editor; a push waits for it:")
    for each in draft.undecided:
        where = f" [b]{escape(each.heading)}[/b]" if each.heading else ""
        screen.print(f"  {each.column}{where}: {escape(each.note or '')}")
    screen.print("\nRead the draft, then:")
    screen.print(f"  wm-capture dry-run {escape(str(file))} --mapping {escape(str(out))}", soft_wrap=True)
