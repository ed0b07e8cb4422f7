"""What `WebSocketClient` and the client inside the process have in common: one test, both clients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from market.errors import InvalidRequestError
from services.client_connection import Timing
from services.local_client import LocalClient
from services.market_data_service import MarketDataService
from services.websocket_client import WebSocketClient
from tests.doubles.fake_desk import FakeDesk
from tests.doubles.toy_openalgo import ToyOpenAlgo

SBIN = {"symbol": "SBIN", "exchange": "NSE"}
GONE = {"symbol": "GONE", "exchange": "NSE"}


@pytest.fixture(params=["socket", "local"])
def client(request: pytest.FixtureRequest) -> Iterator[Any]:
    if request.param == "local":
        desk = FakeDesk()
        desk.unknown.add("GONE")
        yield LocalClient(desk, MarketDataService(), "asha")
        return
    with ToyOpenAlgo("key") as server:
        server.unknown.add("GONE")
        made = WebSocketClient("key", "127.0.0.1", server.port, timing=Timing(connection=5))
        yield made
        made.disconnect()


def test_both_have_every_method_of_the_document(client: Any) -> None:
    methods = (
        "connect disconnect subscribe unsubscribe unsubscribe_all get_subscriptions get_market_data "
        "register_callback unregister_callback"
    )
    assert all(callable(getattr(client, name)) for name in methods.split())


def test_life_of_a_subscription(client: Any) -> None:
    seen: list[str] = []
    for event in ("auth", "subscribe", "unsubscribe"):
        client.register_callback(event, lambda message: seen.append(message["type"]))
    assert client.connect() is True
    assert client.connected
    ack = client.subscribe([SBIN], "quote")
    assert (ack["type"], ack["status"]) == ("subscribe", "success")
    line = ack["subscriptions"][0]
    assert {name: line[name] for name in ("symbol", "exchange", "status", "mode", "depth")} == SBIN | {
        "status": "success",
        "mode": "Quote",
        "depth": 5,
    }
    assert client.get_subscriptions() == {
        "status": "success",
        "subscriptions": [SBIN | {"mode": "Quote"}],
        "count": 1,
    }
    assert client.get_market_data("SBIN", "NSE") == {}
    left = client.unsubscribe([SBIN], "Quote")
    assert (left["type"], left["status"], left["failed"]) == ("unsubscribe", "success", [])
    assert client.unsubscribe_all()["successful"] == []
    assert client.get_subscriptions()["count"] == 0
    assert seen == ["auth", "subscribe", "unsubscribe", "unsubscribe"]


def test_bad_entry_spoils_no_other(client: Any) -> None:
    client.connect()
    ack = client.subscribe([SBIN, {"symbol": "X", "exchange": "MARS"}, GONE])
    assert ack["status"] == "partial"
    assert sorted(line["symbol"] for line in ack["subscriptions"] if line["status"] == "error") == ["GONE", "X"]
    assert client.get_subscriptions()["subscriptions"] == [SBIN | {"mode": "Quote"}]


@pytest.mark.parametrize(
    ("symbols", "mode", "code"), [([], "LTP", "INVALID_SYMBOLS"), ([SBIN], "Full", "INVALID_MODE")]
)
def test_nonsense_is_refused_alike(client: Any, symbols: Any, mode: str, code: str) -> None:
    client.connect()
    for act in (client.subscribe, client.unsubscribe):
        answer = act(symbols, mode)
        assert (answer["status"], answer["error_code"]) == ("error", code)


def test_market_data_of_what_cannot_be_is_refused_alike(client: Any) -> None:
    client.connect()
    for symbol, exchange in (("SBIN", "MARS"), ("", "NSE"), (None, "MARS")):
        with pytest.raises(InvalidRequestError):
            client.get_market_data(symbol, exchange)
    assert client.get_market_data() == client.get_market_data("SBIN") == {}
