"""PURE: sentences on what stands beside a score and is not in it."""

from collections.abc import Iterator

from wm_api.scores.report.facts import Report
from wm_api.scores.report.sentences import Claim, Sentence

PERIMETERS = {
    "complete": "The files are said to hold the whole company.",
    "partial": "The files hold a part of the company only.",
    None: "Whether the files hold the whole company was not said.",
}
FOUND = {
    "bulk_regrade": "Whole jobs changed their level on one day, which counts as no promotion.",
    "size_band_differs": "The company states a size that the people of its files do not fit, and is compared in it.",
    "stale_copy": "A file is nearly the same as one of an earlier day.",
    "title_only_promotion": "Promotions without a higher level or more pay were reported; they do not count.",
}


def of_beside(report: Report) -> Iterator[Sentence]:
    """What the score alone would not show."""
    said = report.beside
    if said is None:
        return
    yield Sentence(Claim.PERIMETER, PERIMETERS[said.perimeter], said.perimeter or "")
    if said.declared:
        yield Sentence(
            Claim.DECLARED,
            f"{said.declared} % of the score's weight rests on spreads that the methodology declares and nobody"
            " measured.",
        )
    if said.contingent is not None:
        work = f"{said.contingent} % of the work" if said.contingent else "less than 1 % of the work"
        yield Sentence(Claim.CONTINGENT, f"Agency workers and contractors do {work}; the score is of employees alone.")
    yield from (Sentence(Claim.FOUND, FOUND[code], code) for code in said.findings)
    if said.withdrawn:
        scores = "score of this company was" if said.withdrawn == 1 else "scores of this company were"
        yield Sentence(Claim.WITHDRAWN, f"{said.withdrawn} published {scores} withdrawn.")
