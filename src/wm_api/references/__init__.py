"""PURE: packaged reference tables that metrics and benchmarks both read."""
