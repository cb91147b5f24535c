"""Working Metrics API."""
