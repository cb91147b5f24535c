"""The report for people, written by the agent: rows are those of the customer's own file, wherever a push ended."""

import csv
import json
import re
from pathlib import Path

import httpx
import pytest

from capture.agents import Agent
from capture.customers import MAPPING, Customer
from capture.test_watch import NO_DATE, inbox_of, watched
from capture.wires import Wire, wire_to
from page import Page

NAMES = [f"Muster, Zoë{at}" for at in range(40)]
CROWD = "Id;Name;Hired;Sex;Pay;Unit\n" + "".join(
    f"{at:03};{name};13/02/2020;F;{'0' if at == 7 else '50.000'},00;Y\n" for at, name in enumerate(NAMES)
)
ZERO_ROW = 8
"""The one row of CROWD without pay; what leaves is sorted by key, and there it is another."""


def shown(path: Path) -> str:
    return " ".join(" ".join(Page(path.read_bytes()).texts).split())


def rows_of(text: str, code: str) -> list[str]:
    """Rows of the finding whose rule this is, as the page shows them."""
    return [found[1] for found in re.finditer(rf"Rows ([0-9–, ]+) (?:About [^R]*)?What to do .*? Rule {code}", text)]


async def test_the_page_has_the_rows_of_the_own_file_where_the_service_counts_what_it_was_sent(
    agent: Agent, address: tuple[str, int], worker: None, http: httpx.AsyncClient
) -> None:
    page = agent.customer.folder / "report.html"
    files = [agent.customer.file("staff.csv", CROWD), "--mapping", agent.customer.file("staff.toml", MAPPING)]
    async with wire_to(address, Wire()) as wire:
        code, text = await agent.run(wire, "push", *files, "--wait", "--report", str(page))
    assert (code, "report.html" in text) == (0, True)
    own = shown(page)
    assert rows_of(own, "zero_pay") == [str(ZERO_ROW)]
    assert "Rows are those of your own file, staff.csv" in own
    assert "Check of staff.csv: workforce, 2025-12-31" in own
    assert "Accepted The file counts." in own
    assert "Rows of your file – 40" in own
    (dataset,) = await agent.datasets()
    asked = {**agent.company.headers, "Accept": "text/html"}
    there = await http.get(f"/v1/datasets/{dataset['id']}/validation", headers=asked)
    theirs = " ".join(" ".join(Page(there.content).texts).split())
    assert rows_of(theirs, "zero_pay") not in ([], [str(ZERO_ROW)])
    assert "wm-capture push --report writes this page with the rows of the file that it read" in theirs


@pytest.mark.parametrize(
    ("staff", "mapping", "code", "told", "row"),
    [
        (CROWD, MAPPING, 0, "Would be accepted", None),
        (CROWD.replace("0,00;Y", "none;Y", 1), MAPPING, 1, "Rule does_not_fit_mapping", "1"),
        (CROWD.replace("13/02/2020", "13/02/1020", 1), MAPPING, 1, "Would be refused", "1"),
        (CROWD.replace("Pay", "Colour"), MAPPING, 5, "new heading: Colour", None),
        (CROWD.replace("13/02", "03/02"), MAPPING.replace('date = "%d/%m/%Y"\n', ""), 1, "date_format_ambiguous", None),
    ],
)
def test_a_dry_run_ends_in_a_page_with_the_rows_to_mend_and_no_cell(
    customer: Customer, staff: str, mapping: str, code: int, told: str, row: str | None
) -> None:
    page = customer.folder / "report.html"
    done = customer.dry_run(staff, mapping, "staff.csv", "--report", str(page))
    text = shown(page)
    assert (done.exit_code, told in text) == (code, True), text
    assert not row or f" {row} What to do" in text
    assert not [name for name in NAMES if name in text or name.partition(",")[0] in text]


def test_a_table_has_a_line_for_each_row_to_mend(customer: Customer) -> None:
    table = customer.folder / "report.csv"
    spoilt = CROWD.replace("003;", ";").replace("005;", ";")
    done = customer.dry_run(spoilt, MAPPING, "staff.csv", "--report", str(table), "--json")
    lines = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    assert [(each["code"], each["column"], each["row"]) for each in lines] == [
        ("does_not_fit_mapping", "employee_key", "4"),
        ("does_not_fit_mapping", "employee_key", "6"),
    ]
    told = json.loads(done.stdout.splitlines()[0])["findings"]
    assert [(each["code"], each["rows"], each["row_count"]) for each in told] == [("does_not_fit_mapping", [4, 6], 2)]


async def test_a_refusal_of_the_service_and_a_service_that_is_away_are_pages_too(
    agent: Agent, address: tuple[str, int], worker: None
) -> None:
    page = agent.customer.folder / "report.html"
    async with wire_to(address, Wire()) as wire:
        await agent.push(wire, "--external-ref", "a")
        files = [agent.customer.file("staff.csv", CROWD), "--mapping", agent.customer.file("staff.toml", MAPPING)]
        options = [*files, "--external-ref", "a", "--report", str(page)]
        code, _ = await agent.run(wire, "push", *options)
        text = shown(page)
        assert (code, "Refused by the service dataset-exists" in text) == (3, True), text
        assert rows_of(text, "zero_pay") == [str(ZERO_ROW)]
    async with wire_to(address, Wire(answer=lambda _: b"HTTP/1.1 503 Busy\r\nRetry-After: 999\r\n\r\n")) as wire:
        code, _ = await agent.run(wire, "push", *options)
    assert (code, "Not sent The server asks to come back" in shown(page)) == (4, True), shown(page)


async def test_a_watched_folder_leaves_a_page_for_each_file_and_keeps_it(
    agent: Agent, address: tuple[str, int], worker: None
) -> None:
    pages = agent.customer.folder / "pages"
    pages.mkdir()
    inbox_of(agent, staff_2025__12__31_csv=CROWD, staff_2024__12__31_csv=CROWD.replace("50.000,00", "many"))
    async with wire_to(address, Wire()) as wire:
        for _ in range(2):
            await watched(agent, wire, NO_DATE, "--reports", str(pages))
            told = {path.name: shown(path) for path in pages.iterdir()}
            assert "Refused before it was sent" in told["staff_2024-12-31.csv.html"]
            assert rows_of(told["staff_2025-12-31.csv.html"], "zero_pay") == [str(ZERO_ROW)]
        code, text = await agent.run(
            wire, "watch", str(pages), "--mapping", agent.customer.file("m.toml", MAPPING), "--reports", str(pages)
        )
    assert (code, "another folder" in text) == (2, True)
