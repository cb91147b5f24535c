"""The Accept header: what is not made here is refused, never answered in another format."""

import re
from collections.abc import Collection, Mapping, Sequence

from wm_api.core.problems import NotAcceptable

JSON = frozenset({"application/json", "application/problem+json"})
WEIGHT = re.compile(r"q\s*=\s*([01](?:\.\d{0,3})?)")


def check_accept(header: str | None, offered: Collection[str]) -> None:
    """Raises NotAcceptable where no range of the header takes any of the offered media types."""
    ranges = _ranges(header)
    if not any(_weight(ranges, kind) > 0 for kind in offered):
        raise NotAcceptable(supported=sorted(offered))


def preferred(header: str | None, offered: Sequence[str]) -> str:
    """The media type with the highest weight; of equals the first that is offered."""
    ranges = _ranges(header)
    return max(offered, key=lambda kind: _weight(ranges, kind))


def _ranges(header: str | None) -> Mapping[str, float]:
    """Weight by media range. Without a header everything is taken; a weight that cannot be read is 1."""
    parts = [part for part in (header or "").split(",") if part.strip()] or ["*/*"]
    return dict(_range(part) for part in parts)


def _range(part: str) -> tuple[str, float]:
    kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
    weights = [float(found[1]) for each in parameters if (found := WEIGHT.fullmatch(each))]
    return kind, weights[0] if weights else 1.0


def _weight(ranges: Mapping[str, float], kind: str) -> float:
    """That of the closest range (RFC 9110, 12.5.1); 0 where none takes it."""
    near_to_far = (kind, kind.partition("/")[0] + "/*", "*/*")
    return next((ranges[each] for each in near_to_far if each in ranges), 0.0)
