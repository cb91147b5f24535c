"""What a route declares of itself beside its signature: own problems, headers of its answer, policy clause."""

from collections.abc import Sequence
from typing import Any

from wm_api.core.problems import Problem
from wm_api.core.web.policies import Clause

ETAG, LOCATION, RETRY_AFTER = "ETag", "Location", "Retry-After"


def declare(
    *problems: type[Problem], headers: Sequence[str] = (), clause: Clause | None = None, **more: object
) -> dict[str, Any]:
    """`openapi_extra` of a route. A GET that declares an ETag answers 304; the common problems are added by itself."""
    extra: dict[str, Any] = {"x-wm-problems": [problem.code for problem in problems], "x-wm-headers": list(headers)}
    if clause is not None:
        extra["x-wm-policy"] = clause.value
    return {**extra, **more}
