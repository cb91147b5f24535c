"""The rules of a file: code, severity, what is wrong, and what to do. The texts are fixed: they never hold a value."""

from dataclasses import dataclass

from wm_api.records.drift_rules import DRIFT


@dataclass(frozen=True, slots=True)
class Rule:
    severity: str
    detail: str
    remedy: str


NOTHING = "Nothing, if that is so."
RULES: dict[str, Rule] = {
    "unknown_column": Rule(
        "refuse",
        "A heading is not one of the record kind; it is named by its position.",
        "Remove the column, or give it the name that record-kinds has for it.",
    ),
    "duplicate_column": Rule("refuse", "A heading stands twice.", "Keep one of the two columns."),
    "missing_required_column": Rule("refuse", "A required column is missing.", "Add the column."),
    "file_unreadable": Rule(
        "refuse",
        "The file is damaged, is not what Content-Type says, or has a row of another length.",
        "Export it again, and send it with the type that it has.",
    ),
    "encoding_not_utf8": Rule("refuse", "The file is not UTF-8.", "Export it as UTF-8."),
    "file_empty": Rule("refuse", "The file has no data row.", "Look whether the export ran, and send it again."),
    "too_many_columns": Rule(
        "refuse", "The file has more columns than the limit.", "Send only columns of the record kind."
    ),
    "too_many_rows": Rule("refuse", "The file has more rows than the limit.", "Send it in several files."),
    "cell_too_long": Rule(
        "refuse", "A cell is longer than any value of the record kind.", "Take texts and notes out of the export."
    ),
    "unpacked_too_large": Rule(
        "refuse", "The file unpacks to more than the limit.", "Send it in several files, or less packed."
    ),
    "value_not_of_type": Rule(
        "refuse",
        "A cell does not parse, or is empty in a required column.",
        "Write dates as YYYY-MM-DD, numbers with a point and without other signs.",
    ),
    "value_not_in_vocabulary": Rule(
        "refuse", "A code is not in the list or pattern of its column.", "Map it to a code that record-kinds lists."
    ),
    "key_malformed": Rule("refuse", "An employee key is not a valid wm1_ key.", "Make keys with wm-capture."),
    "key_id_changed": Rule(
        "refuse",
        "The file has keys of more than one key id, or of another than registered.",
        "Make all keys of a file with one key, the one of the files before.",
    ),
    "personal_data_suspected": Rule(
        "refuse",
        "Looks like names, contacts or government numbers.",
        "Never send it. A code needs a digit: put one before it.",
    ),
    "identifier_like_number": Rule("refuse", "A number column looks like an identity number.", "Never send it."),
    "code_column_too_varied": Rule(
        "refuse", "A code column has so many codes that it looks like free text.", "Send codes, never texts."
    ),
    "too_many_bad_rows": Rule(
        "refuse",
        "More rows would be set aside than quarantine_ceiling allows.",
        "Correct the rows that are named.",
    ),
    "totals_differ": Rule(
        "refuse",
        "The file does not hold what expected_rows, expected_headcount or expected_gross says; column has the measure.",
        "Compare with the totals of a dry run: something is missing or doubled, or the expectation is wrong.",
    ),
    "number_out_of_range": Rule(
        "quarantine", "A number is outside the range of its column.", "Correct it; look at unit, point and currency."
    ),
    "date_out_of_range": Rule(
        "quarantine", "A date is before 1930, or too far after as_of.", "Correct it, or leave the cell empty."
    ),
    "termination_before_hire": Rule(
        "quarantine", "termination_date is before hire_date.", "Correct one of the two; a rehire is a row of its own."
    ),
    "duplicate_row_conflict": Rule(
        "quarantine",
        "Rows have the same natural key and different values.",
        "Keep the right one; number spells by spell_no and runs by run_no.",
    ),
    "duplicate_row_identical": Rule(
        "warn",
        "Rows are equal in every column to one before them, which is kept.",
        "Look for a join that doubles rows.",
    ),
    "rate_unit_suspect": Rule(
        "quarantine",
        "base_rate does not fit base_rate_unit: hourly above 1,000 or yearly below 2,000.",
        "Correct base_rate_unit.",
    ),
    "below_legal_minimum": Rule(
        "warn",
        "The hourly rate of employees is under the legal minimum of their place of work: the score's star is capped.",
        "Look at base_rate, its unit and the hours; apprentices, interns, piece and commission pay are left out.",
    ),
    "zero_pay": Rule("warn", "base_rate is 0: counted as headcount, left out of pay statistics.", NOTHING),
    "period_inverted": Rule(
        "quarantine", "An end is before its start: period_end, coverage_to.", "Correct one of the two."
    ),
    "hours_exceed_period": Rule(
        "quarantine", "The hours of the row are above 24 a day.", "Correct hours or period; look at the point."
    ),
    "frequency_mismatch": Rule(
        "quarantine", "The length of the period does not fit frequency.", "Correct it, or leave frequency out."
    ),
    "negative_pay_unmatched": Rule(
        "quarantine",
        "Pay is negative, and reverses_run_no names no other run of the key and period, here or in a file that counts.",
        "Name the run that is reversed; send it in the same file or before.",
    ),
    "gross_mismatch": Rule(
        "quarantine",
        "gross_pay differs from the sum of its parts by more than 0.01.",
        "Map the part that is missing, or leave gross_pay out.",
    ),
    "rehire_without_spell_no": Rule(
        "warn",
        "One key has spells that do not overlap: numbered by hire_date.",
        "Number them by spell_no, to be sure.",
    ),
    "concurrent_jobs": Rule(
        "warn", "One key has overlapping spells: hours and pay are summed, the person counts once.", NOTHING
    ),
    "termination_day_convention": Rule(
        "warn",
        "Most terminations are on the 1st: is it the first day off, not the last day?",
        "Send the last day employed.",
    ),
    "leaver_before_window": Rule(
        "warn", "People left before the window began; these rows are ignored.", "Nothing, or leave them out."
    ),
    "no_leavers_reported": Rule(
        "warn",
        "termination_date is empty throughout: turnover is 0.0, not missing.",
        "Where leavers are not in the file, leave the column out.",
    ),
    "bulk_regrade": Rule(
        "warn",
        "80 % of a job_code or more, five people at least, changed level on one day: counted as reclass.",
        "Say reclass in last_level_change_reason.",
    ),
    "title_only_promotion": Rule(
        "warn",
        "A promotion without a higher level, or without 3 % more hourly pay: it is not counted.",
        "Look at job_level and base_rate and what they were at the start of the window.",
    ),
    "constant_exempt_hours": Rule(
        "warn",
        "Exempt staff have one value of hours in every period and no overtime: hours of a contract, taken as a proxy.",
        "Send the hours worked, or say scheduled or proxy in hours_source.",
    ),
    "partial_period": Rule(
        "warn",
        "The person was hired or left inside the period: the row is left out of weekly hours and their volatility.",
        NOTHING,
    ),
    "reference_hours_differ": Rule(
        "warn",
        "Paid hours of a person's last period are over 20 % off the average of the 12 weeks that end with it.",
        "Look whether the hourly pay of the period is typical.",
    ),
    "currency_mixed": Rule(
        "warn",
        "Several currencies: pay metrics use the one with most rows.",
        "Nothing, or send an account for each currency.",
    ),
    "disclosure_low": Rule(
        "warn", "Gender or race is unknown for over 25 % of rows.", "Map what is known; never guess."
    ),
    "headcount_mismatch": Rule(
        "warn",
        "People on as_of differ from declared_headcount by over 2 %.",
        "Look which of the two is wrong before the file counts.",
    ),
    "stale_copy": Rule(
        "warn",
        "98 % of rows equal those of the last dataset of another day, or all those of any.",
        "Look whether an old file was sent again.",
    ),
    "amendment_columns_differ": Rule(
        "refuse",
        "A column is in the amending file or in the amended dataset, not in both.",
        "Send the same columns, or replace the whole period.",
    ),
    "payroll_gap": Rule(
        "warn",
        "Days lie between the end of the last pay period and the start of this one.",
        "Send the periods in between.",
    ),
    "rekeyed_without_mapping": Rule(
        "refuse", "Nearly all keys are new, and the people are those of the last file.", "Rotate the key first."
    ),
    "keys_mostly_new": Rule(
        "warn",
        "80 % of the keys or more are not in the last workforce file.",
        "Look whether the ids or the epoch changed.",
    ),
    "person_in_two_files": Rule(
        "warn",
        "People are in another file of the same day: their hours and pay are summed.",
        "Nothing, if that is so. If this file takes the place of the other, push it with supersedes: else hours and pay"
        " count twice.",
    ),
    "payroll_overlap": Rule(
        "warn",
        "The period shares days with another period of the same person in another file.",
        "Correct the periods, or replace the other file by supersedes.",
    ),
    "payroll_without_person": Rule(
        "warn",
        "The workforce file of the period does not have this key. Found of a workforce file, the count is of people.",
        "Send a workforce file with leavers of the window.",
    ),
    "person_without_payroll": Rule(
        "warn",
        "Employed for the whole pay period and without a row in it. Found of a payroll file, the count is of people.",
        "Nothing, if they had no pay; else send the runs that are missing.",
    ),
    "enrolment_without_person": Rule(
        "quarantine", "The workforce file does not have this key.", "Send the person in the workforce file first."
    ),
    "enrolment_without_plan": Rule(
        "quarantine", "The list of benefit plans does not have this plan.", "Send the plan in benefit_plans first."
    ),
    **{code: Rule(*parts) for code, parts in DRIFT.items()},
    "crosswalk_heading": Rule(
        "refuse", "The first line of a crosswalk is not old_key,new_key.", "Make the crosswalk with wm-capture rotate."
    ),
    "key_id_not_current": Rule(
        "refuse", "The key id of old_key is not the one that the account has now.", "Begin from the key in use."
    ),
    "key_id_not_new": Rule(
        "refuse",
        "new_key has another key id than the first row, or one that the account had, or that files came under.",
        "Rotate to one key that was made for it; discard, undo or delete files that came under it by mistake.",
    ),
    "key_repeated": Rule("refuse", "A key stands twice in its column.", "Give every person one line."),
}
