"""Recorded messages of Binance's USD-M futures, of 2026."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapters.binance_futures.conversation import MARKET, PUBLIC, BinanceFuturesConversation
from adapters.frames import FrameKind
from adapters.venue import Event, Want
from market.modes import Mode
from market.ticks import Tick
from tests.adapters.binance_futures.bench import INSTRUMENTS

pytestmark = pytest.mark.recorded

KINDS = {"24hrTicker": "ticker", "aggTrade": "aggTrade", "bookTicker": "bookTicker"}


def _events(recordings: Path, path: str) -> list[Event]:
    conversation = BinanceFuturesConversation(path)
    conversation.want(Want(each, Mode.DEPTH) for each in INSTRUMENTS)
    events: list[Event] = []
    for line in (recordings / "binance/live_2026-09.jsonl").read_text().splitlines():
        # Frames of the futures are the ones that have the field `st`; they were recorded raw.
        message = json.loads(line) if line.startswith("{") else {}
        if "st" in message:
            stream = f"{message['s'].lower()}@{KINDS[message['e']]}"
            frame = f'{{"stream":"{stream}","data":{line}}}'
            events += conversation.receive(frame.encode(), FrameKind.TEXT, 0.0)
    return events


def test_the_ticker_and_the_trade_are_read(recordings: Path) -> None:
    ticker, trade = (each for each in _events(recordings, MARKET) if isinstance(each, Tick))
    assert (ticker.ltp, ticker.open, ticker.high, ticker.low) == (87079.0, 85551.3, 87175.8, 85080.0)
    assert (ticker.volume, ticker.average_price, ticker.last_quantity) == (158719.429, 86062.6, 0.003)
    # The price of 24 hours ago: the last one less the change that the exchange says.
    assert ticker.close == pytest.approx(87079 - 1527.7)
    assert (trade.ltp, trade.ltt, trade.last_quantity) == (86778.7, 1790137062147, 0.001)


def test_the_best_bid_and_ask_are_read(recordings: Path) -> None:
    (best,) = (each for each in _events(recordings, PUBLIC) if isinstance(each, Tick))
    assert str(best.key) == "CRYPTO:ETHUSDTFUT"
    assert (best.bid_price, best.bid_size, best.ask_price, best.ask_size) == (1943.64, 113.445, 1943.65, 182.433)
    assert best.timestamp == 1785121247584
