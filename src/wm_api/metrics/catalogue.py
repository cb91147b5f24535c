# ruff: noqa: E501 - a table reads best a line an entry
"""PURE: what each metric is: unit, direction, least group, formula, source."""

from collections.abc import Mapping
from dataclasses import dataclass

UK = "https://www.legislation.gov.uk/uksi/2017/172/contents/made"
EU = "https://eur-lex.europa.eu/eli/dir/2023/970/oj"
BLS = "https://www.bls.gov"
ESRS = "https://www.efrag.org"


@dataclass(frozen=True, slots=True)
class Definition:
    key: str
    name: str
    area: str
    unit: str
    direction: str
    decimals: int
    minimum_n: int
    minimum_group_n: int | None
    formula: str
    standard: str
    article: str
    url: str
    version: str = "1.0"
    profiles: tuple[str, ...] = ("default",)


def _d(  # noqa: PLR0913, PLR0917 - a row of the table
    key: str,
    name: str,
    area: str,
    unit: str,
    direction: str,
    decimals: int,
    least: tuple[int, int | None],
    formula: str,
    source: tuple[str, str, str],
    profiles: tuple[str, ...] = ("default",),
) -> Definition:
    return Definition(key, name, area, unit, direction, decimals, *least, formula, *source, profiles=profiles)


CATALOGUE: Mapping[str, Definition] = {
    each.key: each
    for each in (
        _d("living_wage_share", "People at a living wage", "pay", "percent", "higher", 1, (20, None), "100 x #(a_i >= LW[place_i]) / n", ("ESRS", "S1-10", ESRS)),
        _d("real_wage_growth_stayers", "Real wage growth of stayers", "pay", "percent", "higher", 1, (30, None), "100 x (Q50(r0_t / r0_start) / (CPI_t / CPI_start) - 1)", ("Aspen Institute", "2018 scorecard", "https://www.aspeninstitute.org")),
        _d("market_pay_ratio", "Pay against the market", "pay", "ratio", "higher", 3, (20, None), "exp(mean ln(r0_i / p50[occupation_i]))", ("BLS OEWS", "May 2025", BLS)),
        _d("gender_gap_median_hourly", "Median gender pay gap", "equity", "percent", "zero", 1, (0, 10), "(Q50 M - Q50 F) / Q50 M x 100", ("UK SI 2017/172", "regulation 9", UK), ("default", "uk")),
        _d("gender_gap_mean_hourly", "Mean gender pay gap", "equity", "percent", "zero", 1, (0, 10), "(mean M - mean F) / mean M x 100", ("UK SI 2017/172", "regulation 8", UK), ("default", "uk")),
        _d("adjusted_gender_gap", "Adjusted gender pay gap", "equity", "percent", "zero", 1, (60, 20), "100 x (1 - exp(beta_F)), OLS with HC3", ("Jann 2008", "Oaxaca decomposition", "https://doi.org/10.1177/1536867X0800800401")),
        _d("variable_receipt_gap", "Gap in receiving variable pay", "equity", "percentage_points", "zero", 1, (0, 10), "100 x (share of M - share of F)", ("UK SI 2017/172", "regulation 12", UK), ("default", "uk")),
        _d("pay_quarter_female_share", "Women by pay quarter", "equity", "percent", "none", 1, (40, 10), "% F in four quarters by rank of r", ("Directive (EU) 2023/970", "Article 9(1)(f)", EU), ("default", "uk")),
        _d("benefit_access_rate", "Access to benefits", "benefits", "percent", "higher", 1, (10, None), "mean over 5 benefits of 100 x (offered, or eligible and past the wait) / n", ("BLS NCS", "access", BLS), ("default", "us")),
        _d("employer_premium_share", "Employer's share of premiums", "benefits", "percent", "higher", 1, (10, None), "100 x employer premium / premium", ("BLS NCS", "premiums", BLS)),
        _d("low_wage_benefit_parity", "Benefits of the lowest paid", "benefits", "ratio", "higher", 3, (40, None), "min(1, access lowest quarter / highest)", ("BLS NCS", "wage quartiles", BLS)),
        _d("turnover_rate", "Turnover", "retention", "percent", "lower", 1, (20, None), "100 x separations / Hbar", ("ESRS", "S1-6 50(c)", ESRS)),
        _d("voluntary_turnover_rate", "Voluntary turnover", "retention", "percent", "lower", 1, (20, None), "100 x voluntary quits / Hbar", ("ISO 30414", "turnover", "https://www.iso.org/standard/69338.html")),
        _d("early_attrition_90d", "Attrition in 90 days", "retention", "percent", "lower", 1, (20, None), "100 x (1 - S(90)), Kaplan-Meier", ("Kaplan and Meier 1958", "product limit", "https://doi.org/10.1080/01621459.1958.10501452")),
        _d("promotion_rate", "Promotions", "job_quality", "percent", "higher", 1, (20, None), "100 x promotions / Hbar", ("ISO 30414", "internal mobility", "https://www.iso.org/standard/69338.html")),
        _d("permanent_share", "Permanent contracts", "job_quality", "percent", "higher", 1, (20, None), "100 x permanent / n", ("ESRS", "S1-6 50(b)(i)", ESRS)),
        _d("overtime_hours_share", "Overtime", "job_quality", "percent", "lower", 1, (20, None), "100 x overtime / (regular + overtime) hours", ("Directive 2003/88/EC", "working time", "https://eur-lex.europa.eu/eli/dir/2003/88/oj")),
    )
}  # fmt: skip
