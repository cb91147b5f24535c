"""PURE: the quality of employment. ESRS S1-6 50(b)."""

import polars as pl

from wm_api.metrics.distributions import wilson
from wm_api.metrics.estimates import BOTH, by_gender, share_error
from wm_api.metrics.figures import Figure, Interval, Part, Status, not_reported
from wm_api.metrics.population import MetricInputs


def permanent_share(inputs: MetricInputs, profile: str) -> Figure:
    """Percent of people with a permanent contract, of those whose contract is known."""
    if not inputs.has("contract_type"):
        return not_reported("contract_type")
    people = inputs.people(profile)
    known = people.filter(pl.col("contract_type").is_not_null())
    known = known.with_columns((pl.col("contract_type").cast(pl.String) == "permanent").alias("permanent"))
    n, count = known.height, int(known.get_column("permanent").sum())
    excluded = (Part("contract_unknown", people.height - n),) if people.height > n else ()
    if not inputs.enough("permanent_share", n):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=by_gender(known), excluded=excluded)
    shares = dict(known.group_by("gender").agg(100 * pl.col("permanent").mean()).iter_rows())
    groups = by_gender(known, {code: shares[code] for code in BOTH if code in shares})
    interval = Interval(*wilson(count, n))
    return Figure(Status.OK, 100 * count / n, n, groups, share_error(count, n), interval, excluded=excluded)


FORMULAS = {"permanent_share": permanent_share}
