"""Who may open a connection at all, judged by the Host and Origin headers. Pure.

A web page in the user's browser can open a socket to this machine: browsers are refused unless the page itself comes
from here or from an allowed origin. A Host that is not a name of this machine is a sign of DNS rebinding.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

_LOOPBACK_NAMES = frozenset({"localhost", "ip6-localhost"})


def refusal(
    host: str | None, origin: str | None, *, bound_to: str, hosts: frozenset[str], origins: frozenset[str]
) -> str:
    """Return why a handshake with these headers is refused, or an empty text if it is not.

    `bound_to` is the address we listen on: beyond loopback, any IP address literal is a good Host.
    """
    name = _host_name(host or "")
    if not (is_loopback(name) or name in hosts or (not is_loopback(bound_to) and _is_address(name))):
        return "The Host header does not name this machine"
    if origin is None or origin in origins:
        return ""
    if is_loopback(_origin_host(origin)):
        return ""
    return "Pages of this origin may not connect; add it to the allowed origins"


def is_loopback(host: str) -> bool:
    """Whether `host` is a name or an address of the loopback interface."""
    if host.lower() in _LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _host_name(header: str) -> str:
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""


def _origin_host(origin: str) -> str:
    try:
        parts = urlsplit(origin)
        return (parts.hostname or "") if parts.scheme in ("http", "https") else ""
    except ValueError:
        return ""
