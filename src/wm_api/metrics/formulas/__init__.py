"""PURE: one module an area; `compute` gives every metric of the catalogue."""

from collections.abc import Callable, Mapping

from wm_api.metrics.catalogue import CATALOGUE
from wm_api.metrics.figures import Figure
from wm_api.metrics.formulas.adjusted_gap import adjusted_gender_gap
from wm_api.metrics.formulas.benefits import benefit_access_rate, employer_premium_share, low_wage_benefit_parity
from wm_api.metrics.formulas.mobility import promotion_rate
from wm_api.metrics.formulas.pay_equity import (
    gender_gap_mean_hourly,
    gender_gap_median_hourly,
    variable_receipt_gap,
)
from wm_api.metrics.formulas.pay_level import living_wage_share, market_pay_ratio, real_wage_growth_stayers
from wm_api.metrics.formulas.pay_quarters import pay_quarter_female_share
from wm_api.metrics.formulas.quality import overtime_hours_share, permanent_share
from wm_api.metrics.formulas.retention import (
    early_attrition_90d,
    turnover_rate,
    voluntary_turnover_rate,
)
from wm_api.metrics.population import MetricInputs

Formula = Callable[[MetricInputs, str], Figure]


FORMULAS: Mapping[str, Formula] = {
    "living_wage_share": living_wage_share,
    "real_wage_growth_stayers": real_wage_growth_stayers,
    "market_pay_ratio": market_pay_ratio,
    "gender_gap_median_hourly": gender_gap_median_hourly,
    "gender_gap_mean_hourly": gender_gap_mean_hourly,
    "adjusted_gender_gap": adjusted_gender_gap,
    "variable_receipt_gap": variable_receipt_gap,
    "pay_quarter_female_share": pay_quarter_female_share,
    "benefit_access_rate": benefit_access_rate,
    "employer_premium_share": employer_premium_share,
    "low_wage_benefit_parity": low_wage_benefit_parity,
    "turnover_rate": turnover_rate,
    "voluntary_turnover_rate": voluntary_turnover_rate,
    "early_attrition_90d": early_attrition_90d,
    "promotion_rate": promotion_rate,
    "permanent_share": permanent_share,
    "overtime_hours_share": overtime_hours_share,
}


def compute(inputs: MetricInputs, profile: str = "default") -> dict[str, Figure]:
    """Every metric that has the profile, each with a status; nothing is imputed."""
    return {name: formula(inputs, profile) for name, formula in FORMULAS.items() if profile in CATALOGUE[name].profiles}
