"""Whatever is wanted, let go of, lost and reconnected: in the end the session carries what is wanted, and no more."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.frames import FrameKind
from adapters.venue import Acked, Refused, Want
from adapters.xts.calls import Answer, Call, Place, answer
from adapters.xts.conversation import XtsConversation
from adapters.xts.rows import segment_of
from adapters.xts.wire import OPEN_INTEREST
from market.credentials import Secret
from market.instruments import InstrumentKey
from market.logins import BrokerSession
from market.modes import Mode
from tests.adapters.xts.bench import BY_NAME, INSTRUMENTS

_NUMBERS = st.integers(0, len(INSTRUMENTS) - 1)
_STEPS = st.one_of(
    st.tuples(st.just("want"), st.lists(st.tuples(_NUMBERS, st.sampled_from(Mode)), min_size=1, max_size=4)),
    st.tuples(st.just("let_go"), st.lists(_NUMBERS, min_size=1, max_size=3)),
    st.tuples(st.just("do"), st.integers(1, 4)),
    st.tuples(st.just("do_unheard"), st.just(1)),
    st.tuples(st.just("reconnect"), st.booleans()),
)


REFUSED = INSTRUMENTS[4]
REFUSED_PLACE: Place = (segment_of(REFUSED.key), int(REFUSED.token))
"""The one instrument that the broker gives no prices of, but open interest."""


class _Broker:
    """A session that refuses whole requests, as the real one does."""

    def __init__(self) -> None:
        self.held: set[tuple[Place, int]] = set()
        self.fresh: set[tuple[Place, int]] = set()  # asked for since the socket was opened

    def take(self, call: Call) -> str:
        asked = {(place, call.code) for place in call.places}
        if call.method == "PUT":
            if not asked <= self.held:
                return "e-session-0003"
            self.held -= asked
            self.fresh -= asked
            return ""
        if asked & self.held:
            return "e-session-0002"
        if REFUSED_PLACE in call.places and call.code != OPEN_INTEREST:
            return "e-instrument-0001"
        self.held |= asked
        self.fresh |= asked
        return ""


class _Run:
    def __init__(self) -> None:
        self.broker = _Broker()
        self.conversation = XtsConversation(BY_NAME["iifl"])
        self.modes: dict[InstrumentKey, Mode] = {}
        self.acked: set[InstrumentKey] = set()
        self.sessions = 0
        self.wavered: set[InstrumentKey] = set()  # let go of once: an answer may have come when nobody wanted it
        self.late: Answer | None = None
        self.open()

    def open(self, *, again: bool = True) -> None:
        self.sessions += not again
        if not again:
            self.broker.held.clear()
        self.broker.fresh.clear()
        self.late = None
        self.acked.clear()
        token = {"access_token": Secret(str(self.sessions))}
        self.conversation.opened(BrokerSession(broker="iifl", user="A", tokens=token, obtained_ms=1.0))
        self.conversation.receive(b'42["joined"]', FrameKind.TEXT, 0.0)

    def do(self, *, heard: bool = True) -> bool:
        """Carry out one call; whether anything happened. Its answer is heard when the next call is on its way."""
        call, late = self.conversation.next_message(), self.late
        self.late = None
        if call is not None:
            assert isinstance(call, Call)
            refused = self.broker.take(call)
            said = {"type": "error" if refused else "success", "code": refused, "result": {}}
            self.late = answer(call, 400 if refused else 200, json.dumps(said).encode()) if heard else None
        if late is not None:
            self._hear(late)
        return call is not None or late is not None

    def _hear(self, answered: Answer) -> None:
        for event in self.conversation.receive(answered, FrameKind.TEXT, 0.0):
            if isinstance(event, Acked):
                self.acked.update(event.keys)
            elif isinstance(event, Refused):  # the feed lets go of what is refused
                assert event.key == REFUSED.key
                self.modes.pop(event.key, None)
                self.conversation.let_go([event.key])

    def step(self, name: str, given: object) -> None:
        if name == "want":
            wants = {INSTRUMENTS[number].key: Want(INSTRUMENTS[number], mode) for number, mode in given}  # type: ignore[attr-defined]
            self.modes |= {key: want.mode for key, want in wants.items()}
            self.conversation.want(wants.values())
        elif name == "let_go":
            keys = {INSTRUMENTS[number].key for number in given}  # type: ignore[attr-defined]
            for key in keys:
                self.modes.pop(key, None)
            self.wavered |= keys
            self.conversation.let_go(keys)
        elif name == "do":
            for _ in range(given):  # type: ignore[call-overload]
                self.do()
        elif name == "do_unheard":  # the broker did it, and the connection broke before it could say so
            self.do(heard=False)
            self.open()
        else:
            self.open(again=bool(given))

    def wanted(self) -> set[tuple[Place, int]]:
        by_key = {each.key: each for each in INSTRUMENTS}
        return {
            ((segment_of(key), int(by_key[key].token)), code)
            for key, mode in self.modes.items()
            for code in self.conversation._codes(by_key[key], mode)
        }


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_STEPS, max_size=25))
def test_session_carries_in_the_end_what_is_wanted(steps: list[tuple[str, object]]) -> None:
    run = _Run()
    for name, given_ in steps:
        run.step(name, given_)
    for _ in range(2_000):
        if not run.do():
            break
    else:
        raise AssertionError("it never comes to rest")
    wanted = run.wanted()
    assert wanted <= run.broker.held
    assert wanted <= run.broker.fresh
    assert run.acked >= set(run.modes) - run.wavered
    assert run.broker.held == wanted
