"""One connection to the Kite ticker as a state machine. Pure.

Kite acknowledges nothing; the first packet of an instrument, which follows every subscription at once, is the answer.
A mode is set for instruments that are subscribed already, so it is said after the subscription.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from adapters.asked import Asked, Change
from adapters.frames import FrameKind
from adapters.venue import Event, Skipped, Want
from adapters.zerodha import wire
from market.instruments import InstrumentKey
from market.logins import BrokerSession
from market.modes import Mode

PER_MESSAGE = 500
_MODES = {Mode.LTP: "ltp", Mode.QUOTE: "full", Mode.DEPTH: "full"}
"""Quote is asked for as `full`: without it there are no times, no open interest, and no best bid and ask."""

_FRESH = "quote"


class KiteConversation:
    """Fulfils `adapters.venue.Conversation`."""

    def __init__(self) -> None:
        self._asked = Asked[int, str]()
        self._keys: dict[int, InstrumentKey] = {}
        self._tokens: dict[InstrumentKey, int] = {}
        self._ready: deque[bytes] = deque()

    def opened(self, session: BrokerSession | None) -> None:
        self._ready.clear()
        self._asked.restart()

    def want(self, wants: Iterable[Want]) -> None:
        for instrument, mode in wants:
            token = int(instrument.token)
            self._keys[token] = instrument.key
            self._tokens[instrument.key] = token
            self._asked.want(token, _MODES[mode])

    def let_go(self, keys: Iterable[InstrumentKey]) -> None:
        for key in keys:
            token = self._tokens.pop(key, None)
            if token is not None:
                self._keys.pop(token, None)
                self._asked.let_go(token)

    def next_message(self) -> bytes | None:
        if self._ready:
            return self._ready.popleft()
        batch = self._asked.next_batch(PER_MESSAGE)
        if batch is None:
            return None
        if batch.change is Change.GONE:
            return wire.encode("unsubscribe", batch.items)
        mode = wire.encode("mode", [batch.value, batch.items])
        if batch.change is Change.CHANGED:
            return mode
        if batch.value != _FRESH:
            self._ready.append(mode)
        return wire.encode("subscribe", batch.items)

    def receive(self, frame: bytes, kind: FrameKind, received_ms: float) -> Sequence[Event]:
        if kind is FrameKind.TEXT:
            return [Skipped(f"text_{wire.decode_text(frame).type[:16]}")]
        if wire.is_heartbeat(frame):
            return [Skipped("heartbeats")]
        events: list[Event] = []
        keys = self._keys
        for packet in wire.packets(frame):
            key = keys.get(wire.token_of(packet))
            if key is None:
                events.append(Skipped("packets_not_wanted"))
                continue
            tick = wire.decode(packet, key, received_ms)
            events.append(tick if tick is not None else Skipped("packets_of_unknown_length"))
        return events
