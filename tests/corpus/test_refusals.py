"""AC2.1: personal data are refused wherever they lie in a file. `make corpus` runs the whole corpus."""

from collections import defaultdict

import polars as pl
import pytest

from corpus.agent import leaks
from corpus.people import CLASSES, SEED, People, everybody
from corpus.placements import (
    AMONG_CAPITALS,
    AMONG_DIGITS,
    OWN_OF_NAMES,
    PLACEMENTS,
    PROMISED_NINE_DIGITS,
    Case,
    accepted_plain,
    cases,
    nine_digit_columns,
    short_names,
)
from corpus.placements import OWN_CODE as OWN
from extracts import WORKFORCE, as_csv, taken, workforce_row
from wm_api.records import refusals
from wm_api.records.kinds import KINDS, OWN_CODE
from wm_api.records.personal_headings import personal_heading

EACH = 4
NAMES_OF_A_LOCALE = 60


def some() -> list[Case]:
    """Of each class and placement a few, over all locales and headings: more than 20 of a class."""
    groups = defaultdict[tuple[str, str], list[Case]](list)
    for case in cases():
        if case.promised:
            groups[case.people.kind, case.placement].append(case)
    return [case for group in groups.values() for case in group[:: len(group) // EACH + 1]]


def test_the_corpus_is_what_is_promised() -> None:
    """Two generators, at least 25 locales each; and without a planted value its files are accepted."""
    for kind in CLASSES:
        locales = defaultdict[str, set[str]](set)
        for people in everybody(kind):
            locales[people.generator].add(people.locale)
        assert sorted(locales) == ["faker", "mimesis"]
        assert min(len(each) for each in locales.values()) >= 25
    assert accepted_plain()
    chosen = some()
    assert {case.placement for case in chosen} == set(PLACEMENTS)
    assert min(sum(case.people.kind == kind for case in chosen) for kind in CLASSES) >= 20


@pytest.mark.parametrize("kind", CLASSES)
def test_ac2_1_personal_data_are_refused_wherever_they_lie(kind: str) -> None:
    assert [case for case in some() if case.people.kind == kind and not case.refused()] == []


@pytest.mark.parametrize("kind", ["surname", "given_name"])
def test_no_name_of_any_locale_has_the_shape_of_a_code(kind: str) -> None:
    names = pl.Series([name for people in everybody(kind) for name in people.values(NAMES_OF_A_LOCALE)])
    codes = names.filter(names.str.contains(OWN_CODE.pattern or ""))
    assert len(codes) > 1000  # no accents, no space: the type lets them through
    assert codes.filter(~refusals.suspicious(codes, own=True)).to_list() == []


def test_numbers_of_nine_digits_are_refused_as_numbers_and_codes() -> None:
    found = [refused for _, refused in nine_digit_columns(200, every=8)]
    assert len(found) >= 50
    assert sum(found) >= PROMISED_NINE_DIGITS * len(found)


def test_short_names_in_capitals_are_refused_where_the_codes_around_them_tell() -> None:
    """Of all locales tools/refusal_recall.py prints the figures; among other capitals nothing tells them from a code."""
    found = list(short_names(every=9))
    assert [each for each in found if each[0] in {OWN_OF_NAMES, AMONG_DIGITS} and not each[2]] == []
    for place in (OWN_OF_NAMES, AMONG_DIGITS):
        assert sum(each[0] == place for each in found) >= 8
    assert not any(refused for place, _, refused in found if place == AMONG_CAPITALS)


def test_without_the_detectors_the_corpus_gets_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """The types alone do not keep the promise: so the tests above are of the detectors."""
    monkeypatch.setattr(refusals, "suspicious_text", lambda *_: [])
    monkeypatch.setattr(refusals.Identifiers, "findings", lambda _: [])
    assert not Case(People("faker", "en_US", "surname"), "once in 10,000 rows", OWN).refused()
    assert not Case(People("mimesis", "en", "given_name"), "once in 10,000 rows", OWN).refused()
    assert not all(refused for _, refused in nine_digit_columns(60, every=40))


@pytest.mark.parametrize(
    ("code", "refused"),
    [
        *(
            (each, False)
            for each in ("7", "J7", "MED1", "LOG", "R_D", "IT.OPS", "15-1252.00", "GS-13", "300000047600128")
        ),
        *(
            (each, False)
            for each in ("j_abcdefghijklmnop", "nurse_2", "JP-00123", "55210055400013", "2024-FY", "v1.2.3")
        ),
        *((each, True) for each in ("Schmidt", "smith", "SCHMIDT", "Li", "j.smith", "Anna-Lena", "Schmidt.Anna", "-")),
        *((each, True) for each in ("123-45-6789", "NL91ABNA0417164300", "nl91-abna-0417-1643-00", "756.1234.5678.97")),
        *(
            (each, True)
            for each in ("1985-03-12", "12.03.1985-90210", "123.456.789-09", "212-555-0188", "850312-2345678")
        ),
    ],
)
def test_what_a_code_is(code: str, refused: bool) -> None:
    rows = [workforce_row(person, job_code=code if person == 7 else "J1") for person in range(9)]
    report = taken(as_csv(rows), WORKFORCE).report
    assert report.refused == refused
    assert [(each.code, each.column, each.rows) for each in report.findings] == (
        [("personal_data_suspected", "job_code", (8,))] if refused else []
    )


HEADINGS = """
Employee Name|emailAddress|SSN|Geburtsdatum|Straße|Prénom|date de naissance|Apellidos|teléfono|codice_fiscale|Sobrenome
achternaam|Nazwisko|Příjmení|Efternamn|Fødselsdato|Sukunimi|Vezetéknév|Dată nașterii|Soyadı|Nama Lengkap|Ngày sinh
Фамилия|дата_рождения|Прізвище|Επώνυμο|שם משפחה|تاريخ الميلاد|نام خانوادگی|जन्म तिथि|姓名|生年月日|성명|วันเกิด
"""


@pytest.mark.parametrize("heading", HEADINGS.strip().replace("\n", "|").split("|"))
def test_headings_of_many_languages_are_named_personal(heading: str) -> None:
    rows = [{**workforce_row(person), heading: "1"} for person in range(3)]
    findings = taken(as_csv(rows), WORKFORCE).report.findings
    assert [(each.code, each.column, each.column_index) for each in findings] == [
        ("unknown_column", None, 8),
        ("personal_data_suspected", None, 8),
    ]


def test_no_heading_of_ours_is_personal() -> None:
    assert [name for kind in KINDS.values() for name in kind.names if personal_heading(name)] == []


def test_of_a_workbook_nothing_but_mapped_columns_leaves() -> None:
    """Second and hidden sheets, comments, defined names, headings and columns that are not mapped."""
    assert leaks(seed=SEED) == []
