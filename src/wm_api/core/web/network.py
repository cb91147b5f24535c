"""Where a request comes from; forwarded headers count from listed proxies only."""

import ipaddress
from functools import lru_cache

from fastapi import Request


def network_of(request: Request) -> str:
    """The caller's network: /24 of IPv4, /48 of IPv6; never a whole address."""
    trusted = request.app.state.resources.settings.trusted_proxies
    host = request.client.host if request.client else "0.0.0.0"  # noqa: S104 - unknown, not a bind address
    forwarded = request.headers.get("x-forwarded-for", "")
    if host in trusted and forwarded:
        host = forwarded.rpartition(",")[2].strip()
    return _network(host)


@lru_cache(maxsize=1024)
def _network(host: str) -> str:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False))  # noqa: PLR2004
