"""The record kinds, as data: every column with type, unit, range and meaning."""

from collections.abc import Mapping
from dataclasses import dataclass

from wm_api.records.columns import Code, Column, ColumnType, Day, Flag, Integer, Key, Number

OWN_CODE = Code(pattern=r"^[A-Za-z0-9._-]{1,24}$")
UNITS = ("hour", "day", "week", "fortnight", "four_week", "semimonth", "month", "year")
CURRENCIES = Code(pattern=r"^[A-Z]{3}$")


@dataclass(frozen=True, slots=True)
class RecordKind:
    name: str
    version: str
    dating: str
    natural_key: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        return self._by_name()[name]

    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


def _money(maximum: float, places: int, minimum: float = 0) -> Number:
    return Number("money", minimum, maximum, places)


def _r(name: str, kind: ColumnType, text: str, *, sensitive: bool = False) -> Column:
    return Column(name, kind, required=True, description=text, sensitive=sensitive)


def _o(name: str, kind: ColumnType, text: str, *, sensitive: bool = False, default: str | None = None) -> Column:
    return Column(name, kind, required=False, description=text, sensitive=sensitive, default=default)


HOURS = Number("hours", 0, 744, 2)
PAY = _money(10_000_000, 4, -10_000_000)
WEEKLY = Number("hours", 0.01, 80, 2)
RATE = _money(100_000_000, 4)
YES_NO = Code(("yes", "no", "undisclosed"))
LEVEL = Integer(1, 20)

WORKFORCE = RecordKind(
    "workforce",
    "1.0",
    "as_of",
    ("employee_key", "spell_no"),
    (
        _r("employee_key", Key(), "The same person over time; made by wm-capture."),
        _o("hire_date", Day(), "Start of this spell. Optional only where there is no termination_date."),
        _r("base_rate", RATE, "Pay level; 0 counts as headcount and leaves pay statistics."),
        _r("base_rate_unit", Code(UNITS), "Unit of base_rate; semimonth is 24 a year, fortnight 26."),
        _r("currency", CURRENCIES, "ISO 4217; no conversion is made."),
        _o("weekly_hours", WEEKLY, "Contracted hours a week. This or schedule_type is needed."),
        _o("schedule_type", Code(("full_time", "part_time")), "full_time takes full_time_weekly_hours."),
        _r("gender", Code(("F", "M", "X", "U")), "U is unknown or undisclosed. Never guessed.", sensitive=True),
        _o("spell_no", Integer(1, 99), "Needed where a key repeats: rehires and second jobs."),
        _o("original_hire_date", Day(), "Service that counts after a rehire."),
        _o("termination_date", Day(), "Last day employed. Empty: still employed."),
        _o(
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
        _o(
            "worker_type",
            Code(("employee", "apprentice", "intern", "agency", "contractor")),
            "Who counts.",
            default="employee",
        ),
        _o("contract_type", Code(("permanent", "fixed_term", "seasonal")), "Permanent share."),
        _o("guaranteed_hours", Flag(), "Zero-hours work."),
        _o(
            "pay_status",
            Code(("active", "leave_full_pay", "leave_reduced_pay", "leave_unpaid")),
            "Full-pay rule; the reason of a leave is not collected.",
            default="active",
        ),
        _o("fte", Number("full-time equivalents", 0.01, 1.2, 3), "Else weekly_hours / full_time_weekly_hours."),
        _o("pay_basis", Code(("hourly", "salaried", "daily", "piece", "commission")), "Hours volatility."),
        _o("overtime_exempt", Code(("exempt", "nonexempt", "na")), "Constant hours of exempt staff are not actual."),
        _o("base_rate_basis", Code(("actual", "full_time_equivalent")), "Of part-timers' rates.", default="actual"),
        _o("base_rate_start", RATE, "base_rate on window_start: pay growth of stayers."),
        _o("weekly_hours_start", WEEKLY, "weekly_hours on window_start."),
        _o("guaranteed_allowance_annual", _money(10_000_000, 2), "Fixed allowances count towards a living wage."),
        _o("variable_pay_12m", _money(1_000_000_000, 2), "Bonus gap without payroll."),
        _o("total_pay_12m", _money(1_000_000_000, 2), "Top pay ratio without payroll."),
        _o("job_code", OWN_CODE, "The account's own code, never a title."),
        _o("job_family", OWN_CODE, "The account's own code."),
        _o("worker_category", OWN_CODE, "Same work or work of equal value."),
        _o("establishment_code", OWN_CODE, "The account's own code."),
        _o("soc_code", Code(pattern=r"^\d{2}-\d{4}$"), "SOC 2018: market pay."),
        _o("isco_code", Code(pattern=r"^\d{4}$"), "ISCO-08: market pay."),
        _o("eeo1_category", Code(("1.1", "1.2", "2", "3", "4", "5", "6", "7", "8", "9")), "US job categories."),
        _o("job_level", LEVEL, "1 is entry: promotion, adjusted gap."),
        _o("job_level_start", LEVEL, "job_level on window_start."),
        _o("promotions_in_window", Integer(0, 12), "Promotions of this person; regrading does not count."),
        _o("last_level_change_date", Day(), "Finds bulk regrading."),
        _o(
            "last_level_change_reason",
            Code(("promotion", "reclass", "lateral", "demotion", "correction")),
            "Finds bulk regrading.",
        ),
        _o("is_manager", Flag(), "Leadership ratio."),
        _o("top_management", Flag(), "Leadership ratio."),
        _o("work_country", Code(pattern=r"^[A-Z]{2}$"), "ISO 3166-1; default is the account's."),
        _o("work_region", Code(pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}$"), "ISO 3166-2."),
        _o("work_county", Code(pattern=r"^(\d{5}|[A-Z]{2}[A-Z0-9]{3})$"), "5-digit FIPS or NUTS 3."),
        _o(
            "race_ethnicity",
            Code(("hispanic", "white", "black", "nhpi", "asian", "aian", "mena", "two_plus", "unknown")),
            "US accounts only.",
            sensitive=True,
        ),
        _o(
            "age_band",
            Code(("u20", "20_24", "25_29", "30_39", "40_50", "51_59", "60_plus")),
            "Never a birth date.",
            sensitive=True,
        ),
        _o("disability", YES_NO, "Representation.", sensitive=True),
        _o("veteran", YES_NO, "Representation.", sensitive=True),
        _o("union_covered", YES_NO, "Coverage.", sensitive=True),
        _o("performance_band", Integer(1, 9), "Only as a control marked tainted."),
        _o("training_hours_12m", Number("hours", 0, 3000, 2), "Training."),
    ),
)

PAYROLL = RecordKind(
    "payroll",
    "1.0",
    "period",
    ("employee_key", "period_start", "period_end", "run_no"),
    (
        _r("employee_key", Key(), "The same person over time; made by wm-capture."),
        _r("period_start", Day(), "First day worked, not the pay date."),
        _r("period_end", Day(), "Last day worked."),
        _r("currency", CURRENCIES, "ISO 4217."),
        _r("pay_base", PAY, "Basic pay of the period."),
        _o(
            "frequency",
            Code(("week", "fortnight", "four_week", "semimonth", "month", "year", "other")),
            "Else found from the length of the period.",
        ),
        _o("run_no", Integer(1, 999), "Several runs of one period.", default="1"),
        _o("pay_date", Day(), "When it was paid."),
        _o("run_type", Code(("regular", "off_cycle", "bonus", "correction", "final")), "Kind of run."),
        _o("reverses_run_no", Integer(1, 999), "Corrections are netted before any statistic."),
        *(
            _o(name, HOURS, "Hours of the period.")
            for name in ("hours_regular", "hours_overtime", "hours_paid_leave", "hours_unpaid_leave", "hours_scheduled")
        ),
        _o("hours_source", Code(("actual", "scheduled", "proxy")), "Only actual hours count.", default="actual"),
        *(
            _o(name, PAY, "Part of pay.")
            for name in (
                "pay_overtime",
                "pay_shift_premium",
                "pay_allowance",
                "pay_paid_leave",
                "pay_piece",
                "pay_bonus",
            )
        ),
        _o("bonus_months", Integer(1, 60), "The span that a bonus rewards."),
        *(
            _o(name, PAY, "Part of pay.")
            for name in (
                "pay_commission",
                "pay_tips",
                "pay_equity",
                "pay_arrears",
                "pay_severance",
                "pay_reimbursement",
                "pay_in_kind",
                "pay_other",
            )
        ),
        _o("salary_sacrifice", _money(10_000_000, 4), "UK pay is after sacrifice."),
        _o("employer_retirement_contribution", _money(10_000_000, 4), "Retirement rate."),
        _o("gross_pay", PAY, "Where given, the sum of the parts within 0.01."),
    ),
)

KINDS: Mapping[str, RecordKind] = {kind.name: kind for kind in (WORKFORCE, PAYROLL)}
