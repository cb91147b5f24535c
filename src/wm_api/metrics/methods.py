"""PURE: the method by which a metric is calculated, and its hash: equal hashes, one method (ADR 23)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from wm_api.events.chain import canonical_json
from wm_api.metrics.catalogue import CATALOGUE
from wm_api.metrics.definition import Definition
from wm_api.metrics.profiles import Answer, Question, answer

BESIDE = frozenset({"name", "area", "direction", "decimals", "scored"})
"""Fields of a definition by which it is found, read, printed and scored. None changes a value."""


@dataclass(frozen=True, slots=True)
class Method:
    """`answers`: those of the profile to the questions of the metric. `sha256`: over the whole of what was done."""

    profile: str
    answers: Mapping[Question, Answer]
    sha256: str


def content_of(definition: Definition, answers: Mapping[Question, Answer]) -> dict[str, Any]:
    """What is hashed, as plain values. A field that a definition gains is part of it unless it is named `BESIDE`."""
    content = {name: value for name, value in asdict(definition).items() if name not in {*BESIDE, "questions"}}
    sources = [{"standard": each.shown, "article": each.article, "url": each.url} for each in definition.sources]
    told = {question.value: asdict(each) for question, each in answers.items()}
    return {**content, "sources": sources, "answers": told}


def method_of(definition: Definition, profile: str) -> Method:
    answers = {each: answer(each, profile) for each in definition.questions}
    return Method(profile, answers, sha256(canonical_json(content_of(definition, answers))).hexdigest())


@cache
def method_sha256(metric: str, profile: str) -> str:
    """That of a metric of the catalogue as this version calculates it."""
    return method_of(CATALOGUE[metric], profile).sha256
