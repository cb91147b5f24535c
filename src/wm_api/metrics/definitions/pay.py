"""PURE: pay level (domain.md 3.3 A)."""

from wm_api.metrics.definition import Definition, Source
from wm_api.metrics.profiles import Question

ESRS = "https://www.efrag.org"
GRI = "https://www.globalreporting.org"
OF_PAY = (Question.HOURLY_PAY, Question.OVERTIME, Question.WHO)
"""The lines that decide whose hourly pay is read, and how."""
WITH_ALLOWANCES = "a_i = r0_i + max(0, guaranteed allowance - allowances of payroll in r0_i) an hour"

DEFINITIONS = (
    Definition(
        key="median_hourly_pay",
        name="Median hourly pay",
        area="pay",
        unit="money_per_hour",
        direction="none",
        decimals=2,
        formula="Q50 of r",
        sources=(
            Source("BLS OEWS", "median hourly wage", "https://www.bls.gov/oes/", checked=False),
            Source("BLS NCS", "median hourly earnings", "https://www.bls.gov/ncs/", checked=False),
        ),
        minimum_n=10,
        questions=OF_PAY,
    ),
    Definition(
        key="living_wage_share",
        name="People at a living wage",
        area="pay",
        unit="percent",
        direction="higher",
        decimals=1,
        formula=f"100 x #(a_i >= LW[place_i]) / n, {WITH_ALLOWANCES}",
        sources=(
            Source("ESRS", "S1-10", ESRS),
            Source("Living Wage Calculator", "hourly wage of 2,080 hours a year", "https://livingwage.mit.edu"),
        ),
        minimum_n=20,
        inputs=(
            "workforce.work_county",
            "workforce.guaranteed_allowance_annual",
        ),
        references=("living_wage",),
        scored=True,
        version="1.1",
    ),
    Definition(
        key="living_wage_gap_depth",
        name="Depth of the living wage gap",
        area="pay",
        unit="percent",
        direction="lower",
        decimals=2,
        formula=f"100 x sum max(0, LW - a_i) h_i / sum LW h_i, {WITH_ALLOWANCES}",
        sources=(Source("Foster, Greer, Thorbecke 1984", "FGT(1)", "https://doi.org/10.2307/1913475", checked=False),),
        minimum_n=20,
        inputs=(
            "workforce.work_county",
            "workforce.guaranteed_allowance_annual",
        ),
        references=("living_wage",),
        version="1.1",
    ),
    Definition(
        key="entry_wage_to_minimum_ratio",
        name="Entry pay against the legal minimum",
        area="pay",
        unit="ratio",
        direction="higher",
        decimals=3,
        formula="Q05 of r0_i / legal minimum[place_i], level 1",
        sources=(Source("GRI", "202-1", GRI, checked=False),),
        minimum_n=10,
        inputs=(
            "workforce.job_level",
            "workforce.work_country",
            "workforce.work_region",
        ),
        references=("legal_minimum",),
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
        inputs=(
            "workforce.base_rate_start",
            "workforce.weekly_hours_start",
        ),
        references=("consumer_prices",),
        scored=True,
        version="1.1",
    ),
    Definition(
        key="market_pay_ratio",
        name="Pay against the market",
        area="pay",
        unit="ratio",
        direction="higher",
        decimals=3,
        formula="exp(mean ln(r0_i / p50[occupation_i, area_i]))",
        sources=(Source("BLS OEWS", "hourly median by occupation and area", "https://www.bls.gov/oes/"),),
        minimum_n=20,
        conditions=("70 % of people have an occupation that is compared.",),
        inputs=(
            "workforce.soc_code",
            "workforce.work_country",
            "workforce.work_region",
            "workforce.work_county",
        ),
        references=("market_pay",),
        scored=True,
    ),
)
