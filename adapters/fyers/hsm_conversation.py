"""One connection to Fyers's HSM data socket as a state machine. Pure.

It logs in within the connection, and asks for nothing before that is answered. Fyers acknowledges whole requests, also
those with topics that it does not know, so what confirms an instrument is its first snapshot. `TCS:50` shares the
topic of TCS for everything but its book, which another connection brings.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from adapters.asked import Asked, Change
from adapters.frames import FrameKind
from adapters.fyers import hsm
from adapters.fyers.hsm_ticks import Topic, is_known
from adapters.venue import AnswerDue, Event, Refused, SessionOver, Skipped, Want
from market.errors import DecodeError
from market.instruments import InstrumentKey, InstrumentKind
from market.logins import BrokerSession
from market.modes import Mode
from market.symbols import split_depth_suffix

CHANNEL = 11
PER_MESSAGE = 1000
TOPICS_PER_CONNECTION = 5000
PER_CONNECTION = TOPICS_PER_CONNECTION // 2
"""Instruments: with its book one takes two topics."""

_PLAN_IS_FULL = 51001


class HsmConversation:
    """Fulfils `adapters.venue.Conversation`."""

    def __init__(self) -> None:
        self._asked = Asked[str, bool]()
        self._topics: dict[InstrumentKey, tuple[str, ...]] = {}
        self._keys: dict[str, dict[InstrumentKey, None]] = {}
        self._known: dict[int, Topic] = {}
        self._heard: dict[str, Topic] = {}
        self._ready: deque[bytes] = deque()
        self._unanswered: deque[list[str]] = deque()
        self._is_in = False
        self._ack_every = 0
        self._frames = 0

    def opened(self, session: BrokerSession | None) -> None:
        self._known.clear()
        self._heard.clear()
        self._unanswered.clear()
        self._is_in, self._ack_every, self._frames = False, 0, 0
        hsm_key = session.reveal("hsm_key") if session is not None else ""
        self._ready = deque((hsm.encode_login(hsm_key), hsm.encode_full_mode(CHANNEL)))
        self._asked.restart()

    def want(self, wants: Iterable[Want]) -> Iterable[Event]:
        joined: list[tuple[InstrumentKey, str]] = []
        for want in wants:
            topics = _topics_of(want)
            before = self._topics.get(want.key, ())
            self._topics[want.key] = topics
            for topic in topics:
                self._keys.setdefault(topic, {})[want.key] = None
                self._asked.want(topic, value=True)
                if topic not in before and topic in self._heard:
                    joined.append((want.key, topic))
            self._leave(want.key, set(before).difference(topics))
        return self._known_of(joined)

    def let_go(self, keys: Iterable[InstrumentKey]) -> None:
        for key in keys:
            self._leave(key, self._topics.pop(key, ()))

    def next_message(self) -> bytes | None:
        if self._ready:
            return self._ready.popleft()
        batch = self._asked.next_batch(PER_MESSAGE) if self._is_in else None
        if batch is None:
            return None
        if batch.change is Change.GONE:
            for topic in batch.items:
                self._heard.pop(topic, None)
            return hsm.encode_unsubscribe(batch.items, CHANNEL)
        self._unanswered.append(batch.items)
        return hsm.encode_subscribe(batch.items, CHANNEL)

    def receive(self, frame: bytes, kind: FrameKind, received_ms: float) -> Sequence[Event]:
        if kind is FrameKind.TEXT:
            raise DecodeError("A text frame from Fyers", frame)
        said = hsm.decode(frame)
        if isinstance(said, hsm.Data):
            return self._data(said, received_ms)
        if isinstance(said, hsm.Answer):
            return self._answer(said)
        if isinstance(said, hsm.Trouble):
            return self._trouble(said)
        return [Skipped(f"frames_of_kind_{said.kind}")]

    def _known_of(self, joined: Iterable[tuple[InstrumentKey, str]]) -> Iterator[Event]:
        for key, name in joined:
            topic = self._heard.get(name)
            if topic is not None and key in self._keys.get(name, ()):
                yield topic.tick(key, topic.heard_ms)

    def _leave(self, key: InstrumentKey, topics: Iterable[str]) -> None:
        for topic in topics:
            keys = self._keys[topic]
            del keys[key]
            if not keys:
                del self._keys[topic]
                self._asked.let_go(topic)

    def _data(self, data: hsm.Data, received_ms: float) -> list[Event]:
        events: list[Event] = []
        for entry in data.entries:
            topic = self._learn(entry) if isinstance(entry, hsm.Snapshot) else self._known.get(entry.topic_id)
            if topic is None:
                events.append(Skipped("entries_of_unknown_topics"))
                continue
            topic.merge(entry.values)
            topic.heard_ms = received_ms
            keys = self._keys.get(topic.name)
            if keys is None:
                events.append(Skipped("entries_not_wanted"))
                continue
            events += [topic.tick(key, received_ms) for key in keys]
        self._frames += 1
        if self._ack_every and self._frames % self._ack_every == 0:
            self._ready.append(hsm.encode_acknowledge(data.number))
            events.append(AnswerDue())
        return events

    def _learn(self, snapshot: hsm.Snapshot) -> Topic | None:
        if not is_known(snapshot.topic):
            return None
        topic = self._known[snapshot.topic_id] = Topic(snapshot.topic, snapshot.scale)
        if self._asked.said(snapshot.topic):  # one that comes after the end was asked for is the last
            self._heard[snapshot.topic] = topic
        return topic

    def _answer(self, answer: hsm.Answer) -> list[Event]:
        if answer.kind == hsm.AUTHENTICATED:
            if not answer.is_ok:
                return [SessionOver("it does not accept this login any more")]
            self._is_in, self._ack_every = True, answer.number
            return [AnswerDue()]
        topics = self._unanswered.popleft() if answer.kind == hsm.SUBSCRIBED and self._unanswered else []
        if answer.is_ok:
            return [Skipped("acknowledgements")]
        return self._refuse(topics, "Fyers refused the subscription") or [Skipped(f"refusals_of_kind_{answer.kind}")]

    def _trouble(self, trouble: hsm.Trouble) -> list[Event]:
        if trouble.about == hsm.AUTHENTICATED:
            return [SessionOver(f"it does not accept this login any more (code {trouble.code})")]
        events: list[Event] = [Skipped(f"troubles_of_code_{trouble.code}")]
        if trouble.about == hsm.SUBSCRIBED and self._unanswered:
            silent = [topic for topic in self._unanswered[0] if topic not in self._heard]
            reason = f"Fyers refused the subscription (code {trouble.code})"
            if trouble.code == _PLAN_IS_FULL:
                reason = "The plan of this Fyers account carries no more instruments"
            events += self._refuse(silent, reason)
        return events

    def _refuse(self, topics: Iterable[str], reason: str) -> list[Event]:
        keys = dict.fromkeys(key for topic in topics for key in self._keys.get(topic, ()))
        return [Refused(key, reason) for key in keys]


def _topics_of(want: Want) -> tuple[str, ...]:
    """The topics that carry `want`; the token of an instrument is the rest of its topics' names."""
    instrument, mode = want
    if instrument.kind is InstrumentKind.INDEX:
        return (f"if|{instrument.token}",)
    if mode is Mode.DEPTH and split_depth_suffix(instrument.key.symbol)[1] is None:
        return (f"sf|{instrument.token}", f"dp|{instrument.token}")
    return (f"sf|{instrument.token}",)
