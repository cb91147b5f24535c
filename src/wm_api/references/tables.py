"""PURE: market pay, living wages and consumer prices, as metrics read them."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import polars as pl

from wm_api.references.packaged import packaged
from wm_api.references.sources import SOURCES

NATION = "US"


def _packaged_table(source: str) -> pl.DataFrame:
    return SOURCES[source].opened(packaged(source).table)


@cache
def market_pay_p50() -> Mapping[str, float]:
    """Median hourly pay in USD by SOC code, US, May 2025; a major group ends in 0000."""
    table = _packaged_table("bls_oews").filter(pl.col("area") == NATION)
    return MappingProxyType(dict(table.select("soc_code", "p50_hourly_usd").iter_rows()))


@cache
def consumer_prices() -> Mapping[int, float]:
    """Annual means of US consumer prices (CPI-U)."""
    table = _packaged_table("us_cpi_u").filter(pl.col("period") == "year")
    return MappingProxyType(dict(table.select("year", "index").iter_rows()))
