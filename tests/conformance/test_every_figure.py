"""Every figure that others have published or computed for the open data is a test, or is listed with the reason.

By folder: rules of paths in expected.json, one a figure; a figure that fits none, or both kinds, fails the test.
"""

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from shared import SHARED, needs_shared

DATA, HERE = SHARED / "data", Path(__file__).parent
PAGE = HERE.parents[1] / "docs/methodology/conformance.md"
GAPS = ("n_*", "mean_*", "median_*")
PAY, PEOPLE, POLICE = "test_published_pay.py", "test_university.py", "test_linked_snapshots.py"
TEXAS, REFERENCES, OAXACA, FRENCH = (
    "test_texas_employers.py",
    "test_references.py",
    "test_oaxaca_chicago.py",
    "test_french_index.py",
)
TESTED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "texas_employers": {
        TEXAS: (
            *(f"employers/*/{name}" for name in ("rows", "distinct_person_key", "full_time_rows")),
            "employers/*/full_time_without_positive_pay",
            *(f"employers/*/full_time/{name}" for name in GAPS),
            "employers/*/full_time_pay_quartiles/*",
        )
    },
    "iowa_state_university": {
        PAY: ("years/*/rows", "years/*/salaried", *(f"years/*/gap_*/{name}" for name in GAPS)),
        POLICE: ("years/*/retention_to_next_year/*", "years/*/salaried_turnover_to_next_july/*"),
        PEOPLE: (
            "years/*/stayers_pay_change_pct/n",
            "years/*/stayers_pay_change_pct/median",
            "years/*/asst_to_assoc_promotions_next_year/*",
        ),
    },
    "baltimore_police": {
        POLICE: ("transitions/*",),
        PAY: (
            *(f"hourly_gap_2020_12/{name}" for name in GAPS),
            *(f"annual_gap_2021_11/{name}" for name in GAPS),
            *(f"baltimore_county_2020_annual/{name}" for name in GAPS),
            "hourly_by_ethnic_group_2020_12/*/n",
            "hourly_by_ethnic_group_2020_12/*/median",
        ),
    },
    "uk_gpg": {
        REFERENCES: (
            *(f"years/2021_2022/{name}" for name in ("rows", "employers_*", "equal", "women_more", "*_blank")),
            *(f"years/2021_2022/{name}" for name in ("median_of_median_gap", "mean_of_*", "median_of_mean_gap")),
            "years/2021_2022/median_gap_percentiles_type7/*",
            "years/2021_2022/median_of_median_gap_by_section/*",
            "years/2021_2022/median_of_median_gap_by_size/*/n",
            *(
                f"years/2021_2022/median_of_median_gap_by_size/{size}/median"
                for size in ("Less than 250", "250 to 499", "500 to 999", "1000 to 4999", "Not Provided")
            ),
            "years/2021_2022/mean_female_share_by_quartile/*",
        )
    },
    "bls_jolts": {REFERENCES: ("published_annual_M13_rates_pct/*", "industries/*")},
    "living_wage_qcew": {REFERENCES: ("reproduced_2021/*", "examples_2021/*")},
    "oaxaca_chicago": {
        OAXACA: (
            *(f"recomputed/{name}" for name in ("n_*", "mean_*", "gap")),
            *(
                f"{origin}/{name}/{part}"
                for origin in ("recomputed", "published_vignette")
                for name in ("weight_0", "weight_1", "neumark_pooled", "pooled_with_group")
                for part in ("explained", "unexplained")
            ),
        )
    },
    "egapro_scoring": {
        FRENCH: (
            "thresholds/*",
            "remuneration_vectors/*",
            "maternity_vectors/*",
            "index_vectors/*/points*",
            "index_vectors/*/index",
            "index_vectors/*/notes/*",
            "combined_vectors/[01]/indicators/*",
            "combined_vectors/[01]/notes/pourcentage",
            "combined_vectors/[01]/notes/nombre_salaries",
        )
    },
}
"""By folder and file of tests the figures that it reads."""
LISTED: Mapping[str, Mapping[str, str]] = {
    "texas_employers": {"employers/*/ethnicity_counts_all_rows/*": "counts by ethnicity of all rows"},
    "iowa_state_university": {
        "years/*/stayers_pay_change_pct/share_with_increase_pct": "the share of stayers with a raise"
    },
    "baltimore_police": {"hourly_by_ethnic_group_2020_12/*/mean": "mean pay by ethnic group"},
    "uk_gpg": {
        "years/2021_2022/median_of_median_gap_by_size/5000 to 19,999/median": "medians of two sizes that are one band of ours",
        "years/2021_2022/median_of_median_gap_by_size/20,000 or more/median": "medians of two sizes that are one band of ours",
    },
    "bls_jolts": {"identity_max_abs_diff_thousands": "separations as the sum of their kinds"},
    "living_wage_qcew": {},
    "oaxaca_chicago": {
        "*/weight_0_5/*": "weight one half",
        "recomputed/threefold/*": "the threefold decomposition",
        "*/unexplained_[AB]": "the unexplained part shared between the groups",
    },
    "egapro_scoring": {
        "combined_vectors/[01]/notes/note": "the better of two indicators",
        "combined_vectors/[234]/*": "indicators that favour different sexes",
    },
}
"""By folder the figures that no metric, benchmark or engine of ours can express, and how the page calls them."""
pytestmark = needs_shared


def figures(folder: str) -> dict[str, float]:
    """By path; words are none."""
    return dict(_numbers(json.loads((DATA / folder / "expected.json").read_text()), ""))


def _numbers(part: Any, path: str) -> Iterator[tuple[str, float]]:
    if isinstance(part, dict | list):
        named = part.items() if isinstance(part, dict) else enumerate(part)
        for name, each in named:
            yield from _numbers(each, f"{path}/{name}" if path else str(name))
    elif isinstance(part, int | float) and not isinstance(part, bool):
        yield path, part


@cache
def counted(folder: str) -> tuple[int, int, int]:
    """All figures, those that are tested, those that are listed."""
    tested = [pattern for patterns in TESTED[folder].values() for pattern in patterns]
    paths = figures(folder)
    held = [
        [any(fnmatchcase(path, each) for each in patterns) for patterns in (tested, LISTED[folder])] for path in paths
    ]
    unclear = [path for path, (one, other) in zip(paths, held, strict=True) if one == other]
    assert unclear == [], folder
    return len(paths), sum(one for one, _ in held), sum(other for _, other in held)


@pytest.mark.parametrize("folder", TESTED)
def test_every_figure_is_tested_or_listed_and_the_page_says_how_many(folder: str) -> None:
    assert f"| `{folder}` | {' | '.join(map(str, counted(folder)))} |" in PAGE.read_text()


@pytest.mark.parametrize("folder", TESTED)
def test_no_rule_is_of_figures_that_are_not_there_and_each_reason_is_on_the_page(folder: str) -> None:
    paths, page = figures(folder), PAGE.read_text()
    rules = [*(each for patterns in TESTED[folder].values() for each in patterns), *LISTED[folder]]
    assert [each for each in rules if not any(fnmatchcase(path, each) for path in paths)] == []
    assert [reason for reason in LISTED[folder].values() if reason not in page] == []
