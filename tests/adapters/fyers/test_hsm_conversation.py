"""A connection to the data socket as a state machine: login, topics, numbers of topics, acknowledgements, refusals."""

from __future__ import annotations

import pytest

from adapters.frames import FrameKind
from adapters.fyers.hsm_conversation import PER_MESSAGE, HsmConversation
from adapters.venue import AnswerDue, Event, Refused, SessionOver, Skipped, Want
from market.errors import DecodeError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.modes import Mode
from market.ticks import Tick
from tests.adapters.fyers.conftest import session_of
from tests.doubles.toy_broker import ToyQuote
from tests.doubles.toy_fyers import (
    OK,
    answer,
    data_frame,
    framed,
    read_request,
    read_topics,
    snapshot,
    trouble,
    update,
    values_of,
)

QUOTE = ToyQuote(ltp=101.25)


def share(number: int, suffix: str = "") -> Instrument:
    key = InstrumentKey(Exchange.NSE, f"S{number}{suffix}")
    return Instrument(key=key, kind=InstrumentKind.EQUITY, token=f"nse_cm|{number}")


INDEX = Instrument(key=InstrumentKey(Exchange.NSE_INDEX, "NIFTY"), kind=InstrumentKind.INDEX, token="nse_cm|Nifty 50")


def said(conversation: HsmConversation) -> list[tuple[int, list[str]]]:
    """Everything that it wants to send: kind, and topics where there are such."""
    found = []
    while (message := conversation.next_message()) is not None:
        kind, fields = read_request(message)
        found.append((kind, read_topics(fields[1]) if kind in (4, 5) else []))
    return found


def heard(conversation: HsmConversation, frame: bytes) -> list[Event]:
    return list(conversation.receive(frame, FrameKind.BINARY, 5.0))


def opened(*wants: Want, ack_every: int = 0) -> HsmConversation:
    """A conversation that is logged in and has asked for `wants`."""
    conversation = HsmConversation()
    conversation.want(wants)
    conversation.opened(session_of("good-token"))
    said(conversation)
    heard(conversation, answer(1, OK, ack_every))
    return conversation


def prices(events: list[Event]) -> list[tuple[InstrumentKey, float | None]]:
    return [(event.key, event.ltp) for event in events if isinstance(event, Tick)]


def test_nothing_is_asked_for_before_the_login_is_answered() -> None:
    conversation = HsmConversation()
    conversation.want([Want(share(1), Mode.LTP)])
    conversation.opened(session_of("good-token"))
    first = conversation.next_message()
    assert first is not None
    assert read_request(first)[1][1] == b"good-token"
    assert said(conversation) == [(12, [])]
    assert heard(conversation, answer(12, OK)) == [Skipped("acknowledgements")]
    assert said(conversation) == []
    assert heard(conversation, answer(1, OK, 0)) == [AnswerDue()]
    assert said(conversation) == [(4, ["sf|nse_cm|1"])]


def test_a_refused_login_ends_the_session() -> None:
    conversation = HsmConversation()
    conversation.opened(session_of("bad-token"))
    (event,) = heard(conversation, answer(1, b"F", 0))
    assert isinstance(event, SessionOver)
    assert "does not accept this login" in event.reason
    (event,) = heard(conversation, trouble(-99, 1))
    assert isinstance(event, SessionOver)


def test_modes_are_topics() -> None:
    wants = [Want(share(1), Mode.LTP), Want(share(2), Mode.QUOTE), Want(share(3), Mode.DEPTH), Want(INDEX, Mode.DEPTH)]
    topics = ["sf|nse_cm|1", "sf|nse_cm|2", "sf|nse_cm|3", "dp|nse_cm|3", "if|nse_cm|Nifty 50"]
    assert said(opened(*wants)) == [(4, topics)]


def test_modes_change_up_and_down() -> None:
    conversation = opened(Want(share(1), Mode.LTP))
    said(conversation)
    conversation.want([Want(share(1), Mode.DEPTH)])
    assert said(conversation) == [(4, ["dp|nse_cm|1"])]
    conversation.want([Want(share(1), Mode.QUOTE)])
    assert said(conversation) == [(5, ["dp|nse_cm|1"])]
    conversation.let_go([share(1).key])
    assert said(conversation) == [(5, ["sf|nse_cm|1"])]


def test_everything_is_asked_for_again_in_batches() -> None:
    conversation = opened(*(Want(share(number), Mode.LTP) for number in range(PER_MESSAGE + 1)))
    assert [len(topics) for _, topics in said(conversation)] == [PER_MESSAGE, 1]
    conversation.opened(session_of("good-token"))
    assert [kind for kind, _ in said(conversation)] == [1, 12]
    heard(conversation, answer(1, OK, 0))
    assert [len(topics) for _, topics in said(conversation)] == [PER_MESSAGE, 1]


def test_snapshots_and_updates_become_ticks() -> None:
    conversation = opened(Want(share(1), Mode.DEPTH))
    frame = data_frame(
        1,
        snapshot(7, "sf|nse_cm|1", values_of("sf", QUOTE)),
        snapshot(8, "dp|nse_cm|1", values_of("dp", QUOTE)),
        update(7, [10_200]),
    )
    first, book, second = heard(conversation, frame)
    assert isinstance(first, Tick)
    assert isinstance(book, Tick)
    assert isinstance(second, Tick)
    assert (first.ltp, book.depth, second.ltp, second.volume) == (101.25, QUOTE.depth, 102.0, 123_456)


def test_a_deep_book_shares_the_topic_and_misses_nothing() -> None:
    conversation = opened(Want(share(1), Mode.DEPTH))
    said(conversation)
    heard(conversation, data_frame(1, snapshot(7, "sf|nse_cm|1", values_of("sf", QUOTE))))
    conversation.want([Want(share(1, ":50"), Mode.DEPTH)])
    assert said(conversation) == []
    events = heard(conversation, data_frame(2, update(7, [10_200])))
    assert prices(events) == [(share(1).key, 102.0), (share(1, ":50").key, 102.0)]
    assert [event.open for event in events if isinstance(event, Tick)] == [99.0, 99.0]
    conversation.let_go([share(1).key])
    assert said(conversation) == [(5, ["dp|nse_cm|1"])]
    assert prices(heard(conversation, data_frame(3, update(7, [10_300])))) == [(share(1, ":50").key, 103.0)]
    conversation.let_go([share(1, ":50").key])
    assert said(conversation) == [(5, ["sf|nse_cm|1"])]


def test_a_second_name_of_an_instrument_is_told_what_is_known() -> None:
    conversation = opened(Want(share(1), Mode.DEPTH))
    said(conversation)
    frame = data_frame(
        1, snapshot(7, "sf|nse_cm|1", values_of("sf", QUOTE)), snapshot(8, "dp|nse_cm|1", values_of("dp", QUOTE))
    )
    assert list(conversation.want([Want(share(1, ":50"), Mode.DEPTH)])) == []
    heard(conversation, frame)
    conversation.let_go([share(1, ":50").key])
    (tick,) = conversation.want([Want(share(1, ":50"), Mode.DEPTH), Want(share(2), Mode.LTP)])
    assert isinstance(tick, Tick)
    assert (tick.key, tick.ltp, tick.depth, tick.received_ms) == (share(1, ":50").key, 101.25, None, 5.0)
    assert list(conversation.want([Want(share(1, ":50"), Mode.LTP), Want(share(1), Mode.LTP)])) == []


def test_what_is_told_as_known_is_what_is_known_when_it_is_read() -> None:
    conversation = opened(Want(share(1), Mode.LTP))
    said(conversation)
    heard(conversation, data_frame(1, snapshot(7, "sf|nse_cm|1", values_of("sf", QUOTE))))
    known = conversation.want([Want(share(1, ":50"), Mode.LTP)])
    heard(conversation, data_frame(2, update(7, [10_500])))
    (tick,) = known
    assert isinstance(tick, Tick)
    assert tick.ltp == 105.0
    gone = conversation.want([Want(share(1, ":20"), Mode.LTP)])
    conversation.let_go([share(1, ":20").key])
    assert list(gone) == []


def test_what_is_asked_for_anew_is_not_told_as_known() -> None:
    conversation = opened(Want(share(1), Mode.LTP))
    said(conversation)
    heard(conversation, data_frame(1, snapshot(7, "sf|nse_cm|1", values_of("sf", QUOTE))))
    conversation.let_go([share(1).key])
    said(conversation)
    assert list(conversation.want([Want(share(1, ":50"), Mode.DEPTH)])) == []
    heard(conversation, data_frame(1, snapshot(9, "sf|nse_cm|1", values_of("sf", QUOTE))))
    conversation.let_go([share(1, ":50").key])
    assert list(conversation.want([Want(share(1, ":50"), Mode.LTP)])) == [], "it came after the end was asked for"
    conversation.opened(session_of("good-token"))
    assert list(conversation.want([Want(share(1), Mode.LTP)])) == []


def test_numbers_of_topics_do_not_outlive_a_connection() -> None:
    conversation = opened(Want(share(1), Mode.LTP))
    heard(conversation, data_frame(1, snapshot(7, "sf|nse_cm|1", values_of("sf", QUOTE))))
    conversation.opened(session_of("good-token"))
    assert heard(conversation, data_frame(1, update(7, [1]))) == [Skipped("entries_of_unknown_topics")]


def test_what_is_not_wanted_is_counted() -> None:
    conversation = opened(Want(share(1), Mode.LTP))
    unknown = snapshot(9, "zz|nse_cm|1", [1])
    other = snapshot(8, "sf|nse_cm|2", values_of("sf", QUOTE))
    assert heard(conversation, data_frame(1, unknown, other)) == [
        Skipped("entries_of_unknown_topics"),
        Skipped("entries_not_wanted"),
    ]


def test_data_frames_are_acknowledged_as_often_as_fyers_wants() -> None:
    conversation = opened(Want(share(1), Mode.LTP), ack_every=2)
    said(conversation)
    assert heard(conversation, data_frame(41)) == []
    assert heard(conversation, data_frame(42)) == [AnswerDue()]
    message = conversation.next_message()
    assert message is not None
    assert read_request(message) == (3, {1: (42).to_bytes(4, "big")})
    assert heard(conversation, data_frame(43)) == []


def test_without_a_count_nothing_is_acknowledged() -> None:
    conversation = opened(ack_every=0)
    assert [heard(conversation, data_frame(number)) for number in range(5)] == [[]] * 5
    assert conversation.next_message() is None


def test_a_refused_request_refuses_what_was_in_it() -> None:
    conversation = opened(Want(share(1), Mode.DEPTH))
    said(conversation)
    conversation.want([Want(share(2), Mode.LTP)])
    said(conversation)
    assert heard(conversation, answer(4, OK)) == [Skipped("acknowledgements")]
    assert heard(conversation, answer(4, b"F")) == [Refused(share(2).key, "Fyers refused the subscription")]
    assert heard(conversation, answer(5, b"F")) == [Skipped("refusals_of_kind_5")]


def test_a_plan_that_is_full_refuses_what_has_no_prices() -> None:
    conversation = opened(Want(share(1), Mode.LTP), Want(share(2), Mode.LTP))
    said(conversation)
    heard(conversation, data_frame(1, snapshot(7, "sf|nse_cm|1", values_of("sf", QUOTE))))
    assert heard(conversation, trouble(51001, 4)) == [
        Skipped("troubles_of_code_51001"),
        Refused(share(2).key, "The plan of this Fyers account carries no more instruments"),
    ]


def test_nothing_of_an_earlier_connection_holds() -> None:
    conversation = opened(Want(share(1), Mode.LTP), ack_every=2)
    said(conversation)
    heard(conversation, data_frame(1, snapshot(7, "sf|nse_cm|1", values_of("sf", QUOTE))))
    conversation.opened(session_of("good-token"))
    said(conversation)
    heard(conversation, answer(1, OK, 2))
    assert said(conversation) == [(4, ["sf|nse_cm|1"])]
    assert heard(conversation, data_frame(5)) == []  # the second frame, but the first of this connection
    assert len(heard(conversation, trouble(51001, 4))) == 2  # no price has come on this one
    conversation.want([Want(share(2), Mode.LTP)])
    said(conversation)
    heard(conversation, answer(4, OK))
    assert heard(conversation, answer(4, b"F")) == [Refused(share(2).key, "Fyers refused the subscription")]


def test_what_was_let_go_of_and_wanted_again_has_no_prices_yet() -> None:
    conversation = opened(Want(share(1), Mode.LTP))
    said(conversation)
    heard(conversation, data_frame(1, snapshot(7, "sf|nse_cm|1", values_of("sf", QUOTE))))
    heard(conversation, answer(4, OK))
    conversation.let_go([share(1).key])
    said(conversation)
    conversation.want([Want(share(1), Mode.LTP)])
    said(conversation)
    assert [event for event in heard(conversation, trouble(51001, 4)) if isinstance(event, Refused)]


def test_other_troubles_are_counted() -> None:
    assert heard(opened(), trouble(12001, 12)) == [Skipped("troubles_of_code_12001")]


def test_frames_of_other_kinds_are_counted() -> None:
    assert heard(opened(), framed(b"\x63\x00")) == [Skipped("frames_of_kind_99")]


def test_text_is_not_understood() -> None:
    with pytest.raises(DecodeError, match="text frame"):
        opened().receive(b"{}", FrameKind.TEXT, 1.0)
