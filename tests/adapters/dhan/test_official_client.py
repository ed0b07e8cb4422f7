"""The vendor's client as the oracle: it reads what our toy says, and asks for what our feed asks for."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.dhan import depth_wire, wire
from adapters.dhan.broker import DhanVenue
from adapters.dhan.login import FORM, DhanLogin
from adapters.dhan.segments import SEGMENTS, listing_of, place_of
from adapters.venue import CandleRange
from market.credentials import Secret
from market.exchanges import CASH
from market.instruments import Instrument, InstrumentKind
from market.logins import BrokerSession
from market.ticks import Depth, Level, Tick
from tests.adapters.dhan.bench import INSTRUMENTS
from tests.doubles.toy_broker import ToyQuote, book
from tests.doubles.toy_dhan import (
    APP,
    ToyDhan,
    deep_side,
    disconnection,
    open_interest,
    packet,
    previous_close,
)
from tests.doubles.waiting import until

HDFC, HDFC_BSE, FUTURE, NIFTY = INSTRUMENTS[:4]
QUOTE = ToyQuote(ltp=101.25, depth=book(100.0, 20))
DAY = "2026-11-24"

# A process of its own: it makes event loops and prints as it goes.
_READER = """
import json, sys
from dhanhq import DhanContext, FullDepth, MarketFeed
context = DhanContext("AB1234", "good-token")
feed, deep, deepest = MarketFeed(context, []), FullDepth(context, [], 20), FullDepth(context, [], 200)
readers = {"market": feed, "20": deep, "200": deepest}
said = [readers[name].process_data(bytes.fromhex(body)) for name, body in json.load(sys.stdin)]
print(json.dumps(said))
"""
_CLIENT = """
import asyncio, json, os, sys
from dhanhq import DhanContext, FullDepth, MarketFeed, dhanhq
from dhanhq.dhan_http import DhanHTTP
port, day = sys.argv[1:3]
MarketFeed.market_feed_wss = f"ws://127.0.0.1:{port}/feed"
FullDepth.depth_20_feed_wss = f"ws://127.0.0.1:{port}/twentydepth"
FullDepth.depth_200_feed_wss = f"ws://127.0.0.1:{port}/full"
DhanHTTP.API_BASE_URL = f"http://127.0.0.1:{port}/v2"
context = DhanContext("AB1234", "good-token")
feed = MarketFeed(context, [(1, "1333", 15), (2, "1333", 21)])
feed.run_forever()
heard = [feed.get_data() for _ in range(2)]
books = []
for levels in (20, 200):
    deep = FullDepth(context, [(1, "1333")], levels)
    async def read():
        await deep.connect()
        async for side in deep.get_instrument_data():
            books.append(side)
    deep.loop.run_until_complete(read())
feed.unsubscribe_symbols([(2, "1333", 21)])
feed.loop.run_until_complete(asyncio.sleep(0))
feed.loop.run_until_complete(feed.ws.ping())
client = dhanhq(context)
rows = client.intraday_minute_data("1333", "NSE_EQ", "EQUITY", f"{day} 09:15:00", f"{day} 09:16:00", 1)
print(json.dumps({"heard": heard, "books": books, "rows": rows["data"]}), flush=True)
os._exit(0)
"""


_CONSENT = """
import json, sys, webbrowser
from dhanhq.auth import DhanLogin
base, key, secret = sys.argv[1:4]
sent = []
webbrowser.open = sent.append
DhanLogin.AUTH_BASE_URL = base
login = DhanLogin("AB1234")
login.generate_login_session(key, secret)
answer = login.consume_token_id("token-1", key, secret)
print(json.dumps({"sent": sent, "token": answer["accessToken"]}))
"""


def _read(folder: Path, *frames: tuple[str, bytes]) -> list[Any]:
    given = json.dumps([(name, body.hex()) for name, body in frames])
    command = [sys.executable, "-W", "ignore", "-c", _READER]
    done = subprocess.run(command, input=given, capture_output=True, text=True, cwd=folder, check=True)
    said: list[Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def _decoded(body: bytes, what: Instrument) -> Tick:
    tick = wire.decode(body, 0, listing_of(what), 0.0)
    assert tick is not None
    return tick


def _compare(tick: Tick, said: dict[str, Any], what: Instrument) -> None:
    """Everything that both tell is the same. The client writes prices with two digits, and no day."""
    assert (said["exchange_segment"], said["security_id"]) == (SEGMENTS[what.key.exchange][0], int(what.token))
    assert f"{tick.ltp:.2f}" == said["LTP"]
    assert tick.ltt is not None
    # The client prints the time of India as UTC: there we differ on purpose, by five and a half hours.
    at = datetime.fromtimestamp(tick.ltt / 1000 + wire.IST_S, tz=UTC)
    assert at.strftime("%H:%M:%S") == said["LTT"]
    if said["type"] == "Ticker Data":
        return
    for ours in ("open", "high", "low", "close"):
        assert f"{getattr(tick, ours):.2f}" == said[ours]
    if what.kind is InstrumentKind.INDEX:
        return
    assert (tick.last_quantity, tick.volume, f"{tick.average_price:.2f}") == (
        *(said["LTQ"], said["volume"], said["avg_price"]),
    )
    assert (tick.total_buy_quantity, tick.total_sell_quantity) == (
        *(said["total_buy_quantity"], said["total_sell_quantity"]),
    )
    if said["type"] == "Full Data":
        # Shares have no open interest; the packet has room for one.
        assert tick.oi == (None if what.key.exchange in CASH else said["OI"])
        assert tick.depth is not None
        for side, name in ((tick.depth.buy, "bid"), (tick.depth.sell, "ask")):
            assert [(f"{each.price:.2f}", each.quantity, each.orders) for each in side] == [
                (row[f"{name}_price"], row[f"{name}_quantity"], row[f"{name}_orders"]) for row in said["depth"]
            ]


@pytest.mark.sdk
def test_the_official_client_reads_the_same_in_every_mode(tmp_path: Path) -> None:
    pytest.importorskip("dhanhq")
    sent = [(each, packet(each, code, QUOTE)) for each in INSTRUMENTS for code in (wire.TICKER, wire.QUOTE, wire.FULL)]
    sent = [(each, body) for each, body in sent if each.kind is not InstrumentKind.INDEX or len(body) < 162]
    said = _read(tmp_path, *(("market", body) for _, body in sent))
    for (what, body), each in zip(sent, said, strict=True):
        _compare(_decoded(body, what), each, what)


@pytest.mark.sdk
def test_the_official_client_reads_the_smaller_packets_the_same(tmp_path: Path) -> None:
    pytest.importorskip("dhanhq")
    close, interest = previous_close(HDFC, 1691.2), open_interest(FUTURE, 777)
    first, second, third = _read(tmp_path, ("market", close), ("market", interest), ("market", disconnection(805)))
    assert f"{_decoded(close, HDFC).close:.2f}" == first["prev_close"]
    assert _decoded(interest, FUTURE).oi == second["OI"]
    assert third is None  # it only prints why


@pytest.mark.sdk
def test_the_official_client_reads_the_first_packet_of_a_frame_alone(tmp_path: Path) -> None:
    """There we differ on purpose: a frame may hold several."""
    pytest.importorskip("dhanhq")
    (said,) = _read(tmp_path, ("market", previous_close(HDFC, 98.0) + packet(HDFC, wire.TICKER, QUOTE)))
    assert said["type"] == "Previous Close"


@pytest.mark.sdk
def test_the_official_client_reads_deep_books_the_same(tmp_path: Path) -> None:
    pytest.importorskip("dhanhq")
    wide = book(1000.0, 200)
    sent = [
        *(("20", deep_side(HDFC, 41, 20, QUOTE.depth.buy)), ("20", deep_side(HDFC, 51, 20, QUOTE.depth.sell))),
        *(("200", deep_side(FUTURE, 41, 200, wide.buy)), ("200", deep_side(FUTURE, 51, 200, wide.sell[:7]))),
    ]
    said = _read(tmp_path, *sent)
    for (levels, body), each in zip(sent, said, strict=True):
        ours = depth_wire.side(body, 0, len(body), counted=levels == "200")
        assert [level._asdict() for level in ours] == each["depth"]
        assert each["type"] == ("Bid" if body[2] == depth_wire.BIDS else "Ask")


@pytest.fixture
async def toy() -> AsyncIterator[ToyDhan]:
    toy = ToyDhan()
    toy.late_close = True
    at_s = datetime.fromisoformat(f"{DAY}T09:15:00+05:30").timestamp()
    toy.minutes = [[at_s, 1500.0, 1510.5, 1499.0, 1505.25, 12345, 7]]
    await toy.start()
    yield toy
    await toy.stop()


@pytest.mark.sdk
async def test_the_official_client_sends_the_browser_where_we_do(toy: ToyDhan, tmp_path: Path) -> None:
    pytest.importorskip("dhanhq")
    toy.token_ids = {"token-1": "AB1234"}
    base = toy.endpoints()["login"]
    client = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "ignore", "-c", _CONSENT, base, *APP), stdout=asyncio.subprocess.PIPE, cwd=tmp_path
    )
    theirs = json.loads((await client.communicate())[0].splitlines()[-1])
    login = DhanLogin(toy.endpoints())
    given = FORM.check({"client_id": "AB1234", "api_key": APP[0], "api_secret": APP[1]})
    url = await login.authorize_url(given, redirect="", state="")
    toy.token_ids = {"token-1": "AB1234"}
    session = await login.open_session(given, answer={"tokenId": "token-1"})
    await login.close()
    assert ([url], session.reveal("access_token")) == (theirs["sent"], theirs["token"])


@pytest.mark.sdk
async def test_the_official_client_asks_for_what_we_ask_for(toy: ToyDhan, tmp_path: Path) -> None:
    pytest.importorskip("dhanhq")
    client = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "ignore", "-c", _CLIENT, str(toy.port), DAY),
        stdout=asyncio.subprocess.PIPE,
        cwd=tmp_path,
    )
    heard: dict[str, list[Any]] = {}
    for path, held in (("/feed", 2), ("/twentydepth", 1), ("/full", 1)):
        await until(
            lambda path=path, held=held: any(len(each.holds) == held for each in toy.lines_of(path)),  # type: ignore[misc]
            within_s=30.0,
        )
        line = toy.lines_of(path)[0]
        heard[path] = line.heard
        for each in (HDFC, FUTURE):
            for frame in toy.frames_for(line, each, QUOTE) if toy.token_of(each) in line.holds else ():
                await line.say(frame)
    answer = json.loads((await client.communicate())[0].splitlines()[-1])
    assert [each["LTP"] for each in answer["heard"]] == ["101.25", "101.25"]
    books = [tuple(Level(**row) for row in each["depth"]) for each in answer["books"]]
    assert [Depth(books[0], books[1]), Depth(books[2], books[3])] == [QUOTE.depth, QUOTE.depth]
    hdfc, future = place_of(HDFC), place_of(FUTURE)
    assert [json.loads(each) for each in heard["/feed"]] == [
        json.loads(each)
        for each in (
            wire.encode(wire.TICKER, [hdfc]),
            wire.encode(wire.FULL, [future]),
            wire.encode(wire.FULL + 1, [future]),
        )
    ]
    assert json.loads(heard["/twentydepth"][0]) == json.loads(depth_wire.encode(depth_wire.ASK, [hdfc], alone=False))
    assert json.loads(heard["/full"][0]) == json.loads(depth_wire.encode(depth_wire.ASK, [hdfc], alone=True))
    await _compare_candles(toy, answer["rows"])


async def _compare_candles(toy: ToyDhan, columns: dict[str, list[float]]) -> None:
    """Our request says the same, and our candle is the one that the client got."""
    theirs = toy.asked[-1]
    venue = DhanVenue(toy.endpoints())
    session = BrokerSession(
        broker="dhan", user="AB1234", tokens={"access_token": Secret("good-token")}, obtained_ms=1.0
    )
    start_ms = int(toy.minutes[0][0] * 1000)
    (candle,) = await venue.history(session, HDFC, CandleRange(60, 10, start_ms, start_ms + 60_000))
    await venue.close()
    # The client adds its id to every request, which the documentation of this one does not have; ours has the expiry.
    assert toy.asked[-1] | {"dhanClientId": "AB1234"} == theirs | {"expiryCode": 0}
    names = ("open", "high", "low", "close", "volume")
    assert [candle.start_ms / 1000, *candle[1:6]] == [columns["timestamp"][0], *(columns[name][0] for name in names)]
