"""The feed against the toy: subscriptions, prices, refusals, history."""

from __future__ import annotations

import json

import pytest

from adapters.binance.broker import BROKER, POLICY
from market.errors import FeedRejectedError
from market.exchanges import Exchange
from market.feeds import FeedNature, FeedState
from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import WishState
from tests.adapters.binance.conftest import Stage, exchange_info, make_feed, wish
from tests.adapters.binance.test_prices import DAY_BODY
from tests.doubles.toy_binance import ToyBinance
from tests.doubles.waiting import until

BTC = InstrumentKey(Exchange.CRYPTO, "BTCUSDT")
TRADE = (
    b'{"stream":"btcusdt@aggTrade","data":{"e":"aggTrade","E":1790137062250,"a":1,"s":"BTCUSDT","p":"102.5",'
    b'"q":"0.25","f":1,"l":1,"T":1790137062147,"m":true,"M":true}}'
)
BEST = b'{"stream":"btcusdt@bookTicker","data":{"u":9,"s":"BTCUSDT","b":"102","B":"1.5","a":"103","A":"2.5"}}'
TICKER = (
    b'{"stream":"btcusdt@ticker","data":{"e":"24hrTicker","E":1790137063000,"s":"BTCUSDT","p":"1","P":"1","w":"101.5",'
    b'"x":"100.5","c":"102.6","Q":"0.5","b":"1","B":"1","a":"1","A":"1","o":"100","h":"110","l":"90","v":"1234.5",'
    b'"q":"1","O":1,"C":1790137063000,"F":1,"L":2,"n":2}}'
)
SNAPSHOT = b'{"lastUpdateId":10,"bids":[["102","1.5"],["101","1"]],"asks":[["103","2.5"]]}'


def diff(first_id: int, last_id: int, bid: str) -> bytes:
    data = {
        "e": "depthUpdate",
        "E": 1790137063100,
        "s": "BTCUSDT",
        "U": first_id,
        "u": last_id,
        "b": [[bid, "7"]],
        "a": [],
    }
    return json.dumps({"stream": "btcusdt@depth@100ms", "data": data}).encode()


def test_the_row_says_what_it_can() -> None:
    feed = make_feed(ToyBinance())
    assert (feed.name, feed.status.state) == ("binance", FeedState.STOPPED)
    assert feed.capabilities == BROKER.capabilities
    assert feed.capabilities.exchanges == {Exchange.CRYPTO}
    assert feed.capabilities.depth_levels == (5, 20, 50)
    assert feed.capabilities.nature is FeedNature.LIVE
    assert BROKER.resolve({})["ws"].startswith("wss://")


def test_messages_stay_below_the_five_a_second() -> None:
    assert POLICY.message_rate_per_s + POLICY.message_burst < 5.0
    assert POLICY.mute_after_s > 20.0  # the server's heartbeat


async def test_each_mode_brings_its_fields(stage: Stage) -> None:
    stage.toy.snapshots["BTCUSDT"] = [SNAPSHOT]
    await stage.start(wish("BTCUSDT", Mode.DEPTH))
    await until(lambda: stage.sink.last.get(BTC) and stage.sink.last[BTC].depth)
    wanted = {"btcusdt@aggTrade", "btcusdt@ticker", "btcusdt@bookTicker", "btcusdt@depth@100ms"}
    await until(lambda: stage.toy.streams == wanted)  # the best levels are let go of once the full book is there
    for frame in (TRADE, TICKER, BEST, diff(11, 12, "101.5")):
        await stage.toy.send(frame)
    await until(lambda: stage.sink.last[BTC].depth.buy[1].price == 101.5)
    last = stage.sink.last[BTC]
    assert (last.ltp, last.timestamp, last.ltt, last.volume) == (102.6, 1790137063000, 1790137062147, 1234.5)
    assert (last.open, last.high, last.low, last.close, last.rolling_24h) == (100.0, 110.0, 90.0, 100.5, True)
    assert (last.bid_price, last.bid_size, last.ask_price, last.ask_size) == (102.0, 1.5, 103.0, 2.5)
    assert last.depth.timestamp == 1790137063100
    assert last.source == "binance"
    assert last.received_ms == pytest.approx(stage.sink.statuses[-1].since_ms, abs=20_000.0)


async def test_streams_follow_the_highest_mode_held(stage: Stage) -> None:
    await stage.start(wish("BTCUSDT", Mode.LTP))
    assert stage.toy.streams == {"btcusdt@aggTrade", "btcusdt@ticker"}
    stage.feed.subscribe([wish("BTCUSDT", Mode.QUOTE)])
    await until(lambda: "btcusdt@bookTicker" in stage.toy.streams)
    stage.feed.unsubscribe([wish("BTCUSDT", Mode.QUOTE)])
    await until(lambda: "btcusdt@bookTicker" not in stage.toy.streams)
    assert stage.toy.streams == {"btcusdt@aggTrade", "btcusdt@ticker"}
    stage.feed.unsubscribe([wish("BTCUSDT", Mode.LTP)])
    await until(lambda: not stage.toy.streams)


async def test_wishes_from_before_the_start_are_subscribed(stage: Stage) -> None:
    stage.toy.exchange_info = exchange_info(["BTCUSDT"])
    stage.feed = make_feed(stage.toy)
    stage.feed.subscribe([wish("BTCUSDT", Mode.LTP)])
    await stage.feed.start(stage.sink)
    await until(lambda: stage.sink.confirmed == [wish("BTCUSDT", Mode.LTP)])


async def test_a_lower_wish_whose_streams_are_open_is_confirmed_by_the_next_price(stage: Stage) -> None:
    await stage.start(wish("BTCUSDT", Mode.QUOTE))
    stage.feed.subscribe([wish("BTCUSDT", Mode.LTP)])
    await stage.toy.send(TRADE)
    await until(lambda: wish("BTCUSDT", Mode.LTP) in stage.sink.confirmed)


async def test_row_is_not_blank_before_the_first_trade(stage: Stage) -> None:
    stage.toy.days["BTCUSDT"] = DAY_BODY
    await stage.start(wish("BTCUSDT", Mode.LTP))
    await until(lambda: BTC in stage.sink.last)
    last = stage.sink.last[BTC]
    assert (last.ltp, last.close, last.bid_price) == (102.0, 100.5, 101.9)
    assert stage.toy.requests["ticker/24hr"] == 1


async def test_the_day_is_asked_for_once_and_never_of_what_has_told_it(stage: Stage) -> None:
    stage.toy.days["BTCUSDT"] = DAY_BODY
    await stage.start(wish("BTCUSDT", Mode.LTP))
    await until(lambda: BTC in stage.sink.last)
    stage.feed.subscribe([wish("BTCUSDT", Mode.QUOTE)])
    await until(lambda: wish("BTCUSDT", Mode.QUOTE) in stage.sink.confirmed)
    assert stage.toy.requests["ticker/24hr"] == 1
    await stage.lose(stage.toy.drop)
    await until(lambda: stage.toy.requests["ticker/24hr"] == 2)  # what happened meanwhile is not known


async def test_many_wishes_go_in_few_messages_and_over_several_connections(stage: Stage) -> None:
    wishes = [wish(f"S{number}USDT", Mode.QUOTE) for number in range(150)]
    await stage.start(*wishes, per_connection=100)
    assert sorted(len(connection.streams) for connection in stage.toy.connections) == [150, 300]
    assert sum(len(connection.said) for connection in stage.toy.connections) == 3
    assert stage.feed.status.state is FeedState.LIVE


async def test_connection_added_to_a_live_one_leaves_the_feed_live(stage: Stage) -> None:
    await stage.start(wish("BTCUSDT", Mode.LTP), per_connection=1)
    stage.feed.subscribe([wish("ETHUSDT", Mode.LTP)])
    await until(lambda: stage.sink.confirmed == [wish("BTCUSDT", Mode.LTP), wish("ETHUSDT", Mode.LTP)])
    assert stage.sink.states == [FeedState.CONNECTING, FeedState.LIVE]


async def test_unknown_symbol_is_refused_once_the_list_is_there(stage: Stage) -> None:
    stage.feed = make_feed(stage.toy)
    await stage.feed.start(stage.sink)
    stage.feed.subscribe([wish("BTCUSDT", Mode.LTP), wish("NOSUCH", Mode.LTP)])
    await until(lambda: stage.toy.requests["exchangeInfo"] >= 2)
    assert stage.sink.rejected == []
    await until(lambda: stage.sink.states[-1] is FeedState.FAILED)  # connected, and of no use
    assert "Its list of instruments is not there, and asked for again: " in stage.feed.status.detail
    assert stage.feed.status.detail.endswith("refused the request (HTTP 404)")
    stage.toy.exchange_info = exchange_info(["BTCUSDT"])
    await until(lambda: stage.sink.states[-1] is FeedState.LIVE)
    await until(lambda: stage.sink.rejected)
    rejection = stage.sink.rejected[0]
    sentence = "Binance spot has no instrument CRYPTO:NOSUCH"
    assert (rejection.subscription, rejection.reason) == (wish("NOSUCH", Mode.LTP), sentence)
    await until(lambda: stage.toy.streams == {"btcusdt@aggTrade", "btcusdt@ticker"})
    assert [instrument.key for instrument in stage.feed.instruments()] == [BTC]
    stage.feed.subscribe([wish("OTHER", Mode.LTP)])
    assert len(stage.sink.rejected) == 2


async def test_symbol_that_is_listed_later_is_tried_again(stage: Stage) -> None:
    stage.toy.exchange_info = exchange_info(["BTCUSDT"])
    await stage.start(refresh_s=0.02)
    stage.feed.subscribe([wish("NEWUSDT", Mode.LTP)])
    assert len(stage.sink.rejected) == 1
    stage.toy.exchange_info = exchange_info(["BTCUSDT", "NEWUSDT"])
    await until(lambda: stage.sink.confirmed == [wish("NEWUSDT", Mode.LTP)])
    assert len(stage.sink.rejected) == 1


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        (InstrumentKey(Exchange.NSE, "SBIN"), "Binance spot does not carry NSE"),
        (InstrumentKey(Exchange.CRYPTO, "BTC-USDT"), "'BTC-USDT' cannot be a symbol of Binance spot"),
        (BTC, None),
    ],
)
def test_why_not(key: InstrumentKey, sentence: str | None) -> None:
    assert make_feed(ToyBinance()).why_not(key) == sentence


async def test_subscription_that_binance_refuses_stays_visible(stage: Stage) -> None:
    await stage.start()
    stage.toy.errors_for_next = [{"code": 3, "msg": "Invalid JSON"}] * 2  # the whole, and its first half
    stage.feed.subscribe([wish("BTCUSDT", Mode.LTP)])
    await until(lambda: stage.sink.rejected)
    assert stage.sink.rejected[0].reason == "Binance refused it: Invalid JSON"
    assert stage.feed.wishes.state(wish("BTCUSDT", Mode.LTP)) is WishState.REJECTED
    stage.feed.subscribe([wish("BTCUSDT", Mode.LTP)])
    await until(lambda: stage.sink.confirmed == [wish("BTCUSDT", Mode.LTP)])


async def test_gap_in_the_book_is_mended(stage: Stage) -> None:
    stage.toy.snapshots["BTCUSDT"] = [SNAPSHOT, SNAPSHOT.replace(b"10,", b"30,").replace(b"102", b"99")]
    await stage.start(wish("BTCUSDT", Mode.DEPTH))
    await until(lambda: BTC in stage.sink.last and stage.sink.last[BTC].depth)
    await stage.toy.send(diff(25, 31, "98"))
    await until(lambda: [level.price for level in stage.sink.last[BTC].depth.buy] == [101.0, 99.0, 98.0])
    assert stage.feed.counters["book_gaps"] == 1


async def test_candles_come_from_history(stage: Stage) -> None:
    await stage.start()
    stage.toy.klines = [[60_000 * n, "1", "2", "0.5", "1.5", "10"] for n in range(3)]
    assert [candle.close for candle in await stage.feed.history(BTC, 60, 2)] == [1.5, 1.5]
    with pytest.raises(FeedRejectedError, match="no candles of 7 s"):
        await stage.feed.history(BTC, 7, 2)
    with pytest.raises(FeedRejectedError, match="does not carry NSE"):
        await stage.feed.history(InstrumentKey(Exchange.NSE, "SBIN"), 60, 2)


async def test_feed_can_be_stopped_twice_and_started_again(stage: Stage) -> None:
    await stage.start(wish("BTCUSDT", Mode.LTP))
    await stage.feed.stop()
    await stage.feed.stop()
    assert stage.sink.states[-1] is FeedState.STOPPED
    await until(lambda: not stage.toy.connections)
    await stage.feed.start(stage.sink)
    await until(lambda: stage.toy.streams == {"btcusdt@aggTrade", "btcusdt@ticker"})
    await until(lambda: stage.sink.states[-1] is FeedState.LIVE)
