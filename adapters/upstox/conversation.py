"""One connection to Upstox's market data feed v3 as a state machine. Pure.

Upstox acknowledges nothing: an `initial_feed` with everything it knows of an instrument follows the subscription, and
of a key that it does not know nothing follows at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count

from adapters.asked import Asked, Change
from adapters.frames import FrameKind
from adapters.upstox import wire
from adapters.upstox.schema import MARKET_INFO
from adapters.venue import Event, Skipped, Want
from market.instruments import InstrumentKey
from market.logins import BrokerSession
from market.modes import Mode
from market.symbols import split_depth_suffix

PER_CONNECTION = 2000
FULL_BESIDE_OTHERS = 1500
"""One connection carries 2,000 instruments of one kind; beside other kinds only 1,500 of them may be `full`."""
PER_MESSAGE = 500
DEEP_LEVELS = 30

_LTPC, _FULL, _DEEP = "ltpc", "full", "full_d30"


class UpstoxConversation:
    """Fulfils `adapters.venue.Conversation`."""

    def __init__(self) -> None:
        self._asked = Asked[str, str]()
        self._wanted: dict[str, wire.Wanted] = {}
        self._modes: dict[str, str] = {}
        self._tokens: dict[InstrumentKey, str] = {}
        self._only_full = False
        self._numbers = count(1)

    def opened(self, session: BrokerSession | None) -> None:
        self._asked.restart()

    def want(self, wants: Iterable[Want]) -> None:
        for instrument, mode in wants:
            token, key = instrument.token, instrument.key
            self._wanted[token] = wire.Wanted(key, 10.0**instrument.decimals)
            self._tokens[key] = token
            self._ask(token, _mode(key, mode))
        self._fit()

    def let_go(self, keys: Iterable[InstrumentKey]) -> None:
        for key in keys:
            token = self._tokens.pop(key, None)
            if token is not None:
                del self._wanted[token], self._modes[token]
                self._asked.let_go(token)
        self._fit()

    def next_message(self) -> bytes | None:
        batch = self._asked.next_batch(PER_MESSAGE)
        if batch is None:
            return None
        number = next(self._numbers)
        if batch.change is Change.GONE:
            return wire.encode(number, "unsub", batch.items)
        return wire.encode(number, "sub" if batch.change is Change.NEW else "change_mode", batch.items, batch.value)

    def receive(self, frame: bytes, kind: FrameKind, received_ms: float) -> Sequence[Event]:
        if kind is FrameKind.TEXT:
            wire.reject_text(frame)
        response = wire.decode(frame)
        at_ms, wanted = response.currentTs, self._wanted
        events: list[Event] = []
        for token, feed in response.feeds.items():
            known = wanted.get(token)
            tick = wire.tick(feed, known, received_ms, at_ms) if known is not None else None
            if tick is not None:
                events.append(tick)
            else:
                events.append(Skipped("feeds_not_wanted" if known is None else "feeds_of_unknown_kind"))
        return events or [Skipped("market_infos" if response.type == MARKET_INFO else "empty_frames")]

    def _ask(self, token: str, mode: str) -> None:
        self._modes[token] = mode
        self._asked.want(token, _FULL if self._only_full else mode)

    def _fit(self) -> None:
        """Ask for everything in `full` where there are too many of them to have other kinds beside them."""
        only_full = sum(mode == _FULL for mode in self._modes.values()) > FULL_BESIDE_OTHERS
        if only_full is not self._only_full:
            self._only_full = only_full
            for token, mode in self._modes.items():
                self._ask(token, mode)


def _mode(key: InstrumentKey, mode: Mode) -> str:
    if mode is Mode.LTP:
        return _LTPC
    return _DEEP if mode is Mode.DEPTH and split_depth_suffix(key.symbol)[1] == DEEP_LEVELS else _FULL
