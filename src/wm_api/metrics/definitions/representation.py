"""PURE: representation (domain.md 3.3 G)."""

from wm_api.metrics.definition import Definition, Source
from wm_api.metrics.profiles import Question

GRI = "https://www.globalreporting.org/standards/"
ATTRIBUTES = (
    "workforce.race_ethnicity",
    "workforce.age_band",
    "workforce.disability",
    "workforce.veteran",
)

DEFINITIONS = (
    Definition(
        key="representation_share",
        name="Representation",
        area="representation",
        unit="percent",
        direction="none",
        decimals=1,
        formula="100 x n_g / n known, by attribute; the value is that of women",
        sources=(
            Source("GRI", "405-1", GRI),
            Source("ESRS", "S1-9", "https://www.efrag.org"),
        ),
        minimum_n=20,
        inputs=ATTRIBUTES,
        questions=(Question.AGE_BANDS,),
    ),
    Definition(
        key="leadership_representation_ratio",
        name="Representation in top management",
        area="representation",
        unit="ratio",
        direction="none",
        decimals=3,
        formula="share of g in top management / share of g in all, by attribute; the value is that of women",
        sources=(Source("Boston Women's Workforce Council", "pay gap report", "https://thebwwc.org"),),
        minimum_n=10,
        conditions=("The least group is of people in top management.",),
        inputs=("workforce.top_management", *ATTRIBUTES),
        questions=(Question.AGE_BANDS,),
    ),
    Definition(
        key="availability_ratio",
        name="Representation against the labour market",
        area="representation",
        unit="ratio",
        direction="none",
        decimals=3,
        formula="share of g in a job group / its share in the labour market",
        sources=(
            Source("US Census LEHD", "QWI", "https://lehd.ces.census.gov"),
            Source("US Census ACS", "civilian labour force by group", "https://www.census.gov/programs-surveys/acs"),
        ),
        minimum_n=30,
        references=("labour_market",),
    ),
    Definition(
        key="disclosure_rate",
        name="Disclosure of attributes",
        area="representation",
        unit="percent",
        direction="higher",
        decimals=1,
        formula="100 x (1 - unknown / n), by attribute; the value is that of the one known least",
        sources=(Source("sis-2026.1", "data grade", "docs/methodology/sis-2026.1.md"),),
        minimum_n=1,
        inputs=ATTRIBUTES,
    ),
)
