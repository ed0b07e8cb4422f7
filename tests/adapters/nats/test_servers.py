from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.nats.servers import parse_servers
from market.errors import InvalidRequestError


def test_addresses_with_and_without_port_and_scheme() -> None:
    servers = parse_servers("nats://a.example:5000, tls://b.example,c.example:1,nats://[::1]:2")
    assert [str(server) for server in servers] == [
        "nats://a.example:5000",
        "tls://b.example:4222",
        "nats://c.example:1",
        "nats://[::1]:2",
    ]


def test_user_and_password_are_unquoted_and_used_for_all() -> None:
    first, second = parse_servers("nats://asha:p%40ss%2C@a:1,nats://b:2")
    for server in (first, second):
        assert server.user == "asha"
        assert server.password is not None
        assert server.password.reveal() == "p@ss,"
        assert "p@ss" not in f"{server} {server!r} {server.address}"


def test_what_stands_alone_before_the_at_is_a_token() -> None:
    (server,) = parse_servers("nats://s3cr3t@h")
    assert server.token is not None
    assert (server.user, server.token.reveal()) == (None, "s3cr3t")
    assert "s3cr3t" not in f"{server} {server!r}"


@pytest.mark.parametrize(
    ("text", "is_exposed"),
    [("nats://t@far", True), ("tls://t@far", False), ("nats://t@127.0.0.1", False), ("nats://far", False)],
)
def test_credentials_over_a_network_without_encryption_are_noticed(text: str, is_exposed: bool) -> None:
    assert parse_servers(text)[0].exposes_secrets is is_exposed


@pytest.mark.parametrize("text", ["", " , ", "http://h", "nats://", "nats://hunter2@h:port", "nats://h:1/hunter2?x=1"])
def test_parse_servers_bad_repeats_nothing(text: str) -> None:
    with pytest.raises(InvalidRequestError, match="expected nats://HOST:PORT") as caught:
        parse_servers(text)
    assert "hunter2" not in str(caught.value)


@given(st.text())
def test_any_text_is_servers_or_a_sentence(text: str) -> None:
    with contextlib.suppress(InvalidRequestError):
        assert all(server.host for server in parse_servers(text))
