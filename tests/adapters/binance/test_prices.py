"""Prices: which field says what, and no older figure turns the last price back."""

from __future__ import annotations

from adapters.binance.events import AggTrade, BookTicker, Ticker
from adapters.binance.prices import Day, Prices
from adapters.transport import decode_json
from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.ticks import Tick

BTC = InstrumentKey(Exchange.CRYPTO, "BTCUSDT")
TRADE = AggTrade("BTCUSDT", 102.5, 0.25, 5_010, 5_000)
BEST = BookTicker(9, "BTCUSDT", 102.0, 1.5, 103.0, 2.5)
DAY_BODY = (
    b'{"symbol":"BTCUSDT","priceChange":"-1","weightedAvgPrice":"101.5","prevClosePrice":"100.5","lastPrice":"102",'
    b'"lastQty":"3","bidPrice":"101.9","bidQty":"1","askPrice":"102.1","askQty":"2","openPrice":"100","highPrice":"110",'
    b'"lowPrice":"90","volume":"1234.5","quoteVolume":"1","openTime":1,"closeTime":4000,"firstId":1,"lastId":2,"count":2}'
)


def ticker(*, close_ms: int = 5_500, last: float = 103.0, before: float | None = 100.5) -> Ticker:
    return Ticker("BTCUSDT", 5_600, last, 0.5, 100.0, 110.0, 90.0, 1234.5, 101.5, close_ms, before)


def test_trade_tells_price_size_and_both_times() -> None:
    assert Prices("binance").of_trade(TRADE, BTC, 1.0) == Tick(
        BTC, 1.0, "binance", ltp=102.5, timestamp=5_010, ltt=5_000, last_quantity=0.25
    )


def test_ticker_tells_the_rolling_day_and_the_price() -> None:
    assert Prices("binance").of_ticker(ticker(), BTC, 1.0) == Tick(
        BTC,
        1.0,
        "binance",
        ltp=103.0,
        timestamp=5_600,
        volume=1234.5,
        open=100.0,
        high=110.0,
        low=90.0,
        close=100.5,
        last_quantity=0.5,
        average_price=101.5,
        rolling_24h=True,
    )


def test_ticker_older_than_the_last_trade_does_not_turn_the_price_back() -> None:
    prices = Prices("binance")
    prices.of_trade(TRADE, BTC, 1.0)
    old = prices.of_ticker(ticker(close_ms=4_999), BTC, 1.0)
    assert (old.ltp, old.timestamp, old.last_quantity, old.volume) == (None, None, None, 1234.5)
    assert prices.of_ticker(ticker(close_ms=5_000), BTC, 1.0).ltp == 103.0


def test_previous_close_of_a_ticker_without_one_is_its_open() -> None:
    assert Prices("binance").of_ticker(ticker(before=None), BTC, 1.0).close == 100.0
    assert Prices("binance").of_ticker(ticker(before=0.0), BTC, 1.0).close == 100.0


def test_zero_price_means_unknown() -> None:
    untraded = Ticker("BTCUSDT", 5_600, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 5_500, 0.0)
    tick = Prices("binance").of_ticker(untraded, BTC, 1.0)
    assert (tick.ltp, tick.open, tick.high, tick.low, tick.close, tick.volume) == (None, None, None, None, None, 0.0)


def test_book_ticker_tells_both_sides_and_no_time() -> None:
    assert Prices("binance").of_book_ticker(BEST, BTC, 1.0) == Tick(
        BTC, 1.0, "binance", bid_price=102.0, ask_price=103.0, bid_size=1.5, ask_size=2.5
    )


def test_fetched_day_fills_a_blank_row() -> None:
    tick = Prices("binance").of_day(decode_json(DAY_BODY, Day), BTC, 1.0)
    assert (tick.ltp, tick.timestamp, tick.ltt) == (102.0, 4_000, None)
    assert (tick.open, tick.high, tick.low, tick.close, tick.volume) == (100.0, 110.0, 90.0, 100.5, 1234.5)
    assert (tick.bid_price, tick.bid_size, tick.ask_price, tick.ask_size) == (101.9, 1.0, 102.1, 2.0)
    assert tick.rolling_24h is True


def test_fetched_day_that_comes_late_overrides_nothing() -> None:
    prices = Prices("binance")
    prices.of_trade(TRADE, BTC, 1.0)
    after_trade = prices.of_day(decode_json(DAY_BODY, Day), BTC, 2.0)
    assert (after_trade.ltp, after_trade.timestamp, after_trade.volume) == (None, None, 1234.5)
    prices.of_ticker(ticker(), BTC, 1.0)
    prices.of_book_ticker(BEST, BTC, 1.0)
    assert prices.of_day(decode_json(DAY_BODY, Day), BTC, 2.0) == Tick(BTC, 2.0, "binance")


def test_forgotten_symbol_starts_afresh() -> None:
    prices = Prices("binance")
    prices.of_trade(TRADE, BTC, 1.0)
    prices.of_ticker(ticker(), BTC, 1.0)
    assert prices.has_day("BTCUSDT")
    prices.forget("BTCUSDT")
    assert not prices.has_day("BTCUSDT")
    assert prices.of_ticker(ticker(close_ms=1), BTC, 1.0).ltp == 103.0
