"""Long messages, and many at once, are dealt with in slices: the loop has turns in between, and order is kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Collection
from typing import Any

import pytest

from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.subscriptions import Subscription
from tests.doubles.fake_feed import FakeFeed
from tests.doubles.raw_client import CLOSE, RawClient, masked_frame
from tests.doubles.served import GOOD_KEY, Served, dial, eventually, hear, logged_in, say, served
from tests.doubles.ticks import full_tick, tick_of

NAMES = [f"S{number}" for number in range(1_000)]
SYMBOLS = [{"symbol": name, "exchange": "NSE"} for name in NAMES]
LONGEST = [{"symbol": f"L{number}", "exchange": "NSE"} for number in range(5_000)]
FAULT = "A message of a client could not be dealt with"


class TurnCounter:
    """Counts the turns of the loop."""

    def __init__(self) -> None:
        self.turns = 0
        self._loop = asyncio.get_running_loop()
        self._is_on = True
        self._turn()

    def _turn(self) -> None:
        self.turns += 1
        if self._is_on:
            self._loop.call_soon(self._turn)

    def stop(self) -> None:
        self._is_on = False


class EagerFeed(FakeFeed):
    """Publishes a price within the call that asks for it, and notes in which turn of the loop that was.

    `in_between` is called in the middle of a long list.
    """

    def __init__(self) -> None:
        super().__init__()
        self.counter: TurnCounter | None = None
        self.asked_in: list[int] = []
        self.in_between: Callable[[], object] = lambda: None

    def subscribe(self, wishes: Collection[Subscription]) -> None:
        super().subscribe(wishes)
        if self.counter is not None:
            self.asked_in.append(self.counter.turns)
        self.publish(*(tick_of(wish.key, 10.0) for wish in wishes))
        if len(self.calls) == 8:
            asyncio.get_running_loop().call_soon(self.in_between)


async def test_a_thousand_symbols_in_one_message_take_many_turns_and_the_answer_comes_first() -> None:
    feed = EagerFeed()
    async with served(feed) as world:
        client = await logged_in(world, max_size=None)
        feed.counter = TurnCounter()
        await client.send(json.dumps({"action": "subscribe", "symbols": SYMBOLS, "mode": 1}))
        answer = await hear(client)
        feed.counter.stop()
        assert (answer["type"], answer["status"], len(answer["subscriptions"])) == ("subscribe", "success", 1_000)
        assert len(set(feed.asked_in)) >= 5, "one slice after another, with turns in between"
        assert max(len(wishes) for _, wishes in feed.calls) <= 50
        live = {(await hear(client))["symbol"] for _ in NAMES}
        assert live == set(NAMES), "no price was lost while it was held back"
        snapshots = [await hear(client) for _ in NAMES]
        assert [frame["symbol"] for frame in snapshots] == NAMES
        assert all(frame["data"]["snapshot"] for frame in snapshots)
        await client.close()


async def test_prices_of_earlier_subscriptions_are_not_lost_meanwhile() -> None:
    async with served(EagerFeed()) as world:
        client = await logged_in(world, max_size=None)
        await say(client, action="subscribe", symbol="FIRST", exchange="NSE", mode=1)
        assert (await hear(client))["symbol"] == "FIRST"
        key = InstrumentKey(Exchange.NSE, "FIRST")
        sent = 0

        async def publish() -> None:
            nonlocal sent
            while len(world.desk.clients) < 1_001:
                sent += 1
                world.feed.publish(tick_of(key, float(sent)))
                await asyncio.sleep(0)

        await client.send(json.dumps({"action": "subscribe", "symbols": SYMBOLS, "mode": 1}))
        await publish()
        prices = []
        while not prices or prices[-1] != sent:
            frame = await hear(client)
            if frame.get("symbol") == "FIRST" and "snapshot" not in frame["data"]:
                prices.append(frame["data"]["ltp"])
        assert prices[-sent:] == [float(number) for number in range(1, sent + 1)]
        client.transport.abort()


async def test_one_who_hangs_up_in_between_leaves_nothing_behind() -> None:
    feed = EagerFeed()
    async with served(feed) as world:
        client = await RawClient.connect(world)
        await client.log_in()
        feed.in_between = client.writer.transport.abort
        client.say(action="subscribe", symbols=LONGEST, mode=1)
        await eventually(lambda: not world.server._connections and not feed.wished)
        assert len(world.desk.clients) == 0
        assert len([verb for verb, _ in feed.calls if verb == "subscribe"]) < 100, "and what was left is not begun"
        await client.close()


async def test_what_one_held_who_hangs_up_is_let_go_in_slices() -> None:
    async with served() as world:
        client = await logged_in(world, max_size=None)
        await say(client, action="subscribe", symbols=SYMBOLS, mode=1)
        await client.close()
        await eventually(lambda: not world.feed.wished)
        assert max(len(wishes) for verb, wishes in world.feed.calls if verb == "unsubscribe") == 50


async def test_a_server_that_closes_lets_go_of_everything() -> None:
    async with served() as world:
        client = await logged_in(world, max_size=None)
        await say(client, action="subscribe", symbols=SYMBOLS, mode=1)
        await world.server.close()
        assert world.feed.wished == []
        await client.close()


async def test_thousands_of_messages_at_once_are_answered_in_order_and_in_turns() -> None:
    async with served() as world:
        client = await RawClient.connect(world)
        await client.log_in()
        counter = TurnCounter()
        burst = b"".join(masked_frame(json.dumps({"action": "ping", "timestamp": n}).encode()) for n in range(3_000))
        client.writer.write(burst)
        echoed = [json.loads((await client.frame())[1])["client_timestamp"] for _ in range(3_000)]
        counter.stop()
        assert echoed == list(range(3_000))
        assert world.server.clients()[0].frames_out == 3_001
        await client.close()


async def test_a_burst_is_taken_up_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    async with served() as world:
        client = await RawClient.connect(world)
        await client.log_in()
        (connection,) = world.server._open
        pieces: list[int] = []
        receive = connection._protocol.receive_data
        monkeypatch.setattr(
            connection._protocol, "receive_data", lambda data: (pieces.append(len(data)), receive(data))[1]
        )
        client.writer.write(masked_frame(b'{"action":"ping"}') * 2_000)
        for _ in range(2_000):
            await client.frame()
        assert max(pieces) <= 1_024
        await client.close()


async def test_what_waits_for_the_key_is_answered_in_turns() -> None:
    async with served() as world:
        world.verify_gate = asyncio.Event()
        client = await dial(world)
        await client.send(json.dumps({"action": "authenticate", "api_key": GOOD_KEY}))
        for number in range(500):
            await client.send(json.dumps({"action": "ping", "timestamp": number}))
        world.verify_gate.set()
        assert (await hear(client))["type"] == "auth"
        assert [(await hear(client))["client_timestamp"] for _ in range(500)] == list(range(500))
        await client.close()


async def test_an_end_right_behind_a_burst_loses_none_of_it() -> None:
    async with served() as world:
        client = await RawClient.connect(world)
        await client.log_in()
        client.writer.write(masked_frame(json.dumps({"action": "subscribe", "symbols": SYMBOLS}).encode()))
        client.writer.write(masked_frame((1000).to_bytes(2, "big"), 0x8))
        assert await client.closed()
        await client.close()
        await eventually(lambda: not world.server._connections and not world.feed.wished)


@pytest.mark.expected_log(FAULT)
async def test_a_fault_is_told_to_each_client_and_said_once_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with served() as world:
        clients = [await logged_in(world) for _ in range(3)]

        def fails(*_args: Any, **_more: Any) -> Any:
            raise ValueError("a fault of ours")

        monkeypatch.setattr(world.desk, "subscribe_client", fails)
        for client in clients:
            for symbols in (SYMBOLS[:1], SYMBOLS):
                answer = await say(client, action="subscribe", symbols=symbols)
                assert answer["code"] == "SERVER_ERROR"
                assert "fault of ours" not in json.dumps(answer)
            assert (await say(client, action="ping"))["type"] == "pong"
        said = [record.getMessage() for record in caplog.records if FAULT in record.getMessage()]
        assert said == [f"{FAULT} (1 since last said)"]
        for client in clients:
            await client.close()


async def test_a_key_revoked_in_between_ends_it() -> None:
    feed = EagerFeed()
    async with served(feed) as world:
        client = await RawClient.connect(world)
        await client.log_in()
        feed.in_between = lambda: world.server.disconnect_key(7)
        client.say(action="subscribe", symbols=LONGEST, mode=1)
        assert (await client.frame())[0] == CLOSE
        await client.close()
        await eventually(lambda: not world.server._connections and not feed.wished)
        assert len([verb for verb, _ in feed.calls if verb == "subscribe"]) < 100


def _served_value(world: Served) -> None:
    world.hub.publish([full_tick(InstrumentKey(Exchange.NSE, name)) for name in NAMES])


async def test_a_slow_reader_gets_the_final_value_of_all_it_asked_for() -> None:
    async with served(write_high_water=8 << 10) as world:
        _served_value(world)
        client = await RawClient.connect(world, receive_buffer=4096)
        await client.log_in()
        client.stop_reading()
        client.say(action="subscribe", symbols=SYMBOLS, mode=2)
        await eventually(lambda: len(world.desk.clients) == 1_000)
        client.read_again()
        opcode, payload = await client.frame()
        assert (opcode, json.loads(payload)["type"]) == (1, "subscribe")
        seen = set()
        while seen != set(NAMES):
            seen.add(json.loads((await client.frame())[1])["symbol"])
        await client.close()
