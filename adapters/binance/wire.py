"""Binance's stream frames → events: bytes in, values out. No sockets, no clock.

Accepts combined frames (`{"stream": …, "data": …}`) and raw ones. A frame of a known stream is decoded in one pass
by the decoder that its stream name selects; everything else takes the slower way round.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec

from adapters.binance.events import (
    Ack,
    AggTrade,
    BookTicker,
    DepthDiff,
    Event,
    Kline,
    MiniTicker,
    PartialDepth,
    Refusal,
    ServerShutdown,
    Ticker,
    Trade,
    Unknown,
)
from market.errors import DecodeError

T = TypeVar("T")

KLINE_INTERVALS = ["1s", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M"]

_MOST_STREAMS = 16_384
_FAILURES = (msgspec.MsgspecError, ValueError, RecursionError)


class _Combined(msgspec.Struct, Generic[T]):
    stream: str
    data: T


class _Wrapped(msgspec.Struct):
    stream: str
    data: msgspec.Raw


class _Error(msgspec.Struct):
    code: int = 0
    msg: str = ""


class _Probe(msgspec.Struct):
    """The few fields that tell what a frame is."""

    stream: str | None = None
    e: str | None = None
    u: int | None = None
    B: str | None = None
    lastUpdateId: int | None = None
    error: _Error | None = None
    id: int | None = None
    result: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw)


def _kinds() -> dict[str, Any]:
    kinds: dict[str, Any] = {
        "aggTrade": AggTrade,
        "trade": Trade,
        "ticker": Ticker,
        "miniTicker": MiniTicker,
        "bookTicker": BookTicker,
    }
    for speed in ("", "@100ms", "@1000ms"):
        kinds["depth" + speed] = DepthDiff
        kinds |= {f"depth{levels}{speed}": PartialDepth for levels in (5, 10, 20)}
    return kinds | {f"kline_{interval}": Kline for interval in KLINE_INTERVALS}


_COMBINED: dict[bytes, Any] = {
    kind.encode(): msgspec.json.Decoder(_Combined[struct], strict=False)  # type: ignore[valid-type]
    for kind, struct in _kinds().items()
}
_BY_EVENT: dict[str, Any] = {
    name: msgspec.json.Decoder(struct, strict=False)
    for name, struct in {
        "aggTrade": AggTrade,
        "trade": Trade,
        "24hrTicker": Ticker,
        "24hrMiniTicker": MiniTicker,
        "bookTicker": BookTicker,
        "depthUpdate": DepthDiff,
        "kline": Kline,
        "serverShutdown": ServerShutdown,
    }.items()
}
_decoders: dict[bytes, Any] = {}
_PARTIAL = msgspec.json.Decoder(PartialDepth, strict=False)
_WRAPPED = msgspec.json.Decoder(_Wrapped)
_PROBE = msgspec.json.Decoder(_Probe)


def decode(frame: bytes, *, stream: str = "") -> Event:
    """Return the event in `frame`.

    Args:
        frame: one text message, UTF-8.
        stream: the stream it came on, where the frame does not say it (raw streams).

    Raises:
        DecodeError: it is not an event; counted and tolerated by the caller.
    """
    try:
        parts = frame.split(b'"', 4)
        if len(parts) == 5 and parts[1] == b"stream":
            decoder = _decoders.get(parts[3]) or _decoder_for(parts[3])
            if decoder is not None:
                found = decoder.decode(frame)
                event: Event = found.data
                if type(event) is PartialDepth:
                    event.symbol = _symbol_of(found.stream, frame)
                return event
        return _decode_slowly(frame, stream)
    except _FAILURES as exc:
        raise DecodeError(f"Not a Binance frame: {exc}", frame) from exc


def _decoder_for(stream: bytes) -> Any:
    """The decoder for a stream of that name, or None; remembered, within bounds, because a name comes again."""
    decoder = _COMBINED.get(stream.partition(b"@")[2])
    if decoder is not None:
        if len(_decoders) >= _MOST_STREAMS:
            _decoders.clear()
        _decoders[stream] = decoder
    return decoder


def _decode_slowly(frame: bytes, stream: str) -> Event:
    probe = _PROBE.decode(frame)
    if probe.stream is not None:
        wrapped = _WRAPPED.decode(frame)
        frame, stream = bytes(wrapped.data), probe.stream
        probe = _PROBE.decode(frame)
    if probe.e is not None:
        decoder = _BY_EVENT.get(probe.e)
        event: Event = Unknown(probe.e) if decoder is None else decoder.decode(frame)
        return event
    return _decode_unnamed(frame, probe, stream)


def _decode_unnamed(frame: bytes, probe: _Probe, stream: str) -> Event:
    """Frames without an event name: replies, spot bookTicker, partial depth."""
    if probe.error is not None:
        return Refusal(probe.id, probe.error.code, probe.error.msg)
    if probe.lastUpdateId is not None:
        partial: PartialDepth = _PARTIAL.decode(frame)
        partial.symbol = _symbol_of(stream, frame)
        return partial
    if probe.u is not None and probe.B is not None:
        book_ticker: BookTicker = _BY_EVENT["bookTicker"].decode(frame)
        return book_ticker
    if probe.id is not None and bytes(probe.result):
        return Ack(probe.id)
    if stream:
        return Unknown(stream.partition("@")[2] or stream)
    raise DecodeError("Not an event, a reply or a book of Binance", frame)


def _symbol_of(stream: str, frame: bytes) -> str:
    symbol, at, _ = stream.partition("@")
    if not at or not symbol:
        raise DecodeError("Partial depth of Binance without a stream name", frame)
    return symbol.upper()
