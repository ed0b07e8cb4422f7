"""What is said to SmartStream, and in which order."""

from __future__ import annotations

import json
from collections.abc import Sequence

from adapters.angel import wire
from adapters.angel.conversation import PER_MESSAGE, AngelConversation
from adapters.frames import FrameKind
from adapters.venue import AnswerDue, Refused, SessionOver, Skipped, Want
from market.exchanges import Exchange
from market.instruments import Instrument
from market.modes import Mode
from market.ticks import Tick
from tests.adapters.angel.bench import INSTRUMENTS, instrument
from tests.doubles.toy_angel import packet
from tests.doubles.toy_broker import ToyQuote

INFY, INFY_BSE, FUTURE = INSTRUMENTS[:3]
Said = tuple[int, int, dict[int, list[str]]]


def _said(conversation: AngelConversation) -> list[Said]:
    said = []
    while (message := conversation.next_message()) is not None:
        each = json.loads(message)
        lists = {listed["exchangeType"]: listed["tokens"] for listed in each["params"]["tokenList"]}
        said.append((each["action"], each["params"]["mode"], lists))
    return said


def _refuse(conversation: AngelConversation, message: bytes, code: str = "E1001") -> Sequence[object]:
    error = {"correlationID": json.loads(message)["correlationID"], "errorCode": code, "errorMessage": "x"}
    return conversation.receive(json.dumps(error).encode(), FrameKind.TEXT, 0.0)


def _many(count: int) -> list[Instrument]:
    return [instrument(Exchange.NSE, f"S{number}", str(number + 1)) for number in range(count)]


def test_instruments_are_asked_for_by_mode_and_exchange() -> None:
    conversation = AngelConversation()
    conversation.want([Want(INFY, Mode.LTP), Want(INFY_BSE, Mode.LTP), Want(FUTURE, Mode.DEPTH)])
    assert _said(conversation) == [(1, 1, {1: ["1594"], 3: ["500209"]}), (1, 3, {2: ["1594"]})]


def test_the_old_mode_is_let_go_of_before_the_new_one_is_asked_for() -> None:
    conversation = AngelConversation()
    conversation.want([Want(INFY, Mode.LTP)])
    _said(conversation)
    conversation.want([Want(INFY, Mode.QUOTE)])
    assert _said(conversation) == [(0, 1, {1: ["1594"]}), (1, 3, {1: ["1594"]})]
    conversation.want([Want(INFY, Mode.DEPTH)])
    assert _said(conversation) == []
    conversation.let_go([INFY.key])
    assert _said(conversation) == [(0, 3, {1: ["1594"]})]


def test_after_a_reconnect_everything_is_asked_for_again_and_nothing_of_before() -> None:
    conversation = AngelConversation()
    conversation.want([Want(INFY, Mode.LTP), Want(INFY_BSE, Mode.LTP)])
    _said(conversation)
    conversation.want([Want(INFY, Mode.DEPTH)])
    conversation.next_message()
    conversation.let_go([INFY_BSE.key])
    conversation.opened(None)
    assert _said(conversation) == [(1, 3, {1: ["1594"]})]


def test_a_change_that_was_half_said_is_not_said_on_the_next_connection() -> None:
    conversation = AngelConversation()
    conversation.want([Want(INFY, Mode.LTP), Want(INFY_BSE, Mode.DEPTH)])
    _said(conversation)
    conversation.want([Want(INFY, Mode.DEPTH)])
    conversation.next_message()
    conversation.opened(None)
    conversation.let_go([INFY.key])
    assert _said(conversation) == [(1, 3, {3: ["500209"]})]


def test_what_was_refused_needs_no_letting_go() -> None:
    conversation = AngelConversation()
    conversation.want([Want(INFY, Mode.LTP)])
    message = conversation.next_message()
    assert message is not None
    _refuse(conversation, message)
    conversation.let_go([INFY.key])
    assert _said(conversation) == []


def test_halves_leave_out_what_was_let_go_of_meanwhile() -> None:
    conversation = AngelConversation()
    many = _many(4)
    conversation.want(Want(each, Mode.LTP) for each in many)
    message = conversation.next_message()
    assert message is not None
    _refuse(conversation, message)
    conversation.opened(None)
    conversation.let_go([many[0].key, many[1].key])
    assert _said(conversation) == [(1, 1, {1: ["3", "4"]})]


def test_many_instruments_go_in_several_messages() -> None:
    conversation = AngelConversation()
    conversation.want(Want(each, Mode.LTP) for each in _many(PER_MESSAGE + 1))
    assert [len(lists[1]) for _, _, lists in _said(conversation)] == [PER_MESSAGE, 1]


def test_a_packet_is_told_of_the_instrument_of_its_exchange_and_token() -> None:
    conversation = AngelConversation()
    conversation.want([Want(INFY, Mode.DEPTH), Want(FUTURE, Mode.DEPTH)])
    for each in (INFY, FUTURE):
        (tick,) = conversation.receive(packet(each, 3, ToyQuote(ltp=5.0)), FrameKind.BINARY, 1.0)
        assert isinstance(tick, Tick)
        assert tick.key == each.key
    (other,) = conversation.receive(packet(INFY_BSE, 3, ToyQuote(ltp=5.0)), FrameKind.BINARY, 1.0)
    assert other == Skipped("packets_not_wanted")


def test_a_token_with_something_behind_its_end_is_known() -> None:
    conversation = AngelConversation()
    conversation.want([Want(INFY, Mode.LTP)])
    body = bytearray(packet(INFY, 1, ToyQuote(ltp=5.0)))
    body[20] = 7
    (tick,) = conversation.receive(bytes(body), FrameKind.BINARY, 1.0)
    assert isinstance(tick, Tick)


def test_what_is_wrong_in_a_refused_message_is_found_by_halves() -> None:
    conversation = AngelConversation()
    many = _many(8)
    bad = many[5]
    conversation.want(Want(each, Mode.LTP) for each in many)
    taken: list[str] = []
    refused: list[object] = []
    while (message := conversation.next_message()) is not None:
        (listed,) = json.loads(message)["params"]["tokenList"]
        if bad.token in listed["tokens"]:
            refused.extend(each for each in _refuse(conversation, message) if isinstance(each, Refused))
            if refused:
                conversation.let_go([bad.key])
        else:
            taken.extend(listed["tokens"])
    assert refused == [Refused(bad.key, "Angel One does not take this instrument")]
    assert sorted(taken) == sorted(each.token for each in many if each is not bad)


def test_a_refused_message_is_followed_by_its_halves() -> None:
    conversation = AngelConversation()
    conversation.want(Want(each, Mode.LTP) for each in _many(2))
    message = conversation.next_message()
    assert message is not None
    assert AnswerDue() in _refuse(conversation, message, "E1002")
    conversation.let_go([_many(2)[0].key])
    assert (1, 1, {1: ["2"]}) in _said(conversation)


def test_other_text() -> None:
    conversation = AngelConversation()
    assert conversation.receive(wire.PONG, FrameKind.TEXT, 0.0) == [Skipped("heartbeats")]
    unknown = b'{"correlationID":"z","errorCode":"E1001","errorMessage":"x"}'
    assert conversation.receive(unknown, FrameKind.TEXT, 0.0) == [Skipped("messages_refused")]
    over = b'{"errorCode":"AG8002","errorMessage":"Token Expired"}'
    assert isinstance(conversation.receive(over, FrameKind.TEXT, 0.0)[0], SessionOver)
