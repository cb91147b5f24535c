"""Routes of datasets, by noun."""

from wm_api.datasets.router import corrections, coverage, datasets, record_kinds, sources, uploads

routers = (
    uploads.router,
    datasets.router,
    corrections.router,
    sources.router,
    coverage.router,
    record_kinds.router,
)
