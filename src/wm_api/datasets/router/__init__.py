"""Routes of datasets, by noun."""

from wm_api.datasets.router import datasets, record_kinds, uploads

routers = (uploads.router, datasets.router, record_kinds.router)
