"""PURE: who takes part in which benefit, of those with access (domain.md 3.3 D)."""

from datetime import date

import polars as pl

from wm_api.metrics.benefit_access import LEAVE, Held, by_type, current_plans, enrolled_rows, whole


def participation_of(
    access: Held, plans: pl.DataFrame, enrolments: pl.DataFrame | None, day: date, without_contributing: Held | None
) -> Held:
    """Who takes part, of those with access: by rows of enrolments; of a type without one row leave by access alone.

    Of another such type it is not known. `without_contributing` is access to plans that cost the person nothing, where
    that counts as taking part (profile us).
    """
    plans = current_plans(plans, day)
    types = tuple(sorted(plans.get_column("benefit_type").unique()))
    people, told = access.people, set[str]()
    if enrolments is not None:
        kinds = plans.select("plan_code", "benefit_type").unique()
        told = set(kinds.join(enrolments, on="plan_code", how="semi").get_column("benefit_type"))
        rows = by_type(enrolled_rows(enrolments, day).join(kinds, on="plan_code"), types, "_taken")
        people = people.join(rows, on="employee_key", how="left", maintain_order="left")
    taken = {each: _taken(each, told) for each in types}
    if without_contributing is not None:
        free = [each for each in types if each in without_contributing.benefits]
        columns = without_contributing.people.select(
            "employee_key", *(pl.col(each).alias(f"{each}_free") for each in free)
        )
        people = people.join(columns, on="employee_key", how="left", maintain_order="left")
        taken |= {each: taken[each] | pl.col(f"{each}_free").fill_null(value=False) for each in free}
    return whole(people.with_columns(**taken), types, "enrolments" if told else "access")


def _taken(benefit: str, told: set[str]) -> pl.Expr:
    if benefit in told:
        return pl.col(benefit).fill_null(value=True) & pl.col(f"{benefit}_taken").fill_null(value=False)
    return pl.col(benefit) if benefit in LEAVE else pl.col(benefit) & pl.lit(None, dtype=pl.Boolean)
