"""What is held in the end, through refusals, late answers and changes of mind."""

from __future__ import annotations

import json
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.delta.conversation import DeltaConversation
from market.instruments import Instrument
from market.modes import Mode
from tests.adapters.delta.bench import INSTRUMENTS
from tests.adapters.walks import Exchanging, Walk


class DeltaExchanging(Exchanging):
    """Subscriptions are refused channel by channel or as a whole. To unsubscribe is not answered."""

    def hear(self, message: bytes) -> None:
        read = json.loads(message)
        channels: list[dict[str, Any]] = read["payload"]["channels"]
        if read["type"] == "unsubscribe":
            for channel in channels:
                self.held.difference_update(_topics(channel))
            return
        is_refused = [not self.refuses.isdisjoint(_topics(channel)) for channel in channels]
        if any(is_refused) and self.chance.random() < 0.3:
            text = "Subscription forbidden: Invalid channel array"
            self.frames.append(json.dumps({"type": "error", "message": text}))
            return
        told = []
        for channel, is_bad in zip(channels, is_refused, strict=True):
            told.append({"name": channel["name"], "error": "subscription forbidden"} if is_bad else channel)
            for topic in () if is_bad else _topics(channel):
                self.open(topic)
        self.frames.append(json.dumps({"type": "subscriptions", "channels": told}))

    def topics(self, instrument: Instrument, mode: Mode) -> set[str]:
        channels = {Mode.LTP: [], Mode.QUOTE: ["ob_l1"], Mode.DEPTH: ["ob_updates"]}[mode]
        return {f"{channel} {instrument.token.partition('|')[0]}" for channel in ("ticker", "trades", *channels)}

    def break_book(self, topic: str) -> None:
        channel, _, name = topic.partition(" ")
        if channel == "ob_updates":
            book: dict[str, Any] = {"type": channel, "sy": name, "a": [], "b": []}
            self.frames.append(json.dumps(book | {"action": "snapshot", "seq": 5}))
            self.frames.append(json.dumps(book | {"action": "update", "seq": 9}))


def _topics(channel: dict[str, Any]) -> list[str]:
    return [f"{channel['name']} {symbol}" for symbol in channel["symbols"]]


def walk(seed: int) -> None:
    """Walk at random."""
    chance = random.Random(seed)
    Walk(chance, DeltaConversation(), DeltaExchanging(chance), INSTRUMENTS[:3]).check()


@settings(max_examples=3000)  # refusals are coarse here, so few walks come where it matters
@given(st.integers(0, 2**32))
def test_what_is_held_in_the_end_is_what_is_wanted(seed: int) -> None:
    walk(seed)
