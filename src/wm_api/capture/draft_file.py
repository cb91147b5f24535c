"""PURE: a draft mapping as TOML, for a person to read and finish."""

import json

from wm_api.capture.drafting import Draft, Suggestion
from wm_api.capture.mapping import Source

WRITTEN = ("format", "sheet", "encoding", "delimiter", "header_row", "decimal", "thousands", "date")
NEEDED = {"csv": {"format", "encoding", "delimiter"}, "xlsx": {"format"}}


def rendered(draft: Draft) -> str:
    """Every heading of the file is in it: mapped, undecided or ignored."""
    lines = ["version = 1", f"kind = {_text(draft.kind)}", "", "[source]", *_source(draft.source), "", "[columns]"]
    lines += [_line(each) for each in draft.columns]
    if draft.offered:
        lines += [
            "",
            "# About sensitive traits: these stay here. To send one, take its # and its heading under ignore away.",
        ]
        lines += [f"# {_line(each)}" for each in draft.offered]
    return "\n".join(lines) + "\n"


def _source(source: Source) -> list[str]:
    plain = Source()
    needed = NEEDED[source.format]
    shown = {name: getattr(source, name) for name in WRITTEN}
    lines = [
        f"{name} = {value if isinstance(value, int) else _text(value)}"
        for name, value in shown.items()
        if name in needed or (value is not None and value != getattr(plain, name) and name in _fields(source))
    ]
    if source.empty != plain.empty:
        lines.append(f"empty = [{', '.join(map(_text, source.empty))}]")
    if source.ignore:
        lines += ["ignore = [ # these stay on this machine", *(f"  {_text(name)}," for name in source.ignore), "]"]
    return lines


def _fields(source: Source) -> set[str]:
    return set(WRITTEN) - ({"encoding", "delimiter"} if source.format == "xlsx" else set())


def _line(each: Suggestion) -> str:
    said = f"what is {', '.join(map(_text, each.odd))}?" if each.odd else each.note
    note = f" # {_comment(said)}" if said else ""
    if each.constant is not None:
        return f"{each.column} = {{ constant = {_text(each.constant)} }}{note}"
    parts = [f"from = {_text(each.heading)}"] if each.heading is not None else []
    parts.append(f"as = {_text(each.as_)}")
    if each.codes:
        codes = ", ".join(f"{_key(code)} = [{', '.join(map(_text, known))}]" for code, known in each.codes.items())
        parts.append(f"codes = {{ {codes} }}")
    parts += [f"{name} = {_text(value)}" for name, value in (("format", each.form), ("table", each.table)) if value]
    return f"{each.column} = {{ {', '.join(parts)} }}{note}"


def _key(code: str) -> str:
    return code if code.replace("_", "").isalnum() else _text(code)


def _text(value: str) -> str:
    """A basic string: JSON's escapes are TOML's, but for the one sign that JSON leaves."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


def _comment(text: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in text)
