"""PURE: retention (domain.md 3.3 E)."""

from wm_api.metrics.definition import Definition, Source

DEFINITIONS = (
    Definition(
        key="turnover_rate",
        name="Turnover",
        area="retention",
        unit="percent",
        direction="lower",
        decimals=1,
        formula="100 x separations / Hbar",
        sources=(Source("ESRS", "S1-6 50(c)", "https://www.efrag.org"),),
        minimum_n=20,
        inputs=("workforce.termination_date",),
        scored=True,
    ),
    Definition(
        key="voluntary_turnover_rate",
        name="Voluntary turnover",
        area="retention",
        unit="percent",
        direction="lower",
        decimals=1,
        formula="100 x voluntary quits / Hbar",
        sources=(Source("ISO 30414", "turnover", "https://www.iso.org/standard/69338.html"),),
        minimum_n=20,
        inputs=(
            "workforce.termination_date",
            "workforce.termination_reason",
        ),
        scored=True,
    ),
    Definition(
        key="early_attrition_90d",
        name="Attrition in 90 days",
        area="retention",
        unit="percent",
        direction="lower",
        decimals=1,
        formula="100 x (1 - S(90)), Kaplan-Meier",
        sources=(Source("Kaplan and Meier 1958", "product limit", "https://doi.org/10.1080/01621459.1958.10501452"),),
        minimum_n=20,
        inputs=("workforce.termination_date",),
        scored=True,
    ),
)
