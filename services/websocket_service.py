"""The functions of the service document for code inside the application: no socket, no authentication, no waiting.

The engine binds them to itself at start-up; they are called on its loop and act on it by function call. Every user has
a holder of its own at the desk, so nobody sees what another subscribed to.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from market.errors import InvalidRequestError
from market.feeds import FeedState
from services.client_connection import (
    AUTHENTICATION_TIMEOUT,
    CONNECTION_TIMEOUT,
    RECONNECTION_DELAY,
    RECONNECTION_MAX_ATTEMPTS,
)
from services.local_client import LocalClient
from services.market_data_service import MarketDataService, use_market_data_service
from services.ports import MarketDesk, UserKeys
from services.result import ErrorCode, Result, answered, code_named

__all__ = [
    "AUTHENTICATION_TIMEOUT",
    "CONNECTION_TIMEOUT",
    "RECONNECTION_DELAY",
    "RECONNECTION_MAX_ATTEMPTS",
    "WS_HOST",
    "WS_PORT",
    "bind",
    "get_market_data",
    "get_user_api_key",
    "get_websocket_connection",
    "get_websocket_status",
    "get_websocket_subscriptions",
    "register_market_data_callback",
    "subscribe_to_symbols",
    "unbind",
    "unsubscribe_all",
    "unsubscribe_from_symbols",
]

_log = logging.getLogger(__name__)


def _port_from(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and 0 < int(text) < 65536 else 8765


WS_HOST = os.getenv("WEBSOCKET_HOST", "127.0.0.1")
WS_PORT = _port_from(os.getenv("WEBSOCKET_PORT"))
"""Where scripts on this computer find the server; see also `services.websocket_client`."""

NOT_RUNNING = "Broker adapter not available for user: the engine is not running"
_DOWN = frozenset({FeedState.FAILED, FeedState.STOPPED})


class _Engine(NamedTuple):
    desk: MarketDesk
    market_data: MarketDataService
    api_keys: UserKeys
    clients: dict[str, LocalClient]


_engine: _Engine | None = None


def bind(desk: MarketDesk, market_data: MarketDataService, api_keys: UserKeys) -> None:
    """Make these functions, and `get_market_data_service`, act on a running engine. Called on its loop."""
    global _engine
    unbind()
    _engine = _Engine(desk, market_data, api_keys, {})
    use_market_data_service(market_data)


def unbind() -> None:
    """Let go of the engine: every user's subscriptions end, and the functions answer `BROKER_UNAVAILABLE`."""
    global _engine
    if _engine is not None:
        for client in _engine.clients.values():
            client.disconnect()
        use_market_data_service(None)
        _engine = None


def get_user_api_key(username: str) -> str | None:
    """The key that `username`'s own programs use, or None. Never log it."""
    return None if _engine is None else _engine.api_keys.get_user_api_key(username)


def get_websocket_connection(username: str) -> tuple[bool, LocalClient | None, str | None]:
    """Return `(success, client, error)`: the client of `username`, made and connected at the first call.

    It has every method of `WebSocketClient`, acts inside the process, and is used on the engine's loop.
    """
    found = _client(username)
    if isinstance(found, Result):
        return False, None, str(found.data["message"])
    return True, found, None


@answered
def get_websocket_status(username: str, broker: str | None = None) -> Result:
    """Whether prices arrive: `connected`, `authenticated`, `active_subscriptions`, and each feed with its state.

    `notices` are sentences about what must not be overlooked as long as the application runs.
    """
    client = _client(username)
    if isinstance(client, Result):
        return client
    feeds = [
        {
            "broker": status.feed,
            "state": str(status.state),
            "detail": status.detail,
            "since": int(status.since_ms),
            "nature": str(capabilities.nature),
        }
        for status, capabilities in _desk().feeds()
        if broker in (None, "", status.feed)
    ]
    if broker and not feeds:
        return _no_broker(broker)
    data = {
        "connected": any(feed["state"] == FeedState.LIVE for feed in feeds),
        "authenticated": client.authenticated,
        "user_id": username,
        "broker": feeds[0]["broker"] if feeds else None,
        "active_subscriptions": client.get_subscriptions()["count"],
        "feeds": feeds,
        "notices": [notice.sentence for notice in _desk().notices()],
    }
    return Result.succeeded(data, "WebSocket status retrieved")


@answered
def get_websocket_subscriptions(username: str, broker: str | None = None) -> Result:
    """What `username` holds: `subscriptions`, each `{"symbol", "exchange", "mode"}`, and their `count`."""
    client = _client(username)
    if isinstance(client, Result):
        return client
    refused = _refusal(broker) if broker else None
    if refused is not None:
        return refused
    held = client.get_subscriptions()
    data = {"subscriptions": held["subscriptions"], "count": held["count"]}
    return Result.succeeded(data, f"{held['count']} active subscriptions")


@answered
def subscribe_to_symbols(
    username: str,
    broker: str | None,
    symbols: Sequence[Mapping[str, str]],
    mode: str | int = "Quote",
) -> Result:
    """Subscribe `username` to `symbols`, `[{"symbol", "exchange"}, …]`, in `mode` (`LTP`, `Quote`, `Depth`).

    Succeeds if at least one was accepted; `data.subscriptions` has an entry with its own status for each.
    """
    client = _client(username)
    if isinstance(client, Result):
        return client
    refused = _refusal(broker)
    if refused is not None:
        return refused
    return _answer(client.subscribe(symbols, mode), "subscriptions", username)


@answered
def unsubscribe_from_symbols(
    username: str,
    broker: str | None,
    symbols: Sequence[Mapping[str, str]],
    mode: str | int = "Quote",
) -> Result:
    """Unsubscribe `username` from `mode` of `symbols`. What was not subscribed counts as done."""
    client = _client(username)
    if isinstance(client, Result):
        return client
    return _unknown_broker(broker) or _answer(client.unsubscribe(symbols, mode), "failed", username)


@answered
def unsubscribe_all(username: str, broker: str | None) -> Result:
    """Unsubscribe `username` from everything."""
    client = _client(username)
    if isinstance(client, Result):
        return client
    return _unknown_broker(broker) or _answer(client.unsubscribe_all(), "failed", username)


@answered
def get_market_data(username: str, symbol: str | None = None, exchange: str | None = None) -> Result:
    """The cache entry of one instrument, or, by `EXCHANGE:SYMBOL`, of all that `username` subscribed to."""
    client = _client(username)
    if isinstance(client, Result):
        return client
    try:
        if symbol is not None and exchange is not None and not client.holds(symbol, exchange):
            shown = f"{exchange}:{symbol}".upper()
            return Result.failed(ErrorCode.NOT_SUBSCRIBED, f"{shown} is not subscribed; subscribe to it first")
        data = client.get_market_data(symbol, exchange)
    except InvalidRequestError as error:
        return Result.failed(ErrorCode.INVALID_SYMBOLS, str(error))
    if symbol is not None and exchange is None and not data:
        return Result.failed(ErrorCode.NOT_SUBSCRIBED, f"{symbol} is not subscribed, or nothing is known of it yet")
    return Result.succeeded(data, "Market data retrieved" if data else "Nothing has been received yet")


def register_market_data_callback(username: str, callback: Callable[[dict[str, Any]], object]) -> bool:
    """Have `callback` called with every message for `username`'s subscriptions; False where there is no client."""
    success, client, _ = get_websocket_connection(username)
    if not success or client is None or not callable(callback):
        return False
    client.register_callback("market_data", callback)
    return True


def _client(username: str) -> LocalClient | Result:
    if _engine is None:
        return Result.failed(ErrorCode.BROKER_UNAVAILABLE, NOT_RUNNING)
    if not isinstance(username, str) or not username or not _engine.api_keys.get_user_api_key(username):
        return Result.failed(ErrorCode.NO_API_KEY, no_key_sentence(username))
    client = _engine.clients.get(username)
    if client is None:
        client = _engine.clients[username] = LocalClient(_engine.desk, _engine.market_data, username)
    client.connect()
    return client


def no_key_sentence(username: str) -> str:
    """What to tell a user who has no key, and how to make one."""
    return f"No API key found for user {username!r}. Create one with New key on the API keys page of the application"


def _desk() -> MarketDesk:
    assert _engine is not None
    return _engine.desk


def _refusal(broker: str | None) -> Result | None:
    """Why nothing can be subscribed at `broker`, or at any feed where none is named."""
    feeds = [status for status, _ in _desk().feeds() if not broker or status.feed == broker]
    if not feeds:
        return _no_broker(broker)
    if all(status.state in _DOWN for status in feeds):
        detail = feeds[0].detail or f"{feeds[0].feed} is {feeds[0].state}"
        return Result.failed(ErrorCode.BROKER_UNAVAILABLE, f"Broker adapter not available for user: {detail}")
    return None


def _unknown_broker(broker: str | None) -> Result | None:
    """Leaving is possible while a feed is down, but not from one that does not exist."""
    return _no_broker(broker) if broker and broker not in [status.feed for status, _ in _desk().feeds()] else None


def _no_broker(broker: str | None) -> Result:
    named = f": no feed named {broker!r} is running" if broker else ": no feed is running"
    return Result.failed(ErrorCode.BROKER_UNAVAILABLE, "Broker adapter not available for user" + named)


def _answer(ack: dict[str, Any], listing: str, username: str) -> Result:
    """Turn a client's acknowledgement into a result: failed only if nothing at all was done."""
    if "error_code" in ack:
        return Result.failed(code_named(ack["error_code"]), ack["message"])
    failed = [line for line in ack[listing] if line["status"] != "success"]
    reasons = "; ".join(str(line["message"]) for line in failed)
    if ack["status"] == "error":
        _log.info("Nothing done for %s: %s", username, reasons)
        return Result.failed(code_named(failed[0]["error_code"]), reasons)
    data = {name: value for name, value in ack.items() if name not in ("type", "status", "message")}
    message = f"{ack['message']}; not done: {reasons}" if failed else ack["message"]
    return Result.succeeded(data, message)
