from __future__ import annotations

from pathlib import Path

import pytest

from adapters.broker_factory import FeedSpec, feed_names
from openalgo_desktop.failures import UsageError
from openalgo_desktop.options import Arguments, resolve, with_stored


def refused(arguments: Arguments, **environment: str) -> str:
    with pytest.raises(UsageError) as caught:
        resolve(arguments, environment)
    assert caught.value.status == 2
    return str(caught.value)


def test_nothing_said_is_the_demonstration_on_the_known_ports() -> None:
    options = resolve(Arguments(), {})
    assert options.feeds == (FeedSpec("simulated"),)
    assert (options.ws_host, options.ws_port, options.zmq_port, options.zmq_pub_port) == ("127.0.0.1", 8765, 5555, 5556)
    assert options.profile.is_absolute()


def test_command_line_wins_over_environment_and_environment_over_default() -> None:
    environment = {"WEBSOCKET_HOST": "localhost", "WEBSOCKET_PORT": "9001", "ZMQ_HOST": "localhost", "ZMQ_PORT": "9002"}
    options = resolve(Arguments(), environment)
    assert (options.ws_host, options.ws_port, options.zmq_host, options.zmq_port) == (
        "127.0.0.1",
        9001,
        "127.0.0.1",
        9002,
    )
    assert resolve(Arguments(ws_port="0", profile="p"), environment).ws_port == 0
    assert resolve(Arguments(ws_port="0", profile="p"), environment).profile == Path("p")


def test_feeds_keep_their_order_and_arguments() -> None:
    options = resolve(Arguments(feeds=["zmq=tcp://127.0.0.1:6000", "simulated=500"]), {})
    assert options.feeds == (FeedSpec("zmq", "tcp://127.0.0.1:6000"), FeedSpec("simulated", "500"))
    assert [str(spec) for spec in options.feeds] == ["zmq=tcp://127.0.0.1:6000", "simulated=500"]


def test_unknown_feed_names_the_known_ones() -> None:
    said = refused(Arguments(feeds=["nse"]))
    assert said == f"Unknown feed 'nse'; expected one of {', '.join(feed_names())}"
    assert "simulated, zmq, nats, openalgo" in said


def test_an_address_of_nats_comes_from_the_command_line_or_the_environment_and_is_never_shown() -> None:
    typed = Arguments(feeds=["nats=nats://u:hunter2@h:1"], publish=["nats=nats://hunter2@h:2"])
    options = resolve(typed, {"NATS_URL": "nats://u:hunter2@h:3"})
    assert options.feeds[0].argument == "nats://u:hunter2@h:1"
    assert options.publish[0].argument == "nats://hunter2@h:2"
    assert options.nats_url == "nats://u:hunter2@h:3"
    assert "hunter2" not in f"{options!r} {options.feeds[0]}"
    assert str(options.feeds[0]) == "nats=…@h:1"
    assert refused(Arguments(publish=["kafka"])) == "Unknown publisher 'kafka'; expected one of nats"


def test_allowed_hosts_are_compared_in_lower_case() -> None:
    assert resolve(Arguments(allowed_hosts=["Prices.Example "]), {}).allowed_hosts == {"prices.example"}


def test_the_same_feed_twice() -> None:
    assert refused(Arguments(feeds=["zmq", "zmq=tcp://127.0.0.1:1"])) == "The feed zmq is named twice"


@pytest.mark.parametrize("text", ["x", "65536", "-1", "80.5", "٣", "99999999999999999999"])
def test_bad_port_says_what_is_expected(text: str) -> None:
    assert refused(Arguments(ws_port=text)) == f"--ws-port {text} is not a port; expected a number from 0 to 65535"


def test_bad_port_in_the_environment_names_the_variable() -> None:
    assert refused(Arguments(), WEBSOCKET_PORT="many").startswith("WEBSOCKET_PORT many is not a port")


def test_other_computers_need_a_word() -> None:
    assert "--insecure-lan" in refused(Arguments(ws_host="0.0.0.0"))
    assert resolve(Arguments(ws_host="0.0.0.0", insecure_lan=True), {}).ws_host == "0.0.0.0"


@pytest.mark.parametrize("text", ["binance.ws", "ws=ws://h", "binance.ws=localhost", "binance=ws://h:1", ""])
def test_bad_endpoint_shows_a_good_one(text: str) -> None:
    assert "expected NAME=URL such as binance.ws=ws://127.0.0.1:9000" in refused(Arguments(endpoints=[text]))


def test_endpoints() -> None:
    options = resolve(
        Arguments(endpoints=["binance.ws=ws://127.0.0.1:9000/", "binance.rest=http://127.0.0.1:9000"]), {}
    )
    assert options.endpoints == {"binance.ws": "ws://127.0.0.1:9000", "binance.rest": "http://127.0.0.1:9000"}
    assert refused(Arguments(endpoints=["kraken.ws=ws://h:1"])).startswith("Unknown feed 'kraken'")


def test_stored_settings_apply_where_nothing_was_said() -> None:
    stored = {"ws_port": 7001, "http_port": 7002, "zmq_port": 7003, "zmq_pub_port": 7004}
    options = resolve(Arguments(ws_port="9001", http_host="127.0.0.2"), {"ZMQ_PORT": "9002", "ZMQ_HOST": "127.0.0.3"})
    assert options.unsaid == {"http_port", "zmq_pub_port", "ws_host", "feeds"}
    complete = with_stored(options, stored.__getitem__)
    ports = (complete.ws_port, complete.http_port, complete.zmq_port, complete.zmq_pub_port)
    assert ports == (9001, 7002, 9002, 7004)
