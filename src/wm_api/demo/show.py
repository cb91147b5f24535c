"""What the demo prints: within 80 columns, numbers by their `decimals`."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from wm_api.demo.companies import Company

screen = Console(highlight=False)
WIDTH, BAR = 80, 20
MARKS = "abcdefghijklmnopqrstuvwxyz"
UNITS = {"percent": "%", "percentage_points": "pp", "ratio": ""}
MOST_LIFTS, MOST_STEPS = 8, 4


def printed(value: float, decimals: int) -> str:
    """Rounded half up, once, from full precision."""
    return f"{Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):,}"


def heading(number: int, text: str) -> None:
    screen.print(f"\n[bold cyan]{number}[/bold cyan]  [bold]{text}[/bold]")


def wrapped(text: str) -> None:
    """Folded within the width, every line indented."""
    screen.print(Padding(text, (0, 0, 0, 3)), width=WIDTH)


def table_of(*columns: tuple[str, Literal["left", "right"]]) -> Table:
    """Without lines; nothing is cut."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name, justify in columns:
        table.add_column(name, justify=justify, no_wrap=True)
    return table


def starting() -> None:
    screen.print("[dim]Starting PostgreSQL, Redis-compatible server, worker and API on a scratch folder ...[/dim]")


def failure(text: str) -> None:
    screen.print(f"[red]{escape(text)}[/red]")


def success(seconds: float) -> None:
    screen.print(f"\n[green]Every step was as it should be.[/green]  [dim]{seconds:.1f} s, nothing left behind[/dim]")


def signed_up(giver: Company, reader: Company) -> None:
    heading(1, "Two companies sign up")
    screen.print(f"   {escape(giver.name)}, whose score it is; {reader.name}, which wants to see it")


def pushing() -> None:
    heading(2, "The capture agent keys, checks and pushes")


def metrics(found: list[dict[str, Any]], explanation: dict[str, Any]) -> None:
    """Values beside their benchmark; what has no value stands below, by reason."""
    default = sorted((each for each in found if each["profile"] == "default"), key=lambda each: str(each["metric"]))
    heading(3, f"Metrics as of {default[0]['as_of']}" if default else "Metrics")
    peers = {each["metric"]: each for each in explanation["contributions"] if each["metric"]}
    table = table_of(
        ("   metric", "left"),
        ("value", "right"),
        ("", "left"),
        ("n", "right"),
        ("benchmark", "right"),
        ("95 % interval", "left"),
    )
    labels: list[str] = []
    for each in default:
        if each["status"] == "ok" and each["value"] is not None:
            table.add_row(*_row(each, peers.get(each["metric"], {}).get("benchmark"), labels))
    screen.print(table)
    _parts(default)
    for mark, label in zip(MARKS, labels, strict=False):
        screen.print(f"   [dim]{mark}  {escape(label)}[/dim]", soft_wrap=True)
    _without_value(default)


def _row(metric: dict[str, Any], peer: dict[str, Any] | None, labels: list[str]) -> list[str]:
    reference, decimals = "", metric["decimals"]
    if peer is not None:
        if peer["label"] not in labels:
            labels.append(peer["label"])
        reference = f"{printed(peer['p50'], decimals)} [dim]{MARKS[labels.index(peer['label'])]}[/dim]"
    interval = metric["interval"]
    ends = f"{printed(interval['low'], decimals)} to {printed(interval['high'], decimals)}" if interval else ""
    value = printed(metric["value"], decimals)
    unit = UNITS.get(metric["unit"], metric["unit"])
    return [f"   {metric['metric']}", value, unit, f"{metric['n'] or '':,}" if metric["n"] else "", reference, ends]


def _parts(found: list[dict[str, Any]]) -> None:
    for each in found:
        if each["status"] == "ok" and each["value"] is None:
            known = [part for part in each["groups"] if part["value"] is not None]
            parts = [f"{part['group']} {printed(part['value'], each['decimals'])}" for part in known]
            screen.print(f"   {each['metric']}  {', '.join(parts)}", soft_wrap=True)


def _without_value(found: list[dict[str, Any]]) -> None:
    reasons: dict[str, list[str]] = {}
    for each in found:
        if each["status"] != "ok":
            reason = f"{each['status']}, {each['reason']}" if each["reason"] else str(each["status"])
            reasons.setdefault(reason, []).append(each["metric"])
    for reason, names in sorted(reasons.items()):
        wrapped(f"[dim]{escape(reason)}: {', '.join(names)}[/dim]")


def score(found: dict[str, Any], explanation: dict[str, Any]) -> None:
    heading(4, "Social Impact Score")
    interval = found["intervals"][0]
    ends = f"{printed(interval['low'], 1)} to {printed(interval['high'], 1)}"
    stars = "★" * found["star"] + "☆" * (5 - found["star"])
    screen.print(
        f"   [bold]{printed(found['headline'], 1)}[/bold] of 100  {stars}  95 % interval {ends}\n"
        f"   data grade {found['data_grade']}, coverage {printed(100 * found['coverage'], 1)} %, "
        f"method {found['methodology']['version']}"
    )
    _areas(found, explanation)
    _moved(explanation)


def _areas(found: dict[str, Any], explanation: dict[str, Any]) -> None:
    points = {each["area"]: each["points"] for each in explanation["contributions"] if each["metric"] is None}
    table = table_of(("   area", "left"), ("score", "right"), ("weight", "right"), ("moved", "right"), ("", "left"))
    for each in found["areas"]:
        value, moved = each["score"], points.get(each["area"])
        if value is None:
            table.add_row(f"   {each['area']}", "", printed(each["weight"], 2), "", f"[dim]{each['status']}[/dim]")
            continue
        bar = "█" * round(value / 100 * BAR)
        table.add_row(
            f"   {each['area']}",
            printed(value, 1),
            printed(each["weight"], 2),
            f"{moved:+.1f}" if moved is not None else "",
            f"[cyan]{bar}[/cyan][dim]{'░' * (BAR - len(bar))}[/dim]",
        )
    screen.print(table)


def _moved(explanation: dict[str, Any]) -> None:
    """From 50, what each metric moved; then one reachable step of those that would move it most."""
    parts = [each for each in explanation["contributions"] if each["metric"] and each["points"] is not None]
    up = sorted((each for each in parts if each["points"] > 0), key=lambda each: -float(each["points"]))
    down = sorted((each for each in parts if each["points"] < 0), key=lambda each: float(each["points"]))
    for name, some in (("up from 50", up), ("down", down)):
        if some:
            wrapped(f"[dim]{name}:[/dim] " + ", ".join(f"{each['metric']} {each['points']:+.1f}" for each in some))
    steps = sorted(explanation["counterfactuals"], key=lambda each: -float(each["points"]))[:MOST_STEPS]
    table = table_of(("   a step that would move it", "left"), ("from", "right"), ("to", "right"), ("points", "right"))
    for each in steps:
        ends = f"{each['points']:+.1f} [dim]({each['low']:+.1f} to {each['high']:+.1f})[/dim]"
        table.add_row(f"   {each['metric']}", f"{each['from']:.4g}", f"{each['to']:.4g}", ends)
    if steps:
        screen.print(table)


def insufficient(found: dict[str, Any], explanation: dict[str, Any]) -> None:
    heading(4, "No score yet: insufficient_data")
    screen.print(f"   coverage {printed(100 * (found['coverage'] or 0), 1)} %, 75 % are needed. These would lift it:")
    for each in explanation["lifts"][:MOST_LIFTS]:
        kind, _, name = each["name"].partition(":")
        screen.print(f"   {printed(100 * each['weight'], 1):>5} %  {kind} [bold]{escape(name)}[/bold]")


def not_published(refused: dict[str, Any]) -> None:
    heading(5, "Publication is refused, so nothing is shared")
    screen.print(f"   [green]refused[/green]  409 {refused['code']}")


def shared(reader: Company, grant: dict[str, Any], found: dict[str, Any]) -> None:
    heading(5, f"Published, granted to {reader.name}, accepted, read with a scoped token")
    interval = found["interval"]
    ends = f", {interval['level'] * 100:.0f} % interval {interval['low']} to {interval['high']}" if interval else ""
    areas = ", ".join(f"{each['area']} {each['score']}" for each in found["areas"] if each["score"] is not None)
    wrapped(f"score {found['headline']}{ends}; {areas}")
    until = str(grant["expires_at"])[:10]
    screen.print(f"   [dim]detail {grant['detail']}, purpose {grant['purpose']}, until {until}[/dim]")


def refusals(found: list[dict[str, Any]]) -> None:
    for each in found:
        screen.print(f"   [green]refused[/green]  {each['status']} {each['code']:<18}  {each['what']}")


def revoked(reads: int, found: list[dict[str, Any]]) -> None:
    heading(6, f"Revoked; {reads} read{'s' if reads > 1 else ''} in the owner's access log")
    refusals(found)
