"""PURE: pay equity (domain.md 3.3 B)."""

from wm_api.metrics.definition import Definition, Source
from wm_api.metrics.profiles import Question

UK = "https://www.legislation.gov.uk/uksi/2017/172/contents/made"
EU = "https://eur-lex.europa.eu/eli/dir/2023/970/oj"
ESRS = "https://www.efrag.org"
FORTIN = "https://doi.org/10.1016/S0169-7218(11)00407-2"
VARIABLE = ("workforce.variable_pay_12m", "payroll.pay_bonus", "payroll.pay_commission")
IN_QUARTERS = (Question.HOURLY_PAY, Question.OVERTIME, Question.WHO)
IN_GAPS = (*IN_QUARTERS, Question.GENDER_X)
ROWS = "10 people for each parameter of the regression."
IN_VARIABLE_GAPS = (Question.WHO_RECEIVES, Question.VARIABLE_GAP)

DEFINITIONS = (
    Definition(
        key="gender_gap_median_hourly",
        name="Median gender pay gap",
        area="equity",
        unit="percent",
        direction="zero",
        decimals=1,
        formula="(Q50 M - Q50 F) / Q50 M x 100",
        sources=(
            Source("UK SI 2017/172", "regulation 9", UK),
            Source("Directive (EU) 2023/970", "Article 9(1)(c)", EU),
        ),
        minimum_group_n=10,
        questions=IN_GAPS,
        scored=True,
    ),
    Definition(
        key="gender_gap_mean_hourly",
        name="Mean gender pay gap",
        area="equity",
        unit="percent",
        direction="zero",
        decimals=1,
        formula="(mean M - mean F) / mean M x 100",
        sources=(
            Source("UK SI 2017/172", "regulation 8", UK),
            Source("Directive (EU) 2023/970", "Article 9(1)(a)", EU),
            Source("ESRS", "S1-16 97(a)", ESRS),
        ),
        minimum_group_n=10,
        questions=IN_GAPS,
        scored=True,
    ),
    Definition(
        key="adjusted_gender_gap",
        name="Adjusted gender pay gap",
        area="equity",
        unit="percent",
        direction="zero",
        decimals=1,
        formula="100 x (1 - exp(beta_F)), OLS of ln r on F + level + family + region + tenure + tenure squared, HC3",
        sources=(
            Source("Jann 2008", "Oaxaca decomposition", "https://doi.org/10.1177/1536867X0800800401"),
            Source("Fortin, Lemieux, Firpo 2011", "decomposition methods", FORTIN),
        ),
        minimum_n=60,
        minimum_group_n=20,
        conditions=(ROWS,),
        inputs=(
            "workforce.job_level",
            "workforce.job_family",
            "workforce.work_region",
            "workforce.original_hire_date",
            "workforce.performance_band",
        ),
        scored=True,
        version="1.1",
    ),
    Definition(
        key="adjusted_race_gap",
        name="Largest adjusted gap by race",
        area="equity",
        unit="percent",
        direction="zero",
        decimals=1,
        formula="100 x (1 - exp(beta_g)), OLS of ln r as for gender, g against all others, largest in size",
        sources=(
            Source("US audit practice", "regression of log pay", "https://www.dol.gov/agencies/ofccp", checked=False),
        ),
        minimum_n=60,
        minimum_group_n=30,
        conditions=(ROWS,),
        inputs=(
            "workforce.race_ethnicity",
            "workforce.job_level",
            "workforce.job_family",
            "workforce.work_region",
            "workforce.original_hire_date",
        ),
        version="1.1",
    ),
    Definition(
        key="gender_gap_mean_variable",
        name="Mean gap of variable pay",
        area="equity",
        unit="percent",
        direction="zero",
        decimals=1,
        formula="(mean M - mean F) / mean M x 100 among recipients",
        sources=(
            Source("UK SI 2017/172", "regulation 10", UK),
            Source("Directive (EU) 2023/970", "Article 9(1)(b)", EU),
        ),
        minimum_group_n=10,
        inputs=VARIABLE,
        questions=IN_VARIABLE_GAPS,
    ),
    Definition(
        key="gender_gap_median_variable",
        name="Median gap of variable pay",
        area="equity",
        unit="percent",
        direction="zero",
        decimals=1,
        formula="(Q50 M - Q50 F) / Q50 M x 100 among recipients",
        sources=(
            Source("UK SI 2017/172", "regulation 11", UK),
            Source("Directive (EU) 2023/970", "Article 9(1)(d)", EU),
        ),
        minimum_group_n=10,
        inputs=VARIABLE,
        questions=IN_VARIABLE_GAPS,
    ),
    Definition(
        key="variable_receipt_gap",
        name="Gap in receiving variable pay",
        area="equity",
        unit="percentage_points",
        direction="zero",
        decimals=1,
        formula="100 x (share of M - share of F)",
        sources=(
            Source("UK SI 2017/172", "regulation 12", UK),
            Source("Directive (EU) 2023/970", "Article 9(1)(e)", EU),
        ),
        minimum_group_n=10,
        conditions=("10 people receive no variable pay.",),
        inputs=VARIABLE,
        questions=IN_VARIABLE_GAPS,
        scored=True,
    ),
    Definition(
        key="pay_quarter_female_share",
        name="Women by pay quarter",
        area="equity",
        unit="percent",
        direction="none",
        decimals=1,
        formula="% F in four quarters by rank of r",
        sources=(
            Source("Directive (EU) 2023/970", "Article 9(1)(f)", EU),
            Source("UK SI 2017/172", "regulation 13", UK),
        ),
        minimum_n=40,
        minimum_group_n=10,
        questions=(*IN_QUARTERS, Question.TIES),
    ),
    Definition(
        key="category_gap_exposure_5pct",
        name="People in categories with a gap of 5 %",
        area="equity",
        unit="percent",
        direction="lower",
        decimals=1,
        formula="100 x people in tested categories with |gap| >= 5 % in mean r0 or mean variable pay / people in them",
        sources=(
            Source("Directive (EU) 2023/970", "Article 9(1)(g)", EU),
            Source("Directive (EU) 2023/970", "Article 10", EU),
        ),
        minimum_group_n=3,
        conditions=("A category is shown with 10 women and 10 men in it.",),
        inputs=("workforce.worker_category", *VARIABLE),
        questions=IN_QUARTERS,
    ),
)
