"""Pushed extracts: checked, sealed, kept as typed files; never as rows of the database."""
