"""The Social Impact Score."""
