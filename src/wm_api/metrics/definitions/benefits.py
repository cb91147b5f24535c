"""PURE: benefits (domain.md 3.3 D)."""

from wm_api.metrics.definition import Definition, Source
from wm_api.metrics.profiles import Question

BLS = "https://www.bls.gov"

DEFINITIONS = (
    Definition(
        key="benefit_access_rate",
        name="Access to benefits",
        area="benefits",
        unit="percent",
        direction="higher",
        decimals=1,
        formula="mean over 5 benefits of 100 x (offered, or eligible and past the wait) / n",
        sources=(Source("BLS NCS", "access", BLS),),
        minimum_n=10,
        inputs=("benefit_plans",),
        questions=(Question.BENEFIT_ACCESS,),
        scored=True,
    ),
    Definition(
        key="employer_premium_share",
        name="Employer's share of premiums",
        area="benefits",
        unit="percent",
        direction="higher",
        decimals=1,
        formula="100 x employer premium / premium",
        sources=(Source("BLS NCS", "premiums", BLS),),
        minimum_n=10,
        inputs=("benefit_plans", "benefit_enrolments"),
        scored=True,
    ),
    Definition(
        key="low_wage_benefit_parity",
        name="Benefits of the lowest paid",
        area="benefits",
        unit="ratio",
        direction="higher",
        decimals=3,
        formula="min(1, access lowest quarter / highest)",
        sources=(Source("BLS NCS", "wage quartiles", BLS),),
        minimum_n=40,
        inputs=("benefit_plans",),
        scored=True,
    ),
)
