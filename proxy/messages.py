"""What clients write, as commands; what they are answered, as JSON objects.

Accepts every spelling that existing clients use and validates before anything is done: a bad element of a list becomes
one failed entry, never half a subscription, and no answer contains an exception's text. Pure: text in, values out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, overload

import msgspec

from market.errors import InvalidModeError, InvalidRequestError
from market.feeds import FeedNature, FeedStatus
from market.instruments import InstrumentKey
from market.modes import Mode, parse_mode
from market.symbols import parse_key
from proxy.registry import Channel

DEFAULT_DEPTH = 5
MAX_DEPTH = 200
MAX_ELEMENTS = 5_000
_SHOWN = 64


class ProtocolError(InvalidRequestError):
    """A message that is answered with an error frame; `code` is one of the protocol's codes."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Authenticate:
    """The client presents its API key."""

    api_key: str


@dataclass(frozen=True, slots=True)
class Item:
    """One element of a list: a key with the modes it is about, or why it is not one."""

    symbol: str
    exchange: str
    key: InstrumentKey | None = None
    modes: tuple[Mode, ...] = ()
    error: str | None = None


class Items(Sequence[Item]):
    """The elements of a list, each parsed when it is looked at, since there may be thousands."""

    def __init__(self, elements: Sequence[object], modes: tuple[Mode, ...]) -> None:
        self._elements = elements
        self._modes = modes

    @overload
    def __getitem__(self, index: int) -> Item: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Item]: ...

    def __getitem__(self, index: int | slice) -> Item | Sequence[Item]:
        if isinstance(index, slice):
            return [_item(element, self._modes) for element in self._elements[index]]
        return _item(self._elements[index], self._modes)

    def __len__(self) -> int:
        return len(self._elements)


@dataclass(frozen=True, slots=True)
class Subscribe:
    """The client wants `items`; Depth with up to `depth` levels."""

    items: Items
    depth: int
    request_id: Any


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """The client no longer wants `items`."""

    items: Items
    request_id: Any


@dataclass(frozen=True, slots=True)
class UnsubscribeAll:
    """The client no longer wants anything."""

    request_id: Any


@dataclass(frozen=True, slots=True)
class OrderUpdates:
    """The client asks for order updates, or no longer does; there is no order source here, so none ever come."""

    wanted: bool
    request_id: Any


@dataclass(frozen=True, slots=True)
class StatusUpdates:
    """The client asks to be told when a feed is lost, mute or back, or no longer does."""

    wanted: bool
    request_id: Any


@dataclass(frozen=True, slots=True)
class Ping:
    """An application ping; both values are echoed if they are there."""

    message: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BrokerInfo:
    """The client asks which broker it is connected to."""


@dataclass(frozen=True, slots=True)
class SupportedBrokers:
    """The client asks which brokers there are."""


@dataclass(frozen=True, slots=True)
class Swallow:
    """A message that is neither answered nor an error: a pong."""


Command = (
    Authenticate
    | Subscribe
    | Unsubscribe
    | UnsubscribeAll
    | OrderUpdates
    | StatusUpdates
    | Ping
    | BrokerInfo
    | SupportedBrokers
    | Swallow
)

_NO_AUTH_NEEDED = (Authenticate, Ping, SupportedBrokers, Swallow)


def needs_authentication(command: Command) -> bool:
    """Whether `command` is refused before the client has authenticated."""
    return not isinstance(command, _NO_AUTH_NEEDED)


_decode = msgspec.json.Decoder().decode
_unpack = msgspec.msgpack.Decoder().decode


def parse_message(raw: str | bytes, *, is_packed: bool = False) -> Mapping[str, Any]:
    """Return the object that a client sent, as JSON or, if `is_packed`, as msgpack.

    Raises:
        ProtocolError: INVALID_JSON, or INVALID_PARAMETERS where it is JSON but not an object.
    """
    if raw in ("pong", b"pong"):
        return {"action": "pong"}
    try:
        message = _unpack(raw) if is_packed and isinstance(raw, bytes) else _decode(raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise ProtocolError("INVALID_JSON", "Invalid JSON message") from None
    if not isinstance(message, dict):
        raise ProtocolError("INVALID_PARAMETERS", f"Expected a JSON object, got {_kind(message)}")
    return message


def parse_command(message: Mapping[str, Any]) -> Command:
    """Return what `message` asks for.

    Raises:
        ProtocolError: with the code and the sentence of the answer.
    """
    verb = message.get("action") or message.get("type")
    if message.get("type") == "unsubscribe_all":
        verb = "unsubscribe_all"
    parser = _PARSERS.get(verb) if isinstance(verb, str) else None
    if parser is None:
        raise ProtocolError("INVALID_ACTION", f"Invalid action: {str(verb)[:_SHOWN]}")
    return parser(message)


def _authenticate(message: Mapping[str, Any]) -> Authenticate:
    key = message.get("api_key") or message.get("apikey")
    if not key:
        raise ProtocolError("AUTHENTICATION_ERROR", "API key is required")
    if not isinstance(key, str):
        raise ProtocolError("INVALID_PARAMETERS", f"api_key must be text, got {_kind(key)}")
    return Authenticate(key)


def _subscribe(message: Mapping[str, Any]) -> Subscribe:
    top = _mode(message["mode"]) if "mode" in message else Mode.QUOTE
    elements = _elements(message, "At least one symbol must be specified")
    return Subscribe(Items(elements, (top,)), _depth(message), message.get("request_id"))


def _unsubscribe(message: Mapping[str, Any]) -> Unsubscribe:
    modes = (_mode(message["mode"]),) if "mode" in message else tuple(Mode)
    elements = _elements(message, "Either symbols or unsubscribe_all is required")
    return Unsubscribe(Items(elements, modes), message.get("request_id"))


def _mode(value: object) -> Mode:
    try:
        return parse_mode(value)
    except InvalidModeError as error:
        raise ProtocolError("INVALID_MODE", str(error)) from None


def _depth(message: Mapping[str, Any]) -> int:
    for name in ("depth", "depth_level"):
        value = message.get(name)
        if value is None:
            continue
        if isinstance(value, str) and value.strip().isdigit():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_DEPTH:
            raise ProtocolError(
                "INVALID_PARAMETERS", f"{name} must be a whole number from 1 to {MAX_DEPTH}, such as 5 or 20"
            )
        return value
    return DEFAULT_DEPTH


def _elements(message: Mapping[str, Any], nothing: str) -> Sequence[Any]:
    for name in ("symbols", "instruments"):
        elements = message.get(name)
        if elements is not None and not isinstance(elements, list):
            raise ProtocolError("INVALID_PARAMETERS", f"{name} must be a list of objects, got {_kind(elements)}")
        if elements and len(elements) > MAX_ELEMENTS:
            raise ProtocolError(
                "LIMIT_EXCEEDED", f"{name} has {len(elements)} elements; at most {MAX_ELEMENTS} fit in a message"
            )
        if elements:
            return elements
    if message.get("symbol") and message.get("exchange"):
        return [{"symbol": message["symbol"], "exchange": message["exchange"]}]
    raise ProtocolError("INVALID_PARAMETERS", nothing)


def _item(element: object, modes: tuple[Mode, ...]) -> Item:
    if not isinstance(element, dict):
        shown = element[:_SHOWN] if isinstance(element, str) else ""
        return Item(shown, "", error=f'Expected an object with "symbol" and "exchange", got {_kind(element)}')
    symbol, exchange = element.get("symbol"), element.get("exchange")
    shown_symbol, shown_exchange = (value[:_SHOWN] if isinstance(value, str) else "" for value in (symbol, exchange))
    for name, value in (("symbol", symbol), ("exchange", exchange)):
        if value is None or value == "":
            return Item(shown_symbol, shown_exchange, error=f"{name} is missing")
        if not isinstance(value, str):
            return Item(shown_symbol, shown_exchange, error=f"{name} must be text, got {_kind(value)}")
    try:
        key = _key_of(exchange, symbol)
        modes = (parse_mode(element["mode"]),) if "mode" in element else modes
    except InvalidRequestError as error:
        return Item(shown_symbol, shown_exchange, error=str(error))
    return Item(key.symbol, key.exchange.value, key, modes)


# Clients name the same instruments again and again: one object for all of them is less to make, to keep and to look at
# when garbage is collected.
_key_of = lru_cache(maxsize=16_384)(parse_key)


def _kind(value: object) -> str:
    kinds = {str: "text", bool: "a boolean", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return kinds.get(type(value), "null")


_PARSERS: dict[str, Callable[[Mapping[str, Any]], Command]] = {
    "authenticate": _authenticate,
    "auth": _authenticate,
    "subscribe": _subscribe,
    "unsubscribe": _unsubscribe,
    "unsubscribe_all": lambda message: UnsubscribeAll(message.get("request_id")),
    "subscribe_orders": lambda message: OrderUpdates(True, message.get("request_id")),
    "unsubscribe_orders": lambda message: OrderUpdates(False, message.get("request_id")),
    "subscribe_status": lambda message: StatusUpdates(True, message.get("request_id")),
    "unsubscribe_status": lambda message: StatusUpdates(False, message.get("request_id")),
    "ping": Ping,
    "get_broker_info": lambda _message: BrokerInfo(),
    "get_supported_brokers": lambda _message: SupportedBrokers(),
    "pong": lambda _message: Swallow(),
}


# --- answers


def error_reply(code: str, message: str) -> dict[str, Any]:
    """An error frame. It has no `type`: clients rely on that to fail what they wait for."""
    return {"status": "error", "code": code, "message": message}


def auth_reply(broker: str, user_id: str) -> dict[str, Any]:
    """The answer to a good key."""
    return {
        "type": "auth",
        "status": "success",
        "message": "Authentication successful",
        "broker": broker,
        "user_id": user_id,
        "supported_features": {"ltp": True, "quote": True, "depth": True},
    }


def pong_reply(message: Mapping[str, Any], now_ms: float) -> dict[str, Any]:
    """The answer to a ping, echoing `timestamp` and `_pingId`."""
    reply: dict[str, Any] = {"type": "pong", "status": "success", "server_timestamp": int(now_ms)}
    if "timestamp" in message:
        reply["client_timestamp"] = message["timestamp"]
    if "_pingId" in message:
        reply["_pingId"] = message["_pingId"]
    return reply


def feed_entry(status: FeedStatus, nature: FeedNature) -> dict[str, Any]:
    """A feed's state, as `subscribe_status` lists it and `feed_status` announces it."""
    return {
        "feed": status.feed,
        "state": status.state.value,
        "nature": nature.value,
        "detail": status.detail,
        "since": int(status.since_ms),
        "attempt": status.attempt,
    }


def subscribe_entry(item: Item, channel: Channel, broker: str) -> dict[str, Any]:
    """One accepted element of a subscribe answer."""
    return {
        "symbol": item.symbol,
        "exchange": item.exchange,
        "status": "success",
        "mode": channel.mode.label,
        "depth": channel.levels,
        "broker": broker,
    }


def failed_entry(item: Item, message: str, broker: str) -> dict[str, Any]:
    """One refused element of an answer, with the reason."""
    return {
        "symbol": item.symbol,
        "exchange": item.exchange,
        "status": "error",
        "message": message,
        "broker": broker,
    }


def released_entry(item: Item, broker: str) -> dict[str, Any]:
    """One element that is no longer subscribed."""
    return {"symbol": item.symbol, "exchange": item.exchange, "status": "success", "broker": broker}


def with_request_id(reply: dict[str, Any], request_id: Any) -> dict[str, Any]:
    """Add the echo of the client's request id, if it sent one."""
    if request_id is not None:
        reply["request_id"] = request_id
    return reply
