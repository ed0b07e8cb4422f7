"""Binance's events → ticks: which field says what, and which of two sources of a price is the newer. Pure."""

from __future__ import annotations

from msgspec import Struct, field

from adapters.binance.events import AggTrade, Amount, BookTicker, Milliseconds, Ticker
from market.instruments import InstrumentKey
from market.ticks import Tick


class Day(Struct):
    """The answer to `GET /api/v3/ticker/24hr?symbol=`: the rolling 24 hours, and the best bid and ask."""

    symbol: str
    last: Amount = field(name="lastPrice")
    last_quantity: Amount = field(name="lastQty")
    open: Amount = field(name="openPrice")
    high: Amount = field(name="highPrice")
    low: Amount = field(name="lowPrice")
    volume: Amount
    average: Amount = field(name="weightedAvgPrice")
    close_ms: Milliseconds = field(name="closeTime")
    before: Amount | None = field(name="prevClosePrice", default=None)
    bid_price: Amount | None = field(name="bidPrice", default=None)
    bid_size: Amount | None = field(name="bidQty", default=None)
    ask_price: Amount | None = field(name="askPrice", default=None)
    ask_size: Amount | None = field(name="askQty", default=None)


class Prices:
    """Makes the ticks of one connection.

    The last price comes from two streams; a 24-hour figure older than the last trade must not turn the price back.
    A price of zero means that there is none.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._last_trade_ms: dict[str, int] = {}
        self._has_day: set[str] = set()
        self._has_book: set[str] = set()

    def restart(self) -> None:
        """The connection is new: nothing has been heard on it."""
        self._last_trade_ms.clear()
        self._has_day.clear()
        self._has_book.clear()

    def forget(self, symbol: str) -> None:
        """Nobody wants `symbol` any more: what was heard of it will be old when it is wanted again."""
        self._last_trade_ms.pop(symbol, None)
        self._has_day.discard(symbol)
        self._has_book.discard(symbol)

    def has_day(self, symbol: str) -> bool:
        """Whether the 24-hour figures of `symbol` have been heard."""
        return symbol in self._has_day

    def of_trade(self, event: AggTrade, key: InstrumentKey, received_ms: float) -> Tick:
        """The tick of a trade."""
        self._last_trade_ms[event.symbol] = event.trade_ms
        return Tick(
            key,
            received_ms,
            self._source,
            event.price,
            event.event_ms,
            event.trade_ms,
            last_quantity=event.quantity,
        )

    def of_ticker(self, event: Ticker, key: InstrumentKey, received_ms: float) -> Tick:
        """The tick of the rolling 24 hours, without the last price where a newer trade is known."""
        self._has_day.add(event.symbol)
        tick = Tick(
            key,
            received_ms,
            self._source,
            volume=event.volume,
            open=event.open or None,
            high=event.high or None,
            low=event.low or None,
            close=event.before or event.open or None,
            average_price=event.average or None,
            rolling_24h=True,
        )
        if event.close_ms < self._last_trade_ms.get(event.symbol, 0):
            return tick
        return tick._replace(
            ltp=event.last or None, timestamp=event.event_ms, last_quantity=event.last_quantity or None
        )

    def of_book_ticker(self, event: BookTicker, key: InstrumentKey, received_ms: float) -> Tick:
        """The tick of the best bid and ask; a side without orders is zero."""
        self._has_book.add(event.symbol)
        return Tick(
            key,
            received_ms,
            self._source,
            bid_price=event.bid_price,
            ask_price=event.ask_price,
            bid_size=event.bid_size,
            ask_size=event.ask_size,
        )

    def of_day(self, day: Day, key: InstrumentKey, received_ms: float) -> Tick:
        """The tick of the 24-hour figures fetched at subscription, with only what no stream has told since."""
        tick = Tick(key, received_ms, self._source)
        if day.symbol not in self._has_day:
            self._has_day.add(day.symbol)
            tick = tick._replace(
                volume=day.volume,
                open=day.open or None,
                high=day.high or None,
                low=day.low or None,
                close=day.before or day.open or None,
                average_price=day.average or None,
                rolling_24h=True,
            )
            if day.symbol not in self._last_trade_ms:
                tick = tick._replace(
                    ltp=day.last or None, timestamp=day.close_ms, last_quantity=day.last_quantity or None
                )
        if day.symbol not in self._has_book:
            tick = tick._replace(
                bid_price=day.bid_price, ask_price=day.ask_price, bid_size=day.bid_size, ask_size=day.ask_size
            )
        return tick
