"""Generated SQL statements over every account-owned table, many of them aimed at another account's rows."""

import random
from dataclasses import dataclass
from typing import Any, Literal

from wm_api.tables import metadata

Kind = Literal["SELECT", "UPDATE", "INSERT", "DELETE", "COPY"]
KINDS: tuple[Kind, ...] = ("SELECT", "UPDATE", "INSERT", "DELETE", "COPY")
OWNED = {table.name: table for table in metadata.sorted_tables if "account_id" in table.c or table.name == "accounts"}


def owner(table: str) -> str:
    """The column that says whose a row is."""
    return "id" if table == "accounts" else "account_id"


@dataclass(frozen=True, slots=True)
class Statement:
    """`returns_owners`: each row that it reads or changes comes back as its account."""

    kind: Kind
    table: str
    text: str


class Generator:
    """From a seed; `theirs` is an account with rows, and its rows as the superuser sees them."""

    def __init__(self, seed: int, theirs: str, rows: dict[str, list[dict[str, Any]]]) -> None:
        self._random = random.Random(seed)
        self._theirs = theirs
        self._rows = rows

    def statement(self) -> Statement:
        kind = self._random.choice(KINDS)
        table = self._random.choice([*OWNED])
        return Statement(kind, table, getattr(self, f"_{kind.lower()}")(table))

    def _condition(self, table: str) -> str:
        column, other = owner(table), self._random.choice([*OWNED])
        theirs = [row["id"] for row in self._rows[table] if "id" in row]
        conditions = [
            "true", "false IS NOT NULL", "1 = 1 OR current_setting('app.account_id', true) = ''",
            f"{column} = '{self._theirs}'", f"{column} <> '{self._theirs}' OR {column} = '{self._theirs}'",
            f"{column} IN (SELECT {owner(other)} FROM {other})", f"EXISTS (SELECT 1 FROM {other})",
            f"NOT EXISTS (SELECT 1 FROM {other} o WHERE o.{owner(other)} = '{self._theirs}')",
            f"{column}::text LIKE '%{self._theirs[-6:]}'", f"coalesce({column}, '{self._theirs}') = '{self._theirs}'",
        ]  # fmt: skip
        if theirs:
            conditions.append(f"id = '{self._random.choice(theirs)}'")
        return self._random.choice(conditions)

    def _select(self, table: str) -> str:
        column, other = owner(table), self._random.choice([*OWNED])
        where = self._condition(table)
        return self._random.choice([
            f"SELECT {column} FROM {table} WHERE {where}",
            f"SELECT {column} FROM (SELECT * FROM {table}) {table} WHERE {where}",
            f"WITH x AS (SELECT * FROM {table} WHERE {where}) SELECT {column} FROM x",
            f"SELECT t.{column} FROM {table} t LEFT JOIN {other} o ON o.{owner(other)} = t.{column}",
            f"SELECT t.{column} FROM {table} t FULL JOIN {other} o ON true WHERE t.{column} IS NOT NULL",
            f"SELECT {column} FROM {table} UNION ALL SELECT {owner(other)} FROM {other}",
            f"SELECT max({column}::text)::uuid FROM {table} WHERE {where} GROUP BY {column}",
            f"SELECT {column} FROM {table} WHERE {where} ORDER BY random() LIMIT 50",
            f"TABLE {table}" if column == "id" else f"SELECT {column} FROM ONLY {table} WHERE {where}",
        ])  # fmt: skip

    def _update(self, table: str) -> str:
        column = owner(table)
        changed = self._random.choice([each.name for each in OWNED[table].c])
        value = self._random.choice([f'"{changed}"', f"'{self._theirs}'" if changed == column else f'"{changed}"'])
        return f'UPDATE {table} SET "{changed}" = {value} WHERE {self._condition(table)} RETURNING {column}'

    def _delete(self, table: str) -> str:
        return f"DELETE FROM {table} WHERE {self._condition(table)} RETURNING {owner(table)}"

    def _insert(self, table: str) -> str:
        """A row of theirs again, whole or under a new id; or one taken from what can be seen."""
        column = owner(table)
        end = self._random.choice(["", "ON CONFLICT DO NOTHING"])
        if not self._rows[table]:
            return (
                f"INSERT INTO {table} SELECT * FROM {table} WHERE {column} = '{self._theirs}' {end} RETURNING {column}"
            )
        row = self._random.choice(self._rows[table])["row"].replace("'", "''")
        values = f"(jsonb_populate_record(NULL::{table}, '{row}'::jsonb)).*"
        if "id" in OWNED[table].c and self._random.random() < 0.5:
            values = f"(jsonb_populate_record(NULL::{table}, '{row}'::jsonb || jsonb_build_object('id', gen_random_uuid()))).*"
        return f"INSERT INTO {table} SELECT {values} {end} RETURNING {column}"

    def _copy(self, table: str) -> str:
        where = self._condition(table)
        return self._random.choice([
            f"COPY (SELECT {owner(table)} FROM {table} WHERE {where}) TO STDOUT",
            f"COPY {table} ({owner(table)}) TO STDOUT",
            f"COPY {table} FROM STDIN",
        ])  # fmt: skip
