"""The length of a list beside the limit of its feed."""

from __future__ import annotations

from market.exchanges import Exchange
from market.feeds import Capabilities
from market.instruments import InstrumentKey
from openalgo_desktop.presentation.capacity import capacity

KEYS = [InstrumentKey(Exchange.NSE, f"S{number}") for number in range(1200)]
COINS = [InstrumentKey(Exchange.CRYPTO, "BTCUSDT"), InstrumentKey(Exchange.CRYPTO, "ETHUSDT")]


def can(*exchanges: Exchange, limit: int | None = None) -> Capabilities:
    return Capabilities(exchanges=frozenset(exchanges), max_instruments=limit)


def test_without_a_limit_the_length_is_said() -> None:
    assert capacity(KEYS[:1], [("a", can(Exchange.NSE))]).text == "1 instrument"
    assert capacity(KEYS, []).text == "1,200 instruments"


def test_limit_of_the_one_feed_is_said() -> None:
    said = capacity(KEYS[:412], [("zerodha", can(Exchange.NSE, limit=1000))])
    assert (said.text, said.is_over) == ("412 of 1,000", False)
    assert said.help == "412 instruments; zerodha takes 1,000 instruments at a time, over all its connections"


def test_more_than_the_limit_is_said() -> None:
    said = capacity(KEYS, [("zerodha", can(Exchange.NSE, limit=1000))])
    assert (said.text, said.is_over) == ("1,200 of 1,000", True)
    assert said.help.endswith("200 of them get no prices")


def test_instruments_count_for_the_first_feed_of_their_exchange_and_the_fullest_is_named() -> None:
    feeds = [
        ("a", can(Exchange.NSE, limit=1000)),
        ("b", can(Exchange.NSE, Exchange.CRYPTO, limit=4)),
        ("c", can(Exchange.CRYPTO)),
    ]
    assert capacity([*KEYS[:10], *COINS], feeds).text == "2 of 4 on b"
