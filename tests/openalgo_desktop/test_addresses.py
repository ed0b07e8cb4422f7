"""Where the edges listen, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.broker_factory import FeedSpec
from openalgo_desktop.addresses import exposed, stored_addresses
from openalgo_desktop.failures import UsageError
from openalgo_desktop.options import Arguments, EngineOptions, resolve

STORED = {"ws_host": "127.0.0.1", "http_host": "127.0.0.1", "zmq_host": "127.0.0.1"}
LAN = "192.168.1.20"


def options(**said: object) -> EngineOptions:
    return replace(resolve(Arguments(), {}), **said)  # type: ignore[arg-type]


def test_each_address_comes_from_the_command_line_or_the_environment() -> None:
    typed = resolve(Arguments(ws_host="127.0.0.2", http_host="localhost"), {"FLASK_HOST_IP": "127.0.0.9"})
    assert (typed.ws_host, typed.http_host, typed.zmq_host) == ("127.0.0.2", "127.0.0.1", "127.0.0.1")
    given = resolve(Arguments(), {"FLASK_HOST_IP": "127.0.0.9", "ZMQ_HOST": "localhost"})
    assert (given.http_host, given.zmq_host) == ("127.0.0.9", "127.0.0.1")


@pytest.mark.parametrize(
    ("variable", "asked", "remedy"),
    [
        ("WEBSOCKET_HOST", "--ws-host", "--tls-cert"),
        ("FLASK_HOST_IP", "--http-host", "--tls-cert"),
        ("ZMQ_HOST", "ZMQ_HOST", "NATS"),
    ],
)
def test_other_computers_are_let_in_only_on_purpose(variable: str, asked: str, remedy: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolve(Arguments(), {variable: "0.0.0.0"})
    sentence = str(caught.value)
    assert sentence.startswith(f"{asked} 0.0.0.0 would let other computers connect without encryption")
    assert remedy in sentence
    assert "--insecure-lan" in sentence
    assert resolve(Arguments(insecure_lan=True), {variable: "0.0.0.0"}).insecure_lan


def test_a_certificate_is_enough_for_what_can_be_encrypted() -> None:
    encrypted = options(ws_host=LAN, http_host=LAN, tls_cert=Path("c"), tls_key=Path("k"))
    assert exposed(encrypted) == ()
    (notice,) = exposed(replace(encrypted, zmq_host=LAN, insecure_lan=True))
    assert f"reach the ZeroMQ bus on {LAN}, without" in notice.sentence


def test_what_is_open_is_said_by_name() -> None:
    assert exposed(options()) == ()
    assert exposed(options(ws_host="::1", http_host="localhost")) == ()
    (notice,) = exposed(options(ws_host="0.0.0.0", http_host=LAN, insecure_lan=True))
    assert (notice.subject, notice.word) == ("network", "unencrypted")
    assert f"reach the WebSocket server on 0.0.0.0 and the HTTP API on {LAN}, without encryption" in notice.sentence


@pytest.mark.parametrize(("argument", "is_open"), [(None, 0), ("tcp://127.0.0.1:1", 0), ("tcp://0.0.0.0:1", 1)])
def test_a_feed_that_listens_to_other_computers_is_said_too(argument: str | None, is_open: int) -> None:
    assert len(exposed(options(feeds=(FeedSpec("zmq", argument),)))) == is_open


def test_stored_addresses_apply_where_nothing_was_said() -> None:
    said = resolve(Arguments(ws_host="127.0.0.2"), {})
    stored = {"ws_host": "127.0.0.5", "http_host": "127.0.0.6", "zmq_host": "localhost"}
    found, notices = stored_addresses(said, stored.__getitem__, lambda host: True)
    assert found == {"http_host": "127.0.0.6"}
    assert notices == ()


def test_a_stored_address_that_is_open_needs_encryption_or_a_word() -> None:
    stored = STORED | {"http_host": LAN}
    found, (notice,) = stored_addresses(options(), stored.__getitem__, lambda host: True)
    assert found == {}
    assert notice.word == "address not used"
    assert notice.sentence.startswith(f"The stored address {LAN} of the HTTP API (http_host) is not used: it would let")
    assert notice.sentence.endswith("It listens on 127.0.0.1")
    for said in ({"insecure_lan": True}, {"tls_cert": Path("c"), "tls_key": Path("k")}):
        found, notices = stored_addresses(options(**said), stored.__getitem__, lambda host: True)
        assert (found, notices) == ({"http_host": LAN}, ())


def test_a_stored_address_of_another_network_does_not_stop_the_start() -> None:
    stored = STORED | {"ws_host": LAN}
    found, (notice,) = stored_addresses(options(insecure_lan=True), stored.__getitem__, lambda host: False)
    assert found == {}
    assert "it is not an address of this computer" in notice.sentence
