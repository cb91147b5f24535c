"""PURE: employment quality (domain.md 3.3 I)."""

from wm_api.metrics.definition import Definition, Source

DEFINITIONS = (
    Definition(
        key="permanent_share",
        name="Permanent contracts",
        area="job_quality",
        unit="percent",
        direction="higher",
        decimals=1,
        formula="100 x permanent / n",
        sources=(Source("ESRS", "S1-6 50(b)(i)", "https://www.efrag.org"),),
        minimum_n=20,
        inputs=("workforce.contract_type",),
        scored=True,
    ),
)
