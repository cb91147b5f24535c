"""PURE: representation."""

from collections.abc import Callable, Mapping

from wm_api.metrics.figures import Figure
from wm_api.metrics.population import MetricInputs

FORMULAS: Mapping[str, Callable[[MetricInputs, str], Figure]] = {}
