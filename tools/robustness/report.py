"""The robustness report of a methodology over a population (domain.md 6, step 16), as JSON and as a page."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from tools.robustness.measures import (
    BOUNDS,
    MOST_FLIPS,
    SINGLE,
    Baseline,
    correlations,
    effect,
    effective,
    sobol,
    weights_effect,
)
from tools.robustness.population import Population

DIRICHLET = "weights Dirichlet around nominal"


def report(
    population: Population, seed: int, draws: int = 100, weights: int = 50, samples: int = 256
) -> dict[str, Any]:
    """Deterministic by seed. `draws` of the metrics for stars, of `weights`, `samples` of the Sobol sequence."""
    base, methodology = Baseline(population, seed, draws), population.methodology
    choices = {name: effect(base, each) for name, each in SINGLE.items()}
    choices[DIRICHLET] = weights_effect(base, weights)
    bounds = {name: effect(base, each) for name, each in BOUNDS.items()}
    worst = max(choices, key=lambda name: choices[name]["star_changes"])
    areas, metrics = list(methodology.areas), [rule.metric for rule in methodology.metrics]
    nominal = [methodology.weight(name) for name in metrics]
    return {
        "methodology": {"version": methodology.id, "sha256": methodology.sha256},
        "population": {
            "companies": population.size,
            "scored": int(base.there.sum()),
            "stars": {str(star): int((base.bands == star).sum()) for star in range(1, 6)},
            "headline_quartiles": np.quantile(
                base.scored.headline[base.there], [0.25, 0.5, 0.75], method="linear"
            ).tolist(),
        },
        "settings": {"seed": seed, "draws": draws, "weights": weights, "samples": samples},
        "verdict": {"choice": worst, "star_changes": choices[worst]["star_changes"], "limit": MOST_FLIPS,
                    "ships": choices[worst]["star_changes"] < MOST_FLIPS},
        "choices": choices,
        "bounds": bounds,
        "sobol": sobol(base, samples),
        "weights": {
            "areas": effective(areas, list(methodology.areas.values()), base.scored.areas, base),
            "metrics": effective(metrics, nominal, base.scored.metrics, base),
        },
        "correlations": {
            "areas": correlations(areas, base.scored.areas, base),
            "within": {
                area: correlations(
                    [metrics[at] for at in inside], base.scored.metrics[:, inside], base
                )
                for area, inside in (
                    (area, [at for at, rule in enumerate(methodology.metrics) if rule.area == area]) for area in areas
                )
            },
        },
    }  # fmt: skip


def page(found: Mapping[str, Any], source: str) -> str:
    """Markdown."""
    method, people, verdict = found["methodology"], found["population"], found["verdict"]
    stars = ", ".join(f"{star}: {count}" for star, count in people["stars"].items())
    word = "it ships" if verdict["ships"] else "it does not ship as it stands"
    lines = [
        f"# Robustness of {method['version']}",
        f"{source}",
        f"{people['companies']} companies, {people['scored']} with a score; stars {stars}.",
        f"The methodology's file has SHA-256 {method['sha256']}.",
        "",
        f"**With {_bounds(found['bounds'])} excluded: {word}.** Of the rest *{verdict['choice']}* moves most,",
        f"{_percent(verdict['star_changes'])} of stars; the limit is {_percent(verdict['limit'])}. Why so: ADR 19.",
        "",
        "## Coherence: correlations (Spearman)",
        *_matrix(found["correlations"]["areas"]),
    ]  # fmt: skip
    for area, each in found["correlations"]["within"].items():
        lines += ["", f"Within {area}:", "", *_matrix(each)]
    return "\n".join([*lines, "", *_weights(found["weights"]), "", *_choices(found), ""])


def _weights(found: Mapping[str, Any]) -> list[str]:
    """Still of coherence: before what the choices do."""
    return [
        "## Nominal and effective weights",
        "Effective: share of the squared correlation ratios with the headline. Apart: they differ by over 1.5 times;",
        "that alone does not stop a version (ADR 19).",
        "",
        *table(
            ["", "nominal", "effective", "apart"],
            [
                [each["name"], f"{each['nominal']:.3f}", f"{each['effective']:.3f}", "yes" if each["apart"] else ""]
                for each in (*found["areas"], *found["metrics"])
            ],
        ),
    ]


def _choices(found: Mapping[str, Any]) -> list[str]:
    draws = found["choices"][DIRICHLET]
    return [
        "## One choice at a time",
        "Stars move only when 0.8 of the draws lie beyond the cut; bands are the bare cuts. Shifts: points.",
        "",
        *_effects(found["choices"]),
        "",
        f"Of the draws of weights one in twenty changes more than {_percent(draws['p95_star_changes'])} of stars.",
        "",
        "What was not reported, counted at the bounds of its metric's score: no rule to choose, but what the interval",
        "of each score holds already. Excluded from the verdict (ADR 19).",
        "",
        *_effects(found["bounds"]),
        "",
        "## All choices at once: Sobol indices of the headline",
        "The missing rule has four levels here: reweighted, 10, 50 and 90.",
        "",
        *table(
            ["factor", "first", "total"],
            [[name, f"{each['first']:.3f}", f"{each['total']:.3f}"] for name, each in found["sobol"].items()],
        ),
    ]


def _bounds(found: Mapping[str, Mapping[str, float]]) -> str:
    return " and ".join(f"*{name}* ({_percent(each['star_changes'])})" for name, each in found.items())


def _effects(found: Mapping[str, Mapping[str, float]]) -> list[str]:
    heads = ["choice", "stars that change", "bands that change", "median shift", "95 % of shifts within", "Spearman"]
    rows = [
        [
            name, _percent(each["star_changes"]), _percent(each["band_changes"]), f"{each['median_shift']:+.2f}",
            f"{each['p95_shift']:.2f}", f"{each['spearman']:.4f}",
        ]
        for name, each in found.items()
    ]  # fmt: skip
    return table(heads, rows)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def table(heads: list[str], rows: list[list[str]]) -> list[str]:
    """Lines of a table in Markdown."""
    return [f"| {' | '.join(cells)} |" for cells in (heads, ["---"] * len(heads), *rows)]


def _matrix(found: Mapping[str, Mapping[str, float | None]]) -> list[str]:
    def shown(value: float | None) -> str:
        return "-" if value is None else f"{value:.2f}"

    return table(["", *found], [[name, *(shown(each) for each in row.values())] for name, row in found.items()])
