from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.bus_messages import MAX_PAYLOAD_BYTES
from adapters.nats import wire
from adapters.nats.servers import parse_servers
from market.errors import DecodeError

TRANSCRIPT = (
    b'INFO {"server_id":"N","max_payload":1048576,"auth_required":true,"nonce":"x"} \r\n'
    b"+OK\r\nPING\r\npong\r\n"
    b"MSG a.b 12 5\r\nhe\r\nl\r\n"
    b"MSG a.b 12 reply.to 0\r\n\r\n"
    b"-ERR 'Stale Connection'\r\n"
)
EVENTS = [
    wire.Info(max_payload=1048576, auth_required=True),
    wire.Ping(),
    wire.Pong(),
    wire.Message(b"a.b", b"12", b"he\r\nl"),
    wire.Message(b"a.b", b"12", b""),
    wire.Refused("Stale Connection"),
]


@given(st.lists(st.integers(0, len(TRANSCRIPT))))
def test_events_are_the_same_however_the_bytes_are_cut(cuts: list[int]) -> None:
    parser = wire.Parser()
    events: list[wire.Event] = []
    edges = [0, *sorted(cuts), len(TRANSCRIPT)]
    for start, stop in itertools.pairwise(edges):
        events += parser.feed(TRANSCRIPT[start:stop])
    assert events == EVENTS
    assert parser.rest == b""


@given(st.lists(st.binary(max_size=60), max_size=5))
def test_any_bytes_are_events_or_a_decode_error(chunks: list[bytes]) -> None:
    parser = wire.Parser()
    try:
        for chunk in chunks:
            parser.feed(chunk)
    except DecodeError as error:
        assert str(error)


@pytest.mark.parametrize(
    "data",
    [b"HTTP/1.1 400 Bad Request\r\n", b"MSG a 1 x\r\n", b"INFO [1]\r\n", b"INFO \xff\r\n", b"MSG a 1 2\r\nabc\r\n",
     b"MSG a 1 999999999\r\n", b"x" * (wire.MAX_LINE_BYTES + 1), b"\r\n"],
)  # fmt: skip
def test_what_is_not_the_protocol_is_a_decode_error(data: bytes) -> None:
    with pytest.raises(DecodeError):
        wire.Parser().feed(data)


@given(st.integers(1, 70_000))
def test_a_payload_that_is_too_long_is_skipped_and_the_next_is_read(step: int) -> None:
    size = MAX_PAYLOAD_BYTES + 1
    data = b"MSG a 1 %d\r\n%b\r\nMSG b 2 1\r\nx\r\n" % (size, b"y" * size)
    parser = wire.Parser()
    step = max(step, 4_000)
    events = [event for at in range(0, len(data), step) for event in parser.feed(data[at : at + step])]
    assert events == [wire.Oversized(b"a", size), wire.Message(b"b", b"2", b"x")]


@given(st.binary(max_size=200))
def test_what_is_published_is_what_arrives(payload: bytes) -> None:
    line = wire.publish("a.b", payload).replace(b"PUB a.b", b"MSG a.b 1", 1)
    assert wire.Parser().feed(line) == [wire.Message(b"a.b", b"1", payload)]


def test_subscriptions_are_lines() -> None:
    assert wire.subscribe("a.*", 7) + wire.unsubscribe(7) == b"SUB a.* 7\r\nUNSUB 7\r\n"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("nats://h", {"tls_required": False}),
        ("tls://asha:pw@h", {"tls_required": True, "user": "asha", "pass": "pw"}),
        ("nats://tok@h", {"auth_token": "tok"}),
    ],
)
def test_connect_has_the_credentials_and_asks_for_no_headers(url: str, expected: dict[str, object]) -> None:
    verb, _, text = wire.connect(parse_servers(url)[0], "name", "1").partition(b" ")
    options = json.loads(text)
    assert verb == b"CONNECT"
    assert options["headers"] is False
    assert options["verbose"] is False
    assert expected.items() <= options.items()
    assert len({"user", "pass", "auth_token"} & options.keys()) == len(expected.keys() - {"tls_required"})
