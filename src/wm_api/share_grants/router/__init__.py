"""Routes of sharing, by noun."""

from wm_api.share_grants.router import grants, shared

routers = (grants.router, shared.router)
