"""PURE: employment quality (domain.md 3.3 I)."""

from wm_api.metrics.definition import Definition, Source

ESRS = "https://www.efrag.org"
GRI = "https://www.globalreporting.org/standards/"

DEFINITIONS = (
    Definition(
        key="permanent_share",
        name="Permanent contracts",
        area="job_quality",
        unit="percent",
        direction="higher",
        decimals=1,
        formula="100 x permanent / n",
        sources=(Source("ESRS", "S1-6 50(b)(i)", ESRS),),
        minimum_n=20,
        inputs=("workforce.contract_type",),
        scored=True,
    ),
    Definition(
        key="guaranteed_hours_share",
        name="Guaranteed hours",
        area="job_quality",
        unit="percent",
        direction="higher",
        decimals=1,
        formula="100 x (1 - without guaranteed hours / n)",
        sources=(Source("ESRS", "S1-6 50(b)(iii)", ESRS),),
        minimum_n=20,
        inputs=("workforce.guaranteed_hours",),
    ),
    Definition(
        key="contingent_share",
        name="Agency workers and contractors",
        area="job_quality",
        unit="percent",
        direction="lower",
        decimals=1,
        formula="100 x fte of agency workers and contractors / fte of all",
        sources=(Source("ESRS", "S1-7", ESRS),),
        minimum_n=20,
        inputs=("workforce.worker_type",),
    ),
    Definition(
        key="collective_bargaining_coverage",
        name="Collective bargaining coverage",
        area="job_quality",
        unit="percent",
        direction="none",
        decimals=1,
        formula="100 x covered / n known",
        sources=(Source("ESRS", "S1-8", ESRS),),
        minimum_n=20,
        inputs=("workforce.union_covered",),
    ),
    Definition(
        key="training_hours_per_employee",
        name="Hours of training",
        area="job_quality",
        unit="hours",
        direction="higher",
        decimals=1,
        formula="sum of training hours / Hbar",
        sources=(
            Source("GRI", "404-1", GRI),
            Source("ESRS", "S1-13", ESRS),
        ),
        minimum_n=20,
        inputs=("workforce.training_hours_12m",),
    ),
)
