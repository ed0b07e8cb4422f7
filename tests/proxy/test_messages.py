from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.modes import Mode
from proxy import messages
from proxy.messages import ProtocolError, parse_command, parse_message


def refused(message: dict[str, Any]) -> tuple[str, str]:
    with pytest.raises(ProtocolError) as caught:
        parse_command(message)
    return caught.value.code, str(caught.value)


def subscribed(**message: Any) -> messages.Subscribe:
    command = parse_command({"action": "subscribe", **message})
    assert isinstance(command, messages.Subscribe)
    return command


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(["action", "type", "symbols", "symbol", "exchange", "mode", "depth", "api_key", "request_id"])
VERBS = st.sampled_from(["subscribe", "unsubscribe", "authenticate", "ping", "get_broker_info"])


@given(st.dictionaries(FIELDS, JSON), VERBS)
def test_any_object_is_a_command_or_a_protocol_error(message: dict[str, Any], verb: str) -> None:
    for candidate in (message, {**message, "action": verb}):
        try:
            parse_command(parse_message(json.dumps(candidate)))
        except ProtocolError as error:
            assert error.code
            assert str(error)


@given(st.binary(max_size=64))
def test_any_bytes_are_an_object_or_a_protocol_error(raw: bytes) -> None:
    try:
        assert isinstance(parse_message(raw), dict)
    except ProtocolError as error:
        assert error.code in ("INVALID_JSON", "INVALID_PARAMETERS")


@pytest.mark.parametrize("raw", ["{bad", "ping", "", b"\xff\xfe", "[" * 20_000])
def test_parse_message_not_json(raw: str | bytes) -> None:
    with pytest.raises(ProtocolError, match="Invalid JSON message"):
        parse_message(raw)


@pytest.mark.parametrize(("raw", "kind"), [('"ping"', "text"), ("[1]", "a list"), ("3", "a number"), ("null", "null")])
def test_parse_message_json_but_no_object_says_what_it_got(raw: str, kind: str) -> None:
    with pytest.raises(ProtocolError, match=f"Expected a JSON object, got {kind}"):
        parse_message(raw)


def test_pong_as_text_or_json_is_swallowed() -> None:
    for raw in ("pong", '{"action":"pong"}', '{"type":"pong"}'):
        assert isinstance(parse_command(parse_message(raw)), messages.Swallow)


def test_action_wins_over_type_except_for_unsubscribe_all() -> None:
    assert isinstance(parse_command({"action": "ping", "type": "subscribe"}), messages.Ping)
    both = {"action": "unsubscribe", "type": "unsubscribe_all"}
    assert isinstance(parse_command(both), messages.UnsubscribeAll)


@pytest.mark.parametrize(
    ("verb", "shown"), [("dance", "dance"), (None, "None"), (5, "5"), (["subscribe"], "['subscribe']")]
)
def test_unknown_action(verb: object, shown: str) -> None:
    assert refused({"action": verb}) == ("INVALID_ACTION", f"Invalid action: {shown}")


def test_authenticate_takes_both_spellings() -> None:
    assert parse_command({"action": "authenticate", "api_key": "k"}) == messages.Authenticate("k")
    assert parse_command({"type": "auth", "apikey": "k"}) == messages.Authenticate("k")


@pytest.mark.parametrize("key", [None, "", 0])
def test_authenticate_without_a_key(key: object) -> None:
    assert refused({"action": "authenticate", "api_key": key}) == ("AUTHENTICATION_ERROR", "API key is required")


def test_authenticate_with_a_key_of_the_wrong_type() -> None:
    assert refused({"action": "auth", "api_key": 7}) == ("INVALID_PARAMETERS", "api_key must be text, got a number")


def test_subscribe_single_is_canonical_and_quote_by_default() -> None:
    (item,) = subscribed(symbol=" sbin ", exchange="nse").items
    assert (item.symbol, item.exchange, item.modes) == ("SBIN", "NSE", (Mode.QUOTE,))


@pytest.mark.parametrize("mode", [3, "3", "depth", "DEPTH", " Depth "])
def test_subscribe_mode_in_every_spelling(mode: object) -> None:
    (item,) = subscribed(symbol="SBIN", exchange="NSE", mode=mode).items
    assert item.modes == (Mode.DEPTH,)


def test_subscribe_mode_of_the_element_wins() -> None:
    command = subscribed(
        mode=1, symbols=[{"symbol": "A", "exchange": "NSE", "mode": "Depth"}, {"symbol": "B", "exchange": "NSE"}]
    )
    assert [item.modes for item in command.items] == [(Mode.DEPTH,), (Mode.LTP,)]


@pytest.mark.parametrize(
    ("mode", "text"),
    [
        (0, "Invalid mode 0; expected 1 (LTP), 2 (Quote), or 3 (Depth)"),
        ("full", "Invalid mode 'full'; expected 'LTP', 'Quote', or 'Depth' (case-insensitive)"),
        (2.0, "Mode must be int or str, got float"),
        (True, "Mode must be int or str, got bool (True)"),
        (None, "Mode must be int or str, got NoneType"),
    ],
)
def test_subscribe_bad_mode_has_the_known_text(mode: object, text: str) -> None:
    assert refused({"action": "subscribe", "symbol": "X", "exchange": "NSE", "mode": mode}) == ("INVALID_MODE", text)


def test_subscribe_bad_elements_become_failed_items_and_the_rest_stays() -> None:
    elements = ["SBIN", {"symbol": "SBIN"}, {"symbol": 5, "exchange": "NSE"}, {"symbol": "X", "exchange": "MARS"}]
    elements += [{"symbol": "A B", "exchange": "NSE"}, {"symbol": "SBIN", "exchange": "NSE", "mode": 9}]
    command = subscribed(symbols=[*elements, {"symbol": "INFY", "exchange": "NSE"}])
    errors = [item.error for item in command.items]
    assert errors[0] == 'Expected an object with "symbol" and "exchange", got text'
    assert errors[1] == "exchange is missing"
    assert errors[2] == "symbol must be text, got a number"
    assert errors[3] is not None
    assert errors[3].startswith("Unknown exchange 'MARS'")
    assert errors[4] == "'A B' cannot be a symbol"
    assert errors[5] == "Invalid mode 9; expected 1 (LTP), 2 (Quote), or 3 (Depth)"
    assert errors[6] is None
    assert command.items[6].key is not None


@pytest.mark.parametrize("message", [{}, {"symbols": []}, {"symbol": "SBIN"}, {"exchange": "NSE"}])
def test_subscribe_nothing(message: dict[str, Any]) -> None:
    assert refused({"action": "subscribe", **message}) == (
        "INVALID_PARAMETERS",
        "At least one symbol must be specified",
    )


def test_subscribe_symbols_of_the_wrong_type() -> None:
    code, text = refused({"action": "subscribe", "symbols": {"symbol": "SBIN"}})
    assert (code, text) == ("INVALID_PARAMETERS", "symbols must be a list of objects, got an object")


def test_subscribe_instruments_and_depth_level_are_accepted() -> None:
    command = subscribed(instruments=[{"symbol": "SBIN", "exchange": "NSE"}], mode=3, depth_level=20)
    assert command.depth == 20
    assert len(command.items) == 1


@pytest.mark.parametrize("depth", [0, -5, 2.5, True, "many", 10_000, []])
def test_subscribe_bad_depth_says_what_is_expected(depth: object) -> None:
    code, text = refused({"action": "subscribe", "symbol": "S", "exchange": "NSE", "depth": depth})
    assert code == "INVALID_PARAMETERS"
    assert "whole number from 1 to 200" in text


def test_unsubscribe_mode_element_then_top_then_all() -> None:
    def modes(**message: Any) -> list[tuple[Mode, ...]]:
        command = parse_command({"action": "unsubscribe", **message})
        assert isinstance(command, messages.Unsubscribe)
        return [item.modes for item in command.items]

    element = {"symbol": "SBIN", "exchange": "NSE"}
    assert modes(symbols=[{**element, "mode": 1}], mode=2) == [(Mode.LTP,)]
    assert modes(symbols=[element], mode=1) == [(Mode.LTP,)]
    assert modes(symbols=[element]) == [tuple(Mode)]
    assert modes(**element) == [tuple(Mode)]


def test_unsubscribe_nothing() -> None:
    assert refused({"action": "unsubscribe"}) == (
        "INVALID_PARAMETERS",
        "Either symbols or unsubscribe_all is required",
    )


def test_pong_echoes_what_the_ping_carried() -> None:
    reply = messages.pong_reply({"timestamp": 123, "_pingId": "p1"}, 5.9)
    assert list(reply) == ["type", "status", "server_timestamp", "client_timestamp", "_pingId"]
    assert reply["server_timestamp"] == 5
    assert messages.pong_reply({}, 5.0) == {"type": "pong", "status": "success", "server_timestamp": 5}
