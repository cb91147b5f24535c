"""PURE: pay structure (domain.md 3.3 C)."""

from wm_api.metrics.definition import Definition, Source
from wm_api.metrics.definitions.pay import ESRS, GRI, OF_PAY
from wm_api.metrics.profiles import Question

DEFINITIONS = (
    Definition(
        key="pay_ratio_top_median",
        name="Top pay to median pay",
        area="pay",
        unit="ratio",
        direction="lower",
        decimals=3,
        formula="max total pay / Q50 of full-time pay of the others",
        sources=(
            Source("ESRS", "S1-16 97(b)", ESRS),
            Source("17 CFR", "229.402(u)", "https://www.ecfr.gov/current/title-17/section-229.402"),
            Source("GRI", "2-21", GRI, checked=False),
        ),
        minimum_n=20,
        inputs=("workforce.total_pay_12m", "workforce.top_management"),
        questions=(*OF_PAY, Question.TOP_PAY),
    ),
    Definition(
        key="pay_p90_p10_ratio",
        name="High pay to low pay",
        area="pay",
        unit="ratio",
        direction="lower",
        decimals=3,
        formula="Q90(r) / Q10(r)",
        sources=(Source("OECD", "earnings dispersion", "https://www.oecd.org", checked=False),),
        minimum_n=50,
        questions=OF_PAY,
    ),
    Definition(
        key="gini_pay",
        name="Inequality of pay",
        area="pay",
        unit="index",
        direction="lower",
        decimals=4,
        formula="2 sum(i x_i) / (n sum x) - (n + 1) / n, x = r sorted",
        sources=(
            Source(
                "Damgaard and Weiner 2000",
                "Gini coefficient of sorted values",
                "https://doi.org/10.1890/0012-9658(2000)081[1139:DIISUL]2.0.CO;2",
                checked=False,
            ),
        ),
        minimum_n=50,
        questions=OF_PAY,
    ),
)
