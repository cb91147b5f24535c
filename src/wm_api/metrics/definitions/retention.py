"""PURE: retention (domain.md 3.3 E)."""

from wm_api.metrics.definition import Definition, Source
from wm_api.metrics.profiles import Question

GRI = "https://www.globalreporting.org/standards/"
ISO = "https://www.iso.org/standard/69338.html"

DEFINITIONS = (
    Definition(
        key="turnover_rate",
        name="Turnover",
        area="retention",
        unit="percent",
        direction="lower",
        decimals=1,
        formula="100 x separations / Hbar",
        sources=(
            Source("ESRS", "S1-6 50(c) and AR 59", "https://www.efrag.org"),
            Source("GRI", "401-1", GRI),
            Source("ISO 30414", "turnover", ISO),
        ),
        minimum_n=20,
        inputs=(
            "workforce.termination_date",
            "workforce.termination_reason",
        ),
        questions=(Question.TURNOVER_COUNTS, Question.TURNOVER_BASE),
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
        sources=(
            Source("ISO 30414", "turnover", ISO),
            Source("SASB", "voluntary turnover", "https://sasb.ifrs.org", checked=False),
        ),
        minimum_n=20,
        inputs=(
            "workforce.termination_date",
            "workforce.termination_reason",
        ),
        questions=(Question.TURNOVER_BASE,),
        scored=True,
    ),
    Definition(
        key="quits_rate_monthly",
        name="Quits a month",
        area="retention",
        unit="percent",
        direction="lower",
        decimals=1,
        formula="mean over months of 100 x quits / people employed on the 12th",
        sources=(Source("BLS JOLTS", "quits rate", "https://www.bls.gov/jlt/"),),
        minimum_n=20,
        inputs=("workforce.termination_date", "workforce.termination_reason"),
        version="1.1",
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
        conditions=("The least group is of hires in the window.",),
        inputs=(
            "workforce.termination_date",
            "workforce.termination_reason",
        ),
        scored=True,
    ),
    Definition(
        key="retention_rate_12m",
        name="Retention over a year",
        area="retention",
        unit="percent",
        direction="higher",
        decimals=1,
        formula="100 x employed at the start and at the end / employed at the start, without transfers",
        sources=(Source("Aspen Institute", "2018 scorecard", "https://www.aspeninstitute.org"),),
        minimum_n=20,
        inputs=(
            "workforce.termination_date",
            "workforce.termination_reason",
        ),
    ),
    Definition(
        key="turnover_gap",
        name="Voluntary turnover of women over that of men",
        area="retention",
        unit="ratio",
        direction="none",
        decimals=3,
        formula="voluntary rate F / voluntary rate M",
        sources=(Source("GRI", "401-1", GRI),),
        minimum_group_n=10,
        inputs=("workforce.termination_date", "workforce.termination_reason"),
    ),
)
