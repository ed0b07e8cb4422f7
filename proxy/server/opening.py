"""The answer to a handshake: who may come in, and whether there is room."""

from __future__ import annotations

from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from proxy.config import ServerConfig
from proxy.handshake import refusal


def answer_to(request: Request, protocol: ServerProtocol, config: ServerConfig, *, is_full: bool) -> Response:
    """Return the response to `request`; its status is 101 where the connection is accepted."""
    hosts, origins = request.headers.get_all("Host"), request.headers.get_all("Origin")
    reason = refusal(
        hosts[0] if len(hosts) == 1 else None,
        origins[0] if origins else None,
        bound_to=config.host,
        hosts=config.allowed_hosts,
        origins=config.allowed_origins,
    )
    if reason:
        return protocol.reject(403, f"{reason}\n")
    if is_full:
        return protocol.reject(503, f"All {config.max_connections} connections are taken\n")
    return protocol.accept(request)
