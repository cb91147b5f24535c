"""Routes of sharing, by noun."""

from wm_api.share_grants.router import acts, grants, oversight, shared

routers = (grants.router, acts.router, oversight.router, shared.router)
