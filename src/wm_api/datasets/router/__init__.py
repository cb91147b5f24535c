"""Routes of datasets, by noun."""

from wm_api.datasets.router import corrections, datasets, record_kinds, uploads

routers = (uploads.router, datasets.router, corrections.router, record_kinds.router)
