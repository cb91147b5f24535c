"""What a record kind is, and the types that its columns share."""

from dataclasses import dataclass

from wm_api.records.columns import MONEY, Code, Column, ColumnType, Number
from wm_api.records.iso_codes import COUNTRIES, CURRENCIES, one_of

OWN_CODE = Code(pattern=r"^[A-Za-z0-9._-]{1,24}$")
NO_NAME = "It has a digit, or is at most 4 capitals (groups of them with . _ -), so that no name can be taken for one."
CURRENCY = Code(pattern=one_of(CURRENCIES))
COUNTRY = Code(pattern=one_of(COUNTRIES))
REGION = Code(pattern=one_of(COUNTRIES, "-[A-Z0-9]{1,3}"))


@dataclass(frozen=True, slots=True)
class RecordKind:
    """`dating` is how a push of it is dated: `as_of` or `period`."""

    name: str
    version: str
    dating: str
    natural_key: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        return self._by_name()[name]

    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def money(self) -> dict[str, Number]:
        """Columns of amounts, whose range depends on the currency of the row."""
        return {each.name: each.type for each in self.columns if isinstance(each.type, Number) and each.type.is_money}

    @property
    def keyed(self) -> bool:
        """Whether its rows are of people."""
        return "employee_key" in self.names


def money(maximum: float, places: int, minimum: float = 0) -> Number:
    return Number(MONEY, minimum, maximum, places)


def required(name: str, kind: ColumnType, text: str, *, sensitive: bool = False) -> Column:
    return Column(name, kind, required=True, description=text, sensitive=sensitive)


def optional(name: str, kind: ColumnType, text: str, *, sensitive: bool = False, default: str | None = None) -> Column:
    return Column(name, kind, required=False, description=text, sensitive=sensitive, default=default)
