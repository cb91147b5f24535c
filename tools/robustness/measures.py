"""What each choice does: shares of stars that change, shifts, ranks, weights that work, Sobol indices."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import stats
from tools.robustness.engine import Choices, bands, scored
from tools.robustness.population import Flags, Floats, Population

NOMINAL = Choices()
CONCENTRATION = 100
"""Of the Dirichlet draws: a weight of 0.25 has a standard deviation of 0.043."""
BINS = 12
FEWEST = 2
MOST_FLIPS = 0.10
MOST_APART = 1.5
SINGLE: Mapping[str, Choices] = {
    "alpha 0 (standards only)": Choices(alpha=0.0),
    "alpha 1 (peers only)": Choices(alpha=1.0),
    "power mean 1 (arithmetic)": Choices(power=1.0),
    "power mean -1 (harmonic)": Choices(power=-1.0),
    "declared spreads x 0.5": Choices(spread=0.5),
    "declared spreads x 2": Choices(spread=2.0),
    "fallback one level up": Choices(higher=True),
    "not reported counts 50": Choices(missing=50.0),
}
BOUNDS: Mapping[str, Choices] = {
    "not reported counts 10": Choices(missing=10.0),
    "not reported counts 90": Choices(missing=90.0),
}
"""No rules that one could choose, but the worst and the best that can be true: the interval of a score holds both."""


class Baseline:
    """The scores as the methodology gives them, and normal draws that all choices share."""

    def __init__(self, population: Population, seed: int, draws: int) -> None:
        self.population, self.rng = population, np.random.default_rng(seed)
        self.scored = scored(population, NOMINAL)
        self.bands = bands(population, self.scored.headline)
        self.noise = [self.rng.standard_normal(population.value.shape) for _ in range(draws)]

    @property
    def there(self) -> Flags:
        return ~np.isnan(self.scored.headline)

    def moves(self, choices: Choices, headline: Floats) -> Flags:
        """Whether the star of each company moves: only when enough draws lie beyond the nearest cut (step 10)."""
        method, cuts = self.population.methodology, np.array([-np.inf, *self.population.methodology.star_cuts, np.inf])
        old, new = self.bands, bands(self.population, headline)
        held = np.nan_to_num(old, nan=1).astype(int)
        above, below = np.zeros(self.population.size), np.zeros(self.population.size)
        runs = list(self._runs(choices))
        for run in runs:
            above += run >= cuts[held]
            below += run < cuts[held - 1]
        beyond = np.where(new > old, above, below) / len(runs)
        return np.asarray(self.there & (new != old) & (beyond >= method.hysteresis))

    def _runs(self, choices: Choices) -> Iterator[Floats]:
        """Every draw twice, with what was not reported low and high; a rule for it takes the place of both."""
        bounds = self.population.methodology.missing_bounds if choices.missing is None else (choices.missing,)
        for noise in self.noise:
            drawn = self.population.value + self.population.error * noise
            for bound in bounds:
                yield scored(self.population, replace(choices, missing=bound), drawn).headline


def effect(base: Baseline, choices: Choices) -> dict[str, float]:
    """Of companies with a score."""
    found, there = scored(base.population, choices).headline, base.there
    shift = (found - base.scored.headline)[there]
    return {
        "star_changes": float(base.moves(choices, found)[there].mean()),
        "band_changes": float((bands(base.population, found) != base.bands)[there].mean()),
        "median_shift": float(np.median(shift)),
        "p95_shift": float(np.quantile(np.abs(shift), 0.95, method="linear")),
        "spearman": float(stats.spearmanr(base.scored.headline[there], found[there]).statistic),
    }


def weighted(population: Population, rng: np.random.Generator) -> Choices:
    """Weights of areas, and of metrics within each, Dirichlet around nominal."""
    methodology = population.methodology
    areas = rng.dirichlet(CONCENTRATION * np.array(list(methodology.areas.values())))
    weights = np.array([rule.weight for rule in methodology.metrics])
    for area in methodology.areas:
        inside = np.array([rule.area == area for rule in methodology.metrics])
        weights[inside] = rng.dirichlet(CONCENTRATION * weights[inside] / weights[inside].sum())
    return Choices(areas=areas, weights=weights)


def weights_effect(base: Baseline, draws: int) -> dict[str, float]:
    """The mean over draws of weights, and the draw of which 95 % are better."""
    found = [effect(base, weighted(base.population, base.rng)) for _ in range(draws)]
    worst = float(np.quantile([each["star_changes"] for each in found], 0.95, method="linear"))
    return {name: float(np.mean([each[name] for each in found])) for name in found[0]} | {"p95_star_changes": worst}


def _columns(names: list[str], scores: Floats) -> Iterator[tuple[str, Floats, Flags]]:
    for at, name in enumerate(names):
        yield name, scores[:, at], ~np.isnan(scores[:, at])


def correlation_ratio(score: Floats, headline: Floats) -> float:
    """Variance of the mean headline over bins of the score, in that of the headline: what fixing it would explain.

    A score that fewer than two companies have explains nothing.
    """
    if len(score) < FEWEST:
        return 0.0
    edges = np.unique(np.quantile(score, np.linspace(0, 1, BINS + 1), method="linear"))
    which = np.clip(np.searchsorted(edges, score, side="right") - 1, 0, max(0, len(edges) - 2))
    counts = np.bincount(which)
    means = np.bincount(which, headline) / np.maximum(counts, 1)
    between = float((counts * (means - headline.mean()) ** 2).sum() / len(score))
    bias = (np.count_nonzero(counts) - 1) / len(score)
    ratio = between / float(headline.var())
    return max(0.0, (ratio - bias) / (1 - bias))


def effective(names: list[str], nominal: list[float], scores: Floats, base: Baseline) -> list[dict[str, Any]]:
    """Nominal weight beside the share of all squared correlation ratios; far apart when over 1.5 times either way."""
    ratios = [
        correlation_ratio(column[there & base.there], base.scored.headline[there & base.there])
        for _, column, there in _columns(names, scores)
    ]
    shares = [ratio / (sum(ratios) or 1.0) for ratio in ratios]
    return [
        {
            "name": name, "nominal": weight, "effective": share, "correlation_ratio": ratio,
            "apart": not 1 / MOST_APART <= share / weight <= MOST_APART,
        }
        for name, weight, ratio, share in zip(names, nominal, ratios, shares, strict=True)
    ]  # fmt: skip


def correlations(names: list[str], scores: Floats, base: Baseline) -> dict[str, dict[str, float | None]]:
    """Spearman, of companies that have both; None where they do not differ or hardly any has."""
    found: dict[str, dict[str, float | None]] = {name: {} for name in names}
    for one, first, has in _columns(names, scores):
        for other, second, has_too in _columns(names, scores):
            both = has & has_too & base.there
            found[one][other] = _spearman(first[both], second[both]) if one != other else 1.0
    return found


def _spearman(first: Floats, second: Floats) -> float | None:
    if len(first) < FEWEST or np.ptp(first) == 0 or np.ptp(second) == 0:
        return None
    return float(stats.spearmanr(first, second).statistic)


FACTORS: Mapping[str, Callable[[float], dict[str, Any]]] = {
    "alpha": lambda u: {"alpha": u},
    "aggregation": lambda u: {"power": (-1.0, 0.0, 1.0)[min(2, int(3 * u))]},
    "declared spreads": lambda u: {"spread": 0.5 * 4**u},
    "fallback": lambda u: {"higher": u >= 0.5},
    "missing rule": lambda u: {"missing": (None, 10.0, 50.0, 90.0)[min(3, int(4 * u))]},
}


def sobol(base: Baseline, samples: int) -> dict[str, dict[str, float]]:
    """First and total indices of the headlines, pooled over companies by variance (Saltelli 2010, Jansen 1999)."""
    population, count = base.population, len(FACTORS) + 1
    points = stats.qmc.Sobol(2 * count, seed=base.rng).random(samples)
    drawn = [weighted(population, base.rng) for _ in range(samples)]
    names = [*FACTORS, "weights"]

    def headline(row: Floats) -> Floats:
        turned = [FACTORS[name](float(u)) for name, u in zip(FACTORS, row, strict=False)]
        choices = drawn[min(samples - 1, int(row[-1] * samples))]
        for each in turned:
            choices = replace(choices, **each)
        return scored(population, choices).headline[base.there]

    one, other = points[:, :count], points[:, count:]
    a, b = (np.array([headline(row) for row in rows]) for rows in (one, other))
    middle = np.concatenate([a, b]).mean(axis=0)
    variance = float(np.concatenate([a, b]).var(axis=0).sum())
    found = {}
    for at, name in enumerate(names):
        mixed = one.copy()
        mixed[:, at] = other[:, at]
        both = np.array([headline(row) for row in mixed])
        first = float(((b - middle) * (both - a)).mean(axis=0).sum()) / variance
        total = float(((a - both) ** 2).mean(axis=0).sum()) / 2 / variance
        found[name] = {"first": first, "total": total}
    return found
