"""The Accept header: what is not made here is refused, never answered in another format."""

from collections.abc import Collection

from wm_api.core.problems import NotAcceptable

JSON = frozenset({"application/json", "application/problem+json"})


def check_accept(header: str | None, offered: Collection[str]) -> None:
    """Raises NotAcceptable where no range of the header takes any of the offered media types."""
    if header is None or not header.strip():
        return
    ranges = [_range(part) for part in header.split(",") if part.strip()]
    wanted = {kind for kind, refused in ranges if not refused}
    if not any(_takes(wanted, kind) for kind in offered):
        raise NotAcceptable(supported=sorted(offered))


def _range(part: str) -> tuple[str, bool]:
    """A media range, and whether its weight is zero."""
    kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
    return kind, any(each.replace(" ", "") in {"q=0", "q=0.0", "q=0.00", "q=0.000"} for each in parameters)


def _takes(wanted: Collection[str], kind: str) -> bool:
    return not {kind, kind.partition("/")[0] + "/*", "*/*"}.isdisjoint(wanted)
