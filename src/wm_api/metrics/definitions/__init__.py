"""PURE: what each metric is, one module an area (domain.md 3.3)."""
