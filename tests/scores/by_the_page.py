"""Steps 1 to 13 of a score in plain numbers, written from the page of the methodology alone: nothing of `wm_api` in it."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from hashlib import sha256
from itertools import combinations
from statistics import NormalDist
from typing import Any

Numbers = Mapping[str, float]


def position(y: float, quartiles: tuple[float, ...], lower: float, upper: float, half: float) -> float:
    q25, q50, q75 = knots(quartiles, half)
    marks = [min(lower, q25 - half), q25, q50, q75, max(upper, q75 + half)]
    if not marks[0] < y < marks[4]:
        return 0.0 if y <= marks[0] else 100.0
    at = max(i for i in range(4) if marks[i] <= y)
    return 25 * at + 25 * (y - marks[at]) / (marks[at + 1] - marks[at])


def knots(quartiles: tuple[float, ...], half: float) -> tuple[float, float, float]:
    q25, q50, q75 = quartiles
    return min(q25, q50 - half), q50, max(q75, q50 + half)


def metric_score(x: float, se: float, rule: Mapping[str, Any], quartiles: tuple[float, ...] | None) -> float:
    y = math.sqrt(max(0.0, x * x - se * se)) if rule["direction"] == "0" else x
    parts: list[float] = []
    if quartiles is not None:
        half = rule["grid"] / 2
        low, _, high = knots(quartiles, half)
        tau = (high - low) / 1.3489795003921634
        place = position(y, quartiles, rule["lower"], rule["upper"], half)
        place = place if rule["direction"] == "+" else 100 - place
        parts.append(50 + tau**2 / (tau**2 + se**2) * (place - 50))
    if rule["worst"] is not None:
        parts.append(100 * min(1.0, max(0.0, (y - rule["worst"]) / (rule["best"] - rule["worst"]))))
    return sum(parts) / len(parts)


def quantile(values: Iterable[float], share: float) -> float:
    ranked = sorted(values)
    at = share * (len(ranked) - 1)
    low = math.floor(at)
    return ranked[low] + (at - low) * (ranked[min(low + 1, len(ranked) - 1)] - ranked[low])


def normal(seed: str, name: str, d: int) -> float:
    head = int.from_bytes(sha256(f"{seed}|{name}|{d}".encode()).digest()[:8], "big")
    return NormalDist().inv_cdf(((head >> 12) + 0.5) / 2**52)


@dataclass(frozen=True)
class Company:
    """`metrics`: status, value, standard error. `peers`: three quartiles and by how much each may be off (95 %)."""

    methodology: Mapping[str, Any]
    metrics: Mapping[str, tuple[str, float, float]]
    peers: Mapping[str, tuple[float, float, float, float]]
    seed: str
    gap_interval: tuple[float, float]
    below_minimum: bool = False
    old_star: int | None = None

    @cached_property
    def rules(self) -> dict[str, Mapping[str, Any]]:
        return {rule["metric"]: rule for rule in self.methodology["metrics"]}

    @cached_property
    def applies(self) -> set[str]:
        """Of a metric that has neither peers nor goalposts nothing can be said."""
        placed = {name for name, rule in self.rules.items() if rule["worst"] is not None or name in self.peers}
        return {name for name, each in self.metrics.items() if each[0] != "not_applicable"} & placed

    def weight(self, names: Iterable[str]) -> float:
        weights: Numbers = self.methodology["areas"]
        return sum(weights[self.rules[name]["area"]] * float(self.rules[name]["weight"]) for name in names)

    @cached_property
    def scores(self) -> dict[str, float]:
        return {name: self.placed(name, *self.metrics[name][1:]) for name in self.held}

    @cached_property
    def held(self) -> list[str]:
        return [name for name in self.rules if name in self.applies and self.metrics[name][0] == "ok"]

    def placed(self, name: str, x: float, se: float, moved: float = 0.0) -> float:
        quartiles = self.peers.get(name)
        return metric_score(x, se, self.rules[name], quartiles and tuple(q + moved for q in quartiles[:3]))

    @cached_property
    def coverage(self) -> float:
        return self.weight(self.held) / self.weight(self.applies)

    def areas(self, scores: Numbers) -> dict[str, float]:
        found = {}
        for area in self.methodology["areas"]:
            rules = [self.rules[name] for name in self.applies if self.rules[name]["area"] == area]
            held = [rule for rule in rules if rule["metric"] in scores]
            weight = sum(rule["weight"] for rule in held)
            if held and weight >= sum(rule["weight"] for rule in rules) / 2 - 1e-12:
                found[area] = sum(rule["weight"] * scores[rule["metric"]] for rule in held) / weight
        return found

    def total(self, areas: Numbers) -> float:
        weights = self.methodology["areas"]
        logs = [weights[area] * math.log(max(score, 5)) for area, score in areas.items()]
        return math.exp(sum(logs) / sum(weights[area] for area in areas))

    @cached_property
    def headline(self) -> float | None:
        areas = self.areas(self.scores)
        enough = self.coverage >= 0.75 - 1e-12 and len(areas) >= 4 and {"pay", "retention"} <= areas.keys()
        return self.total(areas) if enough else None

    @cached_property
    def drawn(self) -> list[dict[str, float]]:
        def score(name: str, d: int) -> float:
            _, x, se = self.metrics[name]
            off = self.peers[name][3] if name in self.peers else 0.0
            moved = off / 1.96 * normal(self.seed, f"peers:{name}", d) if off else 0.0
            return self.placed(name, x + se * normal(self.seed, name, d), se, moved)

        return [{name: score(name, d) for name in self.held} for d in range(1, self.methodology["draws"] + 1)]

    def run(self, missing: float | None = None) -> list[float]:
        gone = [name for name in self.applies if self.metrics[name][0] == "not_reported"]
        fill = {} if missing is None else dict.fromkeys(gone, missing)
        return [self.total(self.areas({**each, **fill})) for each in self.drawn]

    @cached_property
    def runs(self) -> tuple[list[float], list[float]]:
        return self.run(10), self.run(90)

    def interval(self, outside: float) -> tuple[float, float]:
        low, high = self.runs
        return quantile(low, outside), quantile(high, 1 - outside)

    @cached_property
    def floors(self) -> list[str]:
        living, low, high = self.metrics["living_wage_share"], *sorted(map(abs, self.gap_interval))
        peers = self.peers.get("living_wage_share")
        apart = self.gap_interval[0] * self.gap_interval[1] > 0 and min(low, high) > 5
        below = living[0] == "ok" and living[1] < 60 and (peers is None or living[1] < peers[0])
        told = {"floor_minimum_wage": self.below_minimum, "floor_living_wage": below, "floor_adjusted_gap": apart}
        return [name for name, holds in told.items() if holds]

    @cached_property
    def star(self) -> int:
        cuts, both = [-math.inf, *self.methodology["star_cuts"], math.inf], [*self.runs[0], *self.runs[1]]
        band = sum((self.headline or 0) >= cut for cut in cuts)
        star = self.old_star or band

        while star < band and sum(s >= cuts[star] for s in both) >= 0.8 * len(both):
            star += 1
        while star > band and sum(s < cuts[star - 1] for s in both) >= 0.8 * len(both):
            star -= 1
        return min(star, 3) if self.floors else star

    def contributions(self, areas: Numbers) -> dict[str, float]:
        count = len(areas)

        def worth(inside: Iterable[str]) -> float:
            return self.total({area: areas[area] if area in inside else 50.0 for area in areas})

        found = dict.fromkeys(areas, 0.0)
        for area in areas:
            for size in range(count):
                share = math.factorial(size) * math.factorial(count - size - 1) / math.factorial(count)
                for others in combinations([other for other in areas if other != area], size):
                    found[area] += share * (worth([*others, area]) - worth(others))
        return found

    def metric_contributions(self) -> dict[str, float]:
        found, areas = {}, self.areas(self.scores)
        for area, score in areas.items():
            told = score if abs(score - 50) >= 1e-6 else 50 + 1e-6
            part = self.contributions({**areas, area: told})[area]
            names = [name for name in self.held if self.rules[name]["area"] == area]
            whole = sum(self.rules[name]["weight"] for name in names)
            for name in names:
                found[name] = part * self.rules[name]["weight"] * (self.scores[name] - 50) / whole / (told - 50)
        return found

    def printed(self) -> dict[str, float]:
        """In tenths by largest remainder."""
        parts = {area: 10 * part for area, part in self.contributions(self.areas(self.scores)).items()}
        shown = Decimal(repr(round(self.headline or 0, 6))).quantize(Decimal("0.1"), ROUND_HALF_UP)
        whole = {area: math.floor(part) for area, part in parts.items()}
        left = int(shown * 10) - 500 - sum(whole.values())
        for area in sorted(parts, key=lambda area: whole[area] - parts[area])[:left]:
            whole[area] += 1
        return {area: each / 10 for area, each in whole.items()}

    def step(self, name: str) -> tuple[float, float, float, float]:
        """Where one step leads; how many points it is worth, with the 80 % interval on the same draws."""
        (status, x, se), rule = self.metrics[name], self.rules[name]
        if rule["direction"] == "0":
            end = math.copysign(max(0.0, abs(x) + rule["step"]), x)
        else:
            sign, bound = (1, rule["upper"]) if rule["direction"] == "+" else (-1, rule["lower"])
            left = max(0.0, sign * (bound - x))
            end = x + sign * min(left, abs(rule["step"]))
        moved = replace(self, metrics={**self.metrics, name: (status, end, se)})
        points = self.total(self.areas(moved.scores)) - self.total(self.areas(self.scores))
        differences = [after - before for after, before in zip(moved.run(), self.run(), strict=True)]
        return end, points, quantile(differences, 0.1), quantile(differences, 0.9)
