"""Two proxies that one publisher feeds, behind a balancer: a client moved from one to the other loses nothing."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import zmq

from services.client_connection import Timing
from services.websocket_client import WebSocketClient
from tests.doubles.application import Application, make_key, running, said
from tests.doubles.balancer import Balancer
from tests.doubles.nats_server import nats_server

SYMBOLS = [f"S{n}" for n in range(300)]
TIMING = Timing(delay=0.05, longest_delay=0.2)


def waited_for(condition: Callable[[], object], *, within_s: float = 20.0, every_s: float = 0.01) -> None:
    """Block until `condition` holds, or fail."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "the condition never held"
        time.sleep(every_s)


class Publisher:
    """A program that says the price of everything, again and again, to each of its endpoints. One PUB, many ends."""

    def __init__(self, endpoints: Sequence[str]) -> None:
        self._endpoints = endpoints
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="publisher")
        self.ltp = 1.0

    def __enter__(self) -> Publisher:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join(10)

    def _work(self) -> None:
        with zmq.Context() as context, context.socket(zmq.PUB) as bus:
            bus.set(zmq.LINGER, 0)
            for endpoint in self._endpoints:
                bus.connect(endpoint)
            while not self._stopping.wait(0.05):
                payload = json.dumps({"ltp": self.ltp}).encode()
                for symbol in SYMBOLS:
                    bus.send_multipart((f"NSE_{symbol}_QUOTE".encode(), payload))


class Prices:
    """What a client was last told."""

    def __init__(self) -> None:
        self.latest: dict[str, float] = {}

    def take(self, frame: dict[str, Any]) -> None:
        self.latest[frame["symbol"]] = frame["data"]["ltp"]

    def all_are(self, ltp: float) -> bool:
        return self.latest == dict.fromkeys(SYMBOLS, ltp)


@contextmanager
def connected(port: int, key: str) -> Iterator[tuple[WebSocketClient, Prices]]:
    client, prices = WebSocketClient(key, "127.0.0.1", port, timing=TIMING), Prices()
    client.register_callback("market_data", prices.take)
    assert client.connect(), client.last_error
    try:
        answer = client.subscribe([{"exchange": "NSE", "symbol": symbol} for symbol in SYMBOLS], "Quote")
        assert answer["status"] == "success"
        yield client, prices
    finally:
        client.disconnect()


def place_of(application: Application) -> tuple[str, int]:
    parts = urlsplit(application.edges["ws"])
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port


def shared_key(folder: Path) -> str:
    """A key made on the first host and imported on the second, as docs/scaling.md says."""
    key = make_key(folder / "proxy0", "scripts")
    done = said("keys", "import", "scripts", "--profile", str(folder / "proxy1"), typed=key)
    assert done.returncode == 0, done.stderr
    return key


def play(proxies: Sequence[Application], publisher: Publisher, key: str) -> None:
    """Two clients on two proxies; one proxy's connections are cut and it is taken out, then the other is killed."""
    with (
        Balancer([place_of(proxy) for proxy in proxies]) as balancer,
        connected(balancer.port, key) as (moved, moved_prices),
        connected(balancer.port, key) as (stayed, stayed_prices),
    ):
        assert balancer.routed == [0, 1]
        waited_for(lambda: moved_prices.all_are(1.0) and stayed_prices.all_are(1.0))
        balancer.take_out(0)
        balancer.cut(0)
        waited_for(lambda: len(balancer.routed) == 3)
        publisher.ltp = 2.0
        waited_for(lambda: moved_prices.all_are(2.0) and stayed_prices.all_are(2.0))
        assert balancer.routed == [0, 1, 1], "moved once, and the other one stayed"
        assert moved.get_subscriptions()["count"] == len(SYMBOLS)

        balancer.take_out(0, is_out=False)
        proxies[1].process.kill()
        waited_for(lambda: moved.connected and stayed.connected and balancer.routed[3:].count(0) == 2)
        publisher.ltp = 3.0
        waited_for(lambda: moved_prices.all_are(3.0) and stayed_prices.all_are(3.0))
        assert stayed.get_subscriptions()["count"] == len(SYMBOLS)


def test_a_client_that_is_moved_to_another_proxy_loses_no_subscription(tmp_path: Path) -> None:
    key = shared_key(tmp_path)
    with ExitStack() as stack:
        proxies = [
            stack.enter_context(running(tmp_path / f"proxy{n}", "--headless", "--feed", "zmq")) for n in range(2)
        ]
        publisher = stack.enter_context(Publisher([proxy.edges["zmq"] for proxy in proxies]))
        play(proxies, publisher, key)


@pytest.mark.external
def test_the_same_over_nats(tmp_path: Path) -> None:
    key = shared_key(tmp_path)
    with nats_server() as server, ExitStack() as stack:
        url = f"nats=nats://127.0.0.1:{server.port}"
        source = stack.enter_context(running(tmp_path / "source", "--headless", "--feed", "zmq", "--publish", url))
        proxies = [stack.enter_context(running(tmp_path / f"proxy{n}", "--headless", "--feed", url)) for n in range(2)]
        publisher = stack.enter_context(Publisher([source.edges["zmq"]]))
        play(proxies, publisher, key)


def test_a_key_of_the_first_host_means_nothing_to_the_second_until_it_is_imported(tmp_path: Path) -> None:
    key = make_key(tmp_path / "proxy0", "scripts")
    with running(tmp_path / "proxy1", "--headless", "--feed", "zmq") as proxy:
        client = WebSocketClient(key, *place_of(proxy), timing=TIMING)
        assert not client.connect()
        done = said("keys", "import", "scripts", "--profile", str(tmp_path / "proxy1"), typed=key)
        assert done.returncode == 0, done.stderr
        # Seldom: too many wrong keys in a minute are not listened to.
        waited_for(client.connect, every_s=2.0)
        client.disconnect()


def test_a_client_may_name_the_balancer_if_the_proxy_was_told_that_name(tmp_path: Path) -> None:
    with running(tmp_path, "--headless", "--feed", "zmq", "--allow-host", "Prices.Example") as proxy:
        for name, status in (("prices.example", 101), ("prices.example:8765", 101), ("evil.example", 403)):
            with socket.create_connection(place_of(proxy), 10) as client:
                head = f"GET / HTTP/1.1\r\nHost: {name}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
                client.sendall((head + key).encode())
                assert client.makefile("rb").readline().split()[1] == str(status).encode(), name
