"""Makes the bundled synthetic extract: python examples/make_extract.py. No person in it exists; the same bytes each time."""

import csv
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "lone_star_foods"
AS_OF, START = date(2025, 12, 31), date(2025, 1, 1)
OCCUPATIONS = {1: "51-3092", 2: "51-9111", 3: "51-1011", 4: "13-1071", 5: "11-3051", 6: "11-1021"}
MARKET = {1: 18.6, 2: 21.5, 3: 33.4, 4: 35.6, 5: 58.2, 6: 50.0}
REASONS = ("VOL", "VOL", "VOL", "RET", "INV", "LAY", "END")
HEADINGS = [
    "Employee ID",
    "Hire Dt",
    "Term Dt",
    "Term Reason",
    "Sex",
    "Std Hrs",
    "Comp Rate",
    "Comp Freq",
    "Rate 1 Jan",
    "Bonus 12M",
    "Job Title",
    "Grade",
    "Grade 1 Jan",
    "Family",
    "SOC",
    "Contract",
    "Promotions",
    "Status",
]


def share(person: int, use: str) -> float:
    """A number from 0 to 1 that depends on person and use alone."""
    return int.from_bytes(sha256(f"{person}|{use}".encode()).digest()[:6], "big") / 2**48


def person(number: int) -> list[str]:
    woman = share(number, "sex") < 0.44
    level = 1 + sum(share(number, "level") > cut + 0.03 * woman for cut in (0.42, 0.68, 0.83, 0.92, 0.975))
    recent = share(number, "recent") < 0.27
    hired = (
        START + timedelta(days=int(360 * share(number, "hire")))
        if recent
        else START - timedelta(days=30 + int(5000 * share(number, "hire") ** 2))
    )
    leaves = share(number, "leaves") < (0.30 if recent else 0.24)
    latest = max((AS_OF - max(hired, START)).days, 1)
    left = max(hired, START) + timedelta(days=1 + int(latest * share(number, "left") ** 1.2)) if leaves else None
    left = left if left is not None and left <= AS_OF else None
    promoted = not recent and level > 1 and left is None and share(number, "promoted") < 0.17
    rate = (
        MARKET[level]
        * (0.93 + 0.2 * share(number, "pay"))
        * (1 + min((AS_OF - hired).days / 3650, 1) * 0.06)
        * (0.975 if woman else 1)
    )
    before = rate / ((1.09 if promoted else 1.0) * (1.025 + 0.02 * share(number, "raise")))
    hours = 40 if share(number, "hours") < 0.86 else 24
    salaried = level >= 4
    printed = f"{rate * 52 * hours:.2f}" if salaried else f"{rate:.2f}"
    printed_before = f"{before * 52 * hours:.2f}" if salaried else f"{before:.2f}"
    bonus = 0 if share(number, "bonus") < 0.35 + 0.06 * woman else round(400 * level * (0.6 + share(number, "size")))
    sex = "" if share(number, "known") < 0.01 else "F" if woman else "M"
    return [
        str(100000 + number), f"{hired:%m/%d/%Y}", f"{left:%m/%d/%Y}" if left else "",
        REASONS[int(share(number, "why") * len(REASONS))] if left else "", sex, str(hours), printed, "A" if salaried else "H",
        "" if recent else printed_before, str(bonus), f"Grade {level} position", str(level), "" if recent else str(level - promoted),
        ("PROD", "LOG", "ADM")[int(share(number, "family") * 3)], OCCUPATIONS[level],
        "REG" if share(number, "contract") < 0.91 else "TMP", str(int(promoted)), "L" if share(number, "leave") < 0.015 else "A",
    ]  # fmt: skip


def pay_run(number: int, row: list[str]) -> list[str] | None:
    """The fortnight to 26 December of hourly staff who are there."""
    hired = date(int(row[1][6:]), int(row[1][:2]), int(row[1][3:5]))
    if row[7] != "H" or row[2] or hired > date(2025, 12, 13):
        return None
    regular = 2 * float(row[5])
    overtime = round(max(0.0, 14 * share(number, "overtime") - 7), 2)
    rate = float(row[6])
    return [
        row[0],
        "12/13/2025",
        "12/26/2025",
        f"{rate * regular:.2f}",
        f"{1.5 * rate * overtime:.2f}",
        f"{regular:.2f}",
        f"{overtime:.2f}",
    ]


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    people = [person(number) for number in range(1, 1301)]
    with (FOLDER / "workforce.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([HEADINGS, *people])
    runs = [run for number, row in enumerate(people, start=1) if (run := pay_run(number, row))]
    headings = ["Employee ID", "Period Begin", "Period End", "Regular Pay", "OT Pay", "Regular Hrs", "OT Hrs"]
    with (FOLDER / "payroll.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([headings, *runs])


if __name__ == "__main__":
    main()
