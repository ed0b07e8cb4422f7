"""The only package that opens sockets for feeds: WebSocket connections and HTTP requests, both over aiohttp.

A seam: above it nobody sees the library. Certificates are always verified, every wait has a limit, and neither query
strings nor headers are ever logged or put into an error, because they hold tokens.
"""

from adapters.transport.http import HttpClient, Streamed, decode_json
from adapters.transport.limits import DEFAULT_LIMITS, Limits
from adapters.transport.refusals import RateLimitedError, RefusedError, RefusedTokenError, translate
from adapters.transport.sessions import USER_AGENT
from adapters.transport.websocket import WebSocketConnection, open_websocket

__all__ = [
    "DEFAULT_LIMITS",
    "USER_AGENT",
    "HttpClient",
    "Limits",
    "RateLimitedError",
    "RefusedError",
    "RefusedTokenError",
    "Streamed",
    "WebSocketConnection",
    "decode_json",
    "open_websocket",
    "translate",
]
