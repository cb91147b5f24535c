"""PURE: representation (domain.md 3.3 G), shown with weight 0."""

from wm_api.metrics.definition import Definition

DEFINITIONS: tuple[Definition, ...] = ()
