"""The official Python SDK, unchanged from PyPI, calls the data API of the real application in a process of its own."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.doubles.application import Application, make_key, running

openalgo = pytest.importorskip("openalgo")
pandas = pytest.importorskip("pandas")

pytestmark = [
    pytest.mark.sdk,
    # The SDK's own code, with a pandas that is newer than it.
    pytest.mark.filterwarnings("ignore:The inplace keyword"),
]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Application, str]]:
    profile = tmp_path_factory.mktemp("profile")
    key = make_key(profile)
    with running(profile, "--headless", "--feed", "simulated=300") as application:
        yield application, key


@pytest.fixture(scope="module")
def client(served: tuple[Application, str]) -> Any:
    application, key = served
    return openalgo.api(api_key=key, host=application.edges["http"], ws_url=application.edges["ws"])


@pytest.fixture(scope="module")
def expiry(client: Any) -> str:
    """The last expiry of the chain, which is not over today."""
    answer = client.expiry(symbol="NIFTY", exchange="NFO", instrumenttype="options")
    assert answer["status"] == "success"
    return str(answer["data"][-1]).replace("-", "")


def test_quotes(client: Any) -> None:
    answer = client.quotes(symbol="RELIANCE", exchange="NSE")
    assert answer["status"] == "success"
    data = answer["data"]
    assert data["low"] <= data["ltp"] <= data["high"]
    assert data["bid"] < data["ask"]
    assert all(isinstance(data[name], int) for name in ("volume", "oi"))


def test_multiquotes(client: Any) -> None:
    symbols = [{"symbol": name, "exchange": "NSE"} for name in ("TCS", "NOPE", "M&M")]
    symbols.append({"symbol": "NIFTY", "exchange": "NSE_INDEX"})
    answer = client.multiquotes(symbols=symbols)
    assert answer["status"] == "success"
    priced = {row["symbol"]: row["data"]["ltp"] for row in answer["results"] if "data" in row}
    assert set(priced) == {"TCS", "M&M", "NIFTY"}
    assert [row["symbol"] for row in answer["results"] if "error" in row] == ["NOPE"]


def test_depth(client: Any) -> None:
    data = client.depth(symbol="SBIN", exchange="NSE")["data"]
    assert len(data["bids"]) == len(data["asks"]) == 5
    assert data["bids"][0]["price"] < data["asks"][0]["price"]
    assert data["totalbuyqty"] > 0


@pytest.mark.parametrize("interval", ["1m", "5m", "1h", "D", "W", "M"])
def test_history_is_a_frame_of_candles(client: Any, interval: str) -> None:
    now = pandas.Timestamp.now(tz="Asia/Kolkata")
    days = 2 if interval == "1m" else 5 if interval in ("5m", "1h") else 90
    start, end = (f"{day:%Y-%m-%d}" for day in (now - pandas.Timedelta(days=days), now))
    frame = client.history(symbol="RELIANCE", exchange="NSE", interval=interval, start_date=start, end_date=end)
    assert isinstance(frame, pandas.DataFrame), frame
    assert sorted(frame.columns) == ["close", "high", "low", "oi", "open", "volume"]
    assert frame.index.is_monotonic_increasing
    assert frame.index.is_unique
    assert (frame["low"] <= frame[["open", "close"]].min(axis=1)).all()
    assert (frame["high"] >= frame[["open", "close"]].max(axis=1)).all()
    if interval in ("D", "W", "M"):
        # Read without a time zone these are dates, at midnight.
        assert set(frame.index.strftime("%H:%M")) == {"00:00"}
    else:
        assert str(frame.index.tz) == "Asia/Kolkata"
        assert f"{frame.index[0]:%Y-%m-%d}" >= start
        # Counted from the open: a simulated session that never ends opens at 09:15.
        minutes = {"1m": 1, "5m": 5, "1h": 60}[interval]
        assert {(at.hour * 60 + at.minute - 9 * 60 - 15) % minutes for at in frame.index} == {0}


def test_history_that_cannot_be_had_is_an_error(client: Any) -> None:
    answer = client.history(
        symbol="RELIANCE", exchange="NSE", interval="1s", start_date="2026-01-01", end_date="2026-01-02"
    )
    assert (answer["status"], answer["code"]) == ("error", 400)


def test_intervals(client: Any) -> None:
    data = client.intervals()["data"]
    assert set(data) == {"seconds", "minutes", "hours", "days", "weeks", "months"}
    assert {"1m", "5m"} <= set(data["minutes"])
    assert data["days"] == ["D"]


def test_symbol(client: Any) -> None:
    data = client.symbol(symbol="RELIANCE", exchange="NSE")["data"]
    assert (data["symbol"], data["instrumenttype"], data["lotsize"]) == ("RELIANCE", "EQ", 1)
    missing = client.symbol(symbol="NOPE", exchange="NSE")
    assert missing["code"] == 404


def test_search(client: Any) -> None:
    answer = client.search(query="NIFTY", exchange="NFO")
    assert answer["message"] == f"Found {len(answer['data'])} matching symbols"
    assert {row["exchange"] for row in answer["data"]} == {"NFO"}


def test_instruments_are_a_frame(client: Any) -> None:
    frame = client.instruments(exchange="NSE")
    assert isinstance(frame, pandas.DataFrame)
    assert "RELIANCE" in set(frame["symbol"])
    everything = client.instruments()
    assert {"NSE", "NFO", "MCX", "NSE_INDEX"} <= set(everything["exchange"])


def test_option_chain(client: Any, expiry: str) -> None:
    chain = client.optionchain(underlying="NIFTY", exchange="NSE_INDEX", expiry_date=expiry, strike_count=3)
    assert chain["status"] == "success"
    assert len(chain["chain"]) == 7
    middle = chain["chain"][3]
    assert middle["strike"] == chain["atm_strike"]
    assert middle["ce"]["label"] == middle["pe"]["label"] == "ATM"
    assert middle["ce"]["ltp"] > 0
    assert abs(chain["forward_price"] - chain["underlying_ltp"]) < 0.01 * chain["underlying_ltp"]


def test_option_symbol(client: Any, expiry: str) -> None:
    found = client.optionsymbol(
        underlying="NIFTY", exchange="NSE_INDEX", expiry_date=expiry, offset="OTM2", option_type="CE"
    )
    assert found["symbol"].startswith(f"NIFTY{expiry}")
    assert found["symbol"].endswith("CE")
    assert client.symbol(symbol=found["symbol"], exchange=found["exchange"])["data"]["lotsize"] == found["lotsize"]


def test_option_greeks(client: Any, expiry: str) -> None:
    fields = {"underlying": "NIFTY", "exchange": "NSE_INDEX", "expiry_date": expiry, "offset": "ATM"}
    found = {right: client.optionsymbol(**fields, option_type=right) for right in ("CE", "PE")}
    call = client.optiongreeks(symbol=found["CE"]["symbol"], exchange="NFO", interest_rate=0)
    put = client.optiongreeks(symbol=found["PE"]["symbol"], exchange="NFO")
    # The simulated index options are made with a volatility of about 12 % and no interest.
    assert 5 < call["implied_volatility"] < 30
    assert call["implied_volatility"] == pytest.approx(put["implied_volatility"], abs=1.5)
    assert call["greeks"]["delta"] - put["greeks"]["delta"] == pytest.approx(1.0, abs=0.1)
    assert call["greeks"]["theta"] < 0 < call["greeks"]["vega"]


def test_synthetic_future(client: Any, expiry: str) -> None:
    answer = client.syntheticfuture(underlying="NIFTY", exchange="NSE_INDEX", expiry_date=expiry)
    assert answer["status"] == "success"
    assert answer["synthetic_future_price"] == pytest.approx(answer["underlying_ltp"], rel=0.01)


def test_holidays_and_timings(client: Any) -> None:
    holidays = client.holidays(year=2026)
    assert holidays["year"] == 2026
    assert "2026-01-26" in [row["date"] for row in holidays["data"]]
    closed = client.timings(date="2026-01-26")
    assert closed["status"] == "success"
    assert "NSE" not in [row["exchange"] for row in closed["data"]]
    hours = {row["exchange"]: row for row in client.timings(date="2026-01-27")["data"]}
    assert hours["NSE"]["end_time"] - hours["NSE"]["start_time"] == 375 * 60_000


def test_a_wrong_key_is_an_error_and_shows_no_key(served: tuple[Application, str]) -> None:
    application, key = served
    answer = openalgo.api(api_key="0" * 64, host=application.edges["http"]).quotes(symbol="SBIN", exchange="NSE")
    assert (answer["status"], answer["code"]) == ("error", 403)
    assert "Invalid openalgo apikey" in answer["message"]
    assert key not in application.errors


def amibroker(address: str, path: str, body: str) -> str:
    """What its plug-in does: HTTP by hand over a plain socket, and then it searches the text."""
    host, port = urlsplit(address).hostname, urlsplit(address).port
    with socket.create_connection((host, port), timeout=3) as plug:
        request = (
            f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
        )
        plug.sendall(request.encode())
        return b"".join(iter(lambda: plug.recv(65_536), b"")).decode()


def test_amibroker_finds_what_it_searches_for(served: tuple[Application, str]) -> None:
    application, key = served
    address = application.edges["http"]
    ping = amibroker(address, "/api/v1/ping", f'{{"apikey":"{key}"}}')
    assert ping.startswith("HTTP/1.1 200 ")
    assert '"status":"success"' in ping
    quote = amibroker(address, "/api/v1/quotes", f'{{"apikey":"{key}","symbol":"SBIN","exchange":"NSE"}}')
    assert '"status":"success"' in quote
    assert float(re.split("[,}]", quote.split('"ltp":')[1])[0]) > 0
    today = f"{pandas.Timestamp.now(tz='Asia/Kolkata'):%Y-%m-%d}"
    body = f'{{"apikey":"{key}","symbol":"SBIN","exchange":"NSE","interval":"D","start_date":"2026-01-01"'
    history = amibroker(address, "/api/v1/history", f'{body},"end_date":"{today}"}}')
    rows = history.split('"data":[')[1].split("]")[0]
    stamps = [int(text) for text in re.findall(r'"timestamp":(\d+)', rows)]
    assert stamps == sorted(stamps)
    assert len(stamps) > 100


def test_a_poller_is_answered_from_memory(client: Any) -> None:
    client.quotes(symbol="INFY", exchange="NSE")
    began = time.perf_counter()
    answers = [client.quotes(symbol="INFY", exchange="NSE") for _ in range(5)]
    assert {answer["status"] for answer in answers} == {"success"}
    # Each would wait for a tick, up to seconds, if it were not remembered; the SDK itself takes some of this time.
    assert time.perf_counter() - began < 5.0
