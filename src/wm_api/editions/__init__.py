"""Loaded editions of public reference tables."""
