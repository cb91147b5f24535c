"""The report for people: every figure of the page is one of the JSON, and nothing on it needs or starts anything else."""

import csv
import io
import re
from base64 import b64encode
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from page import Page, numbers_in, numbers_of
from wm_api.datasets.schemas import Report
from wm_api.metrics.schemas import Preview
from wm_api.records import report_page as reports
from wm_api.records.report_page import Reading, Subject
from wm_api.records.rules import RULES

SET_ID = UUID("01a2108c-469e-7000-98c1-74b2ef8875cb")
BASE = "https://api.example"
INSTANTS = st.integers(1_735_700_000, 1_790_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
DAYS = st.dates(date(2020, 1, 1), date(2027, 1, 1))
WORDS = st.sampled_from(["base_rate", "<b>5</b>", "=1+1", "0.01", "＝cmd", "@SUM", "-3", "a & b", "hour"])
COUNTS = st.integers(0, 20_000_000)


@st.composite
def findings(draw: st.DrawFn) -> dict[str, Any]:
    code = draw(st.sampled_from(sorted(RULES)))
    rows = sorted(draw(st.sets(st.integers(1, 2_000_000), max_size=30) | st.sets(st.integers(1, 60), max_size=60)))
    rule = RULES[code]
    return {
        "code": code, "severity": rule.severity, "detail": rule.detail, "remedy": rule.remedy, "rows": rows,
        "column": draw(st.sampled_from([None, "base_rate", "employee_key"])),
        "column_index": draw(st.none() | st.integers(1, 500)),
        "row_count": len(rows) + (draw(COUNTS) if rows else 0),
        "about": draw(st.lists(WORDS, max_size=3)),
    }  # fmt: skip


@st.composite
def checked(draw: st.DrawFn) -> Report:
    totals = draw(st.lists(st.decimals(-(10**12), 10**12, places=2), max_size=3))
    parts = {
        "dataset_id": draw(st.none() | st.just(SET_ID)),
        "outcome": draw(st.sampled_from(["accepted", "refused"])),
        "rows": draw(COUNTS),
        "employees": draw(st.none() | COUNTS),
        "quarantined": draw(COUNTS),
        "totals": [{"measure": "gross_pay", "currency": "USD", "value": f"{each:f}"} for each in totals],
        "findings": draw(st.lists(findings(), max_size=6)),
        "amended": draw(st.none() | st.fixed_dictionaries(dict.fromkeys(("replaced", "added", "kept"), COUNTS))),
        "schema_version": "1.0",
        "checked_at": draw(INSTANTS),
    }
    return Report.model_validate(parts)


@st.composite
def figures(draw: st.DrawFn, decimals: int) -> dict[str, Any]:
    values = st.none() | st.floats(-1e6, 1e6).map(lambda value: round(value, decimals))
    groups = [{"group": f"q{number}", "n": 5, "value": draw(values)} for number in range(draw(st.integers(0, 3)))]
    status = draw(st.sampled_from(["ok", "insufficient_n", "not_reported"]))
    return {"value": draw(values), "status": status, "reason": draw(st.none() | WORDS), "n": 7, "groups": groups}


@st.composite
def metrics(draw: st.DrawFn) -> dict[str, Any]:
    decimals = draw(st.integers(0, 3))
    sides = {side: draw(st.none() | figures(decimals)) for side in ("now", "accepted")}
    return {"metric": "m", "name": "Turnover", "profile": "uk", "unit": "percent", "decimals": decimals, **sides}


@st.composite
def effects(draw: st.DrawFn) -> dict[str, Any]:
    days = [
        {
            "as_of": f"{day}", "period_start": "2025-01-01", "period_end": f"{day}",
            "headcount": {"now": draw(st.none() | COUNTS), "accepted": draw(st.none() | COUNTS)},
            "metrics": draw(st.lists(metrics(), max_size=4)),
        }
        for day in draw(st.lists(DAYS, max_size=2))
    ]  # fmt: skip
    shown = {"dataset_id": SET_ID, "computed_at": "2026-11-25T02:32:38.761Z", "stale": draw(st.booleans())}
    return {**shown, "conflict": draw(st.sampled_from([None, "supersede-conflict"])), "days": days}


def page_of(report: Report, subject: Subject, effect: Any = None) -> bytes:
    return reports.as_html(report.model_dump(mode="json"), subject, Reading(BASE, effect=effect))


@settings(deadline=None)
@given(report=checked(), effect=st.none() | effects(), day=DAYS)
def test_every_figure_on_the_page_is_in_the_json_and_no_other(report: Report, effect: Any, day: date) -> None:
    subject = Subject("workforce", day, None, None, "held", report.checked_at)
    page = Page(page_of(report, subject, effect))
    shown = numbers_of(" ".join(page.texts))
    document = report.model_dump(mode="json")
    told = effect and Preview.model_validate(effect).model_dump(mode="json")
    assert shown <= set(numbers_in([document, told, f"{day}"]))
    counted = [report.rows, *([] if report.employees is None else [report.employees])]
    assert {Decimal(each) for each in counted} | {abs(Decimal(each.value)) for each in report.totals} <= shown
    for each in report.findings:
        assert not each.row_count or Decimal(each.row_count) in shown
        assert not each.rows or {Decimal(each.rows[0]), Decimal(each.rows[-1])} <= shown
    for each in effect["days"] if effect else ():
        assert {Decimal(count) for count in each["headcount"].values() if count is not None} <= shown


@settings(deadline=None)
@given(report=checked(), effect=st.none() | effects())
def test_the_page_loads_and_starts_nothing_and_is_built_for_every_reader(report: Report, effect: Any) -> None:
    page = Page(page_of(report, Subject("payroll", None, date(2025, 1, 1), date(2025, 1, 14)), effect))
    names = [tag for tag, _ in page.tags]
    assert not {"script", "link", "img", "iframe", "object", "form", "input", "b"} & set(names)
    assert not {name for _, attributes in page.tags for name in attributes} & {"src", "style", "srcset", "action"}
    assert all(str(each["href"]).startswith(f"{BASE}/problems/") for each in page.all("a"))
    assert (page.all("html"), names.count("h1"), names.count("main")) == ([{"lang": "en"}], 1, 1)
    assert names.count("table") == names.count("caption") > 0
    assert all(each.get("scope") in {"col", "row"} for each in page.all("th"))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


@settings(deadline=None)
@given(report=checked())
def test_the_table_has_a_line_for_each_finding_and_row_and_no_formula(report: Report) -> None:
    content = reports.as_csv(report.model_dump(mode="json")).decode()
    lines = list(csv.DictReader(io.StringIO(content, newline="")))
    told = [
        (each.code, each.severity, row) for each in report.findings for row in [f"{row}" for row in each.rows] or [""]
    ]
    assert [(line["code"], line["severity"], line["row"]) for line in lines] == told
    cells = [cell for line in lines for cell in line.values()]
    assert not [
        cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    ]
    assert content.splitlines()[0] == "code,severity,column,column_index,row,row_count,about,detail,remedy"


def test_the_page_s_own_style_is_the_only_one_that_its_policy_allows() -> None:
    report = Report(
        dataset_id=None, outcome="accepted", rows=1, employees=1, quarantined=0, totals=[], findings=[], amended=None, schema_version="1.0",
        checked_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    content = page_of(report, Subject("workforce", date(2025, 12, 31)))
    style = content.partition(b"<style>")[2].partition(b"</style>")[0]
    assert f"'sha256-{b64encode(sha256(style).digest()).decode()}'" in reports.CSP
    assert b"url(" not in style
    assert b"@import" not in style


@pytest.mark.parametrize("scheme", [0, 1, 2], ids=["light", "dark", "print"])
@pytest.mark.parametrize("name", ["ink", "soft", "stop", "hold", "look", "good"])
def test_every_text_stands_out_from_what_is_behind_it(scheme: int, name: str) -> None:
    palette = dict(re.findall(r"--(\w+): (#[0-9a-f]+)", reports.STYLE.split(":root {")[scheme + 1].partition("}")[0]))
    assert min(contrast(palette[name], palette[behind]) for behind in ("paper", "tint")) >= 4.5


def contrast(first: str, second: str) -> float:
    """WCAG 2.2, 1.4.3."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(sign * 2 for sign in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_neighbouring_rows_are_drawn_together() -> None:
    assert reports.spans([1, 2, 3, 5, 7, 8, 1200]) == "1–3, 5, 7–8, 1200"


def test_a_clerk_sees_one_headcount_and_whole_cents() -> None:
    totals = [
        {"measure": "headcount", "currency": None, "value": "885"},
        {"measure": "base_rate", "currency": "USD", "value": "16458741.9"},
        {"measure": "gross", "currency": "EUR", "value": "1000.1234"},
    ]
    report = Report.model_validate(
        {
            "dataset_id": None, "outcome": "accepted", "rows": 1199, "employees": 1187, "quarantined": 12, "totals": totals,
            "findings": [], "amended": None, "schema_version": "1.0", "checked_at": datetime(2026, 1, 1, tzinfo=UTC),
        }
    )  # fmt: skip
    text = " ".join(Page(page_of(report, Subject("workforce", date(2025, 12, 31)))).texts)
    assert re.findall(r"[Hh]eadcount[^–]*", text) == ["Headcount: employed on 2025-12-31 "]
    assert "Different people" in text
    assert "16,458,741.90" in text
    assert "1,000.1234" in text, "no place is rounded away"


def test_a_refusal_that_counted_nobody_does_not_say_that_there_is_nobody() -> None:
    parts: dict[str, Any] = {"dataset_id": None, "outcome": "refused", "rows": 12, "quarantined": 0, "totals": []}
    rest: dict[str, Any] = {
        "findings": [],
        "amended": None,
        "schema_version": "1.0",
        "checked_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    people = [
        re.findall(r"Different people\W+([\w ]+)", " ".join(Page(page_of(report, Subject("workforce"))).texts))[
            0
        ].strip()
        for report in (Report.model_validate({**parts, **rest, "employees": count}) for count in (0, 11))
    ]
    assert people == ["not counted", "11"]
