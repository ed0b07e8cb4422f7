"""The seven endpoints of the user's document, over the service functions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from services import websocket_service
from services.market_data_service import MarketDataService
from services.rest.answers import Answer
from services.websocket_api import WebSocketApi
from tests.doubles.fake_desk import FakeDesk
from tests.doubles.ticks import SBIN, full_tick

KEYS = {"trader1": "key-1", "trader2": "key-2"}
SYMBOLS = [{"symbol": "SBIN", "exchange": "NSE"}]


class Keys:
    def get_user_api_key(self, username: str) -> str | None:
        return KEYS.get(username)


@pytest.fixture
def desk() -> Iterator[FakeDesk]:
    desk = FakeDesk()
    desk.values[SBIN] = full_tick()
    websocket_service.bind(desk, MarketDataService(), Keys())
    yield desk
    websocket_service.unbind()


async def ask(name: str, user: str = "trader1", owner: str = "trader1", **fields: Any) -> Answer:
    (endpoint,) = [found for found in WebSocketApi(owner).endpoints() if found.path == f"/api/websocket/{name}"]
    values, refused = endpoint.read(fields)
    assert refused is None
    return await endpoint.answer(user, values)


def test_there_are_seven_with_the_methods_of_the_document() -> None:
    assert {(e.method, e.path, e.access) for e in WebSocketApi("x").endpoints()} == {
        ("GET", "/api/websocket/status", "key"),
        ("GET", "/api/websocket/subscriptions", "key"),
        ("GET", "/api/websocket/apikey", "secret"),
        ("POST", "/api/websocket/subscribe", "key"),
        ("POST", "/api/websocket/unsubscribe", "key"),
        ("POST", "/api/websocket/unsubscribe-all", "key"),
        ("GET", "/api/websocket/market-data", "key"),
    }


@pytest.mark.usefixtures("desk")
async def test_subscribe_then_read_then_leave() -> None:
    done = await ask("subscribe", symbols=SYMBOLS, mode="LTP")
    assert (done.status, done.body["status"]) == (200, "success")
    held = (await ask("subscriptions")).body["data"]
    assert held == {"subscriptions": [{"symbol": "SBIN", "exchange": "NSE", "mode": "LTP"}], "count": 1}
    assert (await ask("market-data", symbol="SBIN", exchange="NSE")).body["data"]["ltp"]["value"] == 812.35
    assert list((await ask("market-data")).body["data"]) == ["NSE:SBIN"]
    assert (await ask("status")).body["data"]["active_subscriptions"] == 1
    assert (await ask("unsubscribe", symbols=SYMBOLS, mode="LTP")).status == 200
    assert (await ask("subscriptions")).body["data"]["count"] == 0


@pytest.mark.usefixtures("desk")
async def test_users_do_not_see_each_other() -> None:
    await ask("subscribe", symbols=SYMBOLS)
    assert (await ask("subscriptions", user="trader2")).body["data"]["count"] == 0
    answer = await ask("market-data", user="trader2", symbol="SBIN", exchange="NSE")
    assert (answer.status, answer.body["error_code"]) == (404, "NOT_SUBSCRIBED")
    await ask("unsubscribe-all", user="trader2")
    assert (await ask("subscriptions")).body["data"]["count"] == 1
    await ask("unsubscribe-all")
    assert (await ask("subscriptions")).body["data"]["count"] == 0


@pytest.mark.usefixtures("desk")
async def test_one_symbol_may_be_given_without_a_list() -> None:
    await ask("subscribe", symbol="SBIN", exchange="NSE")
    assert (await ask("subscriptions")).body["data"]["subscriptions"][0]["mode"] == "Quote"


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({}, 400, "INVALID_SYMBOLS"),
        ({"symbols": "SBIN"}, 400, "INVALID_SYMBOLS"),
        ({"symbols": SYMBOLS, "mode": "FULL"}, 400, "INVALID_MODE"),
        ({"symbols": SYMBOLS, "broker": "nobody"}, 503, "BROKER_UNAVAILABLE"),
    ],
)
async def test_what_the_service_refuses_has_its_status_and_code(fields: dict[str, Any], status: int, code: str) -> None:
    answer = await ask("subscribe", **fields)
    assert (answer.status, answer.body["error_code"]) == (status, code)


@pytest.mark.usefixtures("desk")
async def test_the_key_of_the_owner_is_handed_out() -> None:
    answer = await ask("apikey", user="", owner="trader2")
    assert (answer.body["api_key"], answer.body["data"]) == ("key-2", {"api_key": "key-2"})
    answer = await ask("apikey", user="", owner="nobody")
    assert (answer.status, answer.body["error_code"]) == (401, "NO_API_KEY")


def test_a_wrong_key_is_answered_as_the_services_do() -> None:
    (endpoint, *_) = WebSocketApi("x").endpoints()
    assert endpoint.denied({}) == Answer(
        401,
        {"status": "error", "message": "Invalid API key or authentication failed", "error_code": "AUTH_FAILED"},
    )
