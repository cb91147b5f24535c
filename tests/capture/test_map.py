"""map drafts what the file proves; what it does not prove stays open and blocks the push."""

import json
import tomllib
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from capture.customers import STAFF, Customer
from shared import SHARED, needs_shared
from wm_api.capture.drafting import drafted
from wm_api.capture.inspection import Profile
from wm_api.capture.mapping import Source, read_mapping
from wm_api.capture.mapping_rules import checked_mapping
from wm_api.capture.problems import MappingBad
from wm_api.capture.synonyms import KNOWN, RANKS, evident
from wm_api.records.columns import Code
from wm_api.records.kinds import KINDS

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
MAPPINGS = sorted(path.stem for path in (EXAMPLES / "mappings").glob("*.toml"))
TEXAS = [name for name in MAPPINGS if name.endswith(("_city", "_county")) or name.startswith("ut_")]
WORKDAY = ["2021-11-18_workday_pay", "2023-01_workday_pay"]
DRAFTED_AS = {"decimal": {"decimal"}, "date": {"date"}, "employee_key": {"employee_key"}, "integer": {"integer"}}


def draft_of(customer: Customer, content: str | bytes, kind: str = "workforce", *more: str) -> dict[str, Any]:
    out = customer.folder / "draft.toml"
    out.unlink(missing_ok=True)
    result = customer.run("map", customer.file("a.csv", content), "--kind", kind, "--out", str(out), *more)
    assert result.exit_code == 0, result.output
    read_mapping(out.read_text())
    return tomllib.loads(out.read_text())


def drafted_from(path: Path, kind: str, customer: Customer) -> dict[str, Any]:
    out = customer.folder / "draft.toml"
    result = customer.run("map", str(path), "--kind", kind, "--out", str(out))
    assert result.exit_code == 0, result.output
    return tomllib.loads(out.read_text())


def spellings(rule: dict[str, Any]) -> dict[str, str]:
    codes = rule.get("codes", {})
    return {each: code for code, known in codes.items() for each in ([known] if isinstance(known, str) else known)}


def nothing_is_wrong(draft: dict[str, Any], written: dict[str, Any]) -> set[str]:
    """Every decided column agrees with the one written by hand; returns those columns."""
    ours, theirs = draft["columns"], written["columns"]
    decided = {name for name in ours if ours[name].get("as") != "todo"}
    for name in decided & set(theirs):
        mine, right = ours[name], theirs[name]
        if "constant" in mine:
            assert mine["constant"] == right["constant"], name
        elif "constant" not in right:
            source = right["from"] if isinstance(right["from"], str) else right["from"][0]
            assert mine["from"] == source, name
            assert mine["as"] in DRAFTED_AS.get(right["as"], {"code", "local_code"}), name
            assert spellings(mine).items() >= spellings(right).items() or not spellings(mine), name
    assert draft["source"].get("date") == written["source"].get("date")
    assert draft["source"].get("decimal") in {None, written["source"].get("decimal")}, "none: no cell has a fraction"
    assert not decided & {"race_ethnicity", "age_band", "disability", "veteran"}, "sensitive: never by itself"
    return decided


@needs_shared
@pytest.mark.parametrize("employer", TEXAS)
def test_the_draft_of_a_real_employer_has_nothing_wrong(employer: str, customer: Customer) -> None:
    written = tomllib.loads((EXAMPLES / "mappings" / f"{employer}.toml").read_text())
    draft = drafted_from(SHARED / "data" / "texas_employers" / f"{employer}.csv.gz", "workforce", customer)
    decided = nothing_is_wrong(draft, written)
    assert {"employee_key", "hire_date", "gender"} <= decided
    assert draft["columns"]["currency"] == {"as": "todo"}
    headings = {rule["from"] for rule in draft["columns"].values() if "from" in rule} | set(draft["source"]["ignore"])
    assert headings >= set(written["source"]["ignore"])


@needs_shared
@pytest.mark.parametrize("export", WORKDAY)
def test_the_draft_of_a_workday_export_has_nothing_wrong(export: str, customer: Customer) -> None:
    written = tomllib.loads((EXAMPLES / "mappings" / f"baltimore_police_{export}.toml").read_text())
    written["source"]["date"] = written["source"]["date"].replace("00:00:00", "%H:%M:%S")
    draft = drafted_from(SHARED / "data" / "baltimore_police" / f"{export}.csv.gz", "workforce", customer)
    assert {"employee_key", "hire_date", "original_hire_date", "base_rate"} <= nothing_is_wrong(draft, written)


@pytest.mark.parametrize("kind", ["workforce", "payroll"])
def test_the_draft_of_the_example_has_nothing_wrong(kind: str, customer: Customer) -> None:
    written = tomllib.loads((EXAMPLES / "lone_star_foods" / f"{kind}.toml").read_text())
    draft = drafted_from(EXAMPLES / "lone_star_foods" / f"{kind}.csv", kind, customer)
    decided = nothing_is_wrong(draft, written)
    assert len(decided & set(written["columns"])) >= (12 if kind == "workforce" else 7)


@needs_shared
def test_births_names_and_opinions_of_an_hr_system_stay_here(customer: Customer) -> None:
    path = SHARED / "data" / "hr_synthetic" / "HRDataset_v14.csv.gz"
    draft = drafted_from(path, "workforce", customer)
    kept = set(draft["source"]["ignore"])
    assert {"Employee_Name", "DOB", "Zip", "MaritalDesc", "ManagerName", "RaceDesc", "Salary"} - kept <= {"Salary"}
    assert draft["columns"]["employee_key"]["from"] == "EmpID"


def test_a_draft_blocks_the_push_until_it_is_decided(customer: Customer) -> None:
    draft_of(customer, STAFF)
    text = (customer.folder / "draft.toml").read_text()
    with pytest.raises(MappingBad, match=r"currency.* is not decided"):
        checked_mapping(text)
    staff = [customer.file("a.csv", STAFF), "--mapping", str(customer.folder / "draft.toml")]
    blocked = customer.run("push", *staff, "--as-of", "2025-12-31")
    assert (blocked.exit_code, "[columns.currency] is not decided" in blocked.output) == (2, True)


def test_a_draft_that_is_finished_by_hand_goes_through(customer: Customer) -> None:
    draft_of(customer, STAFF)
    path = customer.folder / "draft.toml"
    text = path.read_text().replace('currency = { as = "todo" }', 'currency = { constant = "EUR" }')
    text = text.replace('schedule_type = { as = "todo" }', 'schedule_type = { constant = "full_time" }')
    text = text.replace('base_rate = { from = "Pay", as = "todo"', 'base_rate = { from = "Pay", as = "decimal"')
    lines = [line for line in text.splitlines() if not line.startswith(("base_rate", "base_rate_unit"))]
    lines += ['base_rate = { from = "Pay", as = "decimal" }']
    lines += ['base_rate_unit = { from = "Unit", as = "code", codes = { year = ["Y"], hour = ["H"] } }']
    finished = "\n".join(line for line in lines if line.strip() not in {'"Pay",', '"Unit",'})
    done = customer.dry_run(STAFF, finished, "staff.csv", "--as-of", "2025-12-31")
    assert done.exit_code == 0, done.output + finished


@pytest.mark.parametrize(
    ("cells", "form"),
    [
        (["13/02/2020", "01/03/2021"], "%d/%m/%Y"),
        (["02/13/2020", "01/03/2021"], "%m/%d/%Y"),
        (["13.02.2020", "01.03.2021"], "%d.%m.%Y"),
        (["2/13/20", "1/3/21"], "%m/%d/%y"),
        (["2020-02-13", "2021-03-01"], "%Y-%m-%d"),
        (["2020-02-13 00:00:00", "2021-03-01 00:00:00"], "%Y-%m-%d %H:%M:%S"),
        (["20200213", "20210301"], "%Y%m%d"),
        (["01/02/2020", "03/04/2021"], None),
        (["13/02/2020", "02/13/2020"], None),
        (["soon", "02/13/2020"], None),
    ],
)
def test_the_order_of_day_and_month_is_proven_or_open(customer: Customer, cells: list[str], form: str | None) -> None:
    draft = draft_of(customer, "Emp ID,Hire Date\n" + "".join(f"{n},{cell}\n" for n, cell in enumerate(cells)))
    rule = draft["columns"]["hire_date"]
    assert (rule["as"], draft["source"].get("date")) == (("date", form) if form else ("todo", None))


def test_a_fraction_that_may_be_thousands_is_open(customer: Customer) -> None:
    assert draft_of(customer, "Emp ID;Salary\n1;1.234\n2;5.678\n")["columns"]["base_rate"]["as"] == "todo"
    proven = draft_of(customer, "Emp ID;Salary\n1;1.234,50\n2;5.678\n")
    assert proven["columns"]["base_rate"]["as"] == "decimal"
    assert (proven["source"]["decimal"], proven["source"]["thousands"]) == (",", ".")


def test_spellings_are_written_for_codes_and_never_for_what_looks_personal(customer: Customer) -> None:
    rows = "".join(f"{n},Meyer,S{n % 4},F,Doe{n % 3}@x.example,Ill{n % 2}\n" for n in range(40))
    draft_of(customer, "Emp ID,Last Name,Employment Contract,Sex,Veteran,Comment\n" + rows)
    text = (customer.folder / "draft.toml").read_text()
    assert "S0" in text, "what is S0? it looks like a code"
    for cell in ("Meyer", "@x.example", "Ill0"):
        assert cell not in text
    assert (customer.folder / "draft.toml").stat().st_mode & 0o777 == 0o600


def test_the_terminal_says_what_leaves_what_stays_and_what_is_open_without_a_cell(customer: Customer) -> None:
    out = str(customer.folder / "m.toml")
    result = customer.run("map", customer.file("staff.csv", STAFF), "--kind", "workforce", "--out", out)
    shown = " ".join(result.output.split())
    assert "employee_key Id keyed" in shown
    assert "Will not leave: Name" in shown
    assert "To decide" in shown
    assert "currency: no heading fits" in shown
    for cell in ("007", "Ärmel", "52.000", "13/02"):
        assert cell not in result.output
    assert max(len(line) for line in result.output.splitlines()[:-1]) <= 80, "the last one is a command to copy"
    again = customer.run("map", customer.file("staff.csv", STAFF), "--kind", "workforce", "--out", out)
    assert (again.exit_code, "never overwritten" in again.output) == (2, True)
    line = json.loads(
        customer.run("map", customer.file("s.csv", STAFF), "--kind", "workforce", "--out", f"{out}2", "--json").stdout
    )
    assert line["stays"] == ["Name", "Pay", "Unit"]
    assert "currency" in {each["column"] for each in line["undecided"]}


def test_nobody_is_asked_without_a_terminal_and_a_kind_must_be_known(customer: Customer) -> None:
    staff = customer.file("staff.csv", STAFF)
    asked = customer.run("map", staff, "--kind", "workforce", "--ask", "--out", str(customer.folder / "m.toml"))
    assert (asked.exit_code, "--ask needs a terminal" in asked.output) == (2, True)
    assert customer.run("map", staff, "--kind", "wages").exit_code == 2


def test_answers_decide_what_the_file_does_not_say() -> None:
    profiles = []
    for heading, cells in {"Emp ID": ["1", "2"], "Hire Date": ["01/02/2020", "03/04/2021"]}.items():
        profile = Profile(heading)
        profile.add(pl.Series(cells), pl.Series([1, 2]))
        profiles.append(profile)
    answers = {"order": "day", "currency": "USD", "base_rate_unit": "year"}
    draft = drafted(profiles, KINDS["workforce"], Source(), "t.csv", answers)
    made = {each.column: each for each in draft.columns}
    assert draft.source.date == "%d/%m/%Y"
    assert (made["currency"].constant, made["base_rate_unit"].constant) == ("USD", "year")


def test_every_synonym_means_one_column_of_a_kind_and_every_spelling_a_code_that_exists() -> None:
    for kind in KINDS.values():
        names = [spelling for column in kind.names for spelling in RANKS.get(column, {})]
        assert sorted(set(names)) == sorted(names), kind.name
        for name in set(kind.names) & set(KNOWN["spellings"]):
            kind_type = kind.column(name).type
            assert isinstance(kind_type, Code)
            assert set(KNOWN["spellings"][name]) <= set(kind_type.codes), name
            spelt = [each for known in KNOWN["spellings"][name].values() for each in known]
            assert sorted(set(spelt)) == sorted(spelt), name
    assert evident("gender", ["Weiblich", "H"], ("F", "M")) == {"Weiblich": "F"}


def test_a_file_without_rows_leaves_no_draft_in_the_way(customer: Customer) -> None:
    out = customer.folder / "m.toml"
    headings = STAFF.splitlines()[0] + "\n"
    result = customer.run("map", customer.file("staff.csv", headings), "--kind", "workforce", "--out", str(out))
    assert (result.exit_code, "the file has no data row" in result.output, out.exists()) == (1, True, False)


@needs_shared
def test_a_roster_without_pay_is_told_what_may_stand_for_it(customer: Customer) -> None:
    roster = SHARED / "data" / "baltimore_police" / "2018-05-03_active.csv.gz"
    draft = drafted_from(roster, "workforce", customer)
    assert (draft["columns"]["hire_date"]["from"], draft["columns"]["hire_date"]["as"]) == ("Service Date", "date")
    shown = customer.run("map", str(roster), "--kind", "workforce", "--out", str(customer.folder / "pay.toml")).output
    assert 'base_rate: no heading fits: say from = "...", or constant = "0" where the file has no pay' in " ".join(
        shown.split()
    )


def test_each_step_of_a_first_run_names_the_next_one(customer: Customer) -> None:
    staff, out = customer.file("staff.csv", STAFF), str(customer.folder / "m.toml")
    assert customer.run("inspect", staff).output.endswith(f"\n  wm-capture map {staff} --kind workforce\n")
    drafted = customer.run("map", staff, "--kind", "workforce", "--out", out).output
    assert drafted.endswith(f"then:\n  wm-capture dry-run {staff} --mapping {out}\n")


def test_nobody_is_told_to_give_everybody_one_id(customer: Customer) -> None:
    out = str(customer.folder / "m.toml")
    staff = customer.file("staff.csv", STAFF.replace("Id;", "Colour;"))
    shown = " ".join(customer.run("map", staff, "--kind", "workforce", "--out", out).output.split())
    assert 'employee_key: no heading fits: say from = "..." ' in shown
    assert 'currency: no heading fits: say from = "...", or constant = "USD"' in shown
