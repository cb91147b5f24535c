"""Releases of contributed benchmarks: from the scores of those who take part to frozen, noisy cells."""
