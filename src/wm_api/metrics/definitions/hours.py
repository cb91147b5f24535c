"""PURE: hours (domain.md 3.3 H)."""

from wm_api.metrics.definition import Definition, Source

DEFINITIONS = (
    Definition(
        key="overtime_hours_share",
        name="Overtime",
        area="job_quality",
        unit="percent",
        direction="lower",
        decimals=1,
        formula="100 x overtime / (regular + overtime) hours",
        sources=(Source("Directive 2003/88/EC", "working time", "https://eur-lex.europa.eu/eli/dir/2003/88/oj"),),
        minimum_n=20,
        inputs=(
            "payroll.hours_regular",
            "payroll.hours_overtime",
        ),
        scored=True,
    ),
)
