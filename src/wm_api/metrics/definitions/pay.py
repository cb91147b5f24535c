"""PURE: pay level (domain.md 3.3 A)."""

from wm_api.metrics.definition import Definition, Source

ESRS = "https://www.efrag.org"

DEFINITIONS = (
    Definition(
        key="living_wage_share",
        name="People at a living wage",
        area="pay",
        unit="percent",
        direction="higher",
        decimals=1,
        formula="100 x #(a_i >= LW[place_i]) / n",
        sources=(Source("ESRS", "S1-10", ESRS),),
        minimum_n=20,
        inputs=("workforce.work_county",),
        references=("living_wage",),
        scored=True,
    ),
    Definition(
        key="real_wage_growth_stayers",
        name="Real wage growth of stayers",
        area="pay",
        unit="percent",
        direction="higher",
        decimals=1,
        formula="100 x (Q50(r0_t / r0_start) / (CPI_t / CPI_start) - 1)",
        sources=(Source("Aspen Institute", "2018 scorecard", "https://www.aspeninstitute.org"),),
        minimum_n=30,
        inputs=("workforce.base_rate_start",),
        references=("consumer_prices",),
        scored=True,
    ),
    Definition(
        key="market_pay_ratio",
        name="Pay against the market",
        area="pay",
        unit="ratio",
        direction="higher",
        decimals=3,
        formula="exp(mean ln(r0_i / p50[occupation_i]))",
        sources=(Source("BLS OEWS", "May 2025", "https://www.bls.gov"),),
        minimum_n=20,
        inputs=("workforce.soc_code",),
        references=("market_pay",),
        scored=True,
    ),
)
