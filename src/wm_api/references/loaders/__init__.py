"""PURE: from an original file of a public source to its table; one module a source."""
