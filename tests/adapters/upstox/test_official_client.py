"""The vendor's client as the oracle: it hears what our toy says, and asks for what our feed asks for.

It does not verify certificates (its `sslopt`) and draws its request numbers; there we differ on purpose.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from adapters.upstox import wire
from adapters.upstox.schema import MESSAGES
from market.exchanges import Exchange
from market.instruments import InstrumentKey
from tests.adapters.upstox.bench import INSTRUMENTS
from tests.doubles.toy_broker import ToyQuote, book
from tests.doubles.toy_upstox import ToyUpstox, market_info
from tests.doubles.waiting import until

# Its own process: it runs threads that nothing ends, and has the address of the feed within its code.
_CLIENT = """
import json, os, sys, threading, types
import websocket
import upstox_client
from upstox_client.feeder import market_data_feeder_v3 as feeder
def app(url, **options):
    return websocket.WebSocketApp(url.replace("wss://api.upstox.com", "ws://127.0.0.1:" + sys.argv[1]), **options)
feeder.websocket = types.SimpleNamespace(WebSocketApp=app, ABNF=websocket.ABNF)
configuration = upstox_client.Configuration()
configuration.access_token = "good-token"
streamer = upstox_client.MarketDataStreamerV3(upstox_client.ApiClient(configuration), ["NSE_EQ|INE009A01021"], "ltpc")
heard, opened, done = [], threading.Event(), threading.Event()
def hear(message):
    heard.append(message)
    if len(heard) == 4:
        done.set()
streamer.on("message", hear)
streamer.on("open", opened.set)
streamer.connect()
assert opened.wait(20)
streamer.subscribe(["NSE_EQ|INE002A01018", "NSE_INDEX|Nifty 50"], "full")
streamer.change_mode(["NSE_EQ|INE009A01021"], "full_d30")
assert done.wait(20)
streamer.unsubscribe(["NSE_EQ|INE009A01021"])
print(json.dumps(heard), flush=True)
os._exit(0)
"""


@pytest.mark.sdk
async def test_the_official_client_and_we_understand_the_same(toy: ToyUpstox, tmp_path: Path) -> None:
    pytest.importorskip("upstox_client")
    client = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "ignore", "-c", _CLIENT, str(toy.port)), stdout=asyncio.subprocess.PIPE, cwd=tmp_path
    )
    await until(lambda: toy.held == 3 and "full_d30" in toy.lines[0].holds.values(), within_s=60.0)
    line, sent = toy.lines[0], []
    for number in (0, 1, 3):
        quote = ToyQuote(ltp=101.25, depth=book(101.0, 30))
        for frame in toy.frames_for(line, INSTRUMENTS[number], quote):
            assert isinstance(frame, bytes)
            sent.append(frame)
            await line.say(frame)
    heard = json.loads((await client.communicate())[0])
    assert heard[0] == {
        "type": "market_info",
        "currentTs": "1",
        "marketInfo": {"segmentStatus": {"NSE_EQ": "NORMAL_OPEN", "NSE_FO": "NORMAL_OPEN"}},
    }
    for frame, told in zip(sent, heard[1:], strict=True):
        _compare(frame, told)
    asked = [json.loads(each) for each in line.heard]
    keys = ["NSE_EQ|INE009A01021"]
    ours = [
        json.loads(each)
        for each in (
            wire.encode(1, "sub", keys, "ltpc"),
            wire.encode(2, "sub", ["NSE_EQ|INE002A01018", "NSE_INDEX|Nifty 50"], "full"),
            wire.encode(3, "change_mode", keys, "full_d30"),
            wire.encode(4, "unsub", keys),
        )
    ]
    assert [each | {"guid": ""} for each in asked] == [each | {"guid": ""} for each in ours]
    assert toy.violations == []


def _compare(frame: bytes, told: dict[str, Any]) -> None:
    message = wire.decode(frame)
    ((token, feed),) = message.feeds.items()
    tick = wire.tick(feed, wire.Wanted(InstrumentKey(Exchange.NSE, "X"), 100.0), 1.0, message.currentTs)
    full = told["feeds"][token]["fullFeed"]
    part = full.get("marketFF") or full["indexFF"]
    day = part["marketOHLC"]["ohlc"][0]
    assert tick is not None
    assert (tick.ltp, tick.close, tick.ltt) == (part["ltpc"]["ltp"], part["ltpc"]["cp"], int(part["ltpc"]["ltt"]))
    assert (tick.open, tick.high, tick.low, tick.timestamp) == (
        *(day[name] for name in ("open", "high", "low")),
        int(told["currentTs"]),
    )
    rows = part.get("marketLevel", {}).get("bidAskQuote", [])
    buy, sell = (tick.depth.buy, tick.depth.sell) if tick.depth is not None else ((), ())
    assert [(each.price, each.quantity) for each in buy] == [(row["bidP"], int(row["bidQ"])) for row in rows]
    assert [(each.price, each.quantity) for each in sell] == [(row["askP"], int(row["askQ"])) for row in rows]
    if rows:
        told_of = [part["atp"], int(part["vtt"]), part["oi"], part["tbq"], part["tsq"]]
        ours = [tick.average_price, tick.volume, tick.oi, tick.total_buy_quantity, tick.total_sell_quantity]
        assert ours == told_of


@pytest.mark.sdk
def test_our_field_numbers_are_those_of_the_official_codec() -> None:
    official = pytest.importorskip("upstox_client.feeder.proto.MarketDataFeedV3_pb2")
    names = {"Ltpc": "LTPC", "MarketOhlc": "MarketOHLC", "Ohlc": "OHLC"}
    for name, ours in MESSAGES.items():
        theirs = getattr(official, names.get(name, name)).DESCRIPTOR.fields_by_name
        for field in ours.DESCRIPTOR.fields:
            assert theirs[field.name].number == field.number, (name, field.name)
            is_enum = theirs[field.name].type == field.TYPE_ENUM
            assert theirs[field.name].type == field.type or (is_enum and field.type == field.TYPE_INT32), field.name


@pytest.mark.sdk
def test_the_official_codec_reads_our_market_info() -> None:
    official = pytest.importorskip("upstox_client.feeder.proto.MarketDataFeedV3_pb2")
    message = official.FeedResponse.FromString(market_info({"NSE_EQ": 2}))
    assert dict(message.marketInfo.segmentStatus) == {"NSE_EQ": 2}
