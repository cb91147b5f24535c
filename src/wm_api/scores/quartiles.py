"""PURE: what a figure is compared with: reference quartiles, contributed ones, or both blended (domain.md 5.4)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from wm_api.metrics.figures import published
from wm_api.scores.methodology import Methodology, MetricRule

WEIGHT_PLACES, PLACES = 6, 9


@dataclass(frozen=True, slots=True)
class Contributed:
    """Quartiles of at least so many groups, each off by `error` at most (95 %); `where` is their cell."""

    q25: float
    q50: float
    q75: float
    groups: int
    error: float
    label: str
    where: str

    @property
    def named(self) -> str:
        return f"{self.label.removesuffix(')')}; {self.where})"


@dataclass(frozen=True, slots=True)
class Blend:
    """What blended quartiles are made of; `weight` is that of the contributed ones, 1 without a reference."""

    weight: float
    contributed: Contributed
    reference: "Quartiles | None" = None


@dataclass(frozen=True, slots=True)
class Quartiles:
    """Of those that are compared with; `declared` where the methodology states a spread in them."""

    q25: float
    q50: float
    q75: float
    declared: bool = False
    label: str = ""
    blend: Blend | None = None

    @property
    def weight(self) -> float:
        """Of contributed quartiles in these."""
        return self.blend.weight if self.blend else 0.0

    @property
    def error(self) -> float:
        """What these may be off by (95 %), because of the noise in contributed ones."""
        return self.blend.weight * self.blend.contributed.error if self.blend else 0.0

    @property
    def of_peers(self) -> bool:
        """Only where half of it is contributed is it said that the comparison is with peers."""
        return self.weight >= 0.5  # noqa: PLR2004 - half

    @property
    def sources(self) -> tuple[str, ...]:
        """What they are of, each without its cell."""
        if self.blend is None:
            return (self.label.split(" (")[0],)
        reference = self.blend.reference
        return (_share(self.weight, self.blend.contributed.label), *(reference.sources if reference else ()))

    @classmethod
    def of(cls, recorded: Mapping[str, Any]) -> "Quartiles":
        """From a record."""
        blend = recorded.get("blend")
        return cls(**{**recorded, "blend": None if blend is None else _blend(blend)})

    def recorded(self) -> dict[str, Any]:
        """Without what is not there."""
        return _without_none(asdict(self))


def _blend(recorded: Mapping[str, Any]) -> Blend:
    reference = recorded.get("reference")
    return Blend(
        recorded["weight"],
        Contributed(**recorded["contributed"]),
        None if reference is None else Quartiles.of(reference),
    )


def _without_none(parts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _without_none(each) if isinstance(each, Mapping) else each
        for name, each in parts.items()
        if each is not None
    }


def with_declared_spread(centre: float, spread: float, label: str) -> Quartiles:
    """Quartiles of which a release has the centre alone."""
    return Quartiles(
        round(centre * (1 - spread), PLACES), centre, round(centre * (1 + spread), PLACES), declared=True, label=label
    )


def blended(contributed: Contributed, reference: Quartiles | None, prior_strength: float) -> Quartiles:
    """Each quartile is w x contributed + (1 - w) x reference, w = n / (n + K): the reference weighs as K groups."""
    if reference is None:
        quartiles = contributed.q25, contributed.q50, contributed.q75
        return Quartiles(*quartiles, label=contributed.named, blend=Blend(1.0, contributed))
    weight = round(contributed.groups / (contributed.groups + prior_strength), WEIGHT_PLACES)

    def between(ours: float, theirs: float) -> float:
        return round(theirs + weight * (ours - theirs), PLACES)

    rest = 100 - published(100 * weight, 0)
    return Quartiles(
        between(contributed.q25, reference.q25),
        between(contributed.q50, reference.q50),
        between(contributed.q75, reference.q75),
        declared=reference.declared,
        label=f"{_share(weight, contributed.named)}, {rest} % {reference.label}",
        blend=Blend(weight, contributed, reference),
    )


def _share(weight: float, label: str) -> str:
    return label if weight == 1 else f"{published(100 * weight, 0)} % {label}"


def as_read_by(peers: Mapping[str, Quartiles], methodology: Methodology) -> dict[str, Quartiles]:
    """Recorded ones as another methodology reads them: of a centre alone it declares a spread of its own, or none, and
    it blends by its own weight.
    """
    read = {rule.metric: _read(peers[rule.metric], rule) for rule in methodology.metrics if rule.metric in peers}
    return {name: each for name, each in read.items() if each is not None}


def _read(recorded: Quartiles, rule: MetricRule) -> Quartiles | None:
    reference = recorded.blend.reference if recorded.blend else recorded
    if reference is not None and reference.declared:
        spread = rule.declared_spread
        reference = None if spread is None else with_declared_spread(reference.q50, spread, reference.label)
    return blended(recorded.blend.contributed, reference, rule.prior_strength) if recorded.blend else reference
