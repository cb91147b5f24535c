"""What the states of a dataset mean; each set of them is told here alone. Whether it was deleted is told beside."""

from wm_api.datasets.models import DatasetState

WAITS = frozenset({DatasetState.RECEIVED, DatasetState.HELD})
"""For its check, or for a commit."""
CURRENT = frozenset({DatasetState.RECEIVED, DatasetState.ACCEPTED})
"""It counts, or will once it is checked: another may take its place."""
LIVES = WAITS | CURRENT
"""The same bytes are this dataset."""
COUNTED = frozenset({DatasetState.ACCEPTED, DatasetState.SUPERSEDED})
"""It counts, or did until another took its place: what its source sent."""
CHECKED = COUNTED | {DatasetState.HELD}
"""It was checked, and nobody took it back: its bytes need no second check, its keys are in use."""
STORED = CHECKED | {DatasetState.RECEIVED, DatasetState.REVERTED, DatasetState.DELETING}
"""Its key and bytes may be there."""
FIGURED = frozenset({DatasetState.ACCEPTED, DatasetState.DELETING})
"""Figures rest on it: what a deletion withdraws stays until its receipt counts it."""
SETTLED = frozenset({DatasetState.ACCEPTED, DatasetState.REVERTED})
"""Its own operation computes its days; of what was replaced or is deleted another one does."""
DISCARDABLE = frozenset({DatasetState.HELD, DatasetState.DISCARDED})
"""Of what was discarded already, a destruction that broke off is ended."""
DELETABLE = frozenset(DatasetState) - {DatasetState.DELETING}
"""Once: a deletion that goes on is waited for."""
