"""The rules of drift, between a file and the last accepted one of its source: severity, likely cause, what to do."""

DRIFT: dict[str, tuple[str, str, str]] = {
    "drift_column_missing": (
        "refuse",
        "The source's last file had this column. Likely cause: the report or the mapping lost it.",
        "Put it back, or say accept_drift=true. A column that was always empty only warns.",
    ),
    "drift_column_renamed": (
        "refuse",
        (
            "This column is gone, and the one that `about` names is new and looks like it. Likely cause: the "
            "mapping sends it under another name now."
        ),
        "Send it under the old name, or say accept_drift=true.",
    ),
    "drift_column_new": (
        "refuse",
        ("The source's last file did not have this column. Likely cause: the report or the mapping was widened."),
        "If that is so, say accept_drift=true. A column that is empty throughout only warns.",
    ),
    "drift_column_emptied": (
        "warn",
        (
            "Most rows of the source's last file filled this column, and now none does. Likely cause: a heading "
            "or a join of the report changed."
        ),
        "Look at the export.",
    ),
    "drift_code_new": (
        "refuse",
        (
            "The source's last file had no row with the codes that `about` names. Likely cause: a new case, or "
            "a mapping that translates a vendor code in another way."
        ),
        "If it is a new case, say accept_drift=true; else mend the mapping.",
    ),
    "drift_code_gone": (
        "warn",
        (
            "No row has the codes that `about` names, which the source's last file had. Likely cause: nobody is "
            "in this case, or the mapping does not know a vendor code any more."
        ),
        "Nothing, if that is so; else mend the mapping.",
    ),
    "drift_unit": (
        "refuse",
        (
            "The units of pay, which `about` names, are others than in the source's last file, or of other "
            "rows. Likely cause: the report gives rates of another unit."
        ),
        "Mend the mapping, or say accept_drift=true.",
    ),
    "drift_amount": (
        "refuse",
        (
            "Typical pay of the unit that `about` names moved by a factor that it names. Likely cause: amounts "
            "of another unit, such as months for years or cents for whole amounts."
        ),
        "Mend the mapping, or say accept_drift=true.",
    ),
    "drift_currency": (
        "refuse",
        (
            "The file has other currencies than the source's last one. Likely cause: another legal entity, or a "
            "wrong constant in the mapping."
        ),
        "Mend it, or say accept_drift=true.",
    ),
    "drift_key_id": (
        "refuse",
        ("The employee keys are of another key id than in the source's last file. Likely cause: another key file."),
        "Use the account's key; or say new_key=true, after which everybody counts as new.",
    ),
    "drift_mapping_version": (
        "refuse",
        ("The push says another mapping version than the source has. Likely cause: a new mapping, not announced."),
        "Say it with PATCH of the source before, or say accept_drift=true.",
    ),
    "drift_rows_fewer": (
        "refuse",
        (
            "The file has less than half of the rows of the source's last one. Likely cause: a filter, a part "
            "of the companies, or a cut export."
        ),
        "Export it whole, or say accept_drift=true.",
    ),
    "drift_rows_more": (
        "warn",
        (
            "The file has over half more rows than the source's last one. Likely cause: another population, or "
            "rows that stand twice."
        ),
        "Look for rows that stand twice.",
    ),
}
