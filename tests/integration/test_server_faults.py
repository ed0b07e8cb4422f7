"""The port under fire: who does not read, who floods, who comes by the thousand; upstreams and clocks that fail."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from collections.abc import Sequence
from typing import Any

import psutil
import pytest

from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Subscription
from tests.adapters.binance.conftest import exchange_info, make_feed
from tests.doubles.counting_client import CountingClient
from tests.doubles.fake_feed import FakeFeed
from tests.doubles.raw_client import RawClient, handshake, masked_frame
from tests.doubles.served import GOOD_KEY, Served, dial, eventually, hear, logged_in, say, served
from tests.doubles.ticks import SBIN, book, full_tick, tick_of
from tests.doubles.toy_binance import ToyBinance

BRIEF = {"symbol": "SBIN", "exchange": "NSE"}


# --- who does not read


async def test_one_that_never_reads_costs_ten_others_nothing() -> None:
    keys = [InstrumentKey(Exchange.NSE, f"S{number}") for number in range(100)]
    wanted = [{"symbol": key.symbol, "exchange": "NSE"} for key in keys]
    async with served() as world:
        mute = await RawClient.connect(world, receive_buffer=4096)
        await mute.log_in()
        for mode in (2, 3):
            mute.say(action="subscribe", symbols=wanted, mode=mode, depth=20)
        mute.stop_reading()
        others = [await CountingClient.member(world) for _ in range(10)]
        for client in others:
            client.say(action="subscribe", symbols=wanted, mode=2)
        await eventually(lambda: len(world.feed.wished) == 200 and all(len(client.others) == 2 for client in others))
        memory = await _flood(world, keys, others)
        assert max(memory[1:]) - memory[1] < 40 << 20, f"resident: {[size >> 20 for size in memory]} MB"
        slow = next(info for info in world.server.clients() if info.is_slow)
        assert slow.waiting <= 200, "one frame per instrument and mode, whatever was published"
        assert slow.conflated > 1_000
        world.feed.publish(*(full_tick(key, ltp=7.25, depth=book(20, 7.2)) for key in keys))
        await eventually(lambda: all(client.price(key.symbol, 2) == 7.25 for client in others for key in keys))
        mute.read_again()
        await _catches_up(mute, keys)
        await mute.close()
        for client in others:
            client.close()


async def _flood(world: Served, keys: Sequence[InstrumentKey], others: Sequence[CountingClient]) -> list[int]:
    """3,000 ticks a second for five seconds; each second everybody has got more. Returns the resident sizes."""
    memory, process = [psutil.Process().memory_info().rss], psutil.Process()
    turn = 0
    for second in range(5):
        before = [client.frames for client in others]
        for _ in range(100):
            turn += 1
            some = [keys[(turn * 30 + n) % len(keys)] for n in range(30)]
            world.feed.publish(*(full_tick(key, ltp=100.0 + turn, volume=turn) for key in some))
            await asyncio.sleep(0.01)
        await eventually(lambda before=before: all(c.frames > b for c, b in zip(others, before, strict=True)))
        gc.collect()
        memory.append(process.memory_info().rss)
        assert not any(client.is_closed for client in others), f"closed in second {second}"
    return memory


async def _catches_up(mute: RawClient, keys: Sequence[InstrumentKey]) -> None:
    final: dict[tuple[str, int], float] = {}
    wanted = {(key.symbol, mode): 7.25 for key in keys for mode in (2, 3)}
    while final != wanted:
        _opcode, payload = await mute.frame()
        message = json.loads(payload)
        if message["type"] == "market_data":
            final[message["symbol"], message["mode"]] = message["data"]["ltp"]


async def test_one_that_asks_and_does_not_read_is_not_listened_to_and_loses_no_answer() -> None:
    async with served(write_high_water=8 << 10) as world:
        greedy, bystander = await RawClient.connect(world, receive_buffer=4096), await logged_in(world)
        await greedy.log_in()
        greedy.stop_reading()
        connection = next(each for each in world.server._open if each.peer.endswith(f":{greedy.port}"))
        big = masked_frame(json.dumps({"action": "ping", "timestamp": "x" * 20_000}).encode())
        greedy.writer.write(big * 400)
        await eventually(lambda: connection.is_blocked)
        for _ in range(50):
            assert (await say(bystander, action="ping"))["type"] == "pong"
        assert connection._is_open
        assert connection.outbox._reply_bytes < 1 << 20
        greedy.read_again()
        for _ in range(400):
            assert json.loads((await greedy.frame())[1])["type"] == "pong"
        await greedy.close()
        await bystander.close()


async def test_the_longest_answer_there_is_reaches_one_who_reads() -> None:
    async with served() as world:
        client = await logged_in(world, max_size=None)
        wrong = [{"symbol": f"S{number}", "exchange": "NYSE"} for number in range(5_000)]
        answer = await say(client, action="subscribe", symbols=wrong)
        assert (answer["status"], len(answer["subscriptions"])) == ("error", 5_000)
        assert len(json.dumps(answer)) > 1 << 20, "longer than what may pile up of answers that nobody reads"
        assert (await say(client, action="ping"))["type"] == "pong"
        await client.close()


# --- who floods, who comes by the thousand


def _may_open(files: int) -> bool:
    """Whether the system lets us have that many; asks for more if that is allowed."""
    if sys.platform == "win32":
        return True
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = files if hard == resource.RLIM_INFINITY else min(hard, files)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted >= files


async def _visit(world: Served) -> tuple[RawClient, bytes]:
    client = await RawClient.connect(world)
    return client, await client.open()


async def test_of_a_thousand_at_once_two_hundred_are_served() -> None:
    if not _may_open(3_000):
        pytest.skip("this system does not let a process open 3,000 files")
    async with served(max_connections_per_key=200) as world:
        visits = await asyncio.gather(*(_visit(world) for _ in range(1_000)))
        clients, heads = [client for client, _ in visits], [head for _, head in visits]
        taken = [client for client, head in zip(clients, heads, strict=True) if b" 101 " in head]
        assert len(taken) == 200
        assert sum(b" 503 " in head for head in heads) == 800
        for client in taken:
            client.say(action="authenticate", api_key=GOOD_KEY)
            client.say(action="subscribe", **BRIEF, mode=1)
        await eventually(lambda: len(world.desk.clients) == 200, within_s=20)
        world.feed.publish(tick_of(SBIN, 1.5))
        for client in taken:
            said = [json.loads((await client.frame())[1]) for _ in range(3)]
            assert [message["type"] for message in said] == ["auth", "subscribe", "market_data"]
        for client in clients:
            client.writer.transport.abort()
        await eventually(lambda: not world.server._connections and not world.feed.wished)
        assert not world.desk.edge_counters["handshakes_cut"]


async def test_handshakes_that_never_end_are_cut_and_keep_nobody_out() -> None:
    async with served(max_connections=5, handshake_timeout_s=0.5) as world:
        slow = [await RawClient.connect(world) for _ in range(90)]
        request = handshake()
        for client in slow:
            client.writer.write(request[:40])
        good = await logged_in(world)
        for position in range(40, 60):
            for client in slow:
                client.writer.write(request[position : position + 1])
            assert (await say(good, action="ping"))["type"] == "pong"
        assert all(await asyncio.gather(*(client.closed() for client in slow)))
        await eventually(lambda: len(world.server._connections) == 1)
        for client in slow:
            await client.close()
        await good.close()


async def test_a_client_that_floods_is_told_so_and_delays_nobody() -> None:
    async with served(inbound_rate=1.0, inbound_burst=100.0) as world:
        flooder, bystander = await RawClient.connect(world), await logged_in(world)
        await flooder.log_in()
        flooder.writer.write(masked_frame(b'{"action":"ping"}') * 20_000)
        assert (await say(bystander, action="ping"))["type"] == "pong"
        codes = [json.loads((await flooder.frame())[1]).get("code") for _ in range(1_000)]
        assert codes[-1] == "RATE_LIMITED"
        assert codes.count(None) <= 105
        flooder.writer.transport.abort()
        await bystander.close()


# --- upstreams and clocks


async def test_a_hundred_dropped_upstreams_lose_no_subscription_and_no_client() -> None:
    toy = ToyBinance()
    await toy.start()
    toy.exchange_info = exchange_info(["BTCUSDT", "ETHUSDT", "SOLUSDT"])
    feed: Any = make_feed(toy)
    async with served(feed) as world:
        client = await logged_in(world)
        wanted = [{"symbol": symbol, "exchange": "CRYPTO"} for symbol in ("BTCUSDT", "ETHUSDT", "SOLUSDT")]
        assert (await say(client, action="subscribe", symbols=wanted, mode=1))["status"] == "success"
        await eventually(lambda: len(toy.streams) >= 3, within_s=10)
        streams = set(toy.streams)
        for _ in range(100):
            made = toy.connections_made
            toy.drop()
            await eventually(lambda made=made: toy.connections_made > made and toy.streams == streams, within_s=10)
        key = InstrumentKey(Exchange.CRYPTO, "SOLUSDT")
        assert world.desk.clients.is_held(Subscription(key, Mode.LTP))
        trade = {
            "e": "aggTrade",
            "E": 1,
            "s": "SOLUSDT",
            "a": 1,
            "p": "101.5",
            "q": "2",
            "f": 1,
            "l": 1,
            "T": 1,
            "m": True,
        }
        trade |= {"E": int(time.time() * 1000), "T": int(time.time() * 1000)}
        await toy.send(json.dumps({"stream": "solusdt@aggTrade", "data": trade}).encode())
        assert (await hear(client))["data"]["ltp"] == 101.5
        await client.close()
        await feed.stop()
    await toy.stop()


async def test_clock_jumps_close_nobody_and_age_is_never_negative(monkeypatch: pytest.MonkeyPatch) -> None:
    real, jump = time.time, 0.0
    monkeypatch.setattr(time, "time", lambda: real() + jump)
    async with served(FakeFeed(), auth_grace_s=5.0, ping_interval_s=5.0) as world:
        client, stranger = await logged_in(world), await dial(world)
        await say(client, action="subscribe", **BRIEF, mode=1)
        closing_ms = (real() + 40_000) * 1000.0
        world.trust._liveness._sessions.is_open = lambda exchange, at_ms: at_ms < closing_ms  # type: ignore[method-assign]
        for number, jump in enumerate((0.0, 86_400.0, -86_400.0, 3.15e9, -1.6e9, 0.0), start=1):
            world.feed.publish(tick_of(SBIN, float(number), received_ms=time.time() * 1000.0))
            data = (await hear(client))["data"]
            assert (data["state"], data["ltp"]) == ("closed" if jump > 40_000 else "live", float(number))
            assert 0 <= data["age_ms"] < 60_000
            world.feed.publish(tick_of(SBIN, number + 0.5, received_ms=(time.time() + 3_600) * 1000.0))
            assert (await hear(client))["data"]["age_ms"] == 0, "received an hour from now: the clock was set back"
            assert (await say(stranger, action="ping"))["type"] == "pong"
        await client.close()
        await stranger.close()
