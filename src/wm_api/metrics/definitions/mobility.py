"""PURE: mobility (domain.md 3.3 F)."""

from wm_api.metrics.definition import Definition, Source

OF_PROMOTIONS = (
    "workforce.promotions_in_window",
    "workforce.job_level",
    "workforce.job_level_start",
    "workforce.base_rate_start",
    "workforce.weekly_hours_start",
    "workforce.job_code",
    "workforce.last_level_change_date",
    "workforce.last_level_change_reason",
)
"""Promotions, and what tells them from a title and a regrading."""

DEFINITIONS = (
    Definition(
        key="promotion_rate",
        name="Promotions",
        area="job_quality",
        unit="percent",
        direction="higher",
        decimals=1,
        formula="100 x promotions / Hbar",
        sources=(Source("ISO 30414", "internal mobility", "https://www.iso.org/standard/69338.html"),),
        minimum_n=20,
        inputs=OF_PROMOTIONS,
        scored=True,
    ),
    Definition(
        key="promotion_rate_gap",
        name="Gap in promotions",
        area="job_quality",
        unit="percentage_points",
        direction="zero",
        decimals=1,
        formula="promotion rate M - promotion rate F, on their own person-years",
        sources=(Source("French equality index", "indicator of promotions", "https://index-egapro.travail.gouv.fr"),),
        minimum_group_n=10,
        inputs=OF_PROMOTIONS,
    ),
    Definition(
        key="frontline_advancement_24m",
        name="Advancement from the lowest levels in two years",
        area="job_quality",
        unit="percent",
        direction="higher",
        decimals=1,
        formula="100 x (level up, or real r0 up 10 %) / level 1 or 2 24 months ago and still employed",
        sources=(Source("sis-2026.1", "own definition", "docs/methodology/figures.md"),),
        minimum_n=30,
        references=("consumer_prices",),
        inputs=(
            "workforce.termination_date",
            "workforce.job_level",
            "workforce.job_level_start",
            "workforce.base_rate_start",
            "workforce.weekly_hours_start",
        ),
    ),
)
