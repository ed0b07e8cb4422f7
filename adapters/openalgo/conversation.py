"""One connection to an OpenAlgo server as a state machine. Pure.

Nothing is asked for before the server has said that the key is good. An instrument is held in one mode at a time; a
change of mode asks for the new one before it lets go of the old one, so that no tick is missed. What arrives may be
tagged with another mode than was asked for, so a tick is read by the fields that it has.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from adapters.asked import Asked, Change
from adapters.bus_messages import tick_of
from adapters.frames import FrameKind
from adapters.natures import NatureBook
from adapters.openalgo import wire
from adapters.venue import Acked, AnswerDue, ConnectionOver, Event, Refused, SessionOver, Skipped, Want
from market.errors import DecodeError, InvalidRequestError
from market.feeds import NatureKnown
from market.instruments import InstrumentKey
from market.logins import BrokerSession
from market.modes import Mode
from market.symbols import parse_key

PER_MESSAGE = 100

_BAD_KEY = frozenset({"AUTHENTICATION_ERROR"})
_BEGIN_ANEW = frozenset({"NOT_AUTHENTICATED", "BROKER_ERROR", "BROKER_INIT_ERROR", "BROKER_CONNECTION_ERROR"})


class OpenAlgoConversation:
    """Fulfils `adapters.venue.Conversation`."""

    def __init__(self) -> None:
        self._asked = Asked[InstrumentKey, Mode]()
        self._ready: deque[bytes] = deque()
        self._natures = NatureBook()
        self._is_in = False

    def opened(self, session: BrokerSession | None) -> None:
        self._is_in = False
        self._asked.restart()
        self._ready.clear()
        self._ready.append(wire.authenticate(session.reveal("api_key") if session is not None else ""))

    def want(self, wants: Iterable[Want]) -> None:
        for want in wants:
            self._asked.want(want.key, want.mode)

    def let_go(self, keys: Iterable[InstrumentKey]) -> None:
        for key in keys:
            self._asked.let_go(key)

    def next_message(self) -> bytes | None:
        if self._ready:
            return self._ready.popleft()
        batch = self._asked.next_batch(PER_MESSAGE) if self._is_in else None
        if batch is None:
            return None
        if batch.change is Change.GONE:
            return wire.unsubscribe(batch.items, batch.value)
        if batch.before is not None:
            self._ready.append(wire.unsubscribe(batch.items, batch.before))
        return wire.subscribe(batch.items, batch.value)

    def receive(self, frame: bytes, kind: FrameKind, received_ms: float) -> Sequence[Event]:
        message = wire.decode(frame)
        if message.type == "market_data":
            return self._tick(message, received_ms)
        if message.type == "auth" and message.status == "success":
            self._is_in = True
            return [AnswerDue()]
        if message.type in ("subscribe", "unsubscribe"):
            return list(self._outcomes(message))
        if not message.type and message.status == "error":
            return [_failure(message)]
        return [Skipped(f"frames_{message.type[:16] or 'unknown'}")]

    def _tick(self, message: wire.Message, received_ms: float) -> Sequence[Event]:
        key = _key(message.exchange, message.symbol)
        if key not in self._asked:
            return [Skipped("ticks_not_wanted")]
        self._natures.note(key, message.data.get("state"), received_ms)
        tick = tick_of(key, message.data, wire.SOURCE, received_ms)
        changes = self._natures.take()
        return [*(NatureKnown(wire.SOURCE, each, nature) for each, nature in changes.items()), tick]

    def _outcomes(self, message: wire.Message) -> Iterable[Event]:
        if message.type == "unsubscribe":
            return
        good = [entry for entry in message.subscriptions if entry.status == "success"]
        if good:
            yield Acked(tuple(_key(entry.exchange, entry.symbol) for entry in good))
        for entry in message.subscriptions:
            if entry.status != "success":
                key = _key(entry.exchange, entry.symbol)
                self._asked.again(key)  # it is not held, so nothing is to be let go of
                yield Refused(key, f"OpenAlgo refused it: {entry.message[:120]}")


def _failure(message: wire.Message) -> Event:
    if message.code in _BAD_KEY:
        return SessionOver("OpenAlgo does not accept the API key")
    if message.code in _BEGIN_ANEW:
        # Its broker was logged in anew, or is not there: only a new connection is told when that is over.
        return ConnectionOver(f"OpenAlgo has no broker: {message.message[:120]}")
    return Skipped(f"errors_{message.code[:24] or 'unknown'}")


def _key(exchange: str, symbol: str) -> InstrumentKey:
    try:
        return parse_key(exchange, symbol)
    except InvalidRequestError as error:
        raise DecodeError(str(error), f"{exchange}:{symbol}") from None
