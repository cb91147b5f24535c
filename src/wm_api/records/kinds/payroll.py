"""`payroll`: one row a person and pay run."""

from wm_api.records.columns import Code, Day, Integer, Key, Number
from wm_api.records.kinds.shapes import CURRENCY, RecordKind, money, optional, required

HOURS = Number("hours", 0, 744, 2)
PAY = money(10_000_000, 4, -10_000_000)
EARNED = ("pay_overtime", "pay_shift_premium", "pay_allowance", "pay_paid_leave", "pay_piece", "pay_bonus")
OTHER = (
    "pay_commission",
    "pay_tips",
    "pay_equity",
    "pay_arrears",
    "pay_severance",
    "pay_reimbursement",
    "pay_in_kind",
    "pay_other",
)
PARTS = ("pay_base", *EARNED, *OTHER)
"""Of gross pay."""

PAYROLL = RecordKind(
    "payroll",
    "1.0",
    "period",
    ("employee_key", "period_start", "period_end", "run_no"),
    (
        required("employee_key", Key(), "The same person over time; made by wm-capture."),
        required("period_start", Day(), "First day worked, not the pay date."),
        required("period_end", Day(), "Last day worked."),
        required("currency", CURRENCY, "ISO 4217."),
        required("pay_base", PAY, "Basic pay of the period."),
        optional(
            "frequency",
            Code(("week", "fortnight", "four_week", "semimonth", "month", "year", "other")),
            "Else found from the length of the period.",
        ),
        optional("run_no", Integer(1, 999), "Several runs of one period.", default="1"),
        optional("pay_date", Day(), "When it was paid."),
        optional("run_type", Code(("regular", "off_cycle", "bonus", "correction", "final")), "Kind of run."),
        optional("reverses_run_no", Integer(1, 999), "Corrections are netted before any statistic."),
        *(
            optional(name, HOURS, "Hours of the period.")
            for name in ("hours_regular", "hours_overtime", "hours_paid_leave", "hours_unpaid_leave", "hours_scheduled")
        ),
        optional("hours_source", Code(("actual", "scheduled", "proxy")), "Only actual hours count.", default="actual"),
        *(optional(name, PAY, "Part of pay.") for name in EARNED),
        optional("bonus_months", Integer(1, 60), "The span that a bonus rewards."),
        *(optional(name, PAY, "Part of pay.") for name in OTHER),
        optional("salary_sacrifice", money(10_000_000, 4), "UK pay is after sacrifice."),
        optional("employer_retirement_contribution", money(10_000_000, 4), "Retirement rate."),
        optional("gross_pay", PAY, "Where given, the sum of the parts within 0.01."),
    ),
)
