"""The ZeroMQ bus's messages: `[topic, JSON]` to a tick. Pure: bytes in, values out.

A topic is EXCHANGE_SYMBOL_MODE; exchanges and symbols with an underscore make it ambiguous only to those who split from
the left. Formats: `docs/wire-protocol.md`, ZeroMQ bus.
"""

from __future__ import annotations

from collections.abc import Sequence

from adapters.bus_messages import MAX_PAYLOAD_BYTES, decode_payload
from adapters.natures import NatureBook
from market.errors import DecodeError, InvalidRequestError
from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.modes import Mode
from market.symbols import parse_key
from market.ticks import Tick

_TWO_PART_EXCHANGES = tuple(f"{exchange.value}_" for exchange in Exchange if "_" in exchange.value)
_PRIVATE_SUFFIXES = ("_orders", "_positions", "_margins")
_PRIVATE_PREFIX = "CACHE_INVALIDATE"

_MOST_TOPICS = 16_384
_keys: dict[bytes, InstrumentKey] = {}


def is_private(topic: bytes) -> bool:
    """Whether `topic` is other traffic of the bus (orders, cache notices), which is not for us."""
    if topic in _keys:
        return False
    text = topic.decode("utf-8", "replace")
    return text.startswith(_PRIVATE_PREFIX) or text.endswith(_PRIVATE_SUFFIXES)


def parse_topic(topic: bytes) -> tuple[InstrumentKey, Mode]:
    """Return the instrument and the mode that `topic` names.

    Raises:
        DecodeError: not EXCHANGE_SYMBOL_MODE with a known exchange and mode.
    """
    try:
        text = topic.decode("utf-8")
    except UnicodeDecodeError:
        raise DecodeError("A topic that is not UTF-8", topic) from None
    stem, _, mode_name = text.rpartition("_")
    try:
        mode = Mode[mode_name.upper()]
    except KeyError:
        raise DecodeError("A topic that does not end in a mode", text) from None
    prefix = next((prefix for prefix in _TWO_PART_EXCHANGES if stem.startswith(prefix)), None)
    exchange, symbol = (prefix[:-1], stem[len(prefix) :]) if prefix else stem.partition("_")[::2]
    try:
        return parse_key(exchange, symbol), mode
    except InvalidRequestError as error:
        raise DecodeError(str(error), text) from None


def decode(frames: Sequence[bytes], source: str, received_ms: float, natures: NatureBook | None = None) -> Tick:
    """Return the tick that a multipart message carries.

    Raises:
        DecodeError: not two frames, too long, an unknown topic, or not a JSON object.
    """
    if len(frames) != 2:
        raise DecodeError(f"A message of {len(frames)} frames instead of 2", frames[0] if frames else b"")
    topic, payload = frames
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise DecodeError(f"A payload of {len(payload)} bytes", topic)
    key = _keys.get(topic) or _key_of(topic)
    return decode_payload(key, payload, source, received_ms, natures)


def _key_of(topic: bytes) -> InstrumentKey:
    """The instrument of `topic`; remembered, within bounds, because a topic comes again."""
    key, _mode = parse_topic(topic)
    if not is_private(topic):
        if len(_keys) >= _MOST_TOPICS:
            _keys.clear()
        _keys[topic] = key
    return key
