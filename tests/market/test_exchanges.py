from __future__ import annotations

import pytest

from market.errors import InvalidRequestError
from market.exchanges import CASH, DERIVATIVES, INDICES, Exchange, parse_exchange


@pytest.mark.parametrize("exchange", list(Exchange))
def test_parse_exchange_ignores_case_and_blanks(exchange: Exchange) -> None:
    assert parse_exchange(exchange.value) is exchange
    assert parse_exchange(f" {exchange.lower()} ") is exchange
    assert f"{exchange}" == exchange.value


@pytest.mark.parametrize("text", ["", "NYSE", "NSE ,BSE", "N" * 5000])
def test_parse_exchange_refuses_an_unknown_code_briefly(text: str) -> None:
    with pytest.raises(InvalidRequestError, match="expected one of NSE, BSE") as caught:
        parse_exchange(text)
    assert len(str(caught.value)) < 250


def test_every_exchange_is_of_exactly_one_kind() -> None:
    assert set(Exchange) == CASH | INDICES | DERIVATIVES
    assert len(CASH) + len(INDICES) + len(DERIVATIVES) == len(Exchange)
