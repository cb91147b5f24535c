"""The rules of a file: code, severity, and a fixed text that says what to do."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    severity: str
    detail: str


RULES: dict[str, Rule] = {
    code: Rule(severity, detail)
    for code, severity, detail in (
        (
            "unknown_column",
            "refuse",
            "A heading is not one of the record kind; it is named by its position. Remove it.",
        ),
        ("duplicate_column", "refuse", "A heading stands twice. Keep one."),
        ("missing_required_column", "refuse", "A required column is missing. Add it."),
        (
            "file_unreadable",
            "refuse",
            "The file is damaged, is not what Content-Type says, or has a row of another length. Export it again.",
        ),
        ("encoding_not_utf8", "refuse", "The file is not UTF-8. Export it as UTF-8."),
        ("file_empty", "refuse", "The file has no data row."),
        ("too_many_columns", "refuse", "The file has more columns than the limit."),
        ("too_many_rows", "refuse", "The file has more rows than the limit. Send it in several files."),
        ("cell_too_long", "refuse", "A cell is longer than any value of the record kind."),
        ("unpacked_too_large", "refuse", "The file unpacks to more than the limit."),
        (
            "value_not_of_type",
            "refuse",
            "A cell does not parse: dates are YYYY-MM-DD, numbers have a point and no signs.",
        ),
        ("value_not_in_vocabulary", "refuse", "A code is not in the list or pattern of its column; see record-kinds."),
        ("key_malformed", "refuse", "An employee key is not a valid wm1_ key. Make keys with wm-capture."),
        ("key_id_changed", "refuse", "The file has keys of more than one key id, or of another than registered."),
        (
            "personal_data_suspected",
            "refuse",
            "Looks like names, contacts or government numbers: never send it. A code needs a digit: put one before it.",
        ),
        ("identifier_like_number", "refuse", "A number column looks like an identity number. Never send it."),
        ("code_column_too_varied", "refuse", "A code column has so many codes that it looks like free text."),
        ("number_out_of_range", "quarantine", "A number is outside the range of its column."),
        ("date_out_of_range", "quarantine", "A date is before 1930, or too far after as_of."),
        ("termination_before_hire", "quarantine", "termination_date is before hire_date."),
        ("duplicate_row_conflict", "quarantine", "Rows have the same natural key and different values."),
        ("duplicate_row_identical", "warn", "Rows are equal in every column to one before them, which is kept."),
        (
            "rate_unit_suspect",
            "quarantine",
            "base_rate does not fit base_rate_unit: hourly above 1,000 or yearly below 2,000.",
        ),
        ("zero_pay", "warn", "base_rate is 0: counted as headcount, left out of pay statistics."),
        ("period_inverted", "quarantine", "An end is before its start: period_end, coverage_to."),
        ("hours_exceed_period", "quarantine", "The hours of the row are above 24 a day."),
        ("frequency_mismatch", "quarantine", "The length of the period does not fit frequency."),
        (
            "negative_pay_unmatched",
            "quarantine",
            "Pay is negative and reverses_run_no does not name another run of the same key and period in the file.",
        ),
        ("gross_mismatch", "quarantine", "gross_pay differs from the sum of its parts by more than 0.01."),
        ("rehire_without_spell_no", "warn", "One key has spells that do not overlap: numbered by hire_date."),
        (
            "concurrent_jobs",
            "warn",
            "One key has overlapping spells: hours and pay are summed, the person counts once.",
        ),
        (
            "termination_day_convention",
            "warn",
            "Most terminations are on the 1st: is it the first day off, not the last day?",
        ),
        ("leaver_before_window", "warn", "People left before the window began; these rows are ignored."),
        ("no_leavers_reported", "warn", "termination_date is empty throughout: turnover is 0.0, not missing."),
        ("currency_mixed", "warn", "Several currencies: pay metrics use the one with most rows."),
        ("disclosure_low", "warn", "Gender or race is unknown for over 25 % of rows."),
        ("headcount_mismatch", "warn", "People on as_of differ from declared_headcount by over 2 %."),
        (
            "stale_copy",
            "warn",
            "98 % of rows equal those of the last dataset of another day: was an old file sent again?",
        ),
        ("payroll_gap", "warn", "Days lie between the end of the last pay period and the start of this one."),
        (
            "rekeyed_without_mapping",
            "refuse",
            "Nearly all keys are new, and the people are those of the last file. Rotate the key first.",
        ),
        (
            "keys_mostly_new",
            "warn",
            "80 % of the keys or more are not in the last workforce file. Were the ids or the epoch changed?",
        ),
        ("person_in_two_files", "warn", "People are in another file of the same day: their hours and pay are summed."),
        ("payroll_overlap", "warn", "The period shares days with another period of the same person in another file."),
        (
            "payroll_without_person",
            "warn",
            "The workforce file of the period does not have this key; of a workforce, people counted.",
        ),
        (
            "person_without_payroll",
            "warn",
            "Employed for the whole pay period and without a row in it; of a payroll, people counted.",
        ),
        ("enrolment_without_person", "quarantine", "The workforce file does not have this key."),
        ("enrolment_without_plan", "quarantine", "The list of benefit plans does not have this plan."),
    )
}
