"""PURE: market pay, consumer prices and sectors, as derived by tools/derive and stated in provenance.json."""

import csv
import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

DATA = "wm_api.references"


def text_of(name: str) -> str:
    return resources.files(DATA).joinpath(f"data/{name}").read_text(encoding="utf-8")


@cache
def market_pay_p50() -> Mapping[str, float]:
    """Median hourly pay in USD by SOC code, US, May 2025; a major group ends in 0000."""
    rows = csv.DictReader(text_of("market_pay_us_2025.csv").splitlines())
    return MappingProxyType({row["soc_code"]: float(row["p50_hourly_usd"]) for row in rows})


@cache
def consumer_prices() -> Mapping[int, float]:
    """Annual means of US consumer prices (CPI-U)."""
    rows = csv.DictReader(text_of("consumer_prices_us.csv").splitlines())
    return MappingProxyType({int(row["year"]): float(row["index"]) for row in rows})


@cache
def _sectors() -> dict[str, dict[str, str]]:
    tables: dict[str, dict[str, str]] = json.loads(text_of("sectors.json"))
    return tables


def sections_of(scheme: str | None, code: str | None) -> tuple[str, ...]:
    """ISIC sections of an industry code; several where the concordance is ambiguous, none where it is not known."""
    if scheme is None or code is None:
        return ()
    digits = code.replace(".", "")
    if scheme in {"naics_2017", "naics_2022"}:
        table = _sectors()[scheme]
        return tuple(
            sorted({section for known, found in table.items() if known.startswith(digits) for section in found})
        )
    if digits[:1].isalpha():
        return (digits[0],)
    section = _sectors()["divisions"].get(digits[:2])
    return (section,) if section else ()
