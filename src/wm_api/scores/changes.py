"""Why a headline moved since an earlier score: own data, peers, methodology (domain.md 6, step 14)."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from wm_api.scores.case import PLACES
from wm_api.scores.inputs import input_of, methodology_of
from wm_api.scores.methodology import Methodology
from wm_api.scores.models import Score
from wm_api.scores.quartiles import as_read_by
from wm_api.scores.results import ScoreInput
from wm_api.scores.scoring import headline_of
from wm_api.scores.shapley import apportioned, shapley

SWITCHES = ("own_data", "benchmark", "methodology")


class Unexplained(StrEnum):
    """Why there is nothing to say about a change."""

    FIRST = "no_published_score_before"
    NO_HEADLINE = "insufficient_data"
    DELETED = "figures_deleted"
    METHODOLOGY = "methodology_not_there"
    APART = "no_metric_in_common"
    NOT_RECORDED = "score_before_not_recorded"


@dataclass(frozen=True, slots=True)
class Side:
    """What a headline rests on. `stated`: as it was kept, which this version of the code may read otherwise."""

    inputs: ScoreInput
    methodology: Methodology
    stated: float | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """In points, at the places of the headlines; the parts add up to the difference of the two."""

    own_data: float
    benchmark: float
    methodology: float


def split(old: Side, new: Side) -> Change | Unexplained:
    """PURE: exact Shapley values over three switches. A change of the account's place is one of peers; what another
    version of the code made of the same is one of the method.
    """

    def headline(turned: frozenset[str]) -> float:
        own, peers, method = (new if name in turned else old for name in SWITCHES)
        known = as_read_by(peers.inputs.peers, method.methodology)
        found = headline_of(ScoreInput(own.inputs.metrics, known, own.inputs.seed), method.methodology)
        if found is None:
            raise ArithmeticError("nothing of the one can be read as the other")
        return found

    try:
        parts = shapley(SWITCHES, headline)
    except ArithmeticError:
        return Unexplained.APART
    found = Decimal(repr(headline(frozenset(SWITCHES)))) - Decimal(repr(headline(frozenset())))
    difference = found
    if old.stated is not None and new.stated is not None:
        difference = Decimal(repr(new.stated)) - Decimal(repr(old.stated))
    parts["methodology"] += float(difference - found)
    return Change(**apportioned(parts, difference, PLACES))


def other_references(old: Score, new: Score) -> bool:
    """Whether metrics of the two read other editions of reference tables; not known, so False, of records without."""
    pins = [each.record.get("references") for each in (old, new)]
    return None not in pins and pins[0] != pins[1]


def since(old: Score | None, new: Score) -> Change | Unexplained:
    """From what the two scores pin alone."""
    if old is None:
        followed = new.record.get("guards", {}).get("previous_star") is not None
        return Unexplained.NOT_RECORDED if followed else Unexplained.FIRST
    if "metrics" not in old.record or "metrics" not in new.record:
        return Unexplained.DELETED
    if old.headline is None or new.headline is None:
        return Unexplained.NO_HEADLINE
    try:
        sides = (Side(input_of(each.record), methodology_of(each.record), each.headline) for each in (old, new))
        return split(*sides)
    except (FileNotFoundError, ValueError):
        return Unexplained.METHODOLOGY
