"""PURE: pay structure (domain.md 3.3 C)."""

from wm_api.metrics.definition import Definition

DEFINITIONS: tuple[Definition, ...] = ()
