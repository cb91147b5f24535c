"""Human-capital figures of one account."""
