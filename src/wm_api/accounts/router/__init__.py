"""Routes of accounts, by noun."""

from wm_api.accounts.router import accounts, api_keys, people, sessions

routers = (accounts.router, sessions.router, people.router, api_keys.router)
