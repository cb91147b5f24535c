"""AC2.2: no honest file is refused."""

from corpus.honest import CODES, FILES, MONTHLY, files


def test_ac2_2_two_hundred_honest_files_are_accepted() -> None:
    made, columns, currencies, refused = 0, set[tuple[str, str]](), set[str](), []
    for number, file in enumerate(files()):
        made += 1
        columns |= {(file.facts.kind, name) for name in file.frame.columns}
        currencies |= set(file.frame.get_column("currency")) if "currency" in file.frame.columns else set()
        report = file.report()
        if report.refused:
            refused.append((number, [(each.code, each.column) for each in report.findings]))
    assert refused == []
    assert made == FILES >= 200
    assert len(columns) >= 27
    assert {"JPY", "KRW", "IDR"} <= currencies == set(MONTHLY)
    assert len(CODES) >= 12
