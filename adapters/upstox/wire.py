"""Upstox's market data feed v3: protobuf frames to ticks, wishes to JSON. Pure.

A `full` feed that carries the book carries everything, so a zero beside a book is a zero; a live frame may leave out
whole parts, and then a zero is only what protobuf reads where nothing was written, that is: as before. `ohlc` holds
several intervals; the one of the day is `1d` (`I1` is the last completed minute).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from adapters.frames import Binary
from adapters.protobuf_schema import parse
from adapters.upstox.schema import MESSAGES
from market.errors import DecodeError
from market.exchanges import CASH
from market.instruments import InstrumentKey
from market.ticks import Depth, Level, Tick

SOURCE = "upstox"

_Response = MESSAGES["FeedResponse"]
_DAY = "1d"
_MOST = 1e15

_make_level = Level._make


class Wanted(NamedTuple):
    """What the decoder needs to know of an instrument: its key, and into how many parts its prices divide a rupee."""

    key: InstrumentKey
    unit: float


def decode(frame: bytes) -> Any:
    """Return `frame` as a `FeedResponse`.

    Raises:
        DecodeError: it is none.
    """
    return parse(_Response, frame)


def tick(feed: Any, wanted: Wanted, received_ms: float, at_ms: int) -> Tick | None:
    """Return what `feed` (a `Feed`) says, None if it says nothing. `at_ms`: when Upstox sent it, 0 if unknown."""
    if feed.HasField("fullFeed"):
        full = feed.fullFeed
        if full.HasField("marketFF"):
            return _market(full.marketFF, wanted, received_ms, at_ms)
        return _plain(full.indexFF, wanted, received_ms, at_ms, full.indexFF.marketOHLC.ohlc)
    if feed.HasField("ltpc"):
        return _plain(feed, wanted, received_ms, at_ms, ())
    if feed.HasField("firstLevelWithGreeks"):
        return _first_level(feed.firstLevelWithGreeks, wanted, received_ms, at_ms)
    return None


# fmt: off
def _market(feed: Any, wanted: Wanted, received_ms: float, at_ms: int) -> Tick:
    unit = wanted.unit
    ltpc = feed.ltpc
    open_, high, low = _day(feed.marketOHLC.ohlc, unit)
    volume, last, oi = feed.vtt, ltpc.ltq, _quantity(feed.oi)
    buying, selling = _quantity(feed.tbq), _quantity(feed.tsq)
    book = _NO_BOOK
    if feed.HasField("marketLevel"):
        book = _book(feed.marketLevel.bidAskQuote, unit, at_ms)
    if wanted.key.exchange in CASH:
        oi = oi or None  # shares have none
    if not (feed.HasField("marketLevel") and feed.HasField("ltpc")):  # not the whole: what is zero may be left out
        volume, last, oi, buying, selling = volume or None, last or None, oi or None, buying or None, selling or None
    depth, bid, ask, bid_size, ask_size = book
    return Tick(
        wanted.key, received_ms, SOURCE, _price(ltpc.ltp, unit), at_ms or None, ltpc.ltt or None,
        volume, open_, high, low, _price(ltpc.cp, unit), last,
        _price(feed.atp, unit), oi, buying, selling, bid, ask, bid_size, ask_size,
        None, None, None, depth, _greeks(feed),
    )


def _first_level(feed: Any, wanted: Wanted, received_ms: float, at_ms: int) -> Tick:
    unit, ltpc = wanted.unit, feed.ltpc
    volume, last, oi = feed.vtt, ltpc.ltq, _quantity(feed.oi)
    book = _NO_BOOK
    if feed.HasField("firstDepth"):
        book = _book((feed.firstDepth,), unit, at_ms)
    if not (feed.HasField("firstDepth") and feed.HasField("ltpc")):
        volume, last, oi = volume or None, last or None, oi or None
    _, bid, ask, bid_size, ask_size = book
    return Tick(
        wanted.key, received_ms, SOURCE, _price(ltpc.ltp, unit), at_ms or None, ltpc.ltt or None,
        volume, None, None, None, _price(ltpc.cp, unit), last, None, oi,
        None, None, bid, ask, bid_size, ask_size, extra=_greeks(feed),
    )
# fmt: on


def _plain(feed: Any, wanted: Wanted, received_ms: float, at_ms: int, ohlc: Sequence[Any]) -> Tick:
    """An index, or anything in `ltpc` mode."""
    unit, ltpc = wanted.unit, feed.ltpc
    open_, high, low = _day(ohlc, unit)
    return Tick(
        wanted.key,
        received_ms,
        SOURCE,
        _price(ltpc.ltp, unit),
        at_ms or None,
        ltpc.ltt or None,
        open=open_,
        high=high,
        low=low,
        close=_price(ltpc.cp, unit),
        last_quantity=ltpc.ltq or None,
    )


def _day(ohlc: Sequence[Any], unit: float) -> tuple[float | None, float | None, float | None]:
    for row in ohlc:
        if row.interval == _DAY:
            return _price(row.open, unit), _price(row.high, unit), _price(row.low, unit)
    return None, None, None


def _price(value: float, unit: float) -> float | None:
    """A double as a price, rounded to whole parts; None for zero, which stands for unknown, and for what is no number.

    Rounding to a whole number is several times faster than rounding to digits.
    """
    return (round(value * unit) / unit or None) if -_MOST < value < _MOST else None


def _quantity(value: float) -> float | None:
    return value if 0.0 <= value < _MOST else None


_Book = tuple[Depth | None, float | None, float | None, float | None, float | None]
_NO_BOOK: _Book = (None, None, None, None, None)


def _book(rows: Sequence[Any], unit: float, at_ms: int) -> _Book:
    """The book, and its best prices and quantities. An empty side is zero."""
    buy: list[Level] = []
    sell: list[Level] = []
    for row in rows:
        if (quantity := row.bidQ) and -_MOST < (price := row.bidP) < _MOST and price:
            buy.append(_make_level((round(price * unit) / unit, quantity, 0)))
        if (quantity := row.askQ) and -_MOST < (price := row.askP) < _MOST and price:
            sell.append(_make_level((round(price * unit) / unit, quantity, 0)))
    bid, bid_size = buy[0][:2] if buy else (0.0, 0)
    ask, ask_size = sell[0][:2] if sell else (0.0, 0)
    return Depth(tuple(buy), tuple(sell), at_ms or None), bid, ask, bid_size, ask_size


def _greeks(feed: Any) -> dict[str, object] | None:
    """What options come with beside their prices; None where there is nothing of it."""
    if not 0.0 < feed.iv < _MOST:
        return None
    greeks = feed.optionGreeks
    return {
        "iv": feed.iv,
        "delta": greeks.delta,
        "theta": greeks.theta,
        "gamma": greeks.gamma,
        "vega": greeks.vega,
        "rho": greeks.rho,
    }


def encode(number: int, method: str, keys: Sequence[str], mode: str | None = None) -> bytes:
    """Return request `number`: `sub`, `change_mode` (both with a `mode`) or `unsub`, of instrument keys.

    Upstox wants JSON within a binary frame; it ignores text frames.
    """
    data: dict[str, object] = {"instrumentKeys": keys}
    if mode is not None:
        data["mode"] = mode
    return Binary(msgspec.json.encode({"guid": str(number), "method": method, "data": data}))


def reject_text(frame: bytes) -> None:
    """Upstox sends no text frames.

    Raises:
        DecodeError: always.
    """
    raise DecodeError("A text frame from Upstox", frame)
