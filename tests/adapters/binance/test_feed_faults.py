"""The feed under faults: whatever the peer does, every wish is back afterwards, and the sink was told."""

from __future__ import annotations

import asyncio

import pytest

from adapters.kept_connection import ConnectionPolicy
from adapters.transport import Limits
from market.feeds import FeedState
from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import WishState
from tests.adapters.binance.conftest import Stage, wish
from tests.adapters.binance.test_feed import BEST, BTC, SNAPSHOT, TRADE, diff
from tests.adapters.binance.test_wire import KLINE, combined
from tests.doubles.waiting import until

IMPATIENT = ConnectionPolicy(mute_after_s=0.2, dead_after_s=0.8, limits=Limits(close_timeout_s=0.05))


async def test_twenty_drops_lose_no_subscription(stage: Stage) -> None:
    wishes = [wish("BTCUSDT", Mode.DEPTH), wish("ETHUSDT", Mode.QUOTE), wish("SOLUSDT", Mode.LTP)]
    stage.toy.snapshots = {"BTCUSDT": [SNAPSHOT]}
    await stage.start(*wishes)
    await until(lambda: len(stage.toy.streams) == 9)
    streams = set(stage.toy.streams)
    for number in range(20):
        await stage.lose(stage.toy.drop)
        await until(lambda: stage.toy.streams == streams)
        await until(lambda: all(stage.feed.wishes.state(each) is WishState.CONFIRMED for each in wishes))
        assert len(stage.toy.connections) == 1
        assert stage.feed.counters["reconnects"] == number + 1
    stage.sink.ticks.clear()
    await stage.toy.send(TRADE)
    await until(lambda: stage.sink.ticks and stage.sink.ticks[-1].ltp == 102.5)


async def test_reconnect_tells_attempt_and_reason(stage: Stage) -> None:
    await stage.start(wish("BTCUSDT", Mode.LTP))
    await stage.lose(stage.toy.drop)
    await until(lambda: stage.sink.states[-1] is FeedState.LIVE)
    told = stage.sink.statuses[-2]
    assert (told.state, told.attempt) == (FeedState.RECONNECTING, 1)
    assert told.detail.startswith(f"127.0.0.1:{stage.toy.port} dropped the connection; next attempt in 0.0")


async def test_wishes_changed_while_away_are_right_afterwards(stage: Stage) -> None:
    await stage.start(wish("BTCUSDT", Mode.LTP), wish("ETHUSDT", Mode.LTP))
    stage.toy.refuse_handshakes = 503
    stage.toy.drop()
    await until(lambda: stage.sink.states[-1] is FeedState.RECONNECTING)
    stage.feed.unsubscribe([wish("ETHUSDT", Mode.LTP)])
    stage.feed.subscribe([wish("SOLUSDT", Mode.LTP)])
    stage.toy.refuse_handshakes = 0
    await until(lambda: stage.feed.wishes.state(wish("SOLUSDT", Mode.LTP)) is WishState.CONFIRMED)
    assert stage.toy.streams == {"btcusdt@aggTrade", "btcusdt@ticker", "solusdt@aggTrade", "solusdt@ticker"}


async def test_books_are_dropped_and_taken_anew(stage: Stage) -> None:
    stage.toy.snapshots["BTCUSDT"] = [SNAPSHOT, SNAPSHOT.replace(b"10,", b"50,").replace(b"101", b"100")]
    await stage.start(wish("BTCUSDT", Mode.DEPTH))
    await until(lambda: BTC in stage.sink.last and stage.sink.last[BTC].depth)
    await stage.lose(stage.toy.drop)
    await until(lambda: stage.sink.last[BTC].depth.buy[1].price == 100.0)
    await until(lambda: "btcusdt@depth@100ms" in stage.toy.streams)
    await stage.toy.send(diff(51, 52, "100.5"))
    await until(lambda: stage.sink.last[BTC].depth.buy[1].price == 100.5)
    assert stage.feed.counters["book_gaps"] == 0


async def test_refused_handshakes_are_tried_again_with_a_sentence(stage: Stage) -> None:
    stage.toy.refuse_handshakes = 451
    await stage.start()
    await until(lambda: stage.feed.status.attempt >= 3)
    assert "refused the request (HTTP 451); next attempt in" in stage.feed.status.detail
    assert FeedState.LIVE not in stage.sink.states
    stage.toy.refuse_handshakes = 0
    await until(lambda: stage.sink.states[-1] is FeedState.LIVE)


async def test_mute_peer_is_told_and_replaced(stage: Stage) -> None:
    await stage.start(wish("BTCUSDT", Mode.LTP), policy=IMPATIENT)
    stage.toy.mute = True
    await until(lambda: FeedState.MUTE in stage.sink.states)
    await until(lambda: FeedState.RECONNECTING in stage.sink.states)
    stage.toy.mute = False
    await until(lambda: stage.sink.confirmed.count(wish("BTCUSDT", Mode.LTP)) >= 2)
    assert "although the connection is open" in next(
        status.detail for status in stage.sink.statuses if status.state is FeedState.RECONNECTING
    )


async def test_quiet_market_with_heartbeats_is_live(stage: Stage) -> None:
    await stage.start(wish("BTCUSDT", Mode.LTP), policy=IMPATIENT)
    loop = asyncio.get_running_loop()
    until_s = loop.time() + 1.2
    while loop.time() < until_s:
        await stage.toy.ping()
        await asyncio.sleep(0.02)
    await until(lambda: stage.sink.states[-1] is FeedState.LIVE)
    assert FeedState.RECONNECTING not in stage.sink.states
    assert stage.toy.connections[0].pongs > 0


@pytest.mark.expected_log("Undecodable frame from Binance")
async def test_garbage_is_counted_and_logged_once(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    await stage.start(wish("BTCUSDT", Mode.QUOTE))
    for garbage in (b"", b"hello", b"{}", b'{"stream":"btcusdt@aggTrade","data":{"e":"aggTrade"}}', b"[" * 5000):
        await stage.toy.send_to_all(garbage)
    await stage.toy.send(BEST)
    await until(lambda: BTC in stage.sink.last)
    assert stage.feed.counters["decode_errors"] == 5
    assert caplog.text.count("Undecodable frame") == 1
    assert stage.sink.states[-1] is FeedState.LIVE


async def test_bytes_that_are_no_frames_cost_a_connection(stage: Stage) -> None:
    await stage.start(wish("BTCUSDT", Mode.LTP))
    await stage.lose(stage.toy.garble)
    await until(lambda: stage.toy.streams == {"btcusdt@aggTrade", "btcusdt@ticker"})


async def test_klines_and_novelties_are_counted_and_ignored(stage: Stage) -> None:
    await stage.start(wish("BTCUSDT", Mode.LTP))
    await stage.toy.send_to_all(combined("bnbbtc@kline_1m", KLINE))
    await stage.toy.send_to_all(b'{"stream":"btcusdt@novelty","data":{"e":"novelty"}}')
    await stage.toy.send_to_all(diff(1, 2, "5"))  # of a book that nobody wants
    await stage.toy.send(TRADE)
    await until(lambda: BTC in stage.sink.last)
    assert (stage.feed.counters["events_of_no_use"], stage.feed.counters["unknown_events"]) == (1, 1)
    assert stage.feed.counters["decode_errors"] == 0
    assert len(stage.sink.ticks) == 1
    assert stage.toy.requests["depth"] == 0


async def test_announced_shutdown_is_a_planned_reconnect(stage: Stage) -> None:
    await stage.start(wish("BTCUSDT", Mode.LTP))
    await stage.toy.send_to_all(b'{"e":"serverShutdown","E":1770123456789}')
    await until(lambda: stage.toy.connections_made == 2)
    await until(lambda: stage.toy.streams == {"btcusdt@aggTrade", "btcusdt@ticker"})
    assert any(status.detail.startswith("Binance is about to close") for status in stage.sink.statuses)


async def test_close_after_a_day_is_followed_by_a_new_connection(stage: Stage) -> None:
    await stage.start(wish("BTCUSDT", Mode.LTP))
    closing = asyncio.create_task(stage.toy.close(1008, "Pong timeout"))
    await until(lambda: stage.toy.connections_made == 2)
    await closing
    await until(lambda: stage.toy.streams == {"btcusdt@aggTrade", "btcusdt@ticker"})
    assert any("1008 Pong timeout" in status.detail for status in stage.sink.statuses)


async def test_one_of_several_connections_lost_leaves_the_others_alone(stage: Stage) -> None:
    wishes = [wish(f"S{number}USDT", Mode.LTP) for number in range(4)]
    await stage.start(*wishes, per_connection=2)
    first, second = stage.toy.connections
    untouched, streams = set(second.streams), set(stage.toy.streams)
    stage.toy.refuse_handshakes = 503
    first.transport.abort()
    await until(lambda: stage.sink.states[-1] is FeedState.RECONNECTING)
    assert stage.feed.status.detail.startswith("Connection 1 of 2: ")
    stage.toy.refuse_handshakes = 0
    await until(lambda: stage.toy.connections_made == 3 and stage.toy.streams == streams)
    await until(lambda: all(stage.feed.wishes.state(each) is WishState.CONFIRMED for each in wishes))
    assert second in stage.toy.connections
    assert second.streams == untouched
    assert len(second.said) == 1
    await until(lambda: stage.sink.states[-1] is FeedState.LIVE)


async def test_stop_while_everything_is_under_way_leaves_nothing(stage: Stage) -> None:
    stage.toy.mute = True
    await stage.start()
    stage.feed.subscribe([wish(f"S{number}USDT", Mode.DEPTH) for number in range(50)])
    await until(lambda: stage.toy.connections)
    await stage.feed.stop()
    keys: list[InstrumentKey] = list(stage.sink.last)
    assert keys == []
    assert stage.sink.states[-1] is FeedState.STOPPED


async def test_reconnecting_at_the_users_wish_brings_every_wish_back(stage: Stage) -> None:
    wishes = [wish("BTCUSDT", Mode.QUOTE), wish("ETHUSDT", Mode.LTP)]
    await stage.start(*wishes)
    assert stage.feed.reconnect("As asked")
    await until(lambda: stage.feed.counters["reconnects"] == 1)
    await until(lambda: all(stage.feed.wishes.state(each) is WishState.CONFIRMED for each in wishes))
    assert "As asked" in next(status.detail for status in stage.sink.statuses if status.state is FeedState.RECONNECTING)
