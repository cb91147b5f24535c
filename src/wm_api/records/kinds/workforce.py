"""`workforce`: one row a spell of employment, leavers of the window included."""

from wm_api.records.columns import Code, Day, Flag, Integer, Key, Number
from wm_api.records.kinds.shapes import (
    COUNTRY,
    CURRENCY,
    NO_NAME,
    OWN_CODE,
    REGION,
    RecordKind,
    money,
    optional,
    required,
)

UNITS = ("hour", "day", "week", "fortnight", "four_week", "semimonth", "month", "year")
WEEKLY = Number("hours", 0.01, 80, 2)
RATE = money(100_000_000, 4)
YES_NO = Code(("yes", "no", "undisclosed"))
LEVEL = Integer(1, 20)

WORKFORCE = RecordKind(
    "workforce",
    "1.0",
    "as_of",
    ("employee_key", "spell_no"),
    (
        required("employee_key", Key(), "The same person over time; made by wm-capture."),
        optional("hire_date", Day(), "Start of this spell. Optional only where there is no termination_date."),
        required("base_rate", RATE, "Pay level; 0 counts as headcount and leaves pay statistics."),
        required("base_rate_unit", Code(UNITS), "Unit of base_rate; semimonth is 24 a year, fortnight 26."),
        required("currency", CURRENCY, "ISO 4217; no conversion is made."),
        optional("weekly_hours", WEEKLY, "Contracted hours a week. This or schedule_type is needed."),
        optional("schedule_type", Code(("full_time", "part_time")), "full_time takes full_time_weekly_hours."),
        required("gender", Code(("F", "M", "X", "U")), "U is unknown or undisclosed. Never guessed.", sensitive=True),
        optional("spell_no", Integer(1, 99), "Needed where a key repeats: rehires and second jobs."),
        optional("original_hire_date", Day(), "Service that counts after a rehire."),
        optional("termination_date", Day(), "Last day employed. Empty: still employed."),
        optional(
            "termination_reason",
            Code(
                (
                    "voluntary_quit",
                    "retirement",
                    "death",
                    "disability",
                    "involuntary_cause",
                    "layoff",
                    "end_of_fixed_term",
                    "transfer_out",
                    "unknown",
                )
            ),
            "Voluntary rates.",
        ),
        optional(
            "worker_type",
            Code(("employee", "apprentice", "intern", "agency", "contractor")),
            "Who counts.",
            default="employee",
        ),
        optional("contract_type", Code(("permanent", "fixed_term", "seasonal")), "Permanent share."),
        optional("guaranteed_hours", Flag(), "Zero-hours work."),
        optional(
            "pay_status",
            Code(("active", "leave_full_pay", "leave_reduced_pay", "leave_unpaid")),
            "Full-pay rule; the reason of a leave is not collected.",
            default="active",
        ),
        optional("fte", Number("full-time equivalents", 0.01, 1.2, 3), "Else weekly_hours / full_time_weekly_hours."),
        optional("pay_basis", Code(("hourly", "salaried", "daily", "piece", "commission")), "Hours volatility."),
        optional(
            "overtime_exempt", Code(("exempt", "nonexempt", "na")), "Constant hours of exempt staff are not actual."
        ),
        optional(
            "base_rate_basis", Code(("actual", "full_time_equivalent")), "Of part-timers' rates.", default="actual"
        ),
        optional("base_rate_start", RATE, "base_rate on window_start: pay growth of stayers."),
        optional("weekly_hours_start", WEEKLY, "weekly_hours on window_start."),
        optional("guaranteed_allowance_annual", money(10_000_000, 2), "Fixed allowances count towards a living wage."),
        optional("variable_pay_12m", money(1_000_000_000, 2), "Bonus gap without payroll."),
        optional("total_pay_12m", money(1_000_000_000, 2), "Top pay ratio without payroll."),
        optional("job_code", OWN_CODE, f"The account's own code, never a title. {NO_NAME}"),
        optional("job_family", OWN_CODE, f"The account's own code. {NO_NAME}"),
        optional("worker_category", OWN_CODE, f"Same work or work of equal value. {NO_NAME}"),
        optional("establishment_code", OWN_CODE, f"The account's own code. {NO_NAME}"),
        optional("soc_code", Code(pattern=r"^[0-9]{2}-[0-9]{4}$"), "SOC 2018: market pay."),
        optional("isco_code", Code(pattern=r"^[0-9]{4}$"), "ISCO-08: market pay."),
        optional("eeo1_category", Code(("1.1", "1.2", "2", "3", "4", "5", "6", "7", "8", "9")), "US job categories."),
        optional("job_level", LEVEL, "1 is entry: promotion, adjusted gap."),
        optional("job_level_start", LEVEL, "job_level on window_start."),
        optional("promotions_in_window", Integer(0, 12), "Promotions of this person; regrading does not count."),
        optional("last_level_change_date", Day(), "Finds bulk regrading."),
        optional(
            "last_level_change_reason",
            Code(("promotion", "reclass", "lateral", "demotion", "correction")),
            "Finds bulk regrading.",
        ),
        optional("is_manager", Flag(), "Leadership ratio."),
        optional("top_management", Flag(), "Leadership ratio."),
        optional("work_country", COUNTRY, "ISO 3166-1; default is the account's."),
        optional("work_region", REGION, "ISO 3166-2."),
        optional("work_county", Code(pattern=r"^([0-9]{5}|[A-Z]{2}[A-Z0-9]{3})$"), "5-digit FIPS or NUTS 3."),
        optional(
            "race_ethnicity",
            Code(("hispanic", "white", "black", "nhpi", "asian", "aian", "mena", "two_plus", "unknown")),
            "US accounts only.",
            sensitive=True,
        ),
        optional(
            "age_band",
            Code(("u20", "20_24", "25_29", "30_39", "40_50", "51_59", "60_plus")),
            "Never a birth date.",
            sensitive=True,
        ),
        optional("disability", YES_NO, "Representation.", sensitive=True),
        optional("veteran", YES_NO, "Representation.", sensitive=True),
        optional("union_covered", YES_NO, "Coverage.", sensitive=True),
        optional("performance_band", Integer(1, 9), "Only as a control marked tainted."),
        optional("training_hours_12m", Number("hours", 0, 3000, 2), "Training."),
    ),
)
