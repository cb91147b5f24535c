"""PURE: what a score pins, as canonical bytes; the seed is their hash, so a re-run gives identical bytes."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from hashlib import sha256
from math import fsum
from typing import Any
from uuid import UUID

from wm_api.events.chain import canonical_json
from wm_api.metrics.catalogue import CATALOGUE
from wm_api.metrics.figures import Figure, Status
from wm_api.scores.case import Case, places, significant
from wm_api.scores.methodology import Methodology, load_methodology
from wm_api.scores.quartiles import Quartiles, as_read_by
from wm_api.scores.results import Guards, Reading, ScoreInput, ScoreResult
from wm_api.scores.scoring import score


def readings_of(figures: Mapping[str, Figure], methodology: Methodology) -> dict[str, Reading]:
    """The scored metrics of profile default, at 9 significant digits."""
    readings = {}
    for rule in methodology.metrics:
        figure = figures[rule.metric]
        if figure.status is Status.OK:
            readings[rule.metric] = Reading("ok", significant(figure.value), significant(figure.standard_error or 0.0))
        else:
            readings[rule.metric] = Reading(figure.status.value, reason=figure.reason)
    return readings


def figures_of(figures: Mapping[str, Mapping[str, Figure]]) -> dict[str, dict[str, Any]]:
    """All metrics by profile, with value, status and reason: what a restatement shows."""
    return {
        profile: {
            name: {"value": each.value, "status": each.status.value, "reason": each.reason}
            for name, each in sorted(found.items())
            if profile in CATALOGUE[name].profiles
        }
        for profile, found in figures.items()
    }


def record_of(
    datasets: list[dict[str, str]],
    release: dict[str, str],
    methodology: Methodology,
    code_version: str,
    readings: Mapping[str, Reading],
    peers: Mapping[str, Quartiles],
    guards: Guards,
) -> dict[str, Any]:
    return {
        "datasets": datasets,
        "benchmark_release": release,
        "methodology": {"id": methodology.id, "sha256": methodology.sha256},
        "code_version": code_version,
        "metrics": {name: asdict(reading) for name, reading in sorted(readings.items())},
        "peers": {name: quartiles.recorded() for name, quartiles in sorted(peers.items())},
        "guards": asdict(guards),
    }


def input_of(record: Mapping[str, Any]) -> ScoreInput:
    """The input of the engine, from the record alone."""
    guards = dict(record["guards"])
    if guards["adjusted_gap_interval"] is not None:
        guards["adjusted_gap_interval"] = tuple(guards["adjusted_gap_interval"])
    return ScoreInput(
        {name: Reading(**reading) for name, reading in record["metrics"].items()},
        {name: Quartiles.of(quartiles) for name, quartiles in record["peers"].items()},
        sha256(canonical_json(record)).hexdigest(),
        Guards(**guards),
    )


def contributed_release(record: Mapping[str, Any]) -> UUID | None:
    """None where there was none yet."""
    return UUID(record["contributed_release"]["id"]) if "contributed_release" in record else None


def compared_with(record: Mapping[str, Any]) -> str:
    """Whom the score compares with, each source once and without its cell; of contributed ones with their weight."""
    return "; ".join(sorted({source for each in record["peers"].values() for source in Quartiles.of(each).sources}))


def methodology_of(record: Mapping[str, Any]) -> Methodology:
    """The one that the record pins. Raises ValueError, FileNotFoundError."""
    methodology = load_methodology(record["methodology"]["id"])
    if methodology.sha256 != record["methodology"]["sha256"]:
        raise ValueError("the methodology of this name is not the one that the record pins")
    return methodology


def recompute(record: Mapping[str, Any]) -> ScoreResult:
    """The score from its record alone, digit for digit. Raises ValueError, FileNotFoundError."""
    return score(input_of(record), methodology_of(record))


def declared_share(record: Mapping[str, Any]) -> float | None:
    """Of the weight with a value the part that is compared with declared spreads, of a blend that of its reference;
    None without any value, and where a record keeps its figures no more.
    """
    if "metrics" not in record:
        return None
    try:
        case = Case(input_of(record), methodology_of(record))
    except (FileNotFoundError, ValueError):
        return None
    weights = {name: case.methodology.weight(name) for name in case.ok}
    peers = case.inputs.peers
    declared = [weight * (1 - peers[n].weight) for n, weight in weights.items() if n in peers and peers[n].declared]
    return places(fsum(declared) / fsum(weights.values())) if weights else None


def under(record: Mapping[str, Any], version: str) -> ScoreResult:
    """What another methodology makes of the record, on the same draws. A metric that the record has not is missing."""
    methodology, base = load_methodology(version), input_of(record)
    return score(replace(base, peers=as_read_by(base.peers, methodology)), methodology)


def document_of(result: ScoreResult) -> dict[str, Any]:
    """The result as plain values, in a fixed form."""
    return asdict(result)


def digest_of(record: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    """SHA-256 over the record and the result, in hex."""
    return sha256(canonical_json({"record": record, "result": document})).hexdigest()
