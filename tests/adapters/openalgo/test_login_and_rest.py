"""An address and a key, tried before they are kept; then lists and candles with them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from adapters.catalogue import Catalogue
from adapters.listing_keeper import ListingKeeper
from adapters.openalgo.broker import BROKER
from adapters.openalgo.login import OpenAlgoLogin
from adapters.openalgo.rest import OpenAlgoRest
from adapters.venue import CandleRange
from market.credentials import Secret
from market.errors import FeedRejectedError, FeedUnavailableError, InvalidRequestError, TokenExpiredError
from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.logins import BrokerSession
from tests.adapters.openalgo.test_instruments import HEADER
from tests.doubles.toy_sessions import ToySessions
from tests.doubles.toy_upstream import ToyUpstream

SBIN = InstrumentKey(Exchange.NSE, "SBIN")


@pytest.fixture
async def toy() -> AsyncIterator[ToyUpstream]:
    toy = ToyUpstream()
    await toy.start()
    yield toy
    await toy.stop()


async def _log_in(toy: ToyUpstream, key: str = "good-token", **fields: str) -> BrokerSession:
    login = OpenAlgoLogin(BROKER.resolve({}))
    given = {"api_key": key, "host": toy.endpoints()["rest"], **fields}
    try:
        return await login.open_session({name: Secret(text) for name, text in given.items() if text})
    finally:
        await login.close()


async def test_a_good_key_is_kept_with_both_addresses(toy: ToyUpstream) -> None:
    session = await _log_in(toy)
    assert (session.user, session.expires_ms) == ("toy", None)
    assert session.reveal("host") == toy.endpoints()["rest"]
    assert session.reveal("ws_url") == "ws://127.0.0.1:8765"
    assert (await _log_in(toy, ws_url="wss://openalgo.example/ws")).reveal("ws_url") == "wss://openalgo.example/ws"


async def test_a_bad_key_is_refused_in_a_sentence_without_it(toy: ToyUpstream) -> None:
    with pytest.raises(FeedRejectedError, match="does not accept this API key") as caught:
        await _log_in(toy, "bad-key")
    assert "bad-key" not in str(caught.value)


@pytest.mark.parametrize("text", ["127.0.0.1:99999", "[::1", "127.0.0.1:port"])
@pytest.mark.parametrize(("name", "scheme"), [("host", "http"), ("ws_url", "ws")])
async def test_an_address_that_cannot_be_is_refused(toy: ToyUpstream, name: str, scheme: str, text: str) -> None:
    with pytest.raises(InvalidRequestError, match="The address cannot be right"):
        await _log_in(toy, **{name: f"{scheme}://{text}"})


@pytest.mark.parametrize("fields", [{"host": "ftp://x"}, {"host": "127.0.0.1"}, {"ws_url": "http://x"}])
async def test_an_address_of_another_kind_is_refused(toy: ToyUpstream, fields: dict[str, str]) -> None:
    with pytest.raises(InvalidRequestError, match="must begin with"):
        await _log_in(toy, **fields)


async def test_candles_are_asked_for_by_days_in_india(toy: ToyUpstream) -> None:
    def row(text: str) -> dict[str, float]:
        at = datetime.fromisoformat(text).timestamp()
        return {"timestamp": at, "open": 1, "high": 2, "low": 0.5, "close": 1.5, "volume": 10, "oi": 3}

    toy.rows = [row("2025-12-29T09:15:00+05:30"), row("2025-12-29T09:20:00+05:30"), row("2025-12-30T09:15:00+05:30")]
    rest, session = OpenAlgoRest(), await _log_in(toy)
    start, end = (int(datetime.fromisoformat(f"2025-12-{day}T00:00:00+05:30").timestamp() * 1000) for day in (29, 30))
    candles = await rest.candles(session, SBIN, CandleRange(300, 100, start, end))
    assert [candle.close for candle in candles] == [1.5, 1.5]
    assert toy.asked == [
        {
            "symbol": "SBIN",
            "exchange": "NSE",
            "interval": "5m",
            "start_date": "2025-12-29",
            "end_date": "2025-12-30",
            "source": "api",
        }
    ]
    with pytest.raises(FeedRejectedError, match="no candles of 7 s"):
        await rest.candles(session, SBIN, CandleRange(7, 100))
    toy.tokens = set()
    with pytest.raises(TokenExpiredError):
        await rest.candles(session, SBIN, CandleRange(300, 100))
    await rest.close()


async def test_the_list_is_fetched_once_there_is_a_key(toy: ToyUpstream) -> None:
    toy.listing = HEADER + b"SBIN,SBIN-EQ,SBI,NSE,NSE,3045,,0,1,EQ,0.05\n"
    sessions = ToySessions()
    assert BROKER.listing is not None
    fetch = BROKER.listing(BROKER.resolve({}), sessions)
    with pytest.raises(FeedUnavailableError):
        await fetch()
    sessions.session = await _log_in(toy)
    assert [each.key for each in (await fetch()).instruments] == [SBIN]
    catalogue = Catalogue()
    keeper = ListingKeeper("openalgo", "OpenAlgo", fetch, None, catalogue)
    await keeper.update()
    assert catalogue.find(SBIN) is not None
