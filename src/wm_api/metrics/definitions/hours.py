"""PURE: hours (domain.md 3.3 H)."""

from wm_api.metrics.definition import Definition, Source

DEFINITIONS = (
    Definition(
        key="hours_volatility_4wk",
        name="Swing of weekly hours",
        area="job_quality",
        unit="percent",
        direction="lower",
        decimals=1,
        formula="Q50 over hourly staff of the mean over 4-week blocks of 100 x (max - min) / max weekly hours",
        sources=(Source("Shift Project", "work hour instability", "https://shift.hks.harvard.edu"),),
        minimum_n=20,
        inputs=(
            "payroll.hours_regular",
            "payroll.hours_overtime",
            "payroll.hours_paid_leave",
            "payroll.hours_unpaid_leave",
            "workforce.pay_basis",
            "workforce.overtime_exempt",
        ),
    ),
    Definition(
        key="schedule_notice_14d_share",
        name="Shifts known 14 days ahead",
        area="job_quality",
        unit="percent",
        direction="higher",
        decimals=1,
        formula="100 x shifts published 14 days ahead and unchanged / shifts",
        sources=(Source("Shift Project", "advance notice", "https://shift.hks.harvard.edu"),),
        minimum_n=200,
        conditions=("The least group is of shifts.",),
    ),
    Definition(
        key="overtime_hours_share",
        name="Overtime",
        area="job_quality",
        unit="percent",
        direction="lower",
        decimals=1,
        formula="100 x overtime / (regular + overtime) hours",
        sources=(
            Source(
                "Directive 2003/88/EC", "working time", "https://eur-lex.europa.eu/eli/dir/2003/88/oj", checked=False
            ),
        ),
        minimum_n=20,
        inputs=(
            "payroll.hours_regular",
            "payroll.hours_overtime",
            "workforce.overtime_exempt",
        ),
        scored=True,
    ),
    Definition(
        key="long_hours_share",
        name="Weeks above 48 hours",
        area="job_quality",
        unit="percent",
        direction="lower",
        decimals=1,
        formula="100 x person-weeks above 48 h / person-weeks",
        sources=(
            Source("Directive 2003/88/EC", "Article 6", "https://eur-lex.europa.eu/eli/dir/2003/88/oj", checked=False),
        ),
        minimum_n=20,
        inputs=(
            "payroll.hours_regular",
            "payroll.hours_overtime",
            "workforce.overtime_exempt",
        ),
    ),
)
