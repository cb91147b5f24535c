"""Routes of datasets, by noun."""

from wm_api.datasets.router import (
    corrections,
    coverage,
    datasets,
    key_rotations,
    record_kinds,
    sources,
    uploads,
    validation,
)

routers = (
    uploads.router,
    datasets.router,
    validation.router,
    corrections.router,
    key_rotations.router,
    sources.router,
    coverage.router,
    record_kinds.router,
)
