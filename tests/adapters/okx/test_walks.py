"""What is held in the end, through refusals, late answers and changes of mind."""

from __future__ import annotations

import json
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.okx.conversation import OkxConversation
from market.instruments import Instrument, InstrumentKind
from market.modes import Mode
from tests.adapters.okx.bench import INSTRUMENTS
from tests.adapters.walks import Exchanging, Walk
from tests.doubles.toy_okx import data_frame


class OkxExchanging(Exchanging):
    """Every topic of a message has an answer of its own. What it knows nothing of cannot be unsubscribed either."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance)
        self.refuses_leaving = chance.random() < 0.5
        self.names_channels = chance.random() < 0.8

    def hear(self, message: bytes) -> None:
        read = json.loads(message)
        for arg in read["args"]:
            self._change(read["op"], arg)

    def topics(self, instrument: Instrument, mode: Mode) -> set[str]:
        name = instrument.token.partition("|")[0]
        topics = {f"tickers {name}"}
        if mode is not Mode.LTP and instrument.kind is not InstrumentKind.SPOT:
            topics.add(f"open-interest {name}")
        if mode is Mode.DEPTH:
            topics.add(f"books {name}")
        return topics

    def break_book(self, topic: str) -> None:
        channel, _, name = topic.partition(" ")
        if channel == "books":
            book: dict[str, Any] = {"asks": [], "bids": [], "checksum": 0, "seqId": 5, "prevSeqId": -1}
            self.frames.append(data_frame(channel, name, book, action="snapshot"))
            self.frames.append(data_frame(channel, name, book | {"prevSeqId": 99}, action="update"))

    def _change(self, op: str, arg: dict[str, str]) -> None:
        topic = f"{arg['channel']} {arg['instId']}"
        is_unknown = topic in self.refuses
        if op == "unsubscribe":
            is_unknown = self.refuses_leaving and is_unknown and topic not in self.held
            self.held.discard(topic)
        elif not is_unknown:
            self.open(topic)
        if not is_unknown:
            self.frames.append(json.dumps({"event": op, "arg": arg, "connId": "a1"}))
            return
        channel = f"channel:{arg['channel']}," if self.names_channels else ""
        text = f"Wrong URL or {channel}instId:{arg['instId']} doesn't exist."
        self.frames.append(json.dumps({"event": "error", "code": "60018", "msg": text, "connId": "a1"}))


def walk(seed: int) -> None:
    """Walk at random."""
    chance = random.Random(seed)
    Walk(chance, OkxConversation(), OkxExchanging(chance), INSTRUMENTS[1:4]).check()


@settings(max_examples=500)
@given(st.integers(0, 2**32))
def test_what_is_held_in_the_end_is_what_is_wanted(seed: int) -> None:
    walk(seed)
