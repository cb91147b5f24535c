"""PURE: a person counts once, whatever the order of rows (decision 31)."""

from collections.abc import Callable

import polars as pl

KEY_BYTES = 8
MONEY = ("annual", "paid_weekly", "variable_pay_12m", "guaranteed_allowance_annual", "total_pay_12m")


def numbered(frame: pl.DataFrame) -> pl.DataFrame:
    """Each employee key as the number that its first eight bytes are: in the order of the keys, the same in every file.

    Keys are keyed hashes: of a million people two have one number once in thirty-seven million files.
    """
    if "employee_key" not in frame.columns:
        return frame
    first = pl.col("employee_key").bin.slice(0, KEY_BYTES)
    return frame.with_columns(first.bin.reinterpret(dtype=pl.UInt64, endianness="big"))


def one_row_a_person(spells: pl.DataFrame, *, latest: bool = False) -> pl.DataFrame:
    """Hours and pay summed; attributes from the spell with most hours, then with highest pay; conflicting genders U.

    Pay is summed in the currency of that spell. `latest`: the spell that ends last comes before hours and pay.
    """
    return with_repeats_merged(spells, lambda doubles: _merged(doubles, latest=latest))


def with_repeats_merged(rows: pl.DataFrame, merge: Callable[[pl.DataFrame], pl.DataFrame]) -> pl.DataFrame:
    """Rows whose key comes once as they are; the others, mostly few, merged."""
    repeated = pl.col("employee_key").is_duplicated()
    doubles = rows.filter(repeated)
    if doubles.is_empty():
        return rows
    return pl.concat([rows.filter(~repeated), merge(doubles).select(rows.columns)])


def agreed_gender() -> pl.Expr:
    """Of all rows of a person; conflicting genders are U."""
    gender = pl.col("gender").cast(pl.String)
    return pl.when(gender.n_unique() == 1).then(gender.first()).otherwise(pl.lit("U")).alias("gender")


def _merged(spells: pl.DataFrame, *, latest: bool) -> pl.DataFrame:
    same = pl.col("currency") == pl.col("currency").first()
    sums = {name: _sum(pl.col(name)) for name in ("hours", "fte")}
    sums |= {name: _sum(pl.when(same).then(pl.col(name))) for name in MONEY if name in spells.columns}
    sums["rate"] = pl.when(_sum(pl.when(same).then(pl.col("annual"))).is_null()).then(pl.col("rate").first())
    sums["gender"] = agreed_gender().cast(spells.schema["gender"])
    firsts = [pl.col(name).first() for name in spells.columns if name not in {"employee_key", *sums}]
    by_person = _ordered(spells, latest=latest).group_by("employee_key", maintain_order=True)
    return by_person.agg(*firsts, **sums)


def _sum(values: pl.Expr) -> pl.Expr:
    """Unknown where nothing is known; sorted first, so that the order of rows changes no digit."""
    return pl.when(values.is_not_null().any()).then(values.sort().sum())


def _ordered(spells: pl.DataFrame, *, latest: bool) -> pl.DataFrame:
    """The leading spell of each person first; every column takes part, so that no tie is left to the order of rows."""
    lead = [pl.col("hours"), pl.col("annual")]
    ends = [pl.col("end").is_null(), pl.col("end")] if latest else []
    rest = [pl.col(name) for name in spells.columns if name not in {"employee_key", "hours", "annual"}]
    by = [pl.col("employee_key"), *ends, *lead, *rest]
    descending = [False, *(True for _ in [*ends, *lead]), *(False for _ in rest)]
    return spells.sort(by, descending=descending, nulls_last=True)
