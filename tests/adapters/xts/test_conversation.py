"""One connection of an XTS broker, without a socket: events, calls and their answers."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from adapters.frames import FrameKind
from adapters.venue import Acked, AnswerDue, ConnectionOver, Event, Refused, SessionOver, Skipped, Want
from adapters.xts.calls import Call, answer
from adapters.xts.conversation import PER_CALL, XtsConversation
from market.credentials import Secret
from market.errors import DecodeError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.logins import BrokerSession
from market.modes import Mode
from market.ticks import Tick
from tests.adapters.xts.bench import BY_NAME, INSTRUMENTS
from tests.doubles.toy_broker import ToyQuote
from tests.doubles.toy_xts import body, packet

AT = 1_790_000_002_000.0
SHARE, SHARE_BSE, FUTURE, INDEX = INSTRUMENTS[:4]
Said = list[tuple[str, int, tuple[tuple[int, int], ...]]]


def _session(token: str = "tok") -> BrokerSession:
    return BrokerSession(broker="iifl", user="AB1234", tokens={"access_token": Secret(token)}, obtained_ms=1.0)


def _event(conversation: XtsConversation, name: str, argument: object = None) -> Sequence[Event]:
    return conversation.receive(b"42" + json.dumps([name, argument]).encode(), FrameKind.TEXT, AT)


def _joined(*wants: Want, name: str = "iifl") -> XtsConversation:
    conversation = XtsConversation(BY_NAME[name])
    conversation.opened(_session())
    conversation.want(wants)
    assert conversation.next_message() is None
    assert list(_event(conversation, "joined", "ok")) == [AnswerDue()]
    return conversation


def _calls(conversation: XtsConversation) -> list[Call]:
    found = []
    while (message := conversation.next_message()) is not None:
        assert isinstance(message, Call)
        found.append(message)
    return found


def _said(calls: Sequence[Call]) -> Said:
    return [(call.method, call.code, call.places) for call in calls]


def _answer(conversation: XtsConversation, call: Call, code: str = "", quotes: Sequence[str] = ()) -> Sequence[Event]:
    reply = {"type": "error" if code else "success", "code": code or "s", "result": {"listQuotes": list(quotes)}}
    answered = answer(call, 400 if code else 200, json.dumps(reply).encode())
    return list(conversation.receive(answered, FrameKind.TEXT, AT))


def _agree(conversation: XtsConversation) -> Said:
    """Answer every call with yes; return what was said."""
    said: Said = []
    while calls := _calls(conversation):
        said += _said(calls)
        for call in calls:
            _answer(conversation, call)
    return said


PLACE, FUTURE_PLACE = (1, 2885), (2, 2885)


@pytest.mark.parametrize(
    ("instrument", "mode", "codes"),
    [
        (SHARE, Mode.LTP, [1512]),
        (SHARE, Mode.QUOTE, [1501]),
        (SHARE, Mode.DEPTH, [1502]),
        (INDEX, Mode.LTP, [1501]),
        (INDEX, Mode.QUOTE, [1501]),
        (INDEX, Mode.DEPTH, [1501]),
        (FUTURE, Mode.LTP, [1512]),
        (FUTURE, Mode.QUOTE, [1501, 1510]),
        (FUTURE, Mode.DEPTH, [1502, 1510]),
    ],
)
def test_mode_decides_the_codes(instrument: Instrument, mode: Mode, codes: list[int]) -> None:
    calls = _calls(_joined(Want(instrument, mode)))
    assert [call.code for call in calls] == codes
    assert json.loads(calls[0]) == {
        "instruments": [{"exchangeSegment": calls[0].places[0][0], "exchangeInstrumentID": int(instrument.token)}],
        "xtsMessageCode": codes[0],
    }


def test_change_of_mode_keeps_the_code_that_both_need() -> None:
    conversation = _joined(Want(FUTURE, Mode.QUOTE))
    _agree(conversation)
    conversation.want([Want(FUTURE, Mode.DEPTH)])
    assert _agree(conversation) == [("PUT", 1501, (FUTURE_PLACE,)), ("POST", 1502, (FUTURE_PLACE,))]
    conversation.let_go([FUTURE.key])
    assert _agree(conversation) == [("PUT", 1502, (FUTURE_PLACE,)), ("PUT", 1510, (FUTURE_PLACE,))]


def test_answer_acknowledges_and_brings_first_prices() -> None:
    conversation = _joined(Want(SHARE, Mode.QUOTE))
    (call,) = _calls(conversation)
    snapshot = body(1501, SHARE, ToyQuote(ltp=7.0), flat=True)
    del snapshot["MessageCode"]
    acked, tick, skipped = _answer(conversation, call, quotes=[json.dumps(snapshot), '{"x":1}'])
    assert acked == Acked((SHARE.key,))
    assert isinstance(tick, Tick)
    assert (tick.key, tick.ltp) == (SHARE.key, 7.0)
    assert skipped == Skipped("snapshots_undecodable")


def test_one_number_on_two_segments_is_two_instruments() -> None:
    conversation = _joined(Want(SHARE, Mode.LTP), Want(FUTURE, Mode.LTP))
    _agree(conversation)
    for instrument in (SHARE, FUTURE):
        (tick,) = _event(conversation, "1512-json-full", json.dumps(body(1512, instrument, ToyQuote(ltp=5.0))))
        assert isinstance(tick, Tick)
        assert tick.key == instrument.key
    assert _event(conversation, "1512-json-full", body(1512, SHARE_BSE, ToyQuote(ltp=5.0))) == [
        Skipped("prices_not_wanted")
    ]


def test_what_the_session_carries_is_let_go_of_and_asked_for_anew_on_a_new_socket() -> None:
    conversation = _joined(Want(SHARE, Mode.LTP))
    _agree(conversation)
    conversation.want([Want(FUTURE, Mode.LTP)])
    conversation.opened(_session())
    _event(conversation, "joined")
    assert _agree(conversation) == [
        ("PUT", 1512, (PLACE,)),
        ("POST", 1512, (PLACE,)),
        ("POST", 1512, (FUTURE_PLACE,)),
    ]


def test_what_was_let_go_of_without_a_socket_is_ended_on_the_next() -> None:
    conversation = _joined(Want(SHARE, Mode.LTP))
    _agree(conversation)
    conversation.opened(_session())
    conversation.let_go([SHARE.key])
    conversation.opened(_session())
    _event(conversation, "joined")
    assert _agree(conversation) == [("PUT", 1512, (PLACE,))]


def test_what_was_let_go_of_is_asked_for_plainly_when_it_is_wanted_again() -> None:
    conversation = _joined(Want(SHARE, Mode.LTP))
    _agree(conversation)
    conversation.let_go([SHARE.key])
    _agree(conversation)
    conversation.want([Want(SHARE, Mode.LTP)])
    assert _agree(conversation) == [("POST", 1512, (PLACE,))]


def test_batch_of_which_another_program_carries_a_part_is_sorted_out() -> None:
    conversation = _joined(Want(SHARE, Mode.LTP), Want(FUTURE, Mode.LTP))
    carried, ended = {PLACE}, []
    acked: set[InstrumentKey] = set()
    while calls := _calls(conversation):
        for call in calls:
            places = set(call.places)
            if call.method == "PUT":
                refused = not places <= carried
                carried -= set() if refused else places
                ended += [] if refused else [*places]
            else:
                refused = bool(places & carried)
                carried |= set() if refused else places
            for event in _answer(conversation, call, "e-session-0002" if refused else ""):
                if isinstance(event, Acked):
                    acked.update(event.keys)
    assert acked == {SHARE.key, FUTURE.key}
    assert carried == {PLACE, FUTURE_PLACE}
    assert ended == [PLACE]  # it is sent on this socket only once it was asked for on it


def test_new_session_carries_nothing() -> None:
    conversation = _joined(Want(SHARE, Mode.LTP))
    _agree(conversation)
    conversation.opened(_session("other"))
    _event(conversation, "joined")
    assert _agree(conversation) == [("POST", 1512, (PLACE,))]


def test_batch_that_is_subscribed_already_is_ended_and_begun_once() -> None:
    conversation = _joined(Want(SHARE, Mode.LTP))
    (call,) = _calls(conversation)
    assert _answer(conversation, call, "e-session-0002") == [AnswerDue()]
    ending, again = _calls(conversation)
    assert _said([ending, again]) == [("PUT", 1512, (PLACE,)), ("POST", 1512, (PLACE,))]
    assert _answer(conversation, ending, "e-session-0003") == [Skipped("unsubscriptions_refused")]
    assert _answer(conversation, again, "e-session-0002") == [Acked((SHARE.key,))]
    assert _calls(conversation) == []


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("e-instrument-0001", "IIFL does not know this instrument"),
        ("e-session-0004", "IIFL carries no more instruments in this session: its limit is reached"),
        ("e-odd-1234", "IIFL refused the subscription (e-odd-1234)"),
        ("<secret>", "IIFL refused the subscription"),
    ],
)
def test_refused_batch_is_halved_until_the_culprit_stands_alone(code: str, reason: str) -> None:
    many = [
        Instrument(key=InstrumentKey(Exchange.NSE, f"S{number}"), kind=InstrumentKind.EQUITY, token=str(number))
        for number in range(8)
    ]
    conversation = _joined(*(Want(each, Mode.LTP) for each in many))
    events: list[Event] = []
    asked = 0
    while calls := _calls(conversation):
        for call in calls:
            asked += 1
            events += _answer(conversation, call, code if (1, 5) in call.places else "")
    refused = [event for event in events if isinstance(event, Refused)]
    assert refused == [Refused(many[5].key, reason)]
    acked = {key for event in events if isinstance(event, Acked) for key in event.keys}
    assert acked == {each.key for each in many} - {many[5].key}
    assert asked == 7


def test_full_session_takes_what_it_has_room_for_and_the_rest_is_refused_at_once() -> None:
    many = [
        Instrument(key=InstrumentKey(Exchange.NSE, f"S{number}"), kind=InstrumentKind.EQUITY, token=str(number))
        for number in range(PER_CALL + 10)
    ]
    conversation = _joined(*(Want(each, Mode.LTP) for each in many))
    first, second = _calls(conversation)
    reply = {"type": "success", "code": "s", "result": {"listQuotes": [], "Remaining_Subscription_Count": 3}}
    conversation.receive(answer(first, 200, json.dumps(reply).encode()), FrameKind.TEXT, AT)
    events = _answer(conversation, second, "e-session-0004")
    assert [event.key for event in events if isinstance(event, Refused)] == [each.key for each in many[PER_CALL + 3 :]]
    (third,) = _calls(conversation)
    assert third.places == second.places[:3]
    assert _answer(conversation, third) == [Acked(tuple(each.key for each in many[PER_CALL : PER_CALL + 3]))]


def test_answer_that_cannot_be_read_is_a_refusal() -> None:
    conversation = _joined(Want(SHARE, Mode.LTP))
    (call,) = _calls(conversation)
    events = conversation.receive(answer(call, 400, b"<html>very-secret"), FrameKind.TEXT, AT)
    assert events == [Refused(SHARE.key, "IIFL refused the subscription")]


def test_open_interest_that_is_refused_costs_no_prices() -> None:
    conversation = _joined(Want(FUTURE, Mode.QUOTE))
    quote, interest = _calls(conversation)
    assert _answer(conversation, quote) == [Acked((FUTURE.key,))]
    assert _answer(conversation, interest, "e-session-0004") == [Skipped("open_interest_refused")]


def test_refusal_of_what_is_not_wanted_any_more_is_dropped() -> None:
    conversation = _joined(Want(SHARE, Mode.LTP))
    (call,) = _calls(conversation)
    conversation.let_go([SHARE.key])
    assert _answer(conversation, call, "e-session-0004") == [AnswerDue()]
    (ending,) = _calls(conversation)
    assert ending.method == "PUT"
    assert _answer(conversation, call, "e-session-0004") == [AnswerDue()]
    assert _calls(conversation) == []


@pytest.mark.parametrize("code", ["e-session-0007", "e-token-0002"])
def test_answer_that_the_session_is_over(code: str) -> None:
    conversation = _joined(Want(SHARE, Mode.LTP))
    (call,) = _calls(conversation)
    (event,) = _answer(conversation, call, code)
    assert isinstance(event, SessionOver)
    (event,) = conversation.receive(answer(call, 401, b"{}"), FrameKind.TEXT, AT)
    assert isinstance(event, SessionOver)


def test_socket_that_is_turned_away() -> None:
    conversation = XtsConversation(BY_NAME["iifl"])
    conversation.opened(_session())
    assert isinstance(_event(conversation, "error", "Invalid Token")[0], SessionOver)
    assert isinstance(_event(conversation, "error", "publishFormat is wrong")[0], ConnectionOver)
    assert isinstance(conversation.receive(b'44{"message":"auth"}', FrameKind.TEXT, AT)[0], SessionOver)
    _event(conversation, "joined")
    assert isinstance(_event(conversation, "error", "token hiccup")[0], ConnectionOver)
    assert isinstance(_event(conversation, "logout")[0], SessionOver)
    assert isinstance(conversation.receive(b"41", FrameKind.TEXT, AT)[0], ConnectionOver)


@pytest.mark.parametrize(
    ("name", "counter"),
    [
        ("1105-json-full", "events_1105"),
        ("1105-json-partial", "events_1105"),
        ("1507-json-full", "events_1507"),
        ("1999-json-full", "events_of_unknown_kind"),
        ("1501-json-partial", "events_of_unknown_kind"),
        ("warning", "events_warning"),
        ("anything", "events_of_unknown_kind"),
    ],
)
def test_other_events_are_counted(name: str, counter: str) -> None:
    assert _event(_joined(), name, "{}") == [Skipped(counter)]


def test_stream_that_does_not_admit_us_is_given_up() -> None:
    conversation = XtsConversation(BY_NAME["iifl"])
    conversation.opened(_session())
    events = [conversation.receive(b"3", FrameKind.TEXT, AT)[0] for _ in range(3)]
    assert events[:2] == [Skipped("heartbeats")] * 2
    assert isinstance(events[2], ConnectionOver)
    conversation.opened(_session())
    assert conversation.receive(b"2", FrameKind.TEXT, AT) == [Skipped("heartbeats")]
    _event(conversation, "joined")
    assert [conversation.receive(b"3", FrameKind.TEXT, AT)[0] for _ in range(9)] == [Skipped("heartbeats")] * 9


def test_frames_that_mean_nothing() -> None:
    for frame in (b"", b"hello", b"43[]", b"9"):
        with pytest.raises(DecodeError):
            _joined().receive(frame, FrameKind.TEXT, AT)


def test_many_instruments_are_asked_for_in_batches() -> None:
    many = [
        Instrument(key=InstrumentKey(Exchange.NSE, f"S{number}"), kind=InstrumentKind.EQUITY, token=str(number))
        for number in range(PER_CALL + 1)
    ]
    calls = _calls(_joined(*(Want(each, Mode.LTP) for each in many)))
    assert [len(call.places) for call in calls] == [PER_CALL, 1]


def test_packets_instead_of_json() -> None:
    conversation = _joined(Want(FUTURE, Mode.LTP), Want(SHARE, Mode.DEPTH), name="jainamxts")
    assert {(call.code, call.places) for call in _calls(conversation)} == {
        (1501, (FUTURE_PLACE,)),
        (1502, (PLACE,)),
    }
    message = packet(1502, SHARE, ToyQuote(ltp=5.0)) + packet(1501, SHARE_BSE, ToyQuote(ltp=5.0))
    tick, skipped = conversation.receive(message, FrameKind.BINARY, AT)
    assert isinstance(tick, Tick)
    assert (tick.key, tick.source) == (SHARE.key, "jainamxts")
    assert skipped == Skipped("prices_not_wanted")
    announced = b'451-["xts-binary-packet",{"_placeholder":true,"num":0}]'
    assert conversation.receive(announced, FrameKind.TEXT, AT) == [Skipped("announcements")]


def test_refusal_whose_cause_may_have_gone_meanwhile_condemns_nobody() -> None:
    conversation = _joined(Want(SHARE, Mode.LTP), Want(SHARE_BSE, Mode.LTP))
    (call,) = _calls(conversation)
    conversation.let_go([SHARE.key])
    assert set(_answer(conversation, call, "e-instrument-0001")) == {AnswerDue()}
    asked = [each.places for each in _calls(conversation) if each.method == "POST"]
    assert asked == [((11, 500325),)]
