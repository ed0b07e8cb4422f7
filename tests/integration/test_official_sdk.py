"""The official Python SDK, unchanged from PyPI, against the real application in a process of its own."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.doubles.application import Application, make_key, running

openalgo = pytest.importorskip("openalgo")

pytestmark = pytest.mark.sdk

INSTRUMENTS = [
    {"exchange": "NSE", "symbol": "RELIANCE"},
    {"exchange": "NSE_INDEX", "symbol": "NIFTY"},
    {"exchange": "NSE", "symbol": "M&M"},
]


class Heard:
    """What the callbacks were called with, by kind and symbol."""

    def __init__(self) -> None:
        self.calls: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))

    def callback(self, kind: str) -> Callable[[Any], None]:
        return lambda message: self.calls[kind][message["symbol"]].append(message)

    def wait(self, condition: Callable[[], object], within_s: float = 15.0) -> None:
        """The SDK runs in threads of its own: poll until `condition` holds."""
        deadline = time.monotonic() + within_s
        while not condition():
            assert time.monotonic() < deadline, {k: {s: len(m) for s, m in v.items()} for k, v in self.calls.items()}
            time.sleep(0.02)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Application, str]]:
    profile = tmp_path_factory.mktemp("profile")
    key = make_key(profile)
    with running(profile, "--headless", "--feed", "simulated=300") as application:
        yield application, key


@pytest.fixture
def client(served: tuple[Application, str]) -> Iterator[Any]:
    application, key = served
    client = openalgo.api(api_key=key, host="http://127.0.0.1:1", ws_url=application.edges["ws"])
    assert client.connect() is True
    yield client
    client.disconnect()


def test_all_three_callbacks_run_for_symbols_held_in_all_three_modes(client: Any) -> None:
    heard = Heard()
    client.subscribe_ltp(INSTRUMENTS, on_data_received=heard.callback("ltp"))
    client.subscribe_quote(INSTRUMENTS, on_data_received=heard.callback("quote"))
    client.subscribe_depth(INSTRUMENTS, on_data_received=heard.callback("depth"))
    symbols = [instrument["symbol"] for instrument in INSTRUMENTS]
    heard.wait(lambda: all(len(heard.calls[kind][s]) >= 20 for kind in ("ltp", "quote", "depth") for s in symbols))
    quote = heard.calls["quote"]["RELIANCE"][-1]["data"]
    assert quote["low"] <= quote["ltp"] <= quote["high"]
    assert quote["volume"] > 0
    depth = heard.calls["depth"]["RELIANCE"][-1]["data"]["depth"]
    assert len(depth["buy"]) == len(depth["sell"]) == 5
    assert depth["buy"][0]["price"] < depth["sell"][0]["price"]


def test_polled_values_have_the_sdk_shapes(client: Any) -> None:
    heard = Heard()
    client.subscribe_ltp(INSTRUMENTS[:1], on_data_received=heard.callback("ltp"))
    client.subscribe_quote(INSTRUMENTS[:1], on_data_received=heard.callback("quote"))
    client.subscribe_depth(INSTRUMENTS[:1], on_data_received=heard.callback("depth"))
    heard.wait(lambda: len(heard.calls["depth"]["RELIANCE"]) > 2)
    assert client.get_ltp()["ltp"]["NSE"]["RELIANCE"]["ltp"] > 0
    assert client.get_quotes()["quote"]["NSE"]["RELIANCE"]["open"] > 0
    book = client.get_depth()["depth"]["NSE"]["RELIANCE"]
    assert set(book["buyBook"]) == set("12345")
    assert isinstance(book["sellBook"]["1"]["qty"], int)


def test_unsubscribe_ends_the_ticks_of_that_mode_only(client: Any) -> None:
    heard = Heard()
    one = INSTRUMENTS[:1]
    client.subscribe_ltp(one, on_data_received=heard.callback("ltp"))
    client.subscribe_quote(one, on_data_received=heard.callback("quote"))
    heard.wait(lambda: len(heard.calls["ltp"]["RELIANCE"]) > 5)
    client.unsubscribe_ltp(one)
    heard.wait(lambda: len(heard.calls["quote"]["RELIANCE"]) > 5)
    settled = len(heard.calls["ltp"]["RELIANCE"])
    quotes = len(heard.calls["quote"]["RELIANCE"])
    heard.wait(lambda: len(heard.calls["quote"]["RELIANCE"]) > quotes + 50)
    assert len(heard.calls["ltp"]["RELIANCE"]) <= settled + 1


def test_a_wrong_key_does_not_connect(served: tuple[Application, str]) -> None:
    application, key = served
    client = openalgo.api(api_key="0" * 64, host="http://127.0.0.1:1", ws_url=application.edges["ws"])
    assert client.connect() is False
    client.disconnect()
    assert key not in application.errors


def test_every_message_says_that_it_is_simulated(served: tuple[Application, str], tmp_path: Path) -> None:
    application, key = served
    import json

    from websockets.sync.client import connect

    with connect(application.edges["ws"]) as socket:
        socket.send(json.dumps({"action": "authenticate", "api_key": key}))
        assert json.loads(socket.recv(5))["broker"] == "simulated"
        socket.send(json.dumps({"action": "subscribe", "symbols": INSTRUMENTS, "mode": "Quote"}))
        ticks = [json.loads(socket.recv(5)) for _ in range(60)]
    states = {tick["data"]["state"] for tick in ticks if tick["type"] == "market_data"}
    assert states == {"simulated"}
