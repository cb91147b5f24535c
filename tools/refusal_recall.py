"""The whole corpora: recall by class and place, false refusals. Ends with 1 below the promise. It takes minutes."""

import sys
from collections import defaultdict

from corpus.agent import leaks
from corpus.honest import files
from corpus.people import CLASSES, SEED, everybody
from corpus.placements import (
    AMONG_DIGITS,
    OWN_OF_NAMES,
    PLACEMENTS,
    PROMISED,
    PROMISED_NINE_DIGITS,
    accepted_plain,
    cases,
    nine_digit_columns,
    short_names,
)

NINE_DIGIT_ROWS, PROMISED_SHORT = 400, 0.98


def recall() -> bool:
    """By class and place: refused of all; whether every promise is kept."""
    found, missed = defaultdict[tuple[str, str], list[bool]](list), 0
    for case in cases():
        refused = case.refused()
        found[case.people.kind, case.placement].append(refused)
        missed += case.promised and not refused
    for kind in CLASSES:
        locales = {people.locale.lower().replace("_", "-") for people in everybody(kind)}
        print(f"\n{kind}, {len(locales)} locales of two generators")
        for placement in PLACEMENTS:
            tried = found[kind, placement]
            print(f"  {placement:22}{sum(tried):6} of {len(tried):5} refused  {sum(tried) / len(tried):8.2%}")
    print(f"\npromised and not refused: {missed}")
    return missed == 0


def nine_digits() -> bool:
    found = defaultdict[str, list[bool]](list)
    for place, refused in nine_digit_columns(NINE_DIGIT_ROWS):
        found[place].append(refused)
    print("\nidentity numbers of nine digits, a column each")
    for place, tried in sorted(found.items()):
        print(f"  {place:22}{sum(tried):6} of {len(tried):5} refused")
    every = [refused for tried in found.values() for refused in tried]
    print(f"  {'all':22}{sum(every):6} of {len(every):5} refused  {sum(every) / len(every):8.2%}")
    return sum(every) >= PROMISED_NINE_DIGITS * len(every)


def names_of_capitals() -> bool:
    found, missed = defaultdict[str, list[bool]](list), list[str]()
    for place, name, refused in short_names():
        found[place].append(refused)
        missed += [name] if place in {OWN_OF_NAMES, AMONG_DIGITS} and not refused else []
    print("\nnames of two to four letters as capital codes, a file each")
    for place, tried in sorted(found.items()):
        print(f"  {place:34}{sum(tried):6} of {len(tried):5} refused  {sum(tried) / len(tried):8.2%}")
    print(f"  not refused where they should be: {missed}")
    told = [refused for place in (OWN_OF_NAMES, AMONG_DIGITS) for refused in found[place]]
    return sum(told) >= PROMISED_SHORT * len(told)


def honest() -> bool:
    reports = [(file, file.report()) for file in files()]
    refused = [report for _, report in reports if report.refused]
    columns = {(file.facts.kind, name) for file, _ in reports for name in file.frame.columns}
    rows = sum(report.rows for _, report in reports)
    print(f"\nhonest files: {len(refused)} of {len(reports)} refused; {len(columns)} columns, {rows:,} rows")
    return not refused


def agent() -> bool:
    found = leaks(SEED)
    print(f"workbook with personal data everywhere: {len(found)} values in what leaves the machine")
    return not found


def main() -> int:
    print(f"seed {SEED}, promised recall {PROMISED:.0%}, of numbers with nine digits {PROMISED_NINE_DIGITS:.1%}")
    kept = [accepted_plain(), recall(), nine_digits(), names_of_capitals(), honest(), agent()]
    print("kept" if all(kept) else "BELOW THE PROMISE")
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
