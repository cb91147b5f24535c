"""Statistics of many companies, released once a year under differential privacy (domain.md 5.3)."""
