"""A file is looked at once; again where only its end says how its beginning has to be taken."""

from dataclasses import dataclass

MOST_LOOKS = 4


@dataclass(frozen=True, slots=True)
class Known:
    """What earlier looks at a file found out.

    The columns of a file without a heading line; whether rows repeat or are reversed, and have to be compared.
    """

    columns: tuple[str, ...] = ()
    looks: int = 0
    rows_repeat: bool = False

    @property
    def last(self) -> bool:
        """Whether the next look has to settle it."""
        return self.looks >= MOST_LOOKS - 1
