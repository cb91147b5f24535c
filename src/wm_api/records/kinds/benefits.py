"""`benefit_plans`: the whole list of what is offered. `benefit_enrolments`: one row a person and plan."""

from wm_api.records.columns import Code, Day, Flag, Integer, Key, Number
from wm_api.records.kinds.shapes import CURRENCY, NO_NAME, OWN_CODE, RecordKind, money, optional, required

SHARE = Number("share", 0, 1, 4)
PERCENT = Number("percent", 0, 100, 4)
AMOUNT = money(10_000_000, 2)
TYPES = Code(
    (
        "medical",
        "dental",
        "vision",
        "life",
        "std",
        "ltd",
        "retirement_dc",
        "retirement_db",
        "vacation",
        "sick_leave",
        "holidays",
        "parental_leave",
        "family_leave",
        "hsa_fsa",
        "tuition",
        "childcare",
        "transit",
        "eap",
        "profit_share",
        "espp",
    )
)

BENEFIT_PLANS = RecordKind(
    "benefit_plans",
    "1.0",
    "as_of",
    ("plan_code", "plan_year"),
    (
        required("plan_code", OWN_CODE, f"The account's own code, never a title; enrolments name it. {NO_NAME}"),
        required("benefit_type", TYPES, "A type that no plan of the file has is not offered."),
        optional("plan_year", Integer(1930, 2100), "Needed where a plan code repeats."),
        optional("waiting_days", Integer(0, 730), "Days of service before a person may enrol.", default="0"),
        optional("min_weekly_hours", Number("hours", 0, 60, 2), "Contracted hours that give access.", default="0"),
        optional("eligible_contract", Code(("all", "permanent_only")), "Contracts that give access."),
        optional("contributory", Flag(), "Whether members pay; participation in profile us."),
        optional("employer_premium_share_single", SHARE, "Of the premium of one person."),
        optional("employer_premium_share_family", SHARE, "Of the premium of a family."),
        optional("nonelective_percent", PERCENT, "Of pay, paid in without a contribution of the person."),
        optional("match_percent", PERCENT, "Of the contribution of the person that is matched."),
        optional("match_up_to_percent", PERCENT, "Of pay, up to which contributions are matched."),
        optional("vesting_months", Integer(0, 120), "Until the employer's part is kept on leaving."),
        optional("leave_days_per_year", Number("days", 0, 366, 2), "Paid leave."),
        optional("replacement_rate", SHARE, "Of pay, while on leave."),
        optional("deductible_single", AMOUNT, "Shown, not scored."),
        optional("oop_max_single", AMOUNT, "Most that a person pays a year. Shown, not scored."),
        optional("employer_annual_cost", money(100_000_000_000, 2), "Of the whole plan. Shown, not scored."),
        optional("currency", CURRENCY, "ISO 4217, of the amounts."),
    ),
)

BENEFIT_ENROLMENTS = RecordKind(
    "benefit_enrolments",
    "1.0",
    "as_of",
    ("employee_key", "plan_code", "coverage_from"),
    (
        required("employee_key", Key(), "The same person over time; made by wm-capture."),
        required("plan_code", OWN_CODE, "The plan, as in benefit_plans."),
        optional(
            "status",
            Code(("enrolled", "waived", "offered")),
            "Any of them says that the person has access.",
            default="enrolled",
        ),
        optional("eligible_from", Day(), "First day on which the person may enrol."),
        optional("coverage_from", Day(), "First day covered. Needed where a person is in a plan twice."),
        optional("coverage_to", Day(), "Last day covered. Empty: still covered."),
        optional("tier", Code(("single", "plus_one", "family")), "Who is covered."),
        optional("waive_reason", Code(("other_cover", "cost", "not_needed", "unknown")), "Of a waiver."),
        optional("employee_contribution_annual", AMOUNT, "Paid by the person."),
        optional("employer_contribution_annual", AMOUNT, "Paid by the employer."),
        optional("currency", CURRENCY, "ISO 4217, of the contributions."),
    ),
)
