"""A checked file beside the account's other datasets: what no file can show alone (domain.md 2).

Rows are compared by hashes of what is stored, segment by segment: memory grows neither with the file nor with the past.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import polars as pl

from wm_api.datasets.service.cases import Case, Marked, add_keys, slices
from wm_api.datasets.service.drift import drifted
from wm_api.datasets.service.others import Datasets, day_of
from wm_api.datasets.service.paid_hours import COLUMN, doubtful_hours
from wm_api.records import beside
from wm_api.records.columns import Finding, Severity, finding
from wm_api.records.hashes import Hashes, hashed
from wm_api.records.kinds import KINDS
from wm_api.records.kinds.payroll import PARTS
from wm_api.records.legal_minimum import COLUMNS, below_minimum, in_force
from wm_api.records.paid_hours import HOUR_COLUMNS, STAFF_COLUMNS
from wm_api.records.repeats import REVERSES

STALE_SHARE = 0.98


async def compare(case: Case) -> tuple[Finding, ...]:
    """What the account's other datasets show of a file; where there are none, only what its own check left open."""
    kind = case.push.facts.kind
    rules = BY_KIND[kind] if case.ids else ALONE.get(kind, ())
    found = [each for rule in rules for each in await rule(case)]
    return (*drifted(case.push, case.stored, case.others.last_sent), *found)


async def copied(case: Case) -> list[Finding]:
    """The very bytes count for another day already."""
    return [finding("stale_copy")] if case.others.copies else []


async def stale(case: Case) -> list[Finding]:
    """Nearly all rows are those of the last day, or of any other all; another column tells something new."""
    if case.others.copies:
        return await copied(case)
    known, rows, equal, columns = Hashes(), 0, 0, set(case.stored.report.columns)
    async for frame in case.of(case.others.before):
        if set(frame.columns) == columns:
            known.add(await asyncio.to_thread(hashed, frame))
    if known.all().is_empty():
        return []
    async for frame in case.own():
        rows += frame.height
        equal += await asyncio.to_thread(_equal, known, frame, sorted(columns))
    return [finding("stale_copy")] if equal >= STALE_SHARE * rows else []


def _equal(known: Hashes, frame: pl.DataFrame, columns: Sequence[str]) -> int:
    return int(known.holds(hashed(frame, columns)).sum())


async def underpaid(case: Case) -> list[Finding]:
    """Employees whose hourly rate is under the legal minimum of their place of work."""
    facts, home, marked = case.push.facts, case.others.home, Marked()
    minima = in_force(case.others.minima, facts.reference_day)
    async for frame in case.own(COLUMNS):
        below = await asyncio.to_thread(below_minimum, frame, facts, minima, home)
        marked.add(frame.filter(below).get_column("row"))
    return case.found("below_legal_minimum", "base_rate", marked)


async def rekeyed(case: Case) -> list[Finding]:
    """Keys of the account's key id that are nearly all new, of people who are not."""
    before = tuple(each for each in case.others.before if each.key_id == case.stored.first_key_id)
    if not before:
        return []
    wanted = ("employee_key", *beside.TRAITS)
    old, new = [frame async for frame in case.of(before, wanted)], [frame async for frame in case.own(wanted)]
    return await asyncio.to_thread(_rekeyed, old, new) if old else []


def _rekeyed(old: list[pl.DataFrame], new: list[pl.DataFrame]) -> list[Finding]:
    both = set.intersection(*(set(frame.columns) for frame in (*old, *new)))
    then, now = (pl.concat(beside.traits(frame, both) for frame in frames) for frames in (old, new))
    if not beside.mostly_new(then, now):
        return []
    again = "hire_date" in both and beside.rekeyed(then, now)
    return [finding("rekeyed_without_mapping" if again else "keys_mostly_new", "employee_key")]


async def repeated(case: Case) -> list[Finding]:
    """Rows of a natural key that is in another file of the same day or period."""
    names, marked = KINDS[case.push.facts.kind].natural_key, Marked()
    async for own in slices(case, names, lambda frame: beside.natural_keys(frame, names)):
        wanted, there = Hashes(), Hashes()
        wanted.add(own.get_column("hash"))
        async for frame in case.of(case.others.beside, names):
            there.add(await asyncio.to_thread(_wanted, wanted, frame, names))
        marked.add(own.filter(there.holds(own.get_column("hash"))).get_column("row"))
    return [replace(each, severity=Severity.REFUSE) for each in case.found("duplicate_row_conflict", names[0], marked)]


def _wanted(wanted: Hashes, frame: pl.DataFrame, names: Sequence[str]) -> pl.Series:
    keys = beside.natural_keys(frame, names)
    return keys.filter(wanted.holds(keys))


async def unmatched_reversals(case: Case) -> list[Finding]:
    """Runs of negative pay that reverse a run which neither the file nor one beside it has."""
    names, wanted, there, marked = KINDS["payroll"].natural_key, Hashes(), Hashes(), Marked(to_set_aside=True)
    if REVERSES not in case.stored.report.columns:
        return []
    reversing = pl.concat([beside.reversals(frame, names) async for frame in case.own((*names, REVERSES, *PARTS))])
    if reversing.is_empty():
        return []
    wanted.add(reversing.get_column("target"))
    for frames in (case.own(names), case.of(case.others.beside, names)):
        async for frame in frames:
            keys = beside.natural_keys(frame, names)
            there.add(keys.filter(wanted.holds(keys)))
    marked.add(reversing.filter(~there.holds(reversing.get_column("target"))).get_column("row"))
    return case.found("negative_pay_unmatched", REVERSES, marked)


async def overlaps(case: Case) -> list[Finding]:
    """Pay periods that share days with another period of the same person in another file."""
    own_periods = await _distinct(case.own(beside.DATES)) if case.others.beside else None
    there = None if own_periods is None else await _distinct(case.of(case.others.beside, beside.DATES))
    if own_periods is None or there is None or (own_met := beside.meeting(own_periods, there)).is_empty():
        return []  # which most files are
    there_met, marked = beside.meeting(there, own_periods), Marked()
    async for own in slices(case, beside.PERIOD, beside.key_hashes, own_met):
        dated, met = own.rename({"hash": "key"}), pl.Series("row", dtype=pl.UInt32)
        async for frame in case.of(case.others.beside, beside.PERIOD):
            other = beside.periods(frame.join(there_met, on=beside.DATES, how="semi"))
            met = pl.concat([met, await asyncio.to_thread(beside.overlapping, dated, other)]).unique()
        marked.add(met)
    return case.found("payroll_overlap", "period_start", marked)


async def _distinct(frames: AsyncIterator[pl.DataFrame]) -> pl.DataFrame | None:
    """The periods of rows, each once; None where there are no rows."""
    found = None
    async for frame in frames:
        periods = frame.select(beside.DATES).unique()
        found = periods if found is None else pl.concat([found, periods]).unique()
    return found


async def shared_people(case: Case) -> list[Finding]:
    """People of this file who are in another of the same day: their hours and pay are summed."""
    return await _rows_of(case, "person_in_two_files", case.others.beside, known=True)


async def unknown_people(case: Case) -> list[Finding]:
    """Rows of people whom no workforce knows."""
    return await _rows_of(case, PERSON_UNKNOWN[case.push.facts.kind], case.others.workforce, known=False)


async def _rows_of(case: Case, code: str, datasets: Datasets, *, known: bool) -> list[Finding]:
    if not datasets:
        return []
    people, marked = await case.people(datasets), Marked(to_set_aside=code == "enrolment_without_person")
    if people.all().is_empty():
        return []
    async for frame in case.own(("employee_key",)):
        there = await asyncio.to_thread(_there, people, frame)
        marked.add(frame.filter(there if known else ~there).get_column("row"))
    return case.found(code, "employee_key", marked)


def _there(people: Hashes, frame: pl.DataFrame) -> pl.Series:
    return people.holds(beside.key_hashes(frame))


async def unpaid(case: Case) -> list[Finding]:
    """Employees of the whole period whom neither this payroll nor those beside it have. `row_count` counts people."""
    facts, missing = case.push.facts, Hashes()
    if not case.others.workforce or facts.period_start is None:
        return []
    paid = await case.people(case.others.beside)
    async for frame in case.own(("employee_key",)):
        await asyncio.to_thread(add_keys, paid, frame)
    async for frame in case.of(case.others.workforce, beside.SPELLS):
        inside = frame.filter(beside.employed_throughout(frame, facts.period_start, facts.reference_day))
        add_keys(missing, inside.filter(~_there(paid, inside)))
    return _people("person_without_payroll", len(missing.all()))


async def hours(case: Case) -> list[Finding]:
    """Rows whose hours are not those of a usual period: of a part of it, of a contract, or off the weeks before."""
    facts, others, marked = case.push.facts, case.others, {code: Marked() for code in COLUMN}
    rows = doubtful_hours(
        lambda: case.own(HOUR_COLUMNS),
        lambda: case.of(others.recent, HOUR_COLUMNS),
        lambda: case.of(others.workforce, STAFF_COLUMNS),
        (facts.period_start or facts.reference_day, facts.reference_day),
        timed="hours_regular" in case.stored.report.columns,
    )
    async for code, found in rows:
        marked[code].add(found)
    return [each for code, found in marked.items() for each in case.found(code, COLUMN[code], found)]


async def payroll_of_workforce(case: Case) -> list[Finding]:
    """A workforce and the last payroll within its window: who is in one alone."""
    payroll = case.others.payroll
    if not payroll:
        return []
    start, end = min(each.period_start or day_of(each) for each in payroll), max(map(day_of, payroll))
    paid, staff, marked = await case.people(payroll), await case.people(case.others.beside), Marked()
    if paid.all().is_empty():
        return []
    async for frame in case.own(beside.SPELLS):
        add_keys(staff, frame)
        unpaid_rows = beside.employed_throughout(frame, start, end) & ~_there(paid, frame)
        marked.add(frame.filter(unpaid_rows).get_column("row"))
    strangers = int((~staff.holds(paid.all())).sum())
    return [
        *case.found("person_without_payroll", "employee_key", marked),
        *_people("payroll_without_person", strangers),
    ]


def _people(code: str, count: int) -> list[Finding]:
    """Of people who are in other files: there are no rows to name."""
    return [replace(finding(code, "employee_key"), row_count=count)] if count else []


async def unknown_plans(case: Case) -> list[Finding]:
    if not case.others.plans:
        return []
    plans, marked = Hashes(), Marked(to_set_aside=True)
    async for frame in case.of(case.others.plans, ("plan_code",)):
        plans.add(hashed(frame))
    if plans.all().is_empty():
        return []
    async for frame in case.own(("plan_code",)):
        marked.add(frame.filter(~plans.holds(hashed(frame, ("plan_code",)))).get_column("row"))
    return case.found("enrolment_without_plan", "plan_code", marked)


async def gap(case: Case) -> list[Finding]:
    """Days without payroll between the last period and this one."""
    start, others = case.push.facts.period_start, case.others
    if start is None or not others.before or any((each.period_start or start) < start for each in others.beside):
        return []
    late = start - day_of(others.before[0]) > timedelta(days=1)
    return [finding("payroll_gap", "period_start")] if late else []


Rules = Mapping[str, Sequence[Callable[[Case], Awaitable[list[Finding]]]]]
PERSON_UNKNOWN = {"payroll": "payroll_without_person", "benefit_enrolments": "enrolment_without_person"}
OF_OTHERS = {
    *COLUMN,
    "below_legal_minimum",
    "stale_copy",
    "keys_mostly_new",
    "person_in_two_files",
    "payroll_gap",
    "payroll_overlap",
    "payroll_without_person",
    "person_without_payroll",
}
"""Warnings that other datasets or references show; they are told anew when a file is compared again."""
ALONE: Rules = {"workforce": (underpaid,), "payroll": (unmatched_reversals, hours)}
BY_KIND: Rules = {
    "workforce": (underpaid, rekeyed, stale, repeated, shared_people, payroll_of_workforce),
    "payroll": (copied, gap, repeated, unmatched_reversals, overlaps, unknown_people, unpaid, hours),
    "benefit_plans": (repeated,),
    "benefit_enrolments": (stale, repeated, unknown_people, unknown_plans),
}
