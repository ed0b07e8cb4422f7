"""The vendor's client as the oracle: it reads what our toy says, and asks for what our feed asks for."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from adapters.angel import wire
from adapters.angel.broker import AngelVenue
from adapters.venue import CandleRange
from market.credentials import Secret
from market.instruments import Instrument, InstrumentKind
from market.logins import BrokerSession
from market.ticks import Tick
from tests.adapters.angel.bench import INSTRUMENTS
from tests.doubles.toy_angel import ToyAngel, packet
from tests.doubles.toy_broker import ToyQuote
from tests.doubles.waiting import until

INFY, INFY_BSE, FUTURE = INSTRUMENTS[:3]
pytestmark = pytest.mark.skipif(importlib.util.find_spec("SmartApi") is None, reason="could not find 'SmartApi'")

FIRST = "2026-11-24 09:15"

# A process of its own: it makes a folder `logs` where it stands, and looks up its address in the network when imported.
_READER = """
import json, sys
from SmartApi.smartWebSocketV2 import SmartWebSocketV2
client = SmartWebSocketV2("t", "k", "c", "f")
print(json.dumps([client._parse_binary_data(bytes.fromhex(line)) for line in sys.stdin.read().split()]))
"""
_CLIENT = """
import json, os, sys, threading
from SmartApi import SmartConnect
from SmartApi.smartWebSocketV2 import SmartWebSocketV2
port, first = sys.argv[1:3]
SmartWebSocketV2.ROOT_URI = f"ws://127.0.0.1:{port}/smart-stream"
client = SmartWebSocketV2("Bearer good-token", "key", "AB1234", "feed")
heard, done = [], threading.Event()
def opened(app):
    client.subscribe("abc", 1, [{"exchangeType": 1, "tokens": ["1594"]}])
    client.subscribe("abc", 3, [{"exchangeType": 3, "tokens": ["500209"]}, {"exchangeType": 2, "tokens": ["1594"]}])
def hear(app, data):
    heard.append(data)
    if len(heard) == 3:
        client.unsubscribe("abc", 3, [{"exchangeType": 3, "tokens": ["500209"]}])
        done.set()
client.on_open, client.on_data = opened, hear
threading.Thread(target=client.connect, daemon=True).start()
assert done.wait(20)
rest = SmartConnect(api_key="key", access_token="good-token", root=f"http://127.0.0.1:{port}")
given = {"exchange": "NSE", "symboltoken": "1594", "interval": "ONE_MINUTE", "fromdate": first, "todate": first}
print(json.dumps({"heard": heard, "rows": rest.getCandleData(given)["data"]}), flush=True)
os._exit(0)
"""


# Nothing but loopback can be reached: the client would ask a server for its address.
_ALONE = dict(os.environ, HTTPS_PROXY="http://127.0.0.1:9", HTTP_PROXY="http://127.0.0.1:9", NO_PROXY="127.0.0.1")


def _python(code: str, folder: Path, given: str = "") -> Any:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        input=given,
        capture_output=True,
        text=True,
        cwd=folder,
        env=_ALONE,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def _compare(tick: Tick, said: dict[str, Any], what: Instrument) -> None:
    """Everything that both tell is the same. Prices come from the client as they are written."""
    unit = 10_000_000 if what.key.exchange == "CDS" else 100
    assert (said["exchange_type"], said["token"]) == (wire.EXCHANGE_TYPES[what.key.exchange], what.token)
    assert tick.ltp == said["last_traded_price"] / unit
    assert tick.timestamp == said["exchange_timestamp"]
    if said["subscription_mode"] == wire.LTP:
        return
    prices = {"open": "open_price_of_the_day", "high": "high_price_of_the_day", "low": "low_price_of_the_day"}
    for ours, theirs in (prices | {"close": "closed_price"}).items():
        assert getattr(tick, ours) == said[theirs] / unit
    if what.kind is InstrumentKind.INDEX:
        return
    assert (tick.last_quantity, tick.volume) == (said["last_traded_quantity"], said["volume_trade_for_the_day"])
    assert tick.average_price == said["average_traded_price"] / unit
    assert (tick.total_buy_quantity, tick.total_sell_quantity) == (
        said["total_buy_quantity"],
        said["total_sell_quantity"],
    )
    if said["subscription_mode"] == wire.SNAP_QUOTE:
        assert tick.ltt == said["last_traded_timestamp"] * 1000
        circuits = (said["upper_circuit_limit"] / unit, said["lower_circuit_limit"] / unit)
        assert (tick.upper_circuit, tick.lower_circuit) == circuits
        assert tick.depth is not None
        for levels, theirs in ((tick.depth.buy, "best_5_buy_data"), (tick.depth.sell, "best_5_sell_data")):
            assert [(round(each.price * unit), each.quantity, each.orders) for each in levels] == [
                (each["price"], each["quantity"], each["no of orders"]) for each in said[theirs]
            ]


@pytest.mark.sdk
def test_the_official_client_reads_the_same_in_every_mode(tmp_path: Path) -> None:
    sent = [
        (each, packet(each, mode, ToyQuote(ltp=101.25 + mode)))
        for each in INSTRUMENTS
        for mode in (wire.LTP, wire.QUOTE, wire.SNAP_QUOTE)
    ]
    said = _python(_READER, tmp_path, "\n".join(body.hex() for _, body in sent))
    for (what, body), each in zip(sent, said, strict=True):
        _compare(wire.decode(body, wire.listing_of(what), 0.0), each, what)


@pytest.mark.sdk
@pytest.mark.recorded
def test_the_official_client_reads_open_interest_of_shares_and_its_change_as_they_come(
    tmp_path: Path, recordings: Path
) -> None:
    """There we differ on purpose: a share has no open interest, and the change is a number that nobody can read."""
    vector = json.loads((recordings / "angel/smartstream_packets.json").read_text())[0]
    (said,) = _python(_READER, tmp_path, vector["hex_snap"])
    tick = wire.decode(bytes.fromhex(vector["hex_snap"]), wire.listing_of(INFY), 0.0)
    _compare(tick, said, INFY)
    assert (said["open_interest"], tick.oi) == (78_268_800, None)
    assert said["open_interest_change_percentage"] == 4_584_350_709_158_701_777


@pytest.fixture
async def toy() -> AsyncIterator[ToyAngel]:
    toy = ToyAngel()
    toy.candles = [["2026-11-24T09:15:00+05:30", 1500.0, 1510.5, 1499.0, 1505.25, 12345]]
    await toy.start()
    yield toy
    await toy.stop()


@pytest.mark.sdk
async def test_the_official_client_asks_for_what_we_ask_for(toy: ToyAngel, tmp_path: Path) -> None:
    client = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "ignore", "-c", _CLIENT, str(toy.port), FIRST),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=tmp_path,
        env=_ALONE,
    )
    await until(lambda: toy.held == 3, within_s=30.0)
    line = toy.lines[0]
    for each in (INFY, INFY_BSE, FUTURE):
        await toy.tick(each, ToyQuote(ltp=101.25))
    answer = json.loads((await client.communicate())[0].splitlines()[-1])
    assert [(each["exchange_type"], each["token"]) for each in answer["heard"]] == [
        (1, "1594"),
        (3, "500209"),
        (2, "1594"),
    ]
    places = [wire.place_of(each) for each in (INFY, INFY_BSE, FUTURE)]
    assert [json.loads(each) for each in line.heard] == [
        json.loads(each)
        for each in (
            wire.encode(wire.ASK, wire.LTP, places[:1], "abc"),
            wire.encode(wire.ASK, wire.SNAP_QUOTE, places[1:], "abc"),
            wire.encode(wire.LEAVE, wire.SNAP_QUOTE, places[1:2], "abc"),
        )
    ]
    await _compare_candles(toy, answer["rows"])


async def _compare_candles(toy: ToyAngel, rows: list[list[Any]]) -> None:
    """Our request has the same fields, and our candle is the one that the client got."""
    theirs = toy.asked[-1]
    venue = AngelVenue(toy.endpoints())
    tokens = {"api_key": Secret("key"), "jwt_token": Secret("good-token")}
    session = BrokerSession(broker="angel", user="AB1234", tokens=tokens, obtained_ms=1.0)
    start_ms = 1_795_491_900_000
    (candle,) = await venue.history(session, INFY, CandleRange(60, 10, start_ms, start_ms + 60_000))
    await venue.close()
    assert toy.asked[-1] | {"todate": FIRST} == theirs
    assert [candle.start_ms, *candle[1:6]] == [start_ms, *rows[0][1:]]
