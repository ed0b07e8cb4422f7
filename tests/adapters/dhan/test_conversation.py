"""What is said to the market feed, and what is made of its answers."""

from __future__ import annotations

import json

import pytest

from adapters.dhan.conversation import PER_MESSAGE, DhanConversation
from adapters.frames import FrameKind
from adapters.venue import ConnectionOver, Event, SessionOver, Skipped, Want
from market.errors import DecodeError
from market.exchanges import Exchange
from market.instruments import Instrument
from market.modes import Mode
from market.ticks import Tick
from tests.adapters.dhan.bench import INSTRUMENTS, instrument
from tests.doubles.toy_broker import ToyQuote
from tests.doubles.toy_dhan import disconnection, market_status, open_interest, packet, previous_close

HDFC, HDFC_BSE, FUTURE, NIFTY = INSTRUMENTS[:4]
DEEP = instrument(Exchange.NSE, "HDFCBANK:20", 1333)
QUOTE = ToyQuote(ltp=101.25)


def _said(conversation: DhanConversation) -> list[tuple[int, list[str]]]:
    said = []
    while (message := conversation.next_message()) is not None:
        each = json.loads(message)
        assert each["InstrumentCount"] == len(each["InstrumentList"])
        listed = [f"{one['ExchangeSegment']}:{one['SecurityId']}" for one in each["InstrumentList"]]
        said.append((each["RequestCode"], listed))
    return said


def _holding(*wants: Want) -> DhanConversation:
    conversation = DhanConversation()
    conversation.want(wants)
    conversation.opened(None)
    _said(conversation)
    return conversation


def _heard(conversation: DhanConversation, frame: bytes, at_ms: float = 1.0) -> list[Event]:
    return list(conversation.receive(frame, FrameKind.BINARY, at_ms))


def _ticks(events: list[Event]) -> list[Tick]:
    return [event for event in events if isinstance(event, Tick)]


def test_instruments_are_asked_for_by_mode() -> None:
    conversation = DhanConversation()
    conversation.want(
        [Want(HDFC, Mode.LTP), Want(HDFC_BSE, Mode.LTP), Want(FUTURE, Mode.QUOTE), Want(NIFTY, Mode.DEPTH)]
    )
    assert _said(conversation) == [
        (15, ["NSE_EQ:1333", "BSE_EQ:500180"]),
        (21, ["NSE_FNO:1333"]),
        (17, ["IDX_I:13"]),  # an index has no book
    ]


def test_the_old_mode_is_let_go_of_before_the_new_one_is_asked_for() -> None:
    conversation = _holding(Want(HDFC, Mode.LTP))
    conversation.want([Want(HDFC, Mode.QUOTE)])
    assert _said(conversation) == [(16, ["NSE_EQ:1333"]), (21, ["NSE_EQ:1333"])]
    conversation.want([Want(HDFC, Mode.DEPTH)])
    assert _said(conversation) == []
    conversation.let_go([HDFC.key])
    assert _said(conversation) == [(22, ["NSE_EQ:1333"])]


def test_what_is_let_go_of_while_its_mode_changes_is_not_left_behind() -> None:
    conversation = _holding(Want(HDFC, Mode.LTP), Want(HDFC_BSE, Mode.LTP))
    conversation.want([Want(HDFC, Mode.DEPTH), Want(HDFC_BSE, Mode.DEPTH)])
    conversation.next_message()
    conversation.let_go([HDFC.key])
    assert _said(conversation) == [(21, ["NSE_EQ:1333", "BSE_EQ:500180"]), (22, ["NSE_EQ:1333"])]


def test_after_a_reconnect_everything_is_asked_for_again_and_nothing_of_before() -> None:
    conversation = _holding(Want(HDFC, Mode.LTP), Want(HDFC_BSE, Mode.LTP))
    conversation.want([Want(HDFC, Mode.DEPTH)])
    conversation.next_message()
    conversation.let_go([HDFC_BSE.key])
    conversation.opened(None)
    assert _said(conversation) == [(21, ["NSE_EQ:1333"])]


def test_many_instruments_go_in_several_messages() -> None:
    many = [instrument(Exchange.NSE, f"S{number}", number) for number in range(PER_MESSAGE + 1)]
    conversation = DhanConversation()
    conversation.want(Want(each, Mode.LTP) for each in many)
    assert [len(listed) for _, listed in _said(conversation)] == [PER_MESSAGE, 1]


def test_a_frame_holds_packets_of_several_instruments() -> None:
    conversation = _holding(Want(HDFC, Mode.LTP), Want(FUTURE, Mode.DEPTH))
    frame = market_status() + packet(HDFC, 15, QUOTE) + open_interest(FUTURE, 7) + packet(FUTURE, 21, QUOTE)
    events = _heard(conversation, frame)
    assert [(tick.key, tick.ltp, tick.oi) for tick in _ticks(events)] == [
        (HDFC.key, 101.25, None),
        (FUTURE.key, None, 7),
        (FUTURE.key, 101.25, 4_200),
    ]
    assert events[0] == Skipped("market_status")


def test_one_security_id_in_two_segments_is_two_instruments() -> None:
    conversation = _holding(Want(HDFC, Mode.LTP))
    assert _heard(conversation, packet(FUTURE, 15, QUOTE)) == [Skipped("packets_not_wanted")]


def test_what_comes_before_a_cut_is_good() -> None:
    conversation = _holding(Want(HDFC, Mode.LTP))
    body = packet(HDFC, 15, QUOTE)
    for cut in (body[:5], body[:-1], b"\x02\x05\x00" + body[3:]):
        first, second = _heard(conversation, body + cut)
        assert (isinstance(first, Tick), second) == (True, Skipped("frames_cut"))
        with pytest.raises(DecodeError):
            _heard(conversation, cut)


def test_an_unknown_code_is_passed_over_by_its_length() -> None:
    conversation = _holding(Want(HDFC, Mode.LTP))
    body = packet(HDFC, 15, QUOTE)
    unknown = b"\x63\x0b\x00" + body[3:8] + b"abc"
    first, second = _heard(conversation, unknown + body)
    assert (first, isinstance(second, Tick)) == (Skipped("packets_of_unknown_code"), True)


def test_the_previous_close_is_that_of_its_own_packet() -> None:
    conversation = _holding(Want(HDFC, Mode.DEPTH))
    full = packet(HDFC, 21, ToyQuote(ltp=101.25, close=98.0))  # whose own field says 99
    (before,) = _ticks(_heard(conversation, full, 1_000.0))
    (told,) = _ticks(_heard(conversation, previous_close(HDFC, 98.0), 1_100.0))
    (after,) = _ticks(_heard(conversation, full, 60_000.0))
    assert (before.close, told.close, after.close) == (None, 98.0, 98.0)
    conversation.opened(None)
    (again,) = _ticks(_heard(conversation, full, 61_000.0))
    assert again.close is None


def test_the_close_of_a_connection_that_lives_over_night_is_that_of_the_day_before() -> None:
    """Told 900 on the first day, which closes at 1000; the second day's packets say so, until it closes at 1100."""
    conversation = _holding(Want(HDFC, Mode.DEPTH))
    nine = 1_790_000_000 // 86_400 * 86_400 + 12_600  # 9:00 in India
    closes = []
    _heard(conversation, previous_close(HDFC, 900.0), (nine + 3_600) * 1000.0)
    for hours, traded_hours, field in (
        (2, 2, 900),
        (10, 6, 1000),  # after the market
        (23.9, 6, 1000),
        (24.01, 6, 1000),  # nothing was traded yet
        (24.25, 24.25, 1000),
        (29, 29, 1000),
        (34, 30, 1100),
        (48.5, 30, 1100),
        (48.6, 48.6, 1100),
    ):
        quote = ToyQuote(ltp=1050.0, close=field - 1.0, traded_s=int(nine + traded_hours * 3_600))
        (tick,) = _ticks(_heard(conversation, packet(HDFC, 21, quote), (nine + hours * 3_600) * 1000.0))
        closes.append(tick.close)
    assert closes == [900, 900, 900, 900, 1000, 1000, 1000, 1000, 1100]


def test_a_close_told_before_the_market_opens_is_of_the_day_before() -> None:
    conversation = _holding(Want(HDFC, Mode.DEPTH))
    nine = 1_790_000_000 // 86_400 * 86_400 + 12_600
    _heard(conversation, previous_close(HDFC, 900.0), (nine - 8 * 3_600) * 1000.0)
    quote = ToyQuote(ltp=1050.0, close=999.0, traded_s=nine + 900)
    (tick,) = _ticks(_heard(conversation, packet(HDFC, 21, quote), (nine + 900) * 1000.0))
    assert tick.close == 1000.0


def test_a_close_is_known_until_the_instrument_is_let_go_of_aloud() -> None:
    conversation = _holding(Want(HDFC, Mode.DEPTH))
    full = packet(HDFC, 21, ToyQuote(ltp=101.25, close=98.0))
    _heard(conversation, previous_close(HDFC, 98.0), 1_000.0)
    conversation.let_go([HDFC.key])
    conversation.want([Want(HDFC, Mode.DEPTH)])
    assert _said(conversation) == []
    assert [tick.close for tick in _ticks(_heard(conversation, full, 1_100.0))] == [98.0]
    conversation.let_go([HDFC.key])
    _said(conversation)
    conversation.want([Want(HDFC, Mode.DEPTH)])
    assert [tick.close for tick in _ticks(_heard(conversation, full, 1_200.0))] == [None]


def test_a_close_that_comes_in_no_packet_of_its_own_is_better_than_none() -> None:
    conversation = _holding(Want(HDFC, Mode.DEPTH))
    full = packet(HDFC, 21, ToyQuote(ltp=101.25, close=98.0))
    closes = [_ticks(_heard(conversation, full, at_ms))[0].close for at_ms in (1_000.0, 5_900.0, 6_000.0)]
    assert closes == [None, None, 99.0]


def test_a_name_with_a_deep_book_is_told_everything_but_the_book() -> None:
    conversation = _holding(Want(HDFC, Mode.LTP), Want(DEEP, Mode.DEPTH))
    assert conversation.next_message() is None
    plain, deep = _ticks(_heard(conversation, packet(HDFC, 21, QUOTE)))
    assert (plain.key, deep.key) == (HDFC.key, DEEP.key)
    assert plain.depth is not None
    assert plain.bid_price is not None
    assert (deep.ltp, deep.volume, deep.depth, deep.bid_price, deep.ask_size) == (101.25, 123_456, None, None, None)


def test_a_name_with_a_deep_book_has_best_prices_from_here_while_its_book_is_not_wanted() -> None:
    conversation = _holding(Want(DEEP, Mode.QUOTE))
    for mode, bid in ((Mode.QUOTE, 99.95), (Mode.DEPTH, None), (Mode.QUOTE, 99.95)):
        conversation.want([Want(DEEP, mode)])
        (tick,) = _ticks(_heard(conversation, packet(HDFC, 21, QUOTE)))
        assert (tick.key, tick.bid_price, tick.depth) == (DEEP.key, bid, None)


def test_a_lower_wish_does_not_take_from_a_higher_one() -> None:
    conversation = _holding(Want(DEEP, Mode.DEPTH))
    conversation.want([Want(HDFC, Mode.LTP)])
    assert _said(conversation) == []


def test_two_names_of_one_instrument_are_asked_for_once_in_the_higher_mode() -> None:
    conversation = _holding(Want(HDFC, Mode.LTP))
    conversation.want([Want(DEEP, Mode.DEPTH)])
    assert _said(conversation) == [(16, ["NSE_EQ:1333"]), (21, ["NSE_EQ:1333"])]
    conversation.let_go([DEEP.key])
    assert _said(conversation) == [(22, ["NSE_EQ:1333"]), (15, ["NSE_EQ:1333"])]
    (tick,) = _ticks(_heard(conversation, packet(HDFC, 15, QUOTE)))
    assert tick.key == HDFC.key
    conversation.let_go([HDFC.key, HDFC.key])
    assert _said(conversation) == [(16, ["NSE_EQ:1333"])]


@pytest.mark.parametrize("reason", [807, 808, 809, 810])
def test_reasons_that_end_the_session(reason: int) -> None:
    (event,) = _heard(_holding(), disconnection(reason))
    assert isinstance(event, SessionOver)


@pytest.mark.parametrize(
    ("reason", "words"), [(805, "another program"), (806, "Data API plan"), (804, "more instruments"), (999, "999")]
)
def test_reasons_that_end_the_connection(reason: int, words: str) -> None:
    (event,) = _heard(_holding(), disconnection(reason))
    assert isinstance(event, ConnectionOver)
    assert not event.is_planned  # who is thrown out does not fight
    assert words in event.reason


def test_nothing_is_said_as_text() -> None:
    with pytest.raises(DecodeError):
        DhanConversation().receive(b"hello", FrameKind.TEXT, 0.0)


def test_what_is_not_held_can_be_let_go_of() -> None:
    conversation = DhanConversation()
    other: Instrument = HDFC
    conversation.let_go([other.key])
    assert conversation.next_message() is None
