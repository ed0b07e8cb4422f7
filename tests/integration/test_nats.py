"""Two hosts and a real NATS server between them: what one application publishes, a client of the other gets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import websockets
import zmq
from websockets.asyncio.client import ClientConnection

from adapters.nats.feed import NatsFeed
from adapters.nats.servers import parse_servers
from market.exchanges import Exchange
from market.feeds import FeedState
from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Subscription
from tests.adapters.nats.worlds import QUICK
from tests.doubles.application import Application, make_key, running
from tests.doubles.fake_sink import FakeSink
from tests.doubles.nats_server import nats_server
from tests.doubles.ticks import INFY, SBIN
from tests.doubles.waiting import until

pytestmark = pytest.mark.external

TOKEN = "correct-horse-battery"
WANTED = [("NSE", "SBIN"), ("NFO", "VEDL25APR24292.5CE"), ("NSE_INDEX", "NIFTY"), ("CRYPTO", "SOL_INR"), ("NSE", "M&M")]


def logs_in(folder: Path) -> str:
    """Everything that was logged."""
    return "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.log*"))


class Prices:
    """A program on the publishing host that sends prices on its ZeroMQ bus."""

    def __init__(self, endpoint: str) -> None:
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._socket = self._context.socket(zmq.PUB)
        self._socket.connect(endpoint)

    def send(self, exchange: str, symbol: str, **data: Any) -> None:
        self._socket.send_multipart((f"{exchange}_{symbol}_QUOTE".encode(), json.dumps(data).encode()))

    def close(self) -> None:
        self._socket.close(linger=0)
        self._context.term()


class Watcher:
    """A client of the reading host."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self.latest: dict[tuple[str, str], dict[str, Any]] = {}

    async def read(self) -> None:
        async for text in self._connection:
            frame = json.loads(text)
            if frame.get("type") == "market_data":
                self.latest[frame["exchange"], frame["symbol"]] = frame["data"]

    def ltp(self, name: tuple[str, str]) -> float | None:
        return self.latest.get(name, {}).get("ltp")


@contextmanager
def hosts(folder: Path, url: str) -> Iterator[tuple[Application, Application]]:
    with (
        running(folder / "publisher", "--headless", "--feed", "zmq", "--publish", f"nats={url}") as publisher,
        running(folder / "reader", "--headless", "--feed", f"nats={url}") as reader,
    ):
        yield publisher, reader


@asynccontextmanager
async def watching(reader: Application, key: str) -> AsyncIterator[Watcher]:
    async with websockets.connect(reader.edges["ws"]) as connection:
        await connection.send(json.dumps({"action": "authenticate", "api_key": key}))
        assert json.loads(await connection.recv())["status"] == "success"
        symbols = [{"exchange": exchange, "symbol": symbol} for exchange, symbol in WANTED]
        await connection.send(json.dumps({"action": "subscribe", "symbols": symbols, "mode": 2}))
        assert json.loads(await connection.recv())["status"] == "success"
        watcher = Watcher(connection)
        task = asyncio.create_task(watcher.read())
        try:
            yield watcher
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_prices_go_from_host_to_host_and_survive_a_killed_server(tmp_path: Path) -> None:
    key = make_key(tmp_path / "reader")
    with nats_server("--auth", TOKEN) as server, hosts(tmp_path, f"nats://{TOKEN}@127.0.0.1:{server.port}") as apps:
        publisher, reader = apps
        prices = Prices(publisher.edges["zmq"])
        try:
            async with watching(reader, key) as watcher:

                def all_have(ltp: float) -> bool:
                    # Sent until it arrives: who publishes before the other end is there is not heard.
                    for exchange, symbol in WANTED:
                        prices.send(exchange, symbol, ltp=ltp, volume=4_102_233, note="kept")
                    return all(watcher.ltp(name) == ltp for name in WANTED)

                await until(lambda: all_have(812.35))
                data = watcher.latest["NFO", "VEDL25APR24292.5CE"]
                assert (data["volume"], data["note"], data["symbol"]) == (4_102_233, "kept", "VEDL25APR24292.5CE")
                prices.send("NSE", "INFY", ltp=1.0)
                server.kill()
                server.start()
                await until(lambda: all_have(813.4), within_s=20)
                assert set(watcher.latest) == set(WANTED), "nothing that was not asked for"
        finally:
            prices.close()
        for application in apps:
            status, _ = application.stop()
            assert status == 0, application.errors
            assert "Traceback" not in application.errors
    said = "".join(application.errors for application in apps) + logs_in(tmp_path)
    assert "Publishing to NATS is interrupted" in said
    assert TOKEN not in said


async def reading(url: str, *wishes: Subscription) -> tuple[NatsFeed, FakeSink]:
    sink, feed = FakeSink(), NatsFeed(parse_servers(url), settings=QUICK)
    feed.subscribe(wishes)
    await feed.start(sink)
    return feed, sink


async def test_the_real_servers_refusal_of_a_token_is_understood() -> None:
    with nats_server("--auth", TOKEN) as server:
        feed, _ = await reading(f"nats://wrong@127.0.0.1:{server.port}")
        await until(lambda: feed.status.attempt >= 1)
        assert "refused the connection: Authorization Violation" in feed.status.detail
        await feed.stop()
        feed, _ = await reading(f"nats://127.0.0.1:{server.port}")
        await until(lambda: feed.status.attempt >= 1)
        assert "asks for credentials" in feed.status.detail
        await feed.stop()


async def test_the_real_servers_denied_subjects_and_limits_are_understood(tmp_path: Path) -> None:
    permissions = '{subscribe: {deny: "openalgo.ticks.NSE.SBIN.*"}}'
    file = tmp_path / "nats.conf"
    # One of the four is the census.
    file.write_text(
        f"max_subscriptions: 4\nauthorization {{ users: [{{user: asha, password: pw, permissions: {permissions}}}] }}\n"
    )
    sbin, infy = Subscription(SBIN, Mode.LTP), Subscription(INFY, Mode.LTP)
    more = [Subscription(InstrumentKey(Exchange.NSE, f"S{n}"), Mode.LTP) for n in range(4)]
    with nats_server("-c", str(file)) as server:
        feed, sink = await reading(f"nats://asha:pw@127.0.0.1:{server.port}", sbin, infy, *more)
        await until(lambda: len(sink.confirmed()) + len(sink.rejected()) == 6)
        assert sink.confirmed() == [infy, *more[:2]]
        assert set(sink.rejected()) == {sbin, *more[2:]}
        assert sink.states()[-1] is FeedState.LIVE
        await feed.stop()


@contextmanager
def simulating(folder: Path, url: str) -> Iterator[Application]:
    """A publishing host on which nobody watches anything."""
    with running(
        folder / "publisher", "--headless", "--feed", "simulated=200", "--publish", f"nats={url}"
    ) as publisher:
        yield publisher


async def test_what_a_client_of_the_reader_wishes_is_subscribed_to_on_the_publishing_host(tmp_path: Path) -> None:
    key = make_key(tmp_path / "reader")
    with nats_server() as server:
        await wishes_travel(tmp_path, f"nats://127.0.0.1:{server.port}", key)


async def wishes_travel(folder: Path, url: str, key: str) -> None:
    """What a client of a reading host wishes is subscribed to on a publishing one, as long as it is wished."""
    with (
        simulating(folder, url) as publisher,
        running(folder / "reader", "--headless", "--feed", f"nats={url}") as reader,
    ):
        async with watching(reader, key) as watcher:
            await until(lambda: watcher.ltp(("NSE", "SBIN")) is not None, within_s=20)
            assert watcher.latest["NSE", "SBIN"]["state"] == "simulated", "and it stays marked"
        # The client has gone, and with it the wish: nothing of it leaves the publishing host any more.
        assert await asyncio.to_thread(_falls_silent, url)
        for application in (reader, publisher):
            status, _ = application.stop()
            assert status == 0, application.errors
            assert "Traceback" not in application.errors


def _falls_silent(url: str) -> bool:
    return asyncio.run(_silence(url))


async def _silence(url: str) -> bool:
    """Whether for half a second nothing is said on the price subjects."""
    server = url.removeprefix("nats://").split(":")
    stream_reader, writer = await asyncio.open_connection(server[0], int(server[1]))
    try:
        writer.write(b'CONNECT {"verbose":false}\r\nSUB openalgo.ticks.> 1\r\n')
        await stream_reader.readuntil(b"\r\n")
        deadline = asyncio.get_running_loop().time() + 20.0
        while asyncio.get_running_loop().time() < deadline:
            try:
                async with asyncio.timeout(0.5):
                    await stream_reader.readuntil(b"MSG ")
            except TimeoutError:
                return True
        return False
    finally:
        writer.close()
        await writer.wait_closed()
