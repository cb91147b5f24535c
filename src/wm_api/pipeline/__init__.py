"""What jobs do: run one by its lease, step by step; and the sweep that finds what was not woken."""
