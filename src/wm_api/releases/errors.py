"""Why no release is made."""


class CannotRelease(Exception):  # noqa: N818 - named for what is wrong
    """The text says why, and what would help."""
