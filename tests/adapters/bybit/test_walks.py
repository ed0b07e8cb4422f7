"""What is held in the end, through refusals, late answers and changes of mind."""

from __future__ import annotations

import dataclasses
import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.bybit.conversation import BybitConversation
from market.instruments import Instrument, InstrumentKey
from market.modes import Mode
from tests.adapters.bybit.bench import INSTRUMENTS
from tests.adapters.walks import Exchanging, Walk
from tests.doubles.toy_bybit import data_frame


def _of(category: str, name: str) -> Instrument:
    key = InstrumentKey(INSTRUMENTS[0].key.exchange, name)
    return dataclasses.replace(INSTRUMENTS[0], key=key, token=f"{category}|{name}")


_COINS = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT")
_OPTIONS = ("BTC-26MAR27-1-C-USDT", "BTC-26MAR27-2-C-USDT", "BTC-26MAR27-3-C-USDT", "XRP-26MAR27-2.5-C-USDT")
NAMES = {"spot": _COINS, "linear": _COINS, "option": _OPTIONS}


class BybitExchanging(Exchanging):
    """A request is refused as a whole for one of its topics, which is named or not; those about options by topic."""

    def __init__(self, chance: random.Random, category: str) -> None:
        super().__init__(chance)
        self.category = category

    def hear(self, message: bytes) -> None:
        read = json.loads(message)
        topics: list[str] = read["args"]
        bad = [topic for topic in topics if topic in self.refuses and read["op"] == "subscribe"]
        names_it = self.chance.random() < 0.5
        if self.category == "option" and (names_it or not bad):
            self._change(read["op"], [topic for topic in topics if topic not in bad])
            self._tell_of_options(topics, bad)
            return
        if not bad:
            self._change(read["op"], topics)
        self.missed.update(topic for topic in bad if self._is_shared(topic) and len(topics) == 1)
        reason = f"Invalid symbol :[{bad[0]}]" if bad and names_it else "no"
        answer: dict[str, Any] = {"success": not bad, "ret_msg": reason if bad else "", "conn_id": "a1"}
        if self.category == "option":
            answer |= {"type": "COMMAND_RESP"}
        else:
            answer |= {"req_id": read["req_id"], "op": read["op"]}
        self.frames.append(json.dumps(answer))

    def topics(self, instrument: Instrument, mode: Mode) -> set[str]:
        category, _, name = instrument.token.partition("|")
        topics = {f"tickers.{name}"}
        if mode is not Mode.LTP:
            topics.add(f"publicTrade.{name.partition('-')[0] if category == 'option' else name}")
        if mode is Mode.QUOTE and category == "spot":
            topics.add(f"orderbook.1.{name}")
        if mode is Mode.DEPTH:
            topics.add(f"orderbook.{100 if category == 'option' else 50}.{name}")
        return topics

    def break_book(self, topic: str) -> None:
        channel, _, name = topic.rpartition("0.")
        if channel.startswith("orderbook"):
            rows: dict[str, Any] = {"b": [["9", "1"]], "a": [["10", "1"]]}
            self.frames.append(data_frame(f"{channel}0", name, rows | {"u": 5}))
            self.frames.append(data_frame(f"{channel}0", name, rows | {"u": 4}, kind="delta"))

    def _tell_of_options(self, topics: list[str], bad: list[str]) -> None:
        self.missed.update(filter(self._is_shared, bad))
        told = {"failTopics": bad, "successTopics": [topic for topic in topics if topic not in bad]}
        self.frames.append(json.dumps({"success": True, "conn_id": "a1", "data": told, "type": "COMMAND_RESP"}))

    def _change(self, op: str, topics: list[str]) -> None:
        for topic in topics:
            if op == "subscribe":
                self.open(topic)
                self.missed.discard(topic)
            else:
                self.held.discard(topic)

    def _is_shared(self, topic: str) -> bool:
        """Without the trades of its coin an option is subscribed all the same."""
        return self.category == "option" and topic.startswith("publicTrade")


def walk(seed: int, category: str) -> None:
    """Walk at random."""
    chance = random.Random(seed)
    instruments = [_of(category, name) for name in NAMES[category]]
    Walk(chance, BybitConversation(category), BybitExchanging(chance, category), instruments).check()


@pytest.mark.parametrize("category", NAMES)
@settings(max_examples=500)
@given(seed=st.integers(0, 2**32))
def test_what_is_held_in_the_end_is_what_is_wanted(category: str, seed: int) -> None:
    walk(seed, category)
