"""Quotes, instruments and calendars as the data API answers them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

import pytest

from market.exchanges import Exchange
from market.holidays import Holiday, SpecialSession
from tests.doubles.data_market import DataMarket

HOLIDAYS = (
    Holiday(
        date(2025, 12, 25), "Christmas", frozenset({Exchange.NSE, Exchange.NFO}), (SpecialSession(Exchange.MCX, 1020),)
    ),
    Holiday(date(2026, 2, 1), "Budget", sessions=(SpecialSession(Exchange.NSE, 555, 930),)),
)
SBIN = {"symbol": "SBIN", "exchange": "NSE"}
NOT_FOUND = (
    "Symbol 'NOPE' not found for exchange 'NSE'. "
    "Please verify the symbol name and ensure master contracts are downloaded."
)


@pytest.fixture
async def market() -> AsyncIterator[DataMarket]:
    world = DataMarket(HOLIDAYS)
    await world.start()
    yield world
    world.api.close()


async def test_ping_names_the_feed(market: DataMarket) -> None:
    assert await market.data("ping") == {"status": "success", "data": {"broker": "fake", "message": "pong"}}


async def test_a_quote_has_the_nine_numbers(market: DataMarket) -> None:
    market.price(SBIN=812.35)
    assert await market.data("quotes", symbol=" sbin ", exchange="NSE") == {
        "status": "success",
        "data": {
            "ask": 812.35,
            "bid": 812.3,
            "high": 815.6,
            "low": 803.1,
            "ltp": 812.35,
            "oi": 0,
            "open": 805.0,
            "prev_close": 804.9,
            "volume": 4102233,
        },
    }


async def test_depth_always_has_five_levels_a_side(market: DataMarket) -> None:
    body = (await market.data("depth", **SBIN))["data"]
    assert body["bids"][0] == {"price": 812.3, "quantity": 100}
    assert [level["price"] for level in body["asks"]] == [812.35, 812.4, 812.45, 812.5, 812.55]
    assert (body["ltq"], body["totalbuyqty"], body["totalsellqty"]) == (25, 512300, 498120)


@pytest.mark.parametrize(
    ("name", "fields", "status", "message"),
    [
        ("quotes", {"symbol": "NOPE", "exchange": "NSE"}, 400, NOT_FOUND),
        ("depth", {"symbol": "NOPE", "exchange": "NSE"}, 400, NOT_FOUND),
        ("quotes", {"symbol": "SBIN"}, 400, {"exchange": ["Missing data for required field."]}),
        ("quotes", {**SBIN, "mode": 1}, 400, {"mode": ["Unknown field."]}),
        ("symbol", {"symbol": "NOPE", "exchange": "NSE"}, 404, "Symbol NOPE not found in exchange NSE"),
        ("symbol", {"symbol": "NO PE", "exchange": "NSE"}, 404, "Symbol NO PE not found in exchange NSE"),
        (
            "expiry",
            {"symbol": "NIFTY", "exchange": "NFO", "instrumenttype": "option"},
            400,
            {"instrumenttype": ["Must be one of: futures, options."]},
        ),
        ("multiquotes", {"symbols": []}, 400, {"symbols": ["Length must be between 1 and 1000."]}),
    ],
)
async def test_what_is_wrong_is_said(
    market: DataMarket, name: str, fields: dict[str, object], status: int, message: object
) -> None:
    assert await market.error(name, **fields) == (status, message)


async def test_a_price_that_does_not_come_is_an_error(market: DataMarket) -> None:
    market.price(SBIN=None)
    assert await market.error("quotes", **SBIN) == (
        500,
        "Failed to fetch quotes: No price of NSE:SBIN arrived within 0.05 seconds",
    )


async def test_many_quotes_have_the_invalid_ones_first(market: DataMarket) -> None:
    market.price(NIFTY=None)
    symbols = [SBIN, {"symbol": "NIFTY", "exchange": "NSE_INDEX"}, {"symbol": "NOPE", "exchange": "NSE"}, SBIN]
    results = (await market.data("multiquotes", symbols=symbols))["results"]
    assert results[0] == {"symbol": "NOPE", "exchange": "NSE", "error": NOT_FOUND}
    assert (results[1]["symbol"], results[1]["data"]["ltp"]) == ("SBIN", 100.0)
    assert results[2]["error"] == "No price of NSE_INDEX:NIFTY arrived within 0.05 seconds"
    assert len(results) == 3


async def test_many_quotes_of_nothing_valid_are_an_error(market: DataMarket) -> None:
    answer = await market.ask("multiquotes", symbols=[{"symbol": "NOPE", "exchange": "NSE"}])
    assert answer.status == 400
    assert answer.body["invalid_symbols"] == [{"symbol": "NOPE", "exchange": "NSE", "error": NOT_FOUND}]


async def test_a_symbol_has_the_columns_of_the_master(market: DataMarket) -> None:
    body = await market.data("symbol", symbol="NIFTY30DEC2525000CE", exchange="NFO")
    assert body["data"] | {"id": 0} == {
        "brexchange": "NFO",
        "brsymbol": "NIFTY30DEC2525000CE",
        "exchange": "NFO",
        "expiry": "30-DEC-25",
        "freeze_qty": 1,
        "id": 0,
        "instrumenttype": "CE",
        "lotsize": 75,
        "name": "NIFTY",
        "strike": 25000.0,
        "symbol": "NIFTY30DEC2525000CE",
        "tick_size": 0.05,
        "token": "12602626",
    }
    again = await market.data("symbol", symbol="NIFTY30DEC2525000CE", exchange="NFO")
    assert again == body


async def test_a_search_is_cut_to_an_exchange(market: DataMarket) -> None:
    everywhere = await market.data("search", query="sbin")
    assert [row["exchange"] for row in everywhere["data"]] == ["NSE", "BSE"]
    assert everywhere["message"] == "Found 2 matching symbols"
    on_one = await market.data("search", query="sbin", exchange="BSE")
    assert [row["exchange"] for row in on_one["data"]] == ["BSE"]
    nothing = await market.data("search", query="zzz")
    assert (nothing["data"], nothing["message"]) == ([], "No matching symbols found")


async def test_instruments_are_listed_as_json_and_as_csv(market: DataMarket) -> None:
    body = await market.data("instruments", exchange="NSE")
    assert body["message"] == "Found 1 instruments"
    assert list(body["data"][0]) == [
        *("symbol", "brsymbol", "name", "exchange", "brexchange", "token"),
        *("expiry", "strike", "lotsize", "instrumenttype", "tick_size"),
    ]
    answer = await market.ask("instruments", exchange="NSE", format="csv")
    assert answer.media == "text/csv"
    assert answer.headers["Content-Disposition"] == "attachment; filename=instruments_NSE.csv"
    assert answer.body.splitlines() == [
        "symbol,brsymbol,name,exchange,brexchange,token,expiry,strike,lotsize,instrumenttype,tick_size",
        "SBIN,SBIN-EQ,State Bank of India,NSE,NSE,3045,,0.0,1,EQ,0.05",
    ]
    assert len((await market.data("instruments"))["data"]) > 20
    none = await market.data("instruments", exchange="CDS")
    assert (none["data"], none["message"]) == ([], "No instruments found")


async def test_errors_about_csv_are_text(market: DataMarket) -> None:
    answer = await market.ask("instruments", exchange="nse", format="csv")
    assert (answer.status, answer.media) == (400, "text/plain")
    assert answer.body.startswith("exchange: Must be one of: NSE, ")


async def test_expiries_are_those_to_come(market: DataMarket) -> None:
    body = await market.data("expiry", symbol="nifty", exchange="NFO", instrumenttype="options")
    assert body["data"] == ["30-DEC-25", "27-JAN-26"]
    assert body["message"] == "Found 2 expiry dates for NIFTY options in NFO"
    nothing = await market.data("expiry", symbol="SBIN", exchange="NFO", instrumenttype="futures")
    assert (nothing["data"], nothing["message"]) == ([], "No expiry dates found for SBIN futures in NFO")


async def test_holidays_of_a_year_say_who_is_closed_and_who_is_open_when(market: DataMarket) -> None:
    body = await market.data("market/holidays")
    assert (body["year"], body["timezone"]) == (2025, "Asia/Kolkata")
    assert body["data"] == [
        {
            "date": "2025-12-25",
            "description": "Christmas",
            "holiday_type": "TRADING_HOLIDAY",
            "closed_exchanges": ["NSE", "NFO"],
            "open_exchanges": [{"exchange": "MCX", "start_time": 1766662200000, "end_time": 1766687100000}],
        }
    ]
    (special,) = (await market.data("market/holidays", year=2026))["data"]
    assert (special["holiday_type"], special["closed_exchanges"]) == ("SPECIAL_SESSION", [])
    assert (await market.data("market/holidays", year=2030))["data"] == []
    assert (await market.error("market/holidays", year=2019))[0] == 400


async def test_timings_of_a_day_are_those_of_the_exchanges_that_trade(market: DataMarket) -> None:
    today = {row["exchange"]: row for row in (await market.data("market/timings"))["data"]}
    assert today["NSE"] == {"exchange": "NSE", "start_time": 1767066300000, "end_time": 1767088800000}
    christmas = (await market.data("market/timings", date="2025-12-25"))["data"]
    assert "NSE" not in [row["exchange"] for row in christmas]
    assert (await market.data("market/timings", date="2025-12-28"))["data"] == []
