"""The vendor's clients as the oracle: they hear what our toy says, and ask for what our feed asks for.

Where we differ on purpose: open interest and circuit limits are kept (the client drops the one and makes the others
zero), and the length of a subscription is that of the frame (the client counts its access token too, which is not
in it).
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.fyers import hsm
from adapters.fyers.deep_book import MESSAGES, DeepBook, decode
from adapters.fyers.hsm_ticks import Topic
from adapters.fyers.index_feed_names import INDEX_FEED_NAMES
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey
from market.ticks import Tick
from tests.adapters.fyers.bench import INSTRUMENTS
from tests.adapters.fyers.test_deep import TICKER, WHOLE
from tests.doubles.toy_broker import ToyQuote, book
from tests.doubles.toy_fyers import ToyFyers, deep_frame, jwt
from tests.doubles.waiting import until

KEY = InstrumentKey(Exchange.NSE, "INFY")

# Each in its own process: they are singletons, run threads that nothing ends, and write log files where they are.
_SOCKET = """
import json, os, sys, threading
from fyers_apiv3.FyersWebsocket import data_ws
NAMES = {"nse_cm|1594": "NSE:INFY-EQ", "nse_cm|Nifty 50": "NSE:NIFTY50-INDEX"}
def convert(self, symbols):
    kind = "dp" if self.data_type == "DepthUpdate" else "sf"
    topics = {("if" if "Nifty" in name else kind) + "|" + name: ticker for name, ticker in NAMES.items()}
    return {topic: ticker for topic, ticker in topics.items() if ticker in symbols}, [], False, ""
data_ws.SymbolConversion.symbol_to_hsmtoken = convert
heard, said, done = [], [], threading.Event()
def hear(message):
    heard.append(message)
    if sum("symbol" in each for each in heard) == 5:
        done.set()
socket = data_ws.FyersDataSocket(
    access_token=sys.argv[2], log_path="", reconnect=False, on_message=hear, on_error=said.append
)
socket._FyersDataSocket__url = "ws://127.0.0.1:" + sys.argv[1] + "/hsm/v1-5/prod"
socket.connect()
socket.subscribe(["NSE:INFY-EQ", "NSE:NIFTY50-INDEX"], "SymbolUpdate")
socket.subscribe(["NSE:INFY-EQ"], "DepthUpdate")
assert done.wait(30), (heard, said)
print(json.dumps({"heard": heard, "said": [str(each) for each in said]}), flush=True)
os._exit(0)
"""
_DEEP = """
import json, os, sys, threading
from fyers_apiv3.FyersWebsocket import tbt_ws
tbt_ws.getUrl = lambda token: "ws://127.0.0.1:" + sys.argv[1] + "/versova"
books, done = [], threading.Event()
def hear(ticker, depth):
    books.append([ticker] + [getattr(depth, name)[:] if isinstance(getattr(depth, name), list) else getattr(depth, name)
        for name in ("bidprice", "bidqty", "bidordn", "askprice", "askqty", "askordn", "tbq", "tsq", "timestamp")])
    if len(books) == 3:
        done.set()
socket = tbt_ws.FyersTbtSocket(access_token="APP-100:good-token", log_path=".", reconnect=False, on_depth_update=hear)
socket.connect()
socket.switchChannel({"1"}, set())
socket.subscribe({"NSE:INFY-EQ"}, "1", tbt_ws.SubscriptionModes.DEPTH)
assert done.wait(30), books
print(json.dumps(books), flush=True)
os._exit(0)
"""


async def _run(toy: ToyFyers, folder: Path, code: str, ready: Callable[[], object], talk: Callable[[], Any]) -> Any:
    """What the client `code` prints, after `talk` when the toy is `ready`."""
    client = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "ignore", "-c", code, str(toy.port), jwt("good-token", exp=int(time.time()) + 999)),
        stdout=asyncio.subprocess.PIPE,
        cwd=folder,
    )
    try:
        await until(ready, within_s=60.0)
        await talk()
        lines = (await client.communicate())[0].decode().splitlines()
    finally:
        if client.returncode is None:
            client.kill()
            await client.wait()
    return json.loads(lines[-1])


@pytest.mark.sdk
async def test_the_official_socket_and_we_understand_the_same(toy: ToyFyers, tmp_path: Path) -> None:
    pytest.importorskip("fyers_apiv3")
    infy, nifty = INSTRUMENTS[1], INSTRUMENTS[3]
    toy.takes_any_length = True
    sent: list[bytes] = []

    async def talk() -> None:
        for instrument, ltp in ((infy, 101.25), (nifty, 26_000.5), (infy, 102.30)):
            (frame,) = toy.frames_for(toy.lines[0], instrument, ToyQuote(ltp=ltp, depth=book(ltp)))
            assert isinstance(frame, bytes)
            sent.append(frame)
            await toy.lines[0].say(frame)

    told = await _run(toy, tmp_path, _SOCKET, lambda: _holds(toy, infy) == "sf+dp", talk)
    ours: list[tuple[str, Tick]] = []
    known: dict[int, Topic] = {}
    for frame in sent:
        said = hsm.decode(frame)
        assert isinstance(said, hsm.Data)
        for entry in said.entries:
            if isinstance(entry, hsm.Snapshot):
                known[entry.topic_id] = Topic(entry.topic, entry.scale)
            known[entry.topic_id].merge(entry.values)
            ours.append((known[entry.topic_id].kind, known[entry.topic_id].tick(KEY, 1.0)))
    theirs = [each for each in told["heard"] if "symbol" in each]
    assert [kind for kind, _ in ours] == [each["type"] for each in theirs]
    for (kind, tick), each in zip(ours, theirs, strict=True):
        _COMPARE[kind](tick, each)
    assert told["said"] == []
    assert toy.violations == []
    _compare_requests([frame for frame in toy.lines_heard if isinstance(frame, bytes)])


def _holds(toy: ToyFyers, instrument: Instrument) -> str | None:
    return toy.holds(instrument) if toy.lines else None


def _compare_scrip(tick: Tick, told: dict[str, float]) -> None:
    assert (tick.ltp, tick.open, tick.high, tick.low, tick.close, tick.average_price) == tuple(
        told[f"{name}"]
        for name in ("ltp", "open_price", "high_price", "low_price", "prev_close_price", "avg_trade_price")
    )
    assert (tick.bid_price, tick.ask_price, tick.bid_size, tick.ask_size) == tuple(
        told[name] for name in ("bid_price", "ask_price", "bid_size", "ask_size")
    )
    assert (tick.volume, tick.last_quantity, tick.total_buy_quantity, tick.total_sell_quantity) == tuple(
        told[name] for name in ("vol_traded_today", "last_traded_qty", "tot_buy_qty", "tot_sell_qty")
    )
    assert (tick.ltt, tick.timestamp) == (told["last_traded_time"] * 1000, told["exch_feed_time"] * 1000)
    assert (told["lower_ckt"], told["upper_ckt"], "OI" in told) == (0, 0, False)
    assert (tick.lower_circuit, tick.upper_circuit) == (88.2, 107.8)


def _compare_index(tick: Tick, told: dict[str, float]) -> None:
    assert (tick.ltp, tick.open, tick.high, tick.low, tick.close) == tuple(
        told[name] for name in ("ltp", "open_price", "high_price", "low_price", "prev_close_price")
    )


def _compare_book(tick: Tick, told: dict[str, float]) -> None:
    assert tick.depth is not None
    for side, levels in (("bid", tick.depth.buy), ("ask", tick.depth.sell)):
        assert [tuple(level) for level in levels] == [
            (told[f"{side}_price{place}"], told[f"{side}_size{place}"], told[f"{side}_order{place}"])
            for place in range(1, 6)
        ]


_COMPARE: dict[str, Callable[[Tick, dict[str, float]], None]] = {
    "sf": _compare_scrip,
    "if": _compare_index,
    "dp": _compare_book,
}


def _compare_requests(heard: list[bytes]) -> None:
    """But for the name of the client and the length of subscriptions, its requests are ours."""
    login, mode, first, second = (frame for frame in heard if frame != hsm.PING and frame[2] != 3)
    assert hsm.PING in heard
    source = hsm.SOURCE_TEXT.encode()
    ours = hsm.encode_login("good-token")
    assert login[4 : -len(b"PythonSDK-3.2.0") - 2] == ours[4 : -len(source) - 2]
    assert mode[2:] == hsm.encode_full_mode(11)[2:]
    assert first[2:] == hsm.encode_subscribe(["sf|nse_cm|1594", "if|nse_cm|Nifty 50"], 11)[2:]
    assert second[2:] == hsm.encode_subscribe(["dp|nse_cm|1594"], 11)[2:]


@pytest.mark.sdk
async def test_the_official_deep_books_and_ours_are_the_same(toy: ToyFyers, tmp_path: Path) -> None:
    pytest.importorskip("fyers_apiv3")
    frames = [
        WHOLE,
        deep_frame(TICKER, {0: {"qty": 999}, 7: {"price": 9_990, "nord": 4}}, {49: {"qty": 0}}, at_s=8, tbq=501),
        deep_frame(TICKER, {}, {0: {"price": 10_006}}, at_s=9),
    ]

    async def talk() -> None:
        for frame in frames:
            assert await toy.say_deep(TICKER, frame) == 1

    def is_ready() -> bool:
        return any({TICKER, "channel 1"} <= set(line.holds) for line in toy.lines)

    told = await _run(toy, tmp_path, _DEEP, is_ready, talk)
    ours = DeepBook()
    for frame, (ticker, *theirs) in zip(frames, told, strict=True):
        (feed,) = decode(frame).feeds.values()
        ours.merge(feed.depth)
        depth = ours.depth(feed.feed_time.value)
        sides = [list(zip(*theirs[at : at + 3], strict=True)) for at in (0, 3)]
        for side, levels in zip(sides, (depth.buy, depth.sell), strict=True):
            assert [tuple(level) for level in levels] == [level for level in side if level[0] and level[1]]
        assert (ticker, *theirs[6:]) == (TICKER, ours.buying, ours.selling, depth.timestamp)
    asked = [json.loads(each) for each in toy.lines_heard if each != "ping"]
    assert asked == [
        {"type": 2, "data": {"resumeChannels": ["1"], "pauseChannels": []}},
        {"type": 1, "data": {"subs": 1, "symbols": [TICKER], "mode": "depth", "channel": "1"}},
    ]


@pytest.mark.sdk
def test_our_field_numbers_are_those_of_the_official_codec() -> None:
    official = pytest.importorskip("fyers_apiv3.FyersWebsocket.msg_pb2")
    for name, ours in MESSAGES.items():
        if not hasattr(official, name):
            assert name.endswith("Value")
            continue
        theirs = getattr(official, name).DESCRIPTOR.fields_by_name
        for field in ours.DESCRIPTOR.fields:
            assert theirs[field.name].number == field.number, (name, field.name)
            if field.message_type is not None and field.message_type.name.endswith("Value"):
                assert theirs[field.name].message_type.name == field.message_type.name


@pytest.mark.sdk
def test_indices_have_the_names_that_the_official_client_asks_for() -> None:
    official = pytest.importorskip("fyers_apiv3")
    (folder,) = official.__path__
    told = json.loads((Path(folder) / "FyersWebsocket" / "map.json").read_text())["index_dict"]
    assert told == INDEX_FEED_NAMES
