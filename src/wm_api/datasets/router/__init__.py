"""Routes of datasets, by noun."""

from wm_api.datasets.router import datasets, record_kinds

routers = (datasets.router, record_kinds.router)
