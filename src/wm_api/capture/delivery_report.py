"""What a person sees of a file that was pushed, within 80 columns; of a held one its effect and the two ways on."""

from collections.abc import Mapping
from typing import Any

from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from wm_api.capture.delivery import HELD, Delivered
from wm_api.capture.held import changes, foremost
from wm_api.capture.terminal import screen, show_findings, show_report, size

CHANGES_SHOWN = 12
RECEIVED = "received"


def show_delivered(done: Delivered) -> None:
    """What was found here and there, and what the server made of it."""
    show_report(done.prepared)
    if not done.answer:
        screen.print("          nothing was sent")
        return
    show_findings(done.answer["found_there"])
    if amended := done.answer["amended"]:
        screen.print(
            f"amended   rows: {amended['replaced']:,} replaced, {amended['added']:,} added, {amended['kept']:,} kept"
        )
    dataset, operation = done.answer["dataset"], done.answer["operation"]
    screen.print(f"[green]sent[/green]      {size(len(done.prepared.content))}; dataset {dataset['id']}")
    screen.print(f"sha256    {dataset['sha256']}")
    if dataset["state"] == HELD:
        _show_held(dataset, done.answer.get("preview"))
    else:
        screen.print(f"state     {state_of(dataset, followed=operation is not None and done.problem is None)}")


def state_of(dataset: Mapping[str, Any], *, followed: bool) -> str:
    """Of a large file that is still being checked also how to hear the end."""
    if dataset["state"] == RECEIVED:
        return f"{RECEIVED}: the server checks it; the same command with --wait tells the end"
    return f"{dataset['state']}, computed" if followed else str(dataset["state"])


def _show_held(dataset: Mapping[str, Any], preview: Mapping[str, Any] | None) -> None:
    """What its commit would change, and the commands that decide."""
    until = str(dataset["held_until"])[:10]
    screen.print(f"[yellow]held[/yellow]      it does not count yet, and is discarded by itself on {until}")
    if preview is None:
        screen.print("          the same push with --wait shows its effect, with a key that has metrics:read")
    elif preview["conflict"]:
        screen.print(f"          a commit would be refused now: {escape(preview['conflict'])}")
    else:
        show_changes(preview)
    screen.print(f"next      wm-capture commit {dataset['id']}")
    screen.print(f"or        wm-capture discard {dataset['id']}")


def show_changes(preview: Mapping[str, Any]) -> None:
    """Headcounts and the figures of the default profile that move furthest; how many more there are."""
    table = Table("day", "it would change", "now", "then", box=None, padding=(0, 1, 0, 0), header_style="dim")
    for column in (table.columns[0], table.columns[2], table.columns[3]):
        column.no_wrap = True
    told, all_of_it = "", list(changes(preview))
    shown = foremost(all_of_it, CHANGES_SHOWN)
    for each in shown:
        table.add_row(each.day if each.day != told else "", escape(each.name), each.now, each.then)
        told = each.day
    screen.print(Padding(table, (0, 0, 0, 2)))
    if more := len(all_of_it) - len(shown):
        screen.print(f"          and {more:,} more figures, also of other profiles: --json has all")
    if preview["stale"]:
        screen.print("          what counts in the account has changed since: the effect may be another one")
