"""One connection of a Noren broker, without a socket."""

from __future__ import annotations

import json
from collections.abc import Sequence

from adapters.frames import FrameKind
from adapters.noren.conversation import PER_MESSAGE, NorenConversation
from adapters.noren.rows import SHOONYA
from adapters.venue import Acked, AnswerDue, ConnectionOver, Event, SessionOver, Skipped, Want
from market.credentials import Secret
from market.exchanges import Exchange
from market.logins import BrokerSession
from market.modes import Mode
from market.ticks import Tick
from tests.adapters.noren.bench import INSTRUMENTS, instrument
from tests.doubles.toy_broker import ToyQuote
from tests.doubles.toy_noren import prices, snapshot

SESSION = BrokerSession(broker="shoonya", user="AB1234", tokens={"access_token": Secret("tok")}, obtained_ms=1.0)
NTPC, NTPC_BSE, NIFTY_FUTURE = INSTRUMENTS[:3]


def _said(conversation: NorenConversation) -> list[dict[str, str]]:
    found = []
    while (message := conversation.next_message()) is not None:
        found.append(json.loads(message))
    return found


def _hear(conversation: NorenConversation, message: dict[str, str]) -> Sequence[Event]:
    return conversation.receive(json.dumps(message).encode(), FrameKind.TEXT, 1_790_000_000_000.0)


def _open(*wants: Want) -> NorenConversation:
    conversation = NorenConversation(SHOONYA)
    conversation.want(wants)
    conversation.opened(SESSION)
    _said(conversation)
    assert list(_hear(conversation, {"t": "ak", "s": "OK"})) == [AnswerDue()]
    return conversation


def test_nothing_is_asked_before_the_greeting_is_answered() -> None:
    conversation = NorenConversation(SHOONYA)
    conversation.want([Want(NTPC, Mode.LTP)])
    conversation.opened(SESSION)
    assert [message["t"] for message in _said(conversation)] == ["a"]
    _hear(conversation, {"t": "ak", "uid": "AB1234", "s": "OK"})
    assert _said(conversation) == [{"t": "t", "k": "NSE|11630"}]


def test_greeting_that_is_refused_ends_the_session() -> None:
    conversation = NorenConversation(SHOONYA)
    conversation.opened(SESSION)
    (event,) = _hear(conversation, {"t": "ak", "uid": "AB1234", "s": "NOT_OK"})
    assert isinstance(event, SessionOver)
    assert "tok" not in event.reason.split()


def test_silence_after_the_greeting_ends_the_connection_at_the_first_heartbeat() -> None:
    conversation = NorenConversation(SHOONYA)
    conversation.opened(SESSION)
    assert isinstance(_hear(conversation, {"t": "hk"})[0], ConnectionOver)
    assert _hear(_open(), {"t": "hk"}) == [Skipped("heartbeats")]


def test_change_of_mode_ends_one_subscription_and_begins_the_other() -> None:
    conversation = _open(Want(NTPC, Mode.LTP))
    _said(conversation)
    conversation.want([Want(NTPC, Mode.DEPTH)])
    assert _said(conversation) == [{"t": "u", "k": "NSE|11630"}, {"t": "d", "k": "NSE|11630"}]
    conversation.want([Want(NTPC, Mode.QUOTE)])
    assert _said(conversation) == [{"t": "ud", "k": "NSE|11630"}, {"t": "t", "k": "NSE|11630"}]
    conversation.let_go([NTPC.key])
    assert _said(conversation) == [{"t": "u", "k": "NSE|11630"}]


def test_quote_after_ltp_needs_no_message() -> None:
    conversation = _open(Want(NTPC, Mode.LTP))
    _said(conversation)
    conversation.want([Want(NTPC, Mode.QUOTE)])
    assert _said(conversation) == []


def test_many_instruments_are_asked_for_in_batches() -> None:
    many = [instrument(Exchange.NSE, f"S{number}", str(number)) for number in range(PER_MESSAGE + 1)]
    sizes = [len(message["k"].split("#")) for message in _said(_open(*(Want(each, Mode.LTP) for each in many)))]
    assert sizes == [PER_MESSAGE, 1]


def test_one_token_on_two_exchanges_is_two_instruments() -> None:
    conversation = _open(Want(NTPC, Mode.LTP), Want(NIFTY_FUTURE, Mode.LTP))
    _said(conversation)
    for place, expected in (("NSE|11630", NTPC), ("NFO|11630", NIFTY_FUTURE)):
        (tick,) = _hear(conversation, prices("t", place, ToyQuote(ltp=5.0)))
        assert isinstance(tick, Tick)
        assert tick.key == expected.key


def test_snapshot_acknowledges_and_is_a_tick() -> None:
    conversation = _open(Want(NTPC, Mode.LTP))
    _said(conversation)
    acked, tick = _hear(conversation, snapshot("tk", "NSE|11630"))
    assert acked == Acked((NTPC.key,))
    assert isinstance(tick, Tick)
    assert tick.ltp is None


def test_book_needs_its_snapshot_and_does_not_outlive_the_connection() -> None:
    conversation = _open(Want(NTPC, Mode.DEPTH))
    _said(conversation)

    def depth_of_a_change() -> object:
        (tick,) = _hear(conversation, {"t": "df", "e": "NSE", "tk": "11630", "bp1": "5.00", "bq1": "7"})
        assert isinstance(tick, Tick)
        return tick.depth

    assert depth_of_a_change() is None
    _hear(conversation, snapshot("dk", "NSE|11630"))
    assert depth_of_a_change() is not None
    conversation.opened(SESSION)
    assert depth_of_a_change() is None


def test_everything_is_asked_for_again_on_a_new_connection() -> None:
    conversation = _open(Want(NTPC, Mode.LTP), Want(NTPC_BSE, Mode.DEPTH))
    first = _said(conversation)
    conversation.opened(SESSION)
    assert [message["t"] for message in _said(conversation)] == ["a"]
    _hear(conversation, {"t": "ak", "s": "OK"})
    assert _said(conversation) == first


def test_prices_of_what_was_let_go_of_are_skipped() -> None:
    conversation = _open(Want(NTPC, Mode.LTP))
    conversation.let_go([NTPC.key])
    assert _hear(conversation, prices("t", "NSE|11630", ToyQuote(ltp=5.0))) == [Skipped("prices_not_wanted")]


def test_messages_of_other_kinds_are_counted() -> None:
    conversation = _open()
    assert _hear(conversation, {"t": "om"}) == [Skipped("order_updates")]
    assert _hear(conversation, {"t": "zz"}) == [Skipped("messages_of_unknown_kind")]


def test_book_that_is_wanted_again_before_its_end_was_asked_for_lives() -> None:
    conversation = _open(Want(NTPC, Mode.DEPTH))
    _said(conversation)
    _hear(conversation, snapshot("dk", "NSE|11630"))
    _hear(conversation, {"t": "df", "e": "NSE", "tk": "11630", "bp1": "5.00", "bq1": "7"})
    conversation.let_go([NTPC.key])
    unseen = {"t": "df", "e": "NSE", "tk": "11630", "bp2": "4.95", "bq2": "3"}
    assert _hear(conversation, unseen) == [Skipped("prices_not_wanted")]
    conversation.want([Want(NTPC, Mode.DEPTH)])
    assert _said(conversation) == []
    change = {"t": "df", "e": "NSE", "tk": "11630", "bq1": "9"}
    (tick,) = _hear(conversation, change)
    assert isinstance(tick, Tick)
    assert tick.depth is not None
    assert [(level.price, level.quantity) for level in tick.depth.buy] == [(5.0, 9), (4.95, 3)]
    conversation.let_go([NTPC.key])
    _said(conversation)
    conversation.want([Want(NTPC, Mode.DEPTH)])
    _said(conversation)
    (tick,) = _hear(conversation, change)
    assert isinstance(tick, Tick)
    assert tick.depth is None
