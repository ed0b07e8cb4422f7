"""What was recorded of OpenAlgo's own server, said to ours: the same meaning, but for the differences listed here.

`DIFFERENT` is the list of deliberate differences, by the id of the recorded message, each with the rule that demands
it; `docs/wire-protocol.md` has them in words.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from adapters.zmq import wire
from market.credentials import Secret
from proxy.session import Identity
from tests.doubles.fake_feed import FakeFeed
from tests.doubles.raw_client import PONG, RawClient
from tests.doubles.served import Served, dial, eventually, hear, say, served
from tests.doubles.ticks import SBIN, tick_of

pytestmark = pytest.mark.recorded

KEYS = {
    "7c1f4e0a9b52d86337e4f0a1c2b3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5": "trader1",
    "0f9e8d7c6b5a49382716051423324150677889aabbccddeeff00112233445566": "trader2",
}
KEY = next(iter(KEYS))
FIRST_AFTER_AUTH = 18

# id: (rule, what is different in ours: fields that replace those of the recorded answer, or None: no answer)
DIFFERENT: dict[int, tuple[int, dict[str, Any] | None]] = {
    8: (3, {"code": "INVALID_PARAMETERS", "message": "Expected a JSON object, got text"}),
    10: (10, None),
    22: (3, {"status": "error"}),
    32: (2, {"type": "subscribe", "status": "success"}),
    34: (3, {"status": "error"}),
    36: (2, {"symbol": "SBIN", "exchange": "NSE"}),
    38: (5, {}),
    42: (5, {}),
    46: (4, None),
    54: (2, {}),
    60: (8, {"type": "auth", "status": "success", "user_id": "trader2"}),
    62: (8, {"type": "broker_info", "status": "success", "user_id": "trader2"}),
    80: (15, None),
    99: (10, None),
}


@pytest.fixture(scope="module")
def messages(recordings: Path) -> dict[int, dict[str, Any]]:
    lines = (recordings / "openalgo" / "messages.jsonl").read_text(encoding="utf-8").splitlines()
    return {message["id"]: message for message in map(json.loads, lines)}


@asynccontextmanager
async def world_of_the_recording(**config: Any) -> AsyncIterator[Served]:
    """The stub that the recordings were made with: one broker, one user, five levels, some symbols unknown to it."""

    class SimFeed(FakeFeed):
        def why_not(self, key: Any) -> str | None:
            return f"Symbol {key.symbol} not found" if key.symbol.startswith("BAD") else None

    async def verify(key: Secret) -> Identity | None:
        return next((Identity(user, 1) for known, user in KEYS.items() if key.matches(known)), None)

    async with served(SimFeed("simfeed", depth_levels=(5,)), **config) as world:
        world.server._verifier = verify
        yield world


async def member(world: Served, key: str = KEY) -> Any:
    client = await dial(world)
    assert (await say(client, action="authenticate", api_key=key))["status"] == "success"
    return client


async def said(client: Any, message: Any) -> None:
    await client.send(message if isinstance(message, str) else json.dumps(message))


async def nothing(client: Any) -> None:
    assert (await say(client, action="ping"))["type"] == "pong"


def publish(world: Served, symbol: str, exchange: str, data: dict[str, Any]) -> None:
    """Let the feed say what a broker's adapter said on the bus."""
    frames = [f"{exchange}_{symbol}_QUOTE".encode(), json.dumps(data).encode()]
    world.feed.publish(wire.decode(frames, "simfeed", time.time() * 1000.0))


def recorded(kind: str, *, among: range = range(1000)) -> list[int]:
    """The ids of the recorded messages of a kind. Named here, so that tests are collected where nothing is recorded."""
    kinds = {
        "ws_exchange": [*range(2, 37, 2), 40, 44, 48, 50, 52, 56, 58, 60],
        "told": [38, 42, 46, 54, 62, 64],
        "ws_push": list(range(66, 80)),
        "end": [80, 102],
        "client_frame": list(range(81, 101)),
        "raw_bytes": [101],
    }
    return [number for number in kinds[kind] if number in among]


def test_every_recorded_message_of_the_port_is_replayed(messages: dict[int, dict[str, Any]]) -> None:
    ours = {"ws_exchange", "ws_push", "client_frame", "raw_bytes"}
    there = {number for number, message in messages.items() if message["kind"] in ours}
    replayed = [recorded(kind) for kind in ("ws_exchange", "told", "ws_push", "end", "client_frame", "raw_bytes")]
    assert there == {number for numbers in replayed for number in numbers}
    assert set(DIFFERENT) <= there


@pytest.mark.parametrize("number", recorded("ws_exchange"))
async def test_a_recorded_question_is_answered_alike(number: int, messages: dict[int, dict[str, Any]]) -> None:
    message = messages[number]
    (expected,) = message["server"]
    _rule, changes = DIFFERENT.get(number, (0, {}))
    async with world_of_the_recording() as world:
        client = await (member(world) if FIRST_AFTER_AUTH <= number < 60 else dial(world))
        await said(client, message["client"])
        if changes is None:
            await nothing(client)
        elif number in DIFFERENT:
            _differs_as_listed(number, expected, await hear(client), changes)
        else:
            answer = await hear(client)
            assert list(answer) == list(expected)
            assert {**answer, "server_timestamp": 0} == {**expected, "server_timestamp": 0}
        await client.close()


def _differs_as_listed(number: int, expected: Any, answer: Any, changes: dict[str, Any]) -> None:
    if number == 36:
        expected["subscriptions"][0].update(changes)
        assert answer == expected
    elif number == 34:
        (entry,) = answer["subscriptions"]
        assert (entry["symbol"], entry["status"], entry["message"]) == ("SBIN", "error", "exchange is missing")
        assert answer == {**expected, **changes, "subscriptions": [entry]}
    elif number == 22:
        assert answer == {**expected, **changes}
    else:
        assert {name: answer[name] for name in changes} == changes
        assert answer != expected


async def test_a_quote_reaches_a_holder_of_ltp_with_the_fields_of_ltp(messages: dict[int, dict[str, Any]]) -> None:
    (expected,) = messages[38]["server"]
    async with world_of_the_recording() as world:
        client = await member(world)
        await say(client, action="subscribe", symbol="SBIN", exchange="NSE", mode=1)
        publish(world, "SBIN", "NSE", expected["data"])
        answer = await hear(client)
        assert {**answer, "data": 0} == {**expected, "data": 0}
        for field in ("ltp", "volume", "timestamp"):
            assert answer["data"][field] == expected["data"][field]
        assert "open" not in answer["data"]
        await client.close()


async def test_an_ltp_reaches_each_mode_held(messages: dict[int, dict[str, Any]]) -> None:
    (expected,) = messages[42]["server"]
    async with world_of_the_recording() as world:
        client = await member(world)
        for mode in (1, 3):
            await say(client, action="subscribe", symbol="SBIN", exchange="NSE", mode=mode)
        publish(world, "SBIN", "NSE", expected["data"])
        answers = [await hear(client) for _ in range(2)]
        assert [answer["mode"] for answer in answers] == [1, 3]
        assert {answer["data"]["ltp"] for answer in answers} == {expected["data"]["ltp"]}
        await client.close()


async def test_after_a_list_unsubscribe_with_a_mode_nothing_comes(messages: dict[int, dict[str, Any]]) -> None:
    assert messages[46]["server"][0]["data"]["ltp"], "there, the price came all the same"
    async with world_of_the_recording() as world:
        client = await member(world)
        await say(client, action="subscribe", symbol="SBIN", exchange="NSE", mode=1)
        gone = await say(client, action="unsubscribe", symbols=[{"symbol": "SBIN", "exchange": "NSE"}], mode=1)
        assert gone["status"] == "success"
        world.feed.publish(tick_of(SBIN, 807.0))
        await nothing(client)
        await client.close()


async def test_unsubscribe_all_lists_what_was_held(messages: dict[int, dict[str, Any]]) -> None:
    (expected,) = messages[54]["server"]
    async with world_of_the_recording() as world:
        client = await member(world)
        held = [{"symbol": entry["symbol"], "exchange": entry["exchange"]} for entry in expected["successful"]]
        await say(client, action="subscribe", symbols=held, mode=1)
        answer = await say(client, **messages[54]["client"])
        canonical = {(entry["symbol"].upper(), entry["exchange"].upper()) for entry in expected["successful"]}
        assert {(entry["symbol"], entry["exchange"]) for entry in answer["successful"]} == canonical
        assert {**answer, "successful": 0} == {**expected, "successful": 0}
        await client.close()


async def test_a_user_without_a_broker_is_told_so_by_the_state_of_the_feed(
    messages: dict[int, dict[str, Any]],
) -> None:
    _rule, changes = DIFFERENT[62]
    assert changes is not None
    async with world_of_the_recording() as world:
        client = await member(world, messages[60]["client"]["api_key"])
        answer = await say(client, action="get_broker_info")
        assert {name: answer[name] for name in changes} == changes
        await client.close()


async def test_authenticate_and_subscribe_may_be_sent_back_to_back(messages: dict[int, dict[str, Any]]) -> None:
    async with world_of_the_recording() as world:
        client = await dial(world)
        await said(client, {"action": "authenticate", "api_key": KEY})
        await said(client, {"action": "subscribe", "symbol": "SBIN", "exchange": "NSE", "mode": 2})
        assert [await hear(client) for _ in range(2)] == messages[64]["server"]
        await client.close()


# What our frame says where the recorded one has another spelling, unit or nothing at all (rule 6).
_IN_OUR_SPELLING: dict[int, dict[str, Any]] = {
    72: {"last_trade_quantity": 3, "average_price": 1499.87, "ltt": 1767072600000, "change": 8.5},
    73: {"ltt": 1767072600123, "volume": 0},
    74: {"timestamp": 1767072600000, "ltt": 1767072600000, "last_quantity": 3, "average_price": 1499.87},
    75: {"ltt": 1767072600000, "depth_level": 5, "bids": [{"price": 1502.0, "quantity": 12, "orders": 2}]},
    76: {"last_trade_quantity": 3, "change_percent": 0.5691, "ltt": 1767072600123},
    77: {"bid_price": 1502.0, "bid_size": 12, "ask_size": 90, "change_percent": 0.5691, "ltt": 1767072600123},
    78: {"total_buy_quantity": 101202, "total_sell_quantity": 99321},
    79: {"bid_size": 4, "ask_size": 7, "average_price": 0.0, "oi": 1200},
}
# Derived, structural or of one broker only, and so different where they are there at all.
_NOT_COMPARED = {"mode", "change_percent", "ltt", "timestamp", "depth", "last_trade_time"}


@pytest.mark.parametrize("number", recorded("ws_push"))
async def test_a_recorded_price_is_a_price_of_ours(number: int, messages: dict[int, dict[str, Any]]) -> None:
    (expected,) = messages[number]["server"]
    data, symbol, exchange = expected["data"], expected["symbol"], expected["exchange"]
    async with world_of_the_recording() as world:
        client = await member(world)
        await say(client, action="subscribe", symbol=symbol, exchange=exchange, mode=expected["mode"])
        publish(world, symbol, exchange, data)
        answer = await hear(client)
        assert list(answer) == list(expected)
        for name in ("type", "symbol", "exchange", "mode"):
            assert answer[name] == expected[name]
        ours = answer["data"]
        compared = [name for name in data if name not in _NOT_COMPARED and name in ours]
        assert {name: ours[name] for name in compared} == {name: data[name] for name in compared}
        assert ("ltp" in ours) is ("ltp" in data)
        assert {name: ours[name] for name in _IN_OUR_SPELLING.get(number, {})} == _IN_OUR_SPELLING.get(number, {})
        for mine, side in (("bids", "buy"), ("asks", "sell")):
            if "depth" in data:
                assert ours[mine] == [{"orders": 0, **row} for row in data["depth"][side]]
        if number < 72:
            _has_all(ours, data)
        await client.close()


def _has_all(ours: dict[str, Any], recorded_data: dict[str, Any]) -> None:
    """The hand-made payloads that every client can digest: ours have each of their fields, with its value."""
    for name in set(recorded_data) - {"mode"}:
        expected = recorded_data[name]
        assert ours[name] == (pytest.approx(expected, abs=0.005) if name == "change_percent" else expected), name


async def test_no_order_event_ever_comes(messages: dict[int, dict[str, Any]]) -> None:
    assert messages[80]["server"][0]["type"] == "order_update"
    async with world_of_the_recording() as world:
        client = await member(world)
        assert (await say(client, action="subscribe_orders"))["status"] == "success"
        await nothing(client)
        await client.close()


async def test_who_never_authenticates_is_closed_alike(messages: dict[int, dict[str, Any]]) -> None:
    (expected,) = messages[102]["server"]
    async with world_of_the_recording(auth_grace_s=0.2) as world:
        client = await dial(world)
        with pytest.raises(ConnectionClosed) as caught:
            await asyncio.wait_for(client.recv(), 5)
        assert caught.value.rcvd is not None
        assert {"code": caught.value.rcvd.code, "reason": caught.value.rcvd.reason} == expected["__close__"]


@pytest.mark.parametrize("number", recorded("client_frame"))
async def test_a_frame_of_a_known_client_is_understood(number: int, messages: dict[int, dict[str, Any]]) -> None:
    frame = messages[number]["client"]
    async with world_of_the_recording() as world:
        is_auth = frame.get("action", frame.get("type")) in ("auth", "authenticate")
        client = await (dial(world) if is_auth else member(world))
        await said(client, frame)
        if number in DIFFERENT:
            await nothing(client)
        else:
            answer = await hear(client)
            assert answer["status"] == "success"
            assert answer.get("request_id") == frame.get("request_id")
            asked = frame.get("symbols") or ([frame] if "symbol" in frame else [])
            entries = answer.get("subscriptions", answer.get("successful", []))
            assert [entry["symbol"] for entry in entries] == [element["symbol"] for element in asked]
        await client.close()


async def test_the_recorded_ping_of_amibroker_costs_it_nothing(messages: dict[int, dict[str, Any]]) -> None:
    async with world_of_the_recording() as world:
        raw = await RawClient.connect(world)
        await raw.open()
        raw.writer.write(bytes.fromhex(messages[101]["hex"]))
        assert await raw.frame() == (PONG, b"")
        raw.say(action="authenticate", api_key=KEY)
        assert json.loads((await raw.frame())[1])["status"] == "success"
        await raw.close()
        await eventually(lambda: not world.server.clients())
