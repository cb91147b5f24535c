"""Background work as the caller sees it."""
