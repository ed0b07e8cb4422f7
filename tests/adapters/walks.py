"""Random walks of a conversation with an exchange that refuses topics; those of Bybit, OKX and Delta are made of it."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
from typing import Any

from adapters.frames import FrameKind
from adapters.venue import Conversation, Refused, Want
from market.instruments import Instrument, InstrumentKey
from market.modes import Mode


class Exchanging(ABC):
    """One line to an exchange, whose frames are on their way for a while.

    `held` are the topics that it holds, `refuses` those that it knows nothing of now, `missed` those that were refused
    although the conversation need not ask for them again. One that `loses` answers does not give all of them.
    """

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.loses = chance.random() < 0.1
        self.held: set[str] = set()
        self.refuses: set[str] = set()
        self.missed: set[str] = set()
        self.frames: deque[str] = deque()

    @abstractmethod
    def hear(self, message: bytes) -> None:
        """A message arrives: its answers are on their way."""

    @abstractmethod
    def topics(self, instrument: Instrument, mode: Mode) -> set[str]:
        """What `instrument` needs."""

    @abstractmethod
    def break_book(self, topic: str) -> None:
        """If `topic` is a book, send it whole and then a change that does not fit."""

    def end(self) -> None:
        """The line is cut."""
        self.held.clear()
        self.missed.clear()
        self.frames.clear()

    def open(self, topic: str) -> None:
        """It is subscribed. Nothing may be that is already: a book would bring no snapshot."""
        assert topic not in self.held or self.loses, f"{topic} was subscribed already"
        self.held.add(topic)


class Walk:
    """Steps at random; `wanted` has the mode of everything that is wanted."""

    def __init__(
        self,
        chance: random.Random,
        conversation: Conversation,
        exchange: Exchanging,
        instruments: Sequence[Instrument],
    ) -> None:
        self.chance, self.conversation, self.exchange = chance, conversation, exchange
        self.instruments = {each.key: each for each in instruments}
        self.wanted: dict[InstrumentKey, Mode] = {}
        self.now_ms = 0.0
        self.steps: dict[Any, int] = {self.want: 5, self.let_go: 3, self.judge: 2, self.reconnect: 1}
        self.steps |= {self.take: 6, self.receive: 8, self.break_book: 1}

    def want(self) -> None:
        key = self.chance.choice(list(self.instruments))
        self.wanted[key] = self.chance.choice([Mode.LTP, Mode.QUOTE, Mode.DEPTH])
        self.conversation.want([Want(self.instruments[key], self.wanted[key])])

    def let_go(self) -> None:
        self.drop(self.chance.choice(list(self.instruments)))

    def drop(self, key: InstrumentKey) -> None:
        if self.wanted.pop(key, None) is not None:
            self.conversation.let_go([key])

    def judge(self) -> None:
        """The exchange changes its mind about a topic."""
        instrument = self.chance.choice(list(self.instruments.values()))
        topics = self.exchange.topics(instrument, self.chance.choice([Mode.QUOTE, Mode.DEPTH]))
        self.exchange.refuses ^= {self.chance.choice(sorted(topics))}

    def break_book(self) -> None:
        for topic in sorted(self.exchange.held):
            self.exchange.break_book(topic)

    def reconnect(self) -> None:
        self.exchange.end()
        self.conversation.opened(None)

    def take(self) -> bool:
        """Take the next message; returns whether there was one."""
        message = self.conversation.next_message()
        if message is not None:
            self.exchange.hear(message)
        return message is not None

    def receive(self) -> None:
        """The oldest frame arrives; what is refused is let go of, as the feed does."""
        if not self.exchange.frames:
            return
        self.now_ms += 20_000.0  # a book is asked for anew once in a while
        frame = self.exchange.frames.popleft().encode()
        if self.exchange.loses and self.chance.random() < 0.2:
            return
        events = self.conversation.receive(frame, FrameKind.TEXT, self.now_ms)
        refused = {event.key for event in events if isinstance(event, Refused)}
        assert refused <= self.wanted.keys()
        for key in sorted(refused):
            self.drop(key)

    def settle(self) -> None:
        """Everything that is due is said and answered."""
        while self.take() or self.exchange.frames:
            self.receive()

    def needed(self) -> set[str]:
        """What everything that is wanted needs."""
        return {
            topic for key, mode in self.wanted.items() for topic in self.exchange.topics(self.instruments[key], mode)
        }

    def check(self) -> None:
        self.conversation.opened(None)
        for step in self.chance.choices(list(self.steps), list(self.steps.values()), k=self.chance.randint(1, 60)):
            step()
        self.exchange.refuses.clear()
        if self.exchange.loses:  # what it never answered holds until the next connection, and no longer
            self.exchange.loses = False
            self.reconnect()
        self.settle()
        needed = self.needed()
        assert self.exchange.held <= needed
        assert needed - self.exchange.missed <= self.exchange.held
        for key in list(self.wanted):
            self.drop(key)
        self.settle()
        assert self.exchange.held == set()
