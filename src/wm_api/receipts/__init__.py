"""Signed receipts of deletions and grants, readable after the deletion."""
