"""PURE: a draft mapping from headings and value shapes. What nothing proves stays undecided; nothing is guessed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from wm_api.capture.cells import DAY_FIRST, MONTH_FIRST, numbers
from wm_api.capture.inspection import CODES, DISTINCT_KEPT, Profile
from wm_api.capture.mapping import UNDECIDED, Source
from wm_api.capture.mapping_rules import FLAGS
from wm_api.capture.synonyms import evident, rank_of, unit_said_by
from wm_api.records.columns import Code, Column, Day, Flag, Integer, Key, Number
from wm_api.records.currencies import widest
from wm_api.records.kinds import KINDS, OWN_CODE, UNITS, RecordKind

TIMES = ("", " %H:%M:%S", " %H:%M")
CERTAIN = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d")
LONGEST_SPELLING, SHORTEST_WORD = 60, 4
BY_VALUE = ("gender", "schedule_type")
"""Columns whose spellings are plain enough to know them by, whatever the heading says."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One line under [columns]. `note` is for the person who decides; `odd` are spellings without a code yet."""

    column: str
    heading: str | None = None
    as_: str = UNDECIDED
    constant: str | None = None
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    form: str | None = None
    table: str | None = None
    note: str | None = None
    odd: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        return self.as_ == UNDECIDED and self.constant is None


@dataclass(frozen=True, slots=True)
class Draft:
    """`offered` are columns about sensitive traits: they stay here unless somebody writes them in."""

    kind: str
    source: Source
    columns: tuple[Suggestion, ...]
    offered: tuple[Suggestion, ...]

    @property
    def undecided(self) -> tuple[Suggestion, ...]:
        return tuple(each for each in self.columns if each.open)

    @property
    def leaves(self) -> tuple[Suggestion, ...]:
        return tuple(each for each in self.columns if not each.open)


def drafted(
    profiles: Sequence[Profile], kind: RecordKind, source: Source, table: str, answers: Mapping[str, str]
) -> Draft:
    """`answers` decide what the file does not say: `currency`, `base_rate_unit`, and `order` (day or month first)."""
    names = [profile.heading for profile in profiles]
    usable = [each for each in profiles if each.filled and not each.personal and names.count(each.heading) == 1]
    chosen = _chosen(usable, kind)
    amounts = [each for name, each in chosen.items() if isinstance(kind.column(name).type, Number)]
    source = source.model_copy(update=_signs(amounts or [each for each in usable if each.is_number]))
    made = [_suggested(kind.column(name), profile, source, table, answers) for name, profile in chosen.items()]
    made += list(_missing(made, kind, answers))
    order = {name: place for place, name in enumerate(kind.names)}
    made.sort(key=lambda each: order[each.column])
    private = {column.name for column in kind.columns if column.sensitive and not column.required}
    columns, date = _with_one_form([each for each in made if each.column not in private])
    used = {each.heading for each in columns}
    nulls = sorted(set().union(*(profile.nulls for profile in profiles)))
    source = source.model_copy(
        update={
            "date": date,
            "empty": ("", *nulls),
            "ignore": tuple(dict.fromkeys(name for name in names if name not in used)),
        }
    )
    offered = tuple(each for each in made if each.column in private)
    return Draft(kind.name, source, tuple(columns), offered)


def _chosen(usable: Sequence[Profile], kind: RecordKind) -> dict[str, Profile]:
    """The best heading for each column, each heading once; then columns known by their spellings."""
    found: dict[str, Profile] = {}
    taken: set[str] = set()
    for column in kind.columns:
        ranked = [
            (each.empty > 0, rank, each) for each in usable if (rank := rank_of(each.heading, column.name)) is not None
        ]
        ranked = [each for each in ranked if each[2].heading not in taken]
        if ranked:
            found[column.name] = min(ranked, key=lambda each: each[:2])[2]
            taken.add(found[column.name].heading)
    for name in BY_VALUE:
        if name in kind.names and name not in found:
            alike = [each for each in usable if each.heading not in taken and _speaks(each, kind.column(name))]
            if len(alike) == 1:
                found[name] = alike[0]
    return found


def _speaks(profile: Profile, column: Column) -> bool:
    """Every spelling is a word of this column's vocabulary, and there are two meanings or more."""
    seen = _spellings(profile)
    known = evident(column.name, seen, _vocabulary(column))
    words = [each for each in seen if len(each) >= SHORTEST_WORD]
    return len(words) == len(seen) == len(known) and len(set(known.values())) > 1


def _spellings(profile: Profile) -> list[str]:
    """Of a column with few and short ones; else none."""
    seen = sorted(profile.seen.to_list())
    return seen if len(seen) <= CODES and all(len(each) <= LONGEST_SPELLING for each in seen) else []


def _like_codes(profile: Profile) -> bool:
    """Spellings that repeat: what is written once a row may be anything."""
    return len(profile.seen) * 2 <= profile.filled


def _vocabulary(column: Column) -> tuple[str, ...]:
    if isinstance(column.type, Flag):
        return FLAGS
    return column.type.codes if isinstance(column.type, Code) else ()


def _signs(profiles: Sequence[Profile]) -> dict[str, object]:
    """Decimal and thousands signs as all number columns together prove them; points where no cell has a fraction."""
    comma = any(each.proofs["comma"] for each in profiles)
    decimal = "," if comma and not any(each.proofs["point"] for each in profiles) else "."
    grouped = "grouped_comma" if decimal == "," else "grouped_point"
    marks = any(each.counts[grouped] for each in profiles)
    return {"decimal": decimal, "thousands": ({",": ".", ".": ","}[decimal] if marks else "")}


def _suggested(column: Column, profile: Profile, source: Source, table: str, answers: Mapping[str, str]) -> Suggestion:
    made = Suggestion(column.name, profile.heading)
    if column.required and profile.empty and column.name != "gender":
        note = f"{profile.empty:,} rows are empty: keep rows out with [[rows.keep]], or say first_of"
        return replace(made, note=note)
    if isinstance(column.type, Key):
        return replace(made, as_="employee_key", note=_repeats(profile))
    if isinstance(column.type, Day):
        return _date(made, profile, answers)
    if isinstance(column.type, Number | Integer):
        return _number(made, column.type, profile, source)
    return _code(made, column, profile, table)


def _repeats(profile: Profile) -> str | None:
    known = len(profile.seen) <= DISTINCT_KEPT
    if known and len(profile.seen) < profile.filled:
        return 'ids repeat: occurrence_of makes spell_no; "#occurrence" beside the id keys one row a job'
    return None


def _date(made: Suggestion, profile: Profile, answers: Mapping[str, str]) -> Suggestion:
    found = {order: form for order in ("certain", "day", "month") if (form := _form(profile, order))}
    if "certain" in found:
        return replace(made, as_="date", form=found["certain"])
    asked = answers.get("order", "")
    if len(found) == 1 or asked in found:
        return replace(made, as_="date", form=found.get(asked) or next(iter(found.values())))
    why = "day or month first? No row proves it: ask the vendor" if found else "no known way of writing a date"
    return replace(made, note=f'{why}; then as = "date", format = "..."')


def _form(profile: Profile, order: str) -> str | None:
    """The one way of writing dates of this order in which every cell seen parses."""
    if order != "certain" and profile.proofs[{"day": "month", "month": "day"}[order]]:
        return None
    short = bool(profile.seen.str.contains(r"^\d{1,2}[./-]\d{1,2}[./-]\d{2}\b(?:[^\d]|$)").all())
    ways = {"certain": CERTAIN, "day": DAY_FIRST, "month": MONTH_FIRST}[order]
    forms = [(way.replace("%Y", "%y") if short else way) + time for way in ways for time in TIMES]
    fits = (
        form for form in forms if profile.seen.str.to_datetime(form, strict=False).is_not_null().all() if " " in form
    )
    plain = (
        form for form in forms if " " not in form and profile.seen.str.to_date(form, strict=False).is_not_null().all()
    )
    return next(plain, None) or next(fits, None)


def _number(made: Suggestion, kind: Number | Integer, profile: Profile, source: Source) -> Suggestion:
    values = numbers(profile.seen, source)
    if values.null_count() or (profile.proofs["point"] and profile.proofs["comma"]):
        return replace(made, note="not every cell is a number with one decimal sign")
    if not profile.proofs["point"] and not profile.proofs["comma"] and profile.seen.str.contains("[.,]").any():
        return replace(made, note="is its mark a decimal sign or one of thousands? No row proves it: ask the vendor")
    if not values.cast(pl.Float64).is_between(*widest(kind)).all():  # the currency is not known yet
        return replace(made, note=f"cells lie outside {kind.minimum} to {kind.maximum}: is it another thing?")
    return replace(made, as_="decimal" if isinstance(kind, Number) else "integer")


def _code(made: Suggestion, column: Column, profile: Profile, table: str) -> Suggestion:
    if column.type == OWN_CODE:
        return replace(made, as_="local_code", table=table)
    vocabulary = _vocabulary(column)
    if isinstance(column.type, Code) and not vocabulary:
        fits = column.type.pattern is not None and profile.seen.str.contains(column.type.pattern).all()
        return replace(made, as_="code") if fits else replace(made, note="cells are not codes of this column")
    seen = _spellings(profile)
    known = evident(column.name, seen, vocabulary)
    if column.name == "gender" and profile.empty:
        known[""] = "U"
    codes = {
        code: tuple(each for each in known if known[each] == code) for code in vocabulary if code in known.values()
    }
    odd = [each for each in seen if each not in known]
    if seen and not odd:
        return replace(made, as_="code", codes=codes)
    if odd and _like_codes(profile):
        return replace(made, codes=codes, odd=tuple(odd), note="spellings without a code: the draft lists them")
    return replace(made, codes=codes, note="too many spellings for codes")


def _missing(made: Sequence[Suggestion], kind: RecordKind, answers: Mapping[str, str]) -> Iterator[Suggestion]:
    """Columns that the kind needs and no heading gives."""
    by_name = {each.column: each for each in made}
    rate = by_name.get("base_rate")
    said = unit_said_by(rate.heading) if rate and rate.heading else None
    known = {"base_rate_unit": said, **answers}
    needed = [column.name for column in kind.columns if column.required]
    if kind.name == "workforce":
        needed += ["schedule_type"] * (not {"weekly_hours", "schedule_type"} & set(by_name))
        needed += ["hire_date"] * ("termination_date" in by_name)
    for name in needed:
        if name not in by_name:
            yield Suggestion(name, constant=known.get(name), note=None if known.get(name) else _no_heading(name))


def _no_heading(name: str) -> str:
    return f'no heading fits: say from = "..."{CONSTANTS.get(name, "")}'


def _with_one_form(columns: list[Suggestion]) -> tuple[list[Suggestion], str | None]:
    """The way of writing dates goes under [source] where all columns share it."""
    forms = {each.form for each in columns if each.form}
    if len(forms) != 1:
        return columns, None
    return [replace(each, form=None) for each in columns], forms.pop()


CONSTANTS = {
    "base_rate": ', or constant = "0" where the file has no pay',
    "base_rate_unit": f", or constant: {', '.join(UNITS)}",
    "currency": ', or constant = "USD" or another of ISO 4217',
    "schedule_type": ', or constant = "full_time"; weekly_hours does as well',
    "gender": ', or constant = "U" where the file does not say it',
}
"""What may stand for a column that the kind needs and the file has not; an id is never the same for everybody."""
QUESTIONS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "currency": ("Currency of the file (ISO 4217, such as USD)", ()),
    "base_rate_unit": ("Unit of base_rate", UNITS),
    "order": ("Dates are written with the day or the month first", ("day", "month")),
}
"""What a person can answer at once, with the answers there are."""


def asked(draft: Draft) -> list[str]:
    """Which questions are open."""
    dates = {column.name for column in KINDS[draft.kind].columns if isinstance(column.type, Day)}
    unsaid = {each.column for each in draft.undecided if each.heading is None}
    found = [name for name in ("currency", "base_rate_unit") if name in unsaid]
    return found + ["order"] * any(each.column in dates and "first?" in (each.note or "") for each in draft.undecided)
