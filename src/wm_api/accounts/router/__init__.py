"""Routes of accounts, by noun."""

from wm_api.accounts.router import accounts, api_keys, invitations, members, sessions

routers = (accounts.router, sessions.router, members.router, invitations.router, api_keys.router)
