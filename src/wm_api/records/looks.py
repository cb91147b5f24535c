"""A file is looked at once; again where only its end says how its beginning has to be taken."""

from dataclasses import dataclass

MOST_LOOKS = 4


@dataclass(frozen=True, slots=True)
class Known:
    """What earlier looks at a file found out: the columns of a file without a heading line."""

    columns: tuple[str, ...] = ()
    looks: int = 0

    @property
    def last(self) -> bool:
        """Whether the next look has to settle it."""
        return self.looks >= MOST_LOOKS - 1
