"""PURE: rows of one dataset beside those of others. Employee keys come as the bytes that are stored."""

from collections.abc import Collection, Sequence
from datetime import date

import polars as pl

from wm_api.records.checks import employed_on, negative_pay, optional
from wm_api.records.hashes import hashed

NEW_SHARE = MATCHED_SHARE = 0.8
TRAITS = ("hire_date", "job_code", "job_level")
COUNTED = ("employee", "apprentice")
DATES = ("period_start", "period_end")
PERIOD = ("employee_key", *DATES)
SPELLS = ("employee_key", "hire_date", "termination_date", "worker_type")


def key_hashes(frame: pl.DataFrame) -> pl.Series:
    return hashed(frame, ("employee_key",))


def traits(frame: pl.DataFrame, names: Collection[str]) -> pl.DataFrame:
    """By which a person is known again without a key: two hashes a row."""
    same = [name for name in TRAITS if name in names]
    return pl.DataFrame({"key": key_hashes(frame), "traits": hashed(frame, same) if same else None})


def mostly_new(old: pl.DataFrame, new: pl.DataFrame) -> bool:
    """Whether at least 80 % of the keys were not there before."""
    keys = new.get_column("key").unique()
    joined = len(keys) - int(keys.is_in(old.get_column("key").unique().implode()).sum())
    return joined >= NEW_SHARE * len(keys)


def rekeyed(old: pl.DataFrame, new: pl.DataFrame) -> bool:
    """Whether at least 80 % of the rows of joiners have the traits of a leaver, each leaver taken once."""
    joiners = new.join(old, on="key", how="anti").group_by("traits").len()
    leavers = old.join(new, on="key", how="anti").group_by("traits").len()
    matched = joiners.join(leavers, on="traits", nulls_equal=True).select(pl.min_horizontal("len", "len_right").sum())
    return int(matched.item() or 0) >= MATCHED_SHARE * int(joiners.get_column("len").sum())


def natural_keys(frame: pl.DataFrame, names: Sequence[str]) -> pl.Series:
    """A hash a row; null where a part of the key is not given, but for a run, which is then the first."""
    filled = (
        frame.with_columns(optional(frame, "run_no", 1).cast(pl.Int32).alias("run_no")) if "run_no" in names else frame
    )
    if not set(names) <= set(filled.columns):
        return pl.Series([None], dtype=pl.UInt64).new_from_index(0, frame.height)
    given = filled.select(pl.all_horizontal(pl.col(name).is_not_null() for name in names)).to_series()
    return hashed(filled, names).set(~given, None)


def reversals(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """The `row` of each run of negative pay that names another, and the natural key of that as `target`."""
    reversing = frame.filter(negative_pay(frame) & pl.col("reverses_run_no").is_not_null())
    target = reversing.with_columns(pl.col("reverses_run_no").alias("run_no"))
    return pl.DataFrame({"row": reversing.get_column("row"), "target": natural_keys(target, names)})


def periods(frame: pl.DataFrame) -> pl.DataFrame:
    """Person and period of each row."""
    return frame.select("period_start", "period_end").with_columns(key_hashes(frame).alias("key"))


def meeting(own: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """Of periods, each given once, those that share days with another one of `other`."""
    begun, ended = (other.get_column(name).to_physical().sort() for name in DATES)
    first, last = (own.get_column(name).to_physical() for name in DATES)
    met = begun.search_sorted(last, side="right").cast(pl.Int64) - ended.search_sorted(first, side="left")
    same = other.select(*DATES, pl.lit(1).alias("same"))
    counted = own.with_columns(met.alias("met")).join(same, on=DATES, how="left")
    return counted.filter(pl.col("met") > pl.col("same").fill_null(0)).select(DATES)


def overlapping(own: pl.DataFrame, other: pl.DataFrame) -> pl.Series:
    """The `row` of those of `own` that share days with another period of the same person."""
    pairs = own.join(other.unique(), on="key", suffix="_there")
    meet = (pl.col("period_start") <= pl.col("period_end_there")) & (
        pl.col("period_end") >= pl.col("period_start_there")
    )
    same = (pl.col("period_start") == pl.col("period_start_there")) & (
        pl.col("period_end") == pl.col("period_end_there")
    )
    return pairs.filter(meet & ~same).get_column("row").unique()


def employed_throughout(frame: pl.DataFrame, start: date, end: date) -> pl.Series:
    """For each row whether it is of an employee on the first and on the last day."""
    counted = optional(frame, "worker_type", "employee").cast(pl.String).is_in(COUNTED)
    marked = frame.with_columns(counted.alias("counted"))
    inside = pl.col("counted") & employed_on(frame, start) & employed_on(frame, end)
    return marked.select(inside.alias("inside")).to_series()
