"""What is said to an OpenAlgo server, and what its frames mean."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.frames import FrameKind
from adapters.openalgo.conversation import PER_MESSAGE, OpenAlgoConversation
from adapters.venue import Acked, AnswerDue, ConnectionOver, Refused, SessionOver, Skipped, Want
from market.credentials import Secret
from market.errors import DecodeError
from market.exchanges import Exchange
from market.feeds import FeedNature, NatureKnown
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.logins import BrokerSession
from market.modes import Mode
from market.ticks import Tick
from tests.adapters.openalgo.bench import INSTRUMENTS

INFY, RELIANCE = INSTRUMENTS[:2]
SESSION = BrokerSession(broker="openalgo", user="", tokens={"api_key": Secret("key")}, obtained_ms=0.0)


def _begun(*wants: Want) -> OpenAlgoConversation:
    conversation = OpenAlgoConversation()
    conversation.opened(SESSION)
    conversation.want(wants)
    return conversation


def _hear(conversation: OpenAlgoConversation, **message: object) -> list[object]:
    return list(conversation.receive(json.dumps(message).encode(), FrameKind.TEXT, 5.0))


def _said(conversation: OpenAlgoConversation) -> list[dict[str, object]]:
    said = []
    while (message := conversation.next_message()) is not None:
        said.append(json.loads(message))
    return said


def _in(*wants: Want) -> OpenAlgoConversation:
    conversation = _begun(*wants)
    _said(conversation)
    assert _hear(conversation, type="auth", status="success", broker="toy") == [AnswerDue()]
    return conversation


def test_nothing_is_asked_for_before_the_key_is_accepted() -> None:
    conversation = _begun(Want(INFY, Mode.LTP))
    assert _said(conversation) == [{"action": "authenticate", "api_key": "key"}]
    _hear(conversation, type="auth", status="success")
    assert _said(conversation) == [
        {"action": "subscribe", "symbols": [{"symbol": "INFY", "exchange": "NSE"}], "mode": 1, "depth": 5}
    ]


def test_a_new_mode_is_asked_for_before_the_old_one_is_let_go_of() -> None:
    conversation = _in(Want(INFY, Mode.LTP))
    _said(conversation)
    conversation.want([Want(INFY, Mode.DEPTH)])
    subscribed, let_go = _said(conversation)
    assert (subscribed["action"], subscribed["mode"]) == ("subscribe", 3)
    assert let_go["action"] == "unsubscribe"
    assert let_go["symbols"] == [{"symbol": "INFY", "exchange": "NSE", "mode": 1}]


def test_many_go_in_several_messages() -> None:
    keys = [InstrumentKey(Exchange.NSE, f"S{number}") for number in range(PER_MESSAGE + 1)]
    conversation = _in(*(Want(Instrument(key=key, kind=InstrumentKind.EQUITY), Mode.LTP) for key in keys))
    symbols = [message["symbols"] for message in _said(conversation)]
    assert [len(each) for each in symbols if isinstance(each, list)] == [PER_MESSAGE, 1]


def test_an_answer_confirms_and_refuses_each_symbol() -> None:
    conversation = _in(Want(INFY, Mode.LTP), Want(RELIANCE, Mode.LTP))
    entries = [
        {"symbol": "INFY", "exchange": "NSE", "status": "success", "mode": "LTP"},
        {"symbol": "RELIANCE", "exchange": "NSE", "status": "error", "message": "not found"},
    ]
    assert _hear(conversation, type="subscribe", status="partial", subscriptions=entries) == [
        Acked((INFY.key,)),
        Refused(RELIANCE.key, "OpenAlgo refused it: not found"),
    ]


def test_a_tick_is_read_by_what_it_has_whatever_its_tag() -> None:
    conversation = _in(Want(INFY, Mode.QUOTE))
    data = {"ltp": 5.0, "open": 4.0, "timestamp": 1_700_000_000, "depth": {"buy": [{"price": 4.9, "quantity": 3}]}}
    (tick,) = _hear(conversation, type="market_data", symbol="INFY", exchange="NSE", mode=1, data=data)
    assert isinstance(tick, Tick)
    assert (tick.ltp, tick.open, tick.timestamp, tick.source) == (5.0, 4.0, 1_700_000_000_000, "openalgo")
    assert tick.depth is not None
    assert tick.depth.buy[0].price == 4.9


def test_prices_that_are_not_real_stay_marked() -> None:
    conversation = _in(Want(INFY, Mode.LTP))
    data = {"ltp": 5.0, "state": "simulated"}
    first = _hear(conversation, type="market_data", symbol="INFY", exchange="NSE", mode=1, data=data)
    assert first[0] == NatureKnown("openalgo", INFY.key, FeedNature.SIMULATED)
    assert len(_hear(conversation, type="market_data", symbol="INFY", exchange="NSE", mode=1, data=data)) == 1


@pytest.mark.parametrize(
    ("code", "event"),
    [
        ("AUTHENTICATION_ERROR", SessionOver("OpenAlgo does not accept the API key")),
        ("BROKER_ERROR", ConnectionOver("OpenAlgo has no broker: why")),
        ("NOT_AUTHENTICATED", ConnectionOver("OpenAlgo has no broker: why")),
        ("INVALID_MODE", Skipped("errors_INVALID_MODE")),
    ],
)
def test_errors_mean_different_things(code: str, event: object) -> None:
    assert _hear(_in(), status="error", code=code, message="why") == [event]


def test_what_is_not_wanted_or_not_for_us_is_counted() -> None:
    conversation = _in()
    message = {"type": "market_data", "symbol": "INFY", "exchange": "NSE", "mode": 1, "data": {"ltp": 1.0}}
    assert _hear(conversation, **message) == [Skipped("ticks_not_wanted")]
    assert _hear(conversation, type="feed_status") == [Skipped("frames_feed_status")]
    assert _hear(conversation, type="unsubscribe", status="success") == []


@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_any_frame_is_read_or_refused(frame: bytes) -> None:
    try:
        _in(Want(INFY, Mode.LTP)).receive(frame, FrameKind.TEXT, 0.0)
    except DecodeError as exc:
        assert "OpenAlgo" in str(exc) or "xchange" in str(exc) or "symbol" in str(exc)


@pytest.mark.recorded
def test_every_recorded_push_is_read(recordings: Path) -> None:
    read = 0
    for line in (recordings / "openalgo/messages.jsonl").read_text().splitlines():
        row = json.loads(line)
        server = row.get("server")
        for frame in [server] if isinstance(server, dict) else server or []:
            if not isinstance(frame, dict) or frame.get("type") != "market_data":
                continue
            key = InstrumentKey(Exchange(frame["exchange"]), frame["symbol"])
            conversation = _in(Want(Instrument(key=key, kind=InstrumentKind.EQUITY), Mode.DEPTH))
            tick = _hear(conversation, **frame)[-1]
            assert isinstance(tick, Tick)
            assert tick.ltp == frame["data"].get("ltp", frame["data"].get("last_price")), row["name"]
            read += 1
    assert read >= 5


def test_what_was_refused_and_is_wanted_again_is_asked_for_again() -> None:
    conversation = _in(Want(INFY, Mode.LTP))
    _said(conversation)
    entry = {"symbol": "INFY", "exchange": "NSE", "status": "error", "message": "no"}
    assert len(_hear(conversation, type="subscribe", status="partial", subscriptions=[entry])) == 1
    conversation.let_go([INFY.key])
    conversation.want([Want(INFY, Mode.LTP)])
    assert [said["action"] for said in _said(conversation)] == ["subscribe"]
