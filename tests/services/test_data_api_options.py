"""Chains, offsets, synthetic futures and greeks."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.greeks import Contract, price
from tests.doubles.data_market import NOW_MS, DataMarket

NIFTY = {"underlying": "NIFTY", "exchange": "NSE_INDEX", "expiry_date": "27JAN26"}
YEARS = (1_769_508_000_000 - NOW_MS) / (365 * 86_400_000)  # to 27 January 2026, 15:30


@pytest.fixture
async def market() -> AsyncIterator[DataMarket]:
    world = DataMarket()
    await world.start()
    fair = Contract(24_991.4, 25_000.0, YEARS, 0.0, is_call=True)
    world.price(
        NIFTY=24_985.15,
        NIFTY27JAN2625000CE=price(fair, 0.14),
        NIFTY27JAN2625000PE=price(fair._replace(is_call=False), 0.14),
        CRUDEOIL19JAN26FUT=5_460.0,
    )
    yield world
    world.api.close()


async def test_a_chain_has_its_head_and_its_strikes(market: DataMarket) -> None:
    answer = await market.ask("optionchain", **NIFTY, strike_count=1)
    body = answer.body
    assert not answer.is_sorted
    assert list(body) == [
        *("status", "underlying", "underlying_symbol", "underlying_exchange", "underlying_ltp"),
        *("underlying_prev_close", "expiry_date", "expiry_ts", "server_ts", "atm_strike", "quotes_included"),
        *("greeks_included", "forward_price", "chain"),
    ]
    assert (body["underlying_ltp"], body["atm_strike"], body["forward_price"]) == (24_985.15, 25_000.0, 24_991.4)
    assert (body["expiry_ts"], body["server_ts"]) == (1_769_508_000, int(NOW_MS / 1000))
    assert [row["strike"] for row in body["chain"]] == [24_950.0, 25_000.0, 25_050.0]
    assert [row["ce"]["label"] for row in body["chain"]] == ["ITM1", "ATM", "OTM1"]
    assert [row["pe"]["label"] for row in body["chain"]] == ["OTM1", "ATM", "ITM1"]
    assert "delta" not in body["chain"][0]["ce"]


async def test_a_chain_with_greeks_has_the_volatility_of_each_leg(market: DataMarket) -> None:
    body = await market.data("optionchain", **NIFTY, strike_count=1, with_greeks=True)
    middle = body["chain"][1]
    assert body["greeks_included"]
    assert middle["ce"]["implied_volatility"] == middle["pe"]["implied_volatility"] == 14.0
    assert middle["ce"]["delta"] - middle["pe"]["delta"] == pytest.approx(1.0, abs=1e-3)


async def test_a_whole_chain_is_answered_without_a_count_and_for_a_future(market: DataMarket) -> None:
    market.price(NIFTY27JAN26FUT=25_040.0)
    body = await market.data("optionchain", underlying="NIFTY27JAN26FUT", exchange="NFO")
    assert (body["underlying_symbol"], body["underlying_exchange"]) == ("NIFTY27JAN26FUT", "NFO")
    assert (body["underlying"], body["atm_strike"], len(body["chain"])) == ("NIFTY", 25_050.0, 5)


async def test_a_leg_without_a_price_stands_in_the_chain_all_the_same(market: DataMarket) -> None:
    market.price(NIFTY27JAN2625000CE=None)
    body = await market.data("optionchain", **NIFTY, with_greeks=True)
    leg = body["chain"][2]["ce"]
    assert (leg["ltp"], leg["bid"], leg["delta"]) == (None, 0.0, None)
    assert body["forward_price"] == 24_985.15  # nothing better than the spot


async def test_commodity_options_follow_the_future(market: DataMarket) -> None:
    body = await market.data("optionchain", underlying="CRUDEOIL", exchange="MCX", expiry_date="14JAN26")
    assert (body["underlying_symbol"], body["underlying_ltp"], body["atm_strike"]) == (
        "CRUDEOIL19JAN26FUT",
        5_460.0,
        5_450.0,
    )


async def test_wrong_fields_of_a_chain_are_told_beside_the_message(market: DataMarket) -> None:
    answer = await market.ask("optionchain", **NIFTY, strike_count=0)
    assert answer.status == 400
    assert answer.body["message"] == "Validation failed"
    assert list(answer.body["errors"]) == ["strike_count"]


@pytest.mark.parametrize(
    ("fields", "status", "message"),
    [
        ({"expiry_date": "28JAN26"}, 404, "No options found for NIFTY expiring 28JAN26 on NFO"),
        ({"underlying": "SBIN", "exchange": "NSE"}, 404, "No options found for SBIN expiring 27JAN26 on NFO"),
        ({"expiry_date": None}, 400, "expiry_date is required, unless the underlying is a future that names it"),
    ],
)
async def test_a_chain_that_is_not_there_is_said_to_be(
    market: DataMarket, fields: dict[str, object], status: int, message: str
) -> None:
    assert await market.error("optionchain", **{**NIFTY, **fields}) == (status, message)


async def test_a_chain_needs_the_price_of_its_underlying(market: DataMarket) -> None:
    market.price(NIFTY=None)
    status, message = await market.error("optionchain", **NIFTY)
    assert status == 500
    assert message.startswith("Failed to fetch quotes: No price of NSE_INDEX:NIFTY")


@pytest.mark.parametrize(
    ("offset", "right", "symbol"),
    [
        ("ATM", "CE", "NIFTY27JAN2625000CE"),
        ("OTM2", "CE", "NIFTY27JAN2625100CE"),
        ("itm1", "pe", "NIFTY27JAN2625050PE"),
    ],
)
async def test_an_offset_means_a_symbol(market: DataMarket, offset: str, right: str, symbol: str) -> None:
    body = await market.data("optionsymbol", **NIFTY, offset=offset, option_type=right, strategy="x")
    assert body == {
        "status": "success",
        "symbol": symbol,
        "exchange": "NFO",
        "lotsize": 75,
        "tick_size": 0.05,
        "freeze_qty": 1,
        "underlying_ltp": 24_985.15,
    }


async def test_a_strike_interval_widens_the_steps(market: DataMarket) -> None:
    body = await market.data("optionsymbol", **NIFTY, offset="OTM1", option_type="CE", strike_int="100")
    assert body["symbol"] == "NIFTY27JAN2625100CE"


async def test_an_offset_beyond_the_chain_is_not_found(market: DataMarket) -> None:
    assert await market.error("optionsymbol", **NIFTY, offset="OTM9", option_type="CE") == (
        404,
        "No CE at OTM9 among the options of NIFTY expiring 27JAN26",
    )
    status, message = await market.error("optionsymbol", **NIFTY, offset="OTM51", option_type="CE")
    assert (status, list(message)) == (400, ["offset"])


async def test_a_synthetic_future_is_strike_and_call_less_put(market: DataMarket) -> None:
    assert await market.data("syntheticfuture", **NIFTY) == {
        "status": "success",
        "underlying": "NIFTY",
        "underlying_ltp": 24_985.15,
        "expiry": "27JAN26",
        "atm_strike": 25_000.0,
        "synthetic_future_price": 24_991.4,
    }


async def test_a_synthetic_future_needs_both_options(market: DataMarket) -> None:
    market.price(NIFTY27JAN2625000PE=None)
    status, message = await market.error("syntheticfuture", **NIFTY)
    assert status == 500
    assert message.endswith("the ATM options of NIFTY expiring 27JAN26 have no price")


OPTION = {"symbol": "NIFTY27JAN2625000CE", "exchange": "NFO"}


async def test_greeks_of_an_option_are_flat_beside_its_contract(market: DataMarket) -> None:
    body = await market.data("optiongreeks", **OPTION, forward_price=24_991.4)
    greeks = body.pop("greeks")
    assert body == {
        "status": "success",
        "symbol": "NIFTY27JAN2625000CE",
        "exchange": "NFO",
        "underlying": "NIFTY",
        "strike": 25_000.0,
        "option_type": "CE",
        "expiry_date": "27-Jan-2026",
        "days_to_expiry": round(YEARS * 365, 4),
        "spot_price": 24_991.4,
        "option_price": body["option_price"],
        "interest_rate": 0.0,
        "implied_volatility": 14.0,
    }
    assert list(greeks) == ["delta", "gamma", "theta", "vega", "rho"]
    assert 0.45 < greeks["delta"] < 0.55


async def test_the_underlying_of_greeks_is_found_or_named(market: DataMarket) -> None:
    market.price(NIFTY27JAN26FUT=25_040.0, SBIN=812.35)
    assert (await market.data("optiongreeks", **OPTION))["spot_price"] == 24_985.15
    named = await market.data("optiongreeks", **OPTION, underlying_symbol="NIFTY27JAN26FUT", underlying_exchange="NFO")
    assert named["spot_price"] == 25_040.0
    on_its_board = await market.data("optiongreeks", **OPTION, underlying_symbol="NIFTY27JAN26FUT")
    assert on_its_board["spot_price"] == 25_040.0


async def test_an_option_at_its_intrinsic_value_has_no_volatility(market: DataMarket) -> None:
    market.price(NIFTY27JAN2624900CE=85.0)
    body = await market.data("optiongreeks", symbol="NIFTY27JAN2624900CE", exchange="NFO")
    assert (body["intrinsic_value"], body["time_value"], body["implied_volatility"]) == (85.15, 0.0, 0)
    assert body["greeks"] == {"delta": 1.0, "gamma": 0.0, "theta": 0.0, "vega": 0.0, "rho": 0.0}
    assert "Deep ITM" in body["note"]


@pytest.mark.parametrize(
    ("fields", "status", "message"),
    [
        ({"symbol": "NIFTY27JAN26FUT"}, 400, "NIFTY27JAN26FUT is not an option"),
        ({"symbol": "NIFTY23DEC2525000CE"}, 400, "Option NIFTY23DEC2525000CE has expired"),
        ({"expiry_time": "25:00"}, 400, {"expiry_time": ["Must be a time, HH:MM."]}),
        ({"forward_price": 1.0}, 400, "No volatility explains an option price of 377.9"),
        ({"forward_price": 0}, 400, {"forward_price": ["Must be greater than or equal to 1e-09."]}),
    ],
)
async def test_greeks_that_cannot_be_had_are_said_not_to_be(
    market: DataMarket, fields: dict[str, object], status: int, message: object
) -> None:
    market.price(NIFTY27JAN2625000CE=377.9)
    assert await market.error("optiongreeks", **{**OPTION, **fields}) == (status, message)


async def test_an_expiry_time_replaces_the_usual_one(market: DataMarket) -> None:
    today = {"symbol": "NIFTY30DEC2525000CE", "exchange": "NFO"}
    assert (await market.data("optiongreeks", **today, expiry_time="11:30"))["days_to_expiry"] == round(0.5 / 24, 4)
    assert (await market.error("optiongreeks", **today, expiry_time="10:30"))[0] == 400


async def test_greeks_of_many_options_are_a_list_with_a_summary(market: DataMarket) -> None:
    body = await market.data("multioptiongreeks", symbols=[OPTION, {"symbol": "NOPE", "exchange": "NFO"}])
    assert body["summary"] == {"total": 2, "success": 1, "failed": 1}
    assert [row["status"] for row in body["data"]] == ["success", "error"]
    assert body["data"][1]["symbol"] == "NOPE"
    status, message = await market.error("multioptiongreeks", symbols=[OPTION] * 51)
    assert (status, message) == (400, {"symbols": ["Length must be between 1 and 50."]})
