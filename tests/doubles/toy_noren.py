"""A toy broker of the Noren family: the real messages, the login, and the requests for candles."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta, timezone
from typing import Any

from aiohttp import web

from adapters.noren.rows import ALICEBLUE, FLATTRADE, SHOONYA, Greeting, NorenRow, exchange_code
from market.instruments import Instrument
from market.ticks import Level
from tests.doubles.toy_broker import ToyBroker, ToyLine, ToyQuote

IST = timezone(timedelta(hours=5, minutes=30))
MOST_DAYS = 1_201
INDICES_WITH_DAYS = frozenset(
    {"Nifty 50", "Nifty Bank", "Nifty Financial Services", "Nifty Midcap Select", "Nifty Next 50", "India VIX"}
)
_MODES = {"t": "tk", "d": "dk"}
_LEAVING = {"u": "t", "ud": "d"}


class ToyNoren(ToyBroker):
    """One of them.

    Attributes:
        minutes, days: what candle requests are answered with, newest first; Alice Blue's have a `time` alone, their
            beginning, which is told as it tells it.
        asked: the `jData` of requests, with their path as `path`.
        code: the code of the browser that is good for a token.
        login_answer: what a good code is answered with.
        refusal: what Alice Blue says instead of candles, if anything.
        takes_old_greeting: whether `c` with the plain token is good too, as the vendor's client greets.
    """

    def __init__(self, row: NorenRow = SHOONYA) -> None:
        super().__init__()
        self.row = row
        self.minutes: list[dict[str, str]] = []
        self.days: list[dict[str, str]] = []
        self.asked: list[dict[str, str]] = []
        self.code = "good-code"
        self.login_answer: dict[str, str | None] = {"stat": "Ok"} | (
            {"token": "good-token", "client": "AB1234"}
            if row is FLATTRADE
            else {"access_token": "good-token", "USERID": "AB1234", "uid": "AB1234"}
        )
        self.takes_old_greeting = False
        self.announced: list[str] = []
        self.refusal = ""

    def endpoints(self) -> dict[str, str]:
        http = f"http://127.0.0.1:{self.port}"
        return dict.fromkeys((*self.row.endpoints, "masters"), http) | {"ws": f"ws://127.0.0.1:{self.port}"}

    def admits(self, request: web.Request) -> bool:
        return True

    def token_of(self, instrument: Instrument) -> str:
        return f"{exchange_code(instrument.key.exchange)}|{instrument.token}"

    async def greet(self, line: ToyLine) -> None:
        line.admitted = False

    async def hear(self, line: ToyLine, frame: str | bytes) -> None:
        message = json.loads(frame)
        kind = message["t"]
        if self.mute:
            return
        if kind in ("a", "c"):
            await self._welcome(line, message)
        elif kind == "h":
            await line.say(json.dumps({"t": "hk"}))
        elif not line.admitted:
            self.violations.append("a request before the greeting was answered")
        else:
            await self._change(line, kind, message["k"])

    async def _change(self, line: ToyLine, kind: str, places: str) -> None:
        """Do a subscription or the end of one."""
        for place in places.split("#"):
            if kind in _MODES:
                if place in line.holds:
                    self.violations.append("an instrument that is held already")
                line.holds[place] = kind
                await line.say(json.dumps(snapshot(_MODES[kind], place)))
            elif line.holds.pop(place, None) != _LEAVING[kind]:
                self.violations.append("leaving what is not held")
        if kind in _LEAVING:
            await line.say(json.dumps({"t": f"{kind}k", "k": places}))

    async def _welcome(self, line: ToyLine, message: dict[str, str]) -> None:
        hashed = self.row.greeting is Greeting.HASHED
        token = message.get("susertoken" if hashed or self.takes_old_greeting else "accesstoken")
        good = {_twice(each) for each in self.tokens} if hashed else self.tokens
        line.admitted = token in good and message["uid"] == message["actid"] and message["source"] == "API"
        answer = {"t": f"{message['t']}k", "uid": message["uid"], "s": "OK" if line.admitted else "NOT_OK"}
        await line.say(json.dumps(answer))

    def frames_for(self, line: ToyLine, instrument: Instrument, quote: ToyQuote) -> list[str | bytes]:
        place = self.token_of(instrument)
        return [json.dumps(prices(line.holds[place], place, quote))]

    def routes(self, app: web.Application) -> None:
        app.router.add_post("/TPSeries", self._serve_minutes)
        app.router.add_post("/EODChartData", self._serve_days)
        app.router.add_post("/GenAcsTok", self._serve_token)
        app.router.add_post("/trade/apitoken", self._serve_flattrade_token)
        app.router.add_post("/customer/getAPIEncpkey", self._serve_alice_salt)
        app.router.add_post("/customer/getUserSID", self._serve_alice_session)
        app.router.add_post("/ws/createWsSession", self._serve_alice_socket)
        app.router.add_post("/chart/history", self._serve_alice_candles)

    async def _form(self, request: web.Request) -> dict[str, Any] | None:
        """The `jData` of a request with a good token, else None."""
        fields = fields_of(await request.text())
        given: dict[str, Any] = json.loads(fields["jData"])
        self.requests[request.path] += 1
        self.asked.append(given | {"path": request.path})
        key = fields.get("jKey", "")
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return given if (bearer if self.row.bearer else key) in self.tokens else None

    async def _serve_minutes(self, request: web.Request) -> web.Response:
        given = await self._form(request)
        if given is None:
            return web.json_response({"stat": "Not_Ok", "emsg": "Session Expired :  Invalid Session Key"})
        first, last = int(given["st"]), int(given["et"])
        rows = [row for row in self.minutes if first <= int(row["ssboe"]) <= last]
        return web.json_response(rows or {"stat": "Not_Ok", "emsg": "Error Occurred : 5 no data"})

    async def _serve_days(self, request: web.Request) -> web.Response:
        given = await self._form(request)
        if given is None:
            return web.json_response({"stat": "Not_Ok", "emsg": "Session Expired :  Invalid Session Key"})
        first, last = int(given["from"]), int(given["to"])
        rows = [json.dumps(row) for row in self.days if first <= int(row["ssboe"]) <= last]
        return web.json_response(rows[:MOST_DAYS] if self._has_days(given["sym"]) else [])

    def _has_days(self, name: str) -> bool:
        """Whether its charts know `name`; one that they do not know has no days, and is no error."""
        exchange, _, name = name.partition(":")
        if self.row is not SHOONYA or exchange not in ("NSE", "BSE"):
            return True
        return name in INDICES_WITH_DAYS or "-" in name if exchange == "NSE" else name not in ("SENSEX", "BANKEX")

    async def _serve_token(self, request: web.Request) -> web.Response:
        given = json.loads(fields_of(await request.text())["jData"])
        good = hashlib.sha256(f"keysecret{self.code}".encode()).hexdigest()
        if given != {"code": self.code, "checksum": good}:
            return web.json_response({"stat": "Not_Ok", "emsg": "Invalid Input : INVALID_VERIFIER"})
        return web.json_response(self.login_answer)

    async def _serve_flattrade_token(self, request: web.Request) -> web.Response:
        assert self.row is FLATTRADE
        good = hashlib.sha256(f"key{self.code}secret".encode()).hexdigest()
        if await request.json() != {"api_key": "key", "request_code": self.code, "api_secret": good}:
            return web.json_response({"stat": "Not_Ok", "emsg": "Invalid Input : INVALID CODE"})
        return web.json_response(self.login_answer)

    async def _serve_alice_salt(self, request: web.Request) -> web.Response:
        known = (await request.json())["userId"] == "AB1234"
        return web.json_response({"stat": "Ok", "encKey": "salt"} if known else {"stat": "Not_ok", "emsg": "no user"})

    async def _serve_alice_session(self, request: web.Request) -> web.Response:
        good = hashlib.sha256(b"AB1234keysalt").hexdigest()
        if (await request.json())["userData"] != good:
            return web.json_response({"stat": "Not_ok", "emsg": "Invalid Input", "sessionID": None})
        return web.json_response({"stat": "Ok", "sessionID": "good-token"})

    async def _serve_alice_candles(self, request: web.Request) -> web.Response:
        given = await request.json()
        self.asked.append(given)
        if request.headers.get("Authorization", "").removeprefix("Bearer AB1234 ") not in self.tokens:
            return web.json_response({"stat": "Not_Ok", "emsg": "Session Expired"})
        if self.refusal:
            return web.json_response({"stat": "Not_Ok", "emsg": self.refusal})
        first, last = (datetime.fromtimestamp(int(given[name]) / 1000.0, IST) for name in ("from", "to"))
        rows = self.minutes if given["resolution"] == "D" else [_by_its_end(row) for row in self.minutes]
        rows = [row for row in rows if f"{first:%F %T}" <= row["time"] <= f"{last:%F %T}"]
        return web.json_response({"stat": "Ok", "result": rows})

    async def _serve_alice_socket(self, request: web.Request) -> web.Response:
        assert self.row is ALICEBLUE
        self.announced.append(request.headers.get("Authorization", ""))
        token = self.announced[-1].rpartition(" ")[2]
        if token not in self.tokens:
            return web.json_response({"stat": "Not_ok", "emsg": "Session Expired"})
        return web.json_response({"stat": "Ok", "result": {"wsSess": "x"}})


def fields_of(body: str) -> dict[str, str]:
    """What a request holds, as the brokers read it: split at each `&`, and nothing decoded."""
    return {name: text for name, _, text in (part.partition("=") for part in body.split("&"))}


def _by_its_end(row: dict[str, str]) -> dict[str, str]:
    """A minute as Alice Blue tells it: its time is the last second of it."""
    return row | {"time": row["time"].removesuffix(":00") + ":59"} if row["time"].endswith(":00") else row


def snapshot(kind: str, place: str) -> dict[str, str]:
    """What acknowledges a subscription of an instrument that has not traded."""
    exchange, _, token = place.partition("|")
    return {"t": kind, "e": exchange, "tk": token, "ts": "TOY-EQ", "pp": "2", "ls": "1", "ti": "0.05", "lp": "NA"}


def prices(mode: str, place: str, quote: ToyQuote) -> dict[str, str]:
    """What is sent for `quote` in `mode`, `t` or `d`, with everything changed."""
    exchange, _, token = place.partition("|")
    message = {"t": f"{mode}f", "e": exchange, "tk": token, "lp": f"{quote.ltp:.2f}", "pc": "1.00"}
    message |= {"o": str(quote.open), "h": str(quote.high), "l": str(quote.low), "c": str(quote.close)}
    message |= {"ap": str(quote.average), "v": str(quote.volume), "oi": str(quote.oi), "ft": str(quote.at_s)}
    levels = 5 if mode == "d" else 1
    for side, rows in (("b", quote.depth.buy), ("s", quote.depth.sell)):
        # Rows without orders are told as zeros.
        for number, level in enumerate([*rows, *[Level(0.0, 0, 0)] * levels][:levels], start=1):
            message |= {f"{side}p{number}": f"{level.price:.2f}", f"{side}q{number}": str(int(level.quantity))}
            message |= {f"{side}o{number}": str(level.orders)} if mode == "d" else {}
    if mode == "d":
        message |= {"ltq": str(quote.last_quantity), "tbq": str(quote.buying), "tsq": str(quote.selling)}
        message |= {"ltt": "19:43:20", "lc": "88.00", "uc": "108.00"}
    return message


def _twice(token: str) -> str:
    once = hashlib.sha256(token.encode()).hexdigest()
    return hashlib.sha256(once.encode()).hexdigest()
