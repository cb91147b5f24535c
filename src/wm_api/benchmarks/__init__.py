"""Reference values: public statistics first."""
