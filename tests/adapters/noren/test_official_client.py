"""The vendor's client as the oracle: it hears what our toy says, and asks for what our feed asks for.

It greets in the old way (`c` with the plain token), which OAuth tokens are refused for; there we differ on purpose.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from adapters.noren import wire
from adapters.noren.broker import NorenVenue
from adapters.noren.rows import FLATTRADE
from adapters.venue import CandleRange
from market.credentials import Secret
from market.logins import BrokerSession
from tests.adapters.noren.bench import INSTRUMENTS
from tests.adapters.noren.test_rest import FIRST_S
from tests.doubles.toy_broker import ToyQuote
from tests.doubles.toy_noren import ToyNoren
from tests.doubles.waiting import until

# Its own process: it runs threads that nothing ends.
_CLIENT = """
import json, os, sys, threading
from NorenRestApiPy.NorenApi import FeedType, NorenApi
port, first = sys.argv[1:3]
api = NorenApi(host=f"http://127.0.0.1:{port}", websocket=f"ws://127.0.0.1:{port}/NorenWSTP/")
api.set_session("AB1234", "pw", "good-token")
heard, opened, done = [], threading.Event(), threading.Event()
def hear(message):
    heard.append(message)
    if len(heard) == 4:
        done.set()
api.start_websocket(subscribe_callback=hear, socket_open_callback=opened.set)
assert opened.wait(20)
api.subscribe(["NSE|11630"])
api.subscribe("BSE|532555", feed_type=FeedType.SNAPQUOTE)
assert done.wait(20)
api.unsubscribe(["NSE|11630"])
api.unsubscribe("BSE|532555", feed_type=FeedType.SNAPQUOTE)
rows = api.get_time_price_series("NSE", "11630", starttime=int(first), endtime=int(first) + 600, interval="1")
print(json.dumps({"heard": heard, "rows": rows}), flush=True)
os._exit(0)
"""


@pytest.fixture
async def toy() -> AsyncIterator[ToyNoren]:
    toy = ToyNoren(FLATTRADE)
    toy.takes_old_greeting = True
    await toy.start()
    yield toy
    await toy.stop()


@pytest.mark.sdk
async def test_the_official_client_and_we_understand_the_same(toy: ToyNoren, tmp_path: Path) -> None:
    pytest.importorskip("NorenRestApiPy")
    quote = ToyQuote(ltp=101.25)
    row = {"into": "100.00", "inth": "101.00", "intl": "99.00", "intc": "100.50", "intv": "55", "oi": "7"}
    toy.minutes = [row | {"stat": "Ok", "ssboe": str(FIRST_S)}]
    client = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "ignore", "-c", _CLIENT, str(toy.port), str(FIRST_S)),
        stdout=asyncio.subprocess.PIPE,
        cwd=tmp_path,
    )
    await until(lambda: toy.held == 2, within_s=30.0)
    line = toy.lines[0]
    sent: list[Any] = []
    for instrument in INSTRUMENTS[:2]:
        for frame in toy.frames_for(line, instrument, quote):
            sent.append(json.loads(frame))
            await line.say(frame)
    answer = json.loads((await client.communicate())[0])
    asked = [json.loads(each) for each in line.heard]
    assert [message for message in answer["heard"] if message["t"] in ("tf", "df")] == sent
    assert [message for message in asked if message["t"] in ("t", "d", "u", "ud")] == [
        json.loads(each)
        for each in (
            wire.encode_ask(wire.TOUCHLINE, ["NSE|11630"]),
            wire.encode_ask(wire.DEPTH, ["BSE|532555"]),
            wire.encode_leave(wire.TOUCHLINE, ["NSE|11630"]),
            wire.encode_leave(wire.DEPTH, ["BSE|532555"]),
        )
    ]
    assert toy.violations == []
    await _compare_candles(toy, answer["rows"])


async def _compare_candles(toy: ToyNoren, rows: list[dict[str, str]]) -> None:
    """Our candles are those that the client got, and our request said the same."""
    theirs = toy.asked[-1]
    venue = NorenVenue(FLATTRADE, toy.endpoints())
    tokens = {"access_token": Secret("good-token")}
    session = BrokerSession(broker="flattrade", user="AB1234", tokens=tokens, obtained_ms=1.0)
    asked = CandleRange(60, 10, FIRST_S * 1000, (FIRST_S + 600) * 1000)
    (candle,) = await venue.history(session, INSTRUMENTS[0], asked)
    await venue.close()
    ours = toy.asked[-1]
    assert ours == {name: ours[name] for name in theirs if name != "ordersource"}
    assert {name: theirs[name] for name in ours} == ours
    (row,) = rows
    assert tuple(candle) == (
        FIRST_S * 1000,
        *(float(row[name]) for name in ("into", "inth", "intl", "intc", "intv", "oi")),
    )
