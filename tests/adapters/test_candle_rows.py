"""One damaged candle costs no broker's chart, and an answer of nothing but such is an error with a sentence."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

import msgspec
import pytest
from aiohttp import web

from adapters.broker_factory import broker
from adapters.candle_rows import reader, sound_candles, sound_rows
from adapters.venue import CandleRange, Venue
from market.candles import Candle
from market.credentials import Secret
from market.errors import DecodeError
from market.instruments import Instrument
from market.logins import BrokerSession
from tests.adapters.conformance.bench import Dialect
from tests.adapters.conformance.dialects import DIALECTS

TIMES_S = (1_790_000_100, 1_790_000_160, 1_790_000_220)
Rows = Sequence[tuple[int, float | None]]
"""When a candle begins (s since 1970 UTC), and its low: None is the damage."""


def _written(at_s: int) -> str:
    minutes, seconds = divmod(at_s + 19_800 - 1_789_948_800, 60)
    return f"2026-09-21T{minutes // 60:02}:{minutes % 60:02}:{seconds:02}+05:30"


def _dated(rows: Rows) -> list[list[object]]:
    return [[_written(at_s), 2.0, 3.0, low, 2.5, 10, 0] for at_s, low in rows]


def _texts(rows: Rows, unit: int = 1000) -> list[list[object]]:
    return [[str(at_s * unit), "2", "3", None if low is None else str(low), "2.5", "10", "10"] for at_s, low in rows]


def _named(rows: Rows, time: str, at: Callable[[int], object]) -> list[dict[str, object]]:
    return [
        {time: at(at_s), "open": 2.0, "high": 3.0, "low": low, "close": 2.5, "volume": 10, "oi": 0}
        for at_s, low in rows
    ]


def _columns(rows: Rows) -> dict[str, object]:
    count = len(rows)
    given = {name: [value] * count for name, value in (("open", 2.0), ("high", 3.0), ("close", 2.5), ("volume", 10))}
    return {**given, "low": [low for _, low in rows], "timestamp": [at_s for at_s, _ in rows]}


def _pipes(rows: Rows) -> str:
    return ",".join(f"{at_s + 59 + 19_800}|2|3|{'' if low is None else low}|2.5|10|0|" for at_s, low in rows)


def _noren(rows: Rows) -> list[dict[str, object]]:
    prices = {"into": "2", "inth": "3", "intc": "2.5", "intv": "10", "oi": "0"}
    return [{"stat": "Ok", "ssboe": str(at_s), **prices, "intl": low} for at_s, low in rows]


def _alice(rows: Rows) -> dict[str, object]:
    return {"stat": "Ok", "result": _named(rows, "time", lambda at_s: _written(at_s + 59)[:19].replace("T", " "))}


ANSWERS: Mapping[str, Callable[[Rows], object]] = {
    "openalgo": lambda rows: {"status": "success", "data": _named(rows, "timestamp", lambda at_s: at_s)},
    "okx": lambda rows: {"code": "0", "data": _texts(rows)[::-1]},
    "bybit": lambda rows: {"retCode": 0, "result": {"list": _texts(rows)[::-1]}},
    "binance": _texts,
    "binance_futures": _texts,
    "delta": lambda rows: {"success": True, "result": _named(rows, "time", lambda at_s: at_s)},
    "zerodha": lambda rows: {"status": "success", "data": {"candles": _dated(rows)}},
    "upstox": lambda rows: {"status": "success", "data": {"candles": _dated(rows)[::-1]}},
    "angel": lambda rows: {"status": True, "message": "SUCCESS", "errorcode": "", "data": _dated(rows)},
    "dhan": _columns,
    "fyers": lambda rows: {"s": "ok", "candles": [[at_s, 2.0, 3.0, low, 2.5, 10] for at_s, low in rows]},
    "shoonya": _noren,
    "aliceblue": _alice,
    "iifl": lambda rows: {"type": "success", "code": "s", "result": {"dataReponse": _pipes(rows)}},
}


class Bench:
    """A broker that answers with `rows` once, and has no more after them."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.rows: Rows = ()
        self.venue: Venue
        self.port = 0

    async def serve(self, _request: web.Request) -> web.Response:
        rows, self.rows = self.rows, ()
        return web.json_response(ANSWERS[self.dialect.name](rows))

    async def candles(self, rows: Rows) -> Sequence[Candle]:
        """What the chart gets of an answer with `rows`."""
        self.rows = rows
        host = f"http://127.0.0.1:{self.port}"
        is_openalgo = self.dialect.name == "openalgo"  # whose address is a part of the login
        given = {"api_key": "good-token", "host": host} if is_openalgo else self.dialect.tokens("good-token")
        tokens = {name: Secret(value) for name, value in given.items()}
        session = BrokerSession(broker=self.dialect.name, user="AB1234", tokens=tokens, obtained_ms=0.0)
        instrument: Instrument = self.dialect.instruments[0]
        return await self.venue.history(session, instrument, CandleRange(60, 3))


def _dialects() -> list[Dialect]:
    return [dialect for dialect in DIALECTS if dialect.name in ANSWERS]


@pytest.fixture(params=_dialects(), ids=lambda dialect: dialect.name)
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    bench, app = Bench(request.param), web.Application()
    app.router.add_route("*", "/{tail:.*}", bench.serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    bench.port = runner.addresses[0][1]
    row = broker(bench.dialect.name)
    bench.venue = row.venue(row.resolve({role: _at(url, bench.port) for role, url in row.endpoints.items()}))
    yield bench
    await bench.venue.close()
    await runner.cleanup()


def _at(url: str, port: int) -> str:
    return f"{'ws' if url.startswith('ws') else 'http'}://127.0.0.1:{port}"


def test_every_family_is_here() -> None:
    assert {dialect.name for dialect in _dialects()} == set(ANSWERS)


async def test_a_damaged_candle_is_left_out_and_the_others_are_there(bench: Bench) -> None:
    whole = await bench.candles([(at_s, 1.0) for at_s in TIMES_S])
    assert [(each.start_ms, each.low) for each in whole] == [(at_s * 1000, 1.0) for at_s in TIMES_S]
    damaged = await bench.candles([(TIMES_S[0], 1.0), (TIMES_S[1], None), (TIMES_S[2], 1.0)])
    assert [each.start_ms for each in damaged] == [TIMES_S[0] * 1000, TIMES_S[2] * 1000]


async def test_an_answer_of_damaged_candles_alone_is_an_error_or_nothing(bench: Bench) -> None:
    if bench.dialect.name == "shoonya":  # where nothing was traded Noren says so with such rows
        assert await bench.candles([(at_s, None) for at_s in TIMES_S]) == []
        return
    with pytest.raises(DecodeError, match="Not candles of"):
        await bench.candles([(at_s, None) for at_s in TIMES_S])


def test_the_sentence_of_a_failure_is_kept_where_it_has_one() -> None:
    def read(row: str) -> Candle:
        raise DecodeError("A candle of Toy has no time", row)

    with pytest.raises(DecodeError, match="A candle of Toy has no time"):
        sound_candles(["yesterday"], read, "Toy")


def test_rows_of_another_kind_are_left_out_in_order() -> None:
    rows = [msgspec.Raw(json.dumps(row).encode()) for row in ([1, "2"], {}, [3, "4"])]
    assert sound_rows(rows, list[int], "Not rows") == [[1, 2], [3, 4]]
    read = reader(list[float], lambda row: Candle(int(row[0]), row[1], row[1], row[1], row[1], row[2]))
    with pytest.raises(DecodeError, match="Not candles of Toy"):
        sound_candles(rows, read, "Toy")  # too short
