"""Which streams are asked for, through refusals, late answers and changes of mind."""

from __future__ import annotations

import json
import random

from hypothesis import given
from hypothesis import strategies as st

from adapters.binance.requests import StreamRequests
from adapters.venue import Refused, Skipped
from market.exchanges import Exchange
from market.instruments import InstrumentKey

KEYS = [InstrumentKey(Exchange.CRYPTO, name) for name in "ABCDE"]


class Exchanging:
    """An exchange whose answers are on their way for a while; `refuses` are streams that it knows nothing of."""

    def __init__(self, requests: StreamRequests) -> None:
        self.requests = requests
        self.held: set[str] = set()
        self.refuses: set[str] = set()
        self.answers: list[tuple[int, bool]] = []
        self.refused: list[InstrumentKey] = []

    def take(self) -> bool:
        """Take the next request; returns whether there was one."""
        message = self.requests.next_message()
        if message is None:
            return False
        read = json.loads(message.text)
        is_bad = read["method"] == "SUBSCRIBE" and not self.refuses.isdisjoint(read["params"])
        if read["method"] == "UNSUBSCRIBE":
            self.held.difference_update(read["params"])
            assert message.gone == read["params"]
        elif not is_bad:
            self.held.update(read["params"])
        self.answers.append((read["id"], is_bad))
        return True

    def answer(self) -> None:
        """The oldest answer arrives; what is refused is let go of, as the feed does."""
        if not self.answers:
            return
        number, is_bad = self.answers.pop(0)
        if not is_bad:
            self.requests.acknowledged(number)
            return
        for event in self.requests.refused(number, 2, "no such stream"):
            if isinstance(event, Refused):
                self.refused.append(event.key)
                self.requests.let_go(event.key)

    def settle(self) -> None:
        """Everything that is due is said and answered."""
        while self.take() or self.answers:
            self.answer()


def _streams(key: InstrumentKey, count: int) -> list[str]:
    return [f"{key.symbol}@{number}" for number in range(count)]


def test_the_one_that_is_meant_is_found_and_the_others_are_held() -> None:
    exchange = Exchanging(StreamRequests("Toy", 100))
    exchange.refuses = {"C@1"}
    for key in KEYS:
        exchange.requests.want(key, _streams(key, 2))
    exchange.settle()
    assert exchange.refused == [KEYS[2]]
    assert exchange.held == {stream for key in KEYS if key != KEYS[2] for stream in _streams(key, 2)}
    assert exchange.requests.is_whole(KEYS[0])
    assert not exchange.requests.is_whole(KEYS[2])


def test_a_refusal_that_a_later_request_has_overtaken_changes_nothing() -> None:
    exchange = Exchanging(StreamRequests("Toy", 100))
    exchange.refuses = {"A@0"}
    exchange.requests.want(KEYS[0], ["A@0"])
    exchange.take()
    exchange.requests.let_go(KEYS[0])
    exchange.take()
    exchange.refuses = set()
    exchange.requests.want(KEYS[0], ["A@0"])
    exchange.take()
    assert exchange.requests.refused(1, 2, "no such stream") == [Skipped("refusals_not_wanted")]
    exchange.requests.acknowledged(3)
    exchange.requests.let_go(KEYS[0])
    exchange.settle()
    assert exchange.held == set()


class Walk:
    """Steps at random; `wanted` is how many streams of each key are wanted."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.requests = StreamRequests("Toy", self.chance.choice([1, 2, 3, 100]))
        self.exchange = Exchanging(self.requests)
        self.wanted: dict[InstrumentKey, int] = {}
        self.steps = {self.want: 5, self.let_go: 3, self.judge: 2, self.restart: 1, self.take: 6, self.answer: 5}

    def want(self) -> None:
        key = self.chance.choice(KEYS)
        self.wanted[key] = self.chance.randint(1, 3)
        self.requests.want(key, _streams(key, self.wanted[key]))

    def let_go(self) -> None:
        key = self.chance.choice(KEYS)
        self.wanted.pop(key, None)
        self.requests.let_go(key)

    def judge(self) -> None:
        """The exchange changes its mind about a stream."""
        self.exchange.refuses ^= {f"{self.chance.choice(KEYS).symbol}@{self.chance.randint(0, 2)}"}

    def restart(self) -> None:
        self.requests.restart()
        self.exchange.held.clear()
        self.exchange.answers.clear()

    def take(self) -> None:
        self.exchange.take()

    def answer(self) -> None:
        self.exchange.answer()
        self.note()

    def note(self) -> None:
        for refused in self.exchange.refused:
            self.wanted.pop(refused, None)
        self.exchange.refused.clear()

    def check(self) -> None:
        for step in self.chance.choices(list(self.steps), list(self.steps.values()), k=self.chance.randint(1, 60)):
            step()
        self.exchange.refuses.clear()
        self.exchange.settle()
        self.note()
        wanted = {stream for key, count in self.wanted.items() for stream in _streams(key, count)}
        assert self.exchange.held == wanted
        assert all(self.requests.is_whole(key) for key in self.wanted)
        for key in KEYS:
            self.requests.let_go(key)
        self.exchange.settle()
        assert self.exchange.held == set()


@given(st.integers(0, 2**32))
def test_what_is_held_in_the_end_is_what_is_wanted(seed: int) -> None:
    Walk(seed).check()
