"""Endpoints: what is not given is Binance's, and what cannot be an address is refused."""

from __future__ import annotations

import pytest

from adapters.binance.settings import BinanceSettings, endpoints_from
from market.errors import InvalidRequestError


def test_endpoints_default_to_the_market_data_hosts() -> None:
    assert endpoints_from(None) == {
        "ws": "wss://data-stream.binance.vision",
        "rest": "https://data-api.binance.vision",
    }


def test_given_endpoint_replaces_one_address() -> None:
    assert endpoints_from({"ws": "ws://127.0.0.1:9000/"}) == {
        "ws": "ws://127.0.0.1:9000",
        "rest": "https://data-api.binance.vision",
    }


@pytest.mark.parametrize(
    ("given", "sentence"),
    [({"http": "http://x"}, "no endpoint 'http'"), ({"ws": "http://x"}, "must start with ws:// or wss://")],
)
def test_impossible_endpoint_is_refused_with_a_sentence(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(InvalidRequestError, match=sentence):
        endpoints_from(given)


def test_messages_stay_below_the_five_a_second() -> None:
    policy = BinanceSettings().connection
    assert policy.message_rate_per_s + policy.message_burst < 5.0
    assert policy.mute_after_s > 20.0  # the server's heartbeat
