"""Known clients as they are: each one's own frames, and what its parser then does with ours."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

from market.exchanges import Exchange
from market.instruments import InstrumentKey
from tests.doubles.amibroker import AmiBroker
from tests.doubles.raw_client import masked_frame
from tests.doubles.served import GOOD_KEY, dial, eventually, hear, logged_in, say, served
from tests.doubles.ticks import NIFTY, SBIN, book, full_tick, tick_of

BRIEF = {"symbol": "SBIN", "exchange": "NSE"}


async def heard(client: Any, count: int) -> list[dict[str, Any]]:
    return [await hear(client) for _ in range(count)]


# --- Python SDK


class PythonSdk:
    """The receiving half of the Python SDK (1.0.47 and 2.0.1 alike): what it keeps of a message."""

    def __init__(self) -> None:
        self.ltp: dict[str, float] = {}
        self.quotes: dict[str, dict[str, Any]] = {}
        self.depth: dict[str, dict[str, Any]] = {}
        self.is_authenticated = False

    def take(self, message: dict[str, Any]) -> None:
        if message.get("type") == "auth" and message.get("status") == "success":
            self.is_authenticated = True
        if message.get("type") != "market_data":
            return
        symbol, mode, data = message["symbol"], message.get("mode"), message["data"]
        if mode == 1 and "ltp" in data:
            self.ltp[symbol] = data["ltp"]
        elif mode == 2:
            names = "open high low close ltp volume last_trade_quantity avg_trade_price change change_percent timestamp"
            self.quotes[symbol] = {name: data.get(name, 0) for name in names.split()}
        elif mode == 3 and "depth" in data:
            empty = [{"price": 0, "quantity": 0, "orders": 0}] * 5
            sides = {side: (data["depth"][side] + empty)[:5] for side in ("buy", "sell")}
            self.depth[symbol] = {s: [(r["price"], int(r["quantity"])) for r in rows] for s, rows in sides.items()}


@pytest.mark.parametrize("generation", ["1.0.47", "2.0.1"])
async def test_python_sdk_frames_fill_all_three_of_its_caches(generation: str) -> None:
    async with served() as world:
        client, sdk = await dial(world), PythonSdk()
        sdk.take(await say(client, action="authenticate", api_key=GOOD_KEY))
        assert sdk.is_authenticated
        keys = [BRIEF, {"exchange": "NSE_INDEX", "symbol": "NIFTY"}]
        for mode in (1, 2, 3):
            if generation == "2.0.1":
                await say(client, action="subscribe", symbols=keys, mode=mode, depth=5)
                continue
            for key in keys:
                await say(client, action="subscribe", **key, mode=mode, depth=5)
        world.feed.publish(full_tick(SBIN), full_tick(NIFTY, depth=book(2)))
        for message in await heard(client, 6):
            sdk.take(message)
        assert sdk.ltp == {"SBIN": 812.35, "NIFTY": 812.35}
        assert all(sdk.quotes["SBIN"].values())
        assert [len(rows) for rows in sdk.depth["NIFTY"].values()] == [5, 5]
        if generation == "2.0.1":
            per_symbol = [{**key, "mode": 3} for key in keys]
            assert (await say(client, action="unsubscribe", symbols=per_symbol))["status"] == "success"
        else:
            for key in keys:
                assert (await say(client, action="unsubscribe", **key, mode=3))["status"] == "success"
        assert {int(wish.mode) for wish in world.feed.wished} == {1, 2}
        await client.close()


async def test_python_sdk_takes_an_error_frame_for_no_answer_to_its_key() -> None:
    async with served() as world:
        client, sdk = await dial(world), PythonSdk()
        sdk.take(await say(client, action="authenticate", api_key="wrong"))
        assert not sdk.is_authenticated
        await client.close()


# --- Excel


class Excel:
    """The add-in's cache and its pending questions."""

    def __init__(self) -> None:
        self.cells: dict[str, float] = {}
        self.subscribed: set[str] = set()
        self.pending: dict[str, Any] = {}

    def take(self, message: dict[str, Any]) -> None:
        if message.get("type") == "market_data":
            mode, data = message["mode"], message["data"]
            assert isinstance(mode, int), "a mode that is text throws in the add-in"
            cell = f"{data.get('symbol') or message['symbol']}|{data.get('exchange') or message['exchange']}|{mode}"
            if cell in self.subscribed:
                self.cells[cell] = data["ltp"]
        elif message.get("status") == "error" and "type" not in message:
            self.pending = dict.fromkeys(self.pending, message["message"])
        elif message.get("type") in self.pending:
            self.pending[message["type"]] = message


async def test_excel_gets_a_frame_for_each_cell_it_subscribed() -> None:
    async with served() as world:
        client, excel = await logged_in(world), Excel()
        for mode, more in ((1, {}), (2, {}), (3, {"depth_level": 5})):
            excel.subscribed.add(f"SBIN|NSE|{mode}")
            await say(client, action="subscribe", **BRIEF, mode=mode, **more)
        world.feed.publish(full_tick())
        for message in await heard(client, 3):
            excel.take(message)
        assert excel.cells == dict.fromkeys(excel.subscribed, 812.35)
        await client.close()


async def test_excel_questions_end_in_an_answer_or_in_an_error_without_a_type() -> None:
    async with served() as world:
        client, excel = await dial(world), Excel()
        excel.pending = {"broker_info": None}
        excel.take(await say(client, action="get_broker_info"))
        assert excel.pending == {"broker_info": "You must authenticate first"}
        await say(client, action="authenticate", api_key=GOOD_KEY)
        for verb, answer in (("get_broker_info", "broker_info"), ("get_supported_brokers", "supported_brokers")):
            excel.pending = {answer: None}
            excel.take(await say(client, action=verb))
            assert excel.pending[answer]["status"] == "success"
        orders = await say(client, action="subscribe_orders", request_id="excel-orders")
        assert (orders["type"], orders["request_id"]) == ("subscribe_orders", "excel-orders")
        await client.send("pong")
        assert (await say(client, action="ping"))["type"] == "pong"
        await client.close()


async def test_excel_in_its_old_way_does_not_wait_for_the_answer_to_its_key() -> None:
    async with served() as world:
        world.verify_gate = asyncio.Event()
        client = await dial(world)
        for message in ({"action": "authenticate", "api_key": GOOD_KEY}, {"action": "subscribe", **BRIEF, "mode": 1}):
            await client.send(json.dumps(message))
        world.verify_gate.set()
        assert [message["type"] for message in await heard(client, 2)] == ["auth", "subscribe"]
        await client.close()


# --- AmiBroker


async def test_amibroker_charts_prices_and_stays_for_minutes_of_its_pings() -> None:
    async with served(paced_interval_s=0.01) as world:
        plugin = AmiBroker(*world.server.address)
        answer = await plugin.connect(GOOD_KEY)
        assert len(answer) < 511
        await plugin.subscribe("BAJAJ-AUTO-NSE")
        await eventually(lambda: len(world.feed.wished) == 1)
        key = InstrumentKey(Exchange.NSE, "BAJAJ-AUTO")
        for minute in range(20):
            await plugin.ping()
            world.feed.publish(full_tick(key, ltp=9000.0 + minute, last_quantity=minute))
            while not plugin.prices or plugin.prices[-1][2] != 9000.0 + minute:
                await plugin.poll()
        assert plugin.prices[0] == ("BAJAJ-AUTO", "NSE", 9000.0, 1.0)
        assert plugin.prices[-1] == ("BAJAJ-AUTO", "NSE", 9019.0, 19.0)
        plugin.close()


async def test_amibroker_ping_that_arrives_together_with_the_next_message_costs_neither() -> None:
    async with served(paced_interval_s=0.01) as world:
        plugin = AmiBroker(*world.server.address)
        await plugin.connect(GOOD_KEY)
        subscribe = json.dumps({"action": "subscribe", **BRIEF, "mode": 2}).encode()
        await plugin.ping(and_then=masked_frame(subscribe))
        while not any('"subscribe"' in text for text in plugin.others):
            await plugin.poll()
        assert len(world.feed.wished) == 1
        plugin.close()


async def test_amibroker_is_written_one_frame_at_a_time_with_time_to_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(paced_interval_s=0.05) as world:
        plugin = AmiBroker(*world.server.address)
        await plugin.connect(GOOD_KEY)
        keys = [InstrumentKey(Exchange.NSE, f"S{number}") for number in range(8)]
        (connection,) = world.server._open
        loop, written = asyncio.get_running_loop(), list[tuple[float, bytes]]()
        transport: Any = connection._transport
        monkeypatch.setattr(connection, "_transport", _Listening(transport, loop.time, written))
        for key in keys:
            await plugin.subscribe(f"{key.symbol}-NSE")
        while len(plugin.others) < 8:
            await plugin.poll()
        for price in range(100):
            world.feed.publish(*(tick_of(key, float(price)) for key in keys))
            await asyncio.sleep(0)
        while len({symbol for symbol, _, price, _ in plugin.prices if price == 99.0}) < 8:
            await plugin.poll()
        assert plugin.swallowed == 0
        gaps = [after - before for (before, _), (after, _) in itertools.pairwise(written)]
        assert min(gaps) > 0.04
        monkeypatch.undo()
        plugin.close()


class _Listening:
    """A transport that notes when it was written to."""

    def __init__(self, inner: Any, now: Callable[[], float], written: list[tuple[float, bytes]]) -> None:
        self._inner = inner
        self._now = now
        self._written = written

    def write(self, data: bytes) -> None:
        self._written.append((self._now(), data))
        self._inner.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


async def test_amibroker_costs_no_timer_for_each_price_that_it_cannot_take() -> None:
    async with served(paced_interval_s=0.2) as world:
        plugin = AmiBroker(*world.server.address)
        await plugin.connect(GOOD_KEY)
        for symbol in ("SBIN", "INFY"):
            await plugin.subscribe(f"{symbol}-NSE")
        await eventually(lambda: len(world.feed.wished) == 2)
        timers: Any = asyncio.get_running_loop()
        before = len(timers._scheduled)
        for price in range(500):
            world.feed.publish(tick_of(SBIN, float(price)))
            await asyncio.sleep(0)
        assert len(timers._scheduled) - before < 20
        plugin.close()


async def test_amibroker_with_a_wrong_key_is_refused_in_its_own_words() -> None:
    async with served() as world:
        plugin = AmiBroker(*world.server.address)
        with pytest.raises(ConnectionError, match="Invalid API key"):
            await plugin.connect("wrong")
        plugin.close()


# --- typed clients


async def test_rust_shapes_parse_and_its_unsubscribe_ends_what_it_names() -> None:
    async with served() as world:
        client = await logged_in(world)
        for mode in ("ltp", "quote", "depth"):
            await say(client, action="subscribe", mode=mode, symbols=[{"exchange": "NSE", "symbol": "SBIN"}])
        # A feed whose numbers are all floating point must not reach an i64 as such.
        world.feed.publish(full_tick(volume=4_102_233.0, depth=book(3)))
        frames = await heard(client, 3)
        for frame in frames:
            assert type(frame["data"]["timestamp"]) is type(frame["data"]["volume"]) is int
        depth = frames[2]["data"]
        assert [len(depth[side]) for side in ("bids", "asks")] == [3, 3]
        assert set(depth["bids"][0]) == {"price", "quantity", "orders"}
        await say(client, action="unsubscribe", mode="ltp", symbols=[{"exchange": "NSE", "symbol": "SBIN"}])
        assert {int(wish.mode) for wish in world.feed.wished} == {2, 3}
        await client.close()


async def test_go_frames_work_and_its_modes_are_numbers() -> None:
    async with served() as world:
        client = await logged_in(world)
        await say(client, action="subscribe", **BRIEF, mode=3, depth=5)
        world.feed.publish(full_tick())
        frame = await hear(client)
        assert (type(frame["mode"]), len(frame["data"]["depth"]["buy"])) == (int, 5)
        assert (await say(client, action="unsubscribe", **BRIEF, mode=3))["status"] == "success"
        assert not world.feed.wished
        await client.close()


# --- browsers and telephones


async def test_openalgo_charts_queues_its_subscribes_and_answers_every_ping() -> None:
    async with served() as world:
        client = await dial(world, origin="http://127.0.0.1:5000")
        await client.send(json.dumps({"action": "authenticate", "api_key": GOOD_KEY}))
        ask = {"action": "subscribe", "symbols": [BRIEF], "mode": "Depth", "depth_level": 5}
        await client.send(json.dumps(ask))
        await client.send(json.dumps({"action": "pong"}))
        assert [message["type"] for message in await heard(client, 2)] == ["auth", "subscribe"]
        world.feed.publish(full_tick())
        data = (await hear(client))["data"]
        assert (data["symbol"], data["exchange"], data["last_trade_quantity"]) == ("SBIN", "NSE", 25)
        await client.close()


async def test_web_ui_unsubscribes_without_a_mode_and_the_prices_end() -> None:
    async with served() as world:
        client = await dial(world, origin="http://localhost:5000")
        await say(client, action="authenticate", api_key=GOOD_KEY)
        for mode in ("LTP", "Quote", "Depth"):
            answer = await say(client, action="subscribe", symbols=[BRIEF], mode=mode)
            assert answer["subscriptions"][0]["mode"] == mode
        world.feed.publish(full_tick())
        frames = await heard(client, 3)
        assert {frame["data"].get("type") or frame["data"].get("status") for frame in frames} == {None}
        assert frames[1]["data"]["bid_price"] == 812.3
        assert frames[1]["data"]["ask_size"] == 120
        assert (await say(client, action="unsubscribe", symbols=[BRIEF]))["status"] == "success"
        world.feed.publish(full_tick(ltp=1.0))
        pong = await say(client, action="ping", timestamp=1767072600123, _pingId="pl-17")
        assert (pong["client_timestamp"], pong["_pingId"]) == (1767072600123, "pl-17")
        await client.close()


async def test_flask_side_client_gets_its_request_id_back_and_its_unsubscribe_works() -> None:
    async with served() as world:
        client = await logged_in(world)
        for action in ("subscribe", "unsubscribe"):
            answer = await say(client, action=action, symbols=[BRIEF], mode="LTP", request_id=f"uuid-{action}")
            assert (answer["status"], answer["request_id"]) == ("success", f"uuid-{action}")
        assert not world.feed.wished
        await client.close()


async def test_mobile_keep_alives_are_not_answered_and_keep_it_alive() -> None:
    async with served(ping_interval_s=0.1, ping_timeout_s=60.0) as world:
        client = await logged_in(world)
        for _ in range(50):
            await client.send(json.dumps({"type": "pong"}))
        assert (await say(client, action="ping"))["type"] == "pong"
        await client.close()


async def test_two_clients_of_one_user_do_not_end_each_others_prices() -> None:
    async with served() as world:
        first, second = await logged_in(world), await logged_in(world)
        for client in (first, second):
            await say(client, action="subscribe", **BRIEF, mode=1)
        await say(first, action="unsubscribe_all")
        await first.close()
        world.feed.publish(tick_of(SBIN, 1.0))
        assert (await hear(second))["data"]["ltp"] == 1.0
        await second.close()
