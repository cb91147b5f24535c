"""PURE: from a shared score to its report. What the grant does not show is not there to be printed."""

from collections.abc import Iterator
from decimal import Decimal

from wm_api.metrics.catalogue import CATALOGUE
from wm_api.metrics.figures import published
from wm_api.scores.methodology import Methodology
from wm_api.scores.report.facts import Area, Beside, Metric, Origin, Report, Span
from wm_api.share_grants.schemas import SharedBeside, SharedMetric, SharedScore


def report_of(shared: SharedScore, methodology: Methodology) -> Report:
    """In whole numbers, as they are shared; the cuts of the stars are in the methodology for everybody."""
    interval = shared.interval
    return Report(
        company=shared.company.name,
        day=shared.as_of,
        state="published",
        headline=_whole(shared.headline),
        interval=Span(Decimal(interval.low), Decimal(interval.high)) if interval else None,
        star=shared.star,
        cuts=tuple(int(cut) for cut in methodology.star_cuts),
        data_grade=shared.data_grade,
        beside=_beside(shared.beside) if shared.beside else None,
        areas=tuple(Area(each.area, round(100 * each.weight), _whole(each.score)) for each in shared.areas or ()),
        metrics=tuple(_metrics(shared.metrics or [])),
        origin=Origin(shared.methodology_version, shared.benchmark_label, str(shared.score_id)),
    )


def _beside(shared: SharedBeside) -> Beside:
    declared = shared.declared_share
    return Beside(
        verification=shared.verification,
        perimeter=shared.perimeter,
        declared=None if declared is None else published(100 * declared, 0),
        contingent=_whole(shared.contingent_share),
        withdrawn=shared.withdrawn_scores,
    )


def _whole(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _metrics(shared: list[SharedMetric]) -> Iterator[Metric]:
    for each in shared:
        definition = CATALOGUE[each.metric]
        value = (
            None if each.value is None else Decimal(str(each.value)).quantize(Decimal(1).scaleb(-definition.decimals))
        )
        yield Metric(
            key=each.metric,
            name=definition.name,
            area=definition.area,
            unit=each.unit,
            status=each.status,
            value=value,
        )
