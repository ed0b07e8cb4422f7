"""The feed on the loop that the window uses: sockets, timers and worker threads behave there as on asyncio's own."""

from __future__ import annotations

import json

import pytest

from adapters.binance.feed import BinanceFeed
from market.feeds import FeedState
from market.modes import Mode
from tests.adapters.binance.conftest import QUICK, wish
from tests.adapters.binance.test_feed import BTC, SNAPSHOT, TRADE
from tests.adapters.binance.test_instruments import row
from tests.doubles.recording_sink import RecordingSink
from tests.doubles.toy_binance import ToyBinance
from tests.doubles.waiting import until

qasync = pytest.importorskip("qasync")


async def _live_through_a_drop() -> None:
    toy, sink = ToyBinance(), RecordingSink()
    await toy.start()
    toy.exchange_info = json.dumps({"symbols": [row("BTCUSDT")]}).encode()
    toy.snapshots["BTCUSDT"] = [SNAPSHOT]
    feed = BinanceFeed(toy.endpoints(), settings=QUICK)
    await feed.start(sink)
    feed.subscribe([wish("BTCUSDT", Mode.DEPTH)])
    await until(lambda: len(sink.confirmed) == 1 and list(feed.instruments()))
    toy.drop()
    await until(lambda: len(sink.confirmed) == 2)
    await toy.send(TRADE)
    await until(lambda: sink.last[BTC].ltp == 102.5 and sink.last[BTC].depth)
    await feed.stop()
    assert sink.states[-1] is FeedState.STOPPED
    await until(lambda: not toy.connections)
    await toy.stop()


def test_feed_lives_through_a_drop_on_the_loop_of_qt(qapp: object) -> None:
    with qasync.QEventLoop(qapp) as loop:
        loop.run_until_complete(_live_through_a_drop())
