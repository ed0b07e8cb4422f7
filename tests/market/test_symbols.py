from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.errors import InvalidRequestError
from market.exchanges import CASH, DERIVATIVES, INDICES, Exchange
from market.instruments import InstrumentKey, InstrumentKind, OptionRight
from market.symbols import (
    ParsedSymbol,
    format_expiry,
    format_strike,
    format_symbol,
    parse_key,
    parse_symbol,
    split_depth_suffix,
)

names = st.from_regex(r"[A-Z0-9][A-Z0-9&\-_.]{0,18}", fullmatch=True)
roots = st.from_regex(r"[A-Z0-9&\-]{0,8}[A-Z&\-]", fullmatch=True).filter(lambda name: name[0] not in "&-")
expiries = st.dates(date(2000, 1, 1), date(2099, 12, 31))
strikes = st.integers(1, 10**9).map(lambda units: units / 10000)
dated_exchanges = st.sampled_from(sorted(DERIVATIVES))
futures = st.tuples(dated_exchanges, st.just(InstrumentKind.FUTURE), roots, expiries)
options = st.tuples(
    dated_exchanges, st.just(InstrumentKind.OPTION), roots, expiries, strikes, st.sampled_from(OptionRight)
)
perpetuals = st.tuples(st.just(Exchange.CRYPTO), st.just(InstrumentKind.PERPETUAL), roots)
equities = st.tuples(st.sampled_from(sorted(CASH)), st.just(InstrumentKind.EQUITY), names)
indices = st.tuples(st.sampled_from(sorted(INDICES)), st.just(InstrumentKind.INDEX), names)
every_kind = st.one_of(futures, options, perpetuals, equities, indices).map(lambda parts: ParsedSymbol(*parts))


@given(every_kind)
def test_parse_symbol_is_the_inverse_of_format_symbol(parts: ParsedSymbol) -> None:
    assert parse_symbol(parts.exchange, format_symbol(parts)) == parts


@given(st.sampled_from(Exchange), st.text(max_size=80) | names)
def test_any_text_is_parsed_or_refused(exchange: Exchange, text: str) -> None:
    try:
        parts = parse_symbol(exchange, text)
    except InvalidRequestError:
        return
    assert parts.exchange is exchange
    if parts.strike is None:
        assert format_symbol(parts) == text


@pytest.mark.parametrize(
    ("exchange", "symbol", "parts"),
    [
        ("NSE", "RELIANCE", (InstrumentKind.EQUITY, "RELIANCE")),
        ("NSE", "M&M", (InstrumentKind.EQUITY, "M&M")),
        ("BSE", "KALYANI$", (InstrumentKind.EQUITY, "KALYANI$")),
        ("NSE", "25DEC25FUT", (InstrumentKind.EQUITY, "25DEC25FUT")),
        ("NSE_INDEX", "NIFTY", (InstrumentKind.INDEX, "NIFTY")),
        ("NFO", "BANKNIFTY30DEC25FUT", (InstrumentKind.FUTURE, "BANKNIFTY", date(2025, 12, 30))),
        ("BFO", "SENSEX5025SEP25FUT", (InstrumentKind.FUTURE, "SENSEX50", date(2025, 9, 25))),
        ("NFO", "VEDL25APR24292.5CE", (InstrumentKind.OPTION, "VEDL", date(2024, 4, 25), 292.5, OptionRight.CALL)),
        ("NFO", "NIFTY30DEC2525000PE", (InstrumentKind.OPTION, "NIFTY", date(2025, 12, 30), 25000.0, OptionRight.PUT)),
        ("CDS", "679GS203426MAR2699CE",
         (InstrumentKind.OPTION, "679GS2034", date(2026, 3, 26), 99.0, OptionRight.CALL)),
        ("CRYPTO", "BTCUSDFUT", (InstrumentKind.PERPETUAL, "BTCUSD")),
        ("CRYPTO", "BTC28FEB25FUT", (InstrumentKind.FUTURE, "BTC", date(2025, 2, 28))),
        ("CRYPTO", "SOL_INR", (InstrumentKind.SPOT, "SOL_INR")),
        ("CRYPTO", "FUT", (InstrumentKind.SPOT, "FUT")),
    ],
)  # fmt: skip
def test_parse_symbol_of_the_standard_examples(exchange: str, symbol: str, parts: tuple[object, ...]) -> None:
    expected = ParsedSymbol(Exchange(exchange), *parts)  # type: ignore[arg-type]
    assert parse_symbol(Exchange(exchange), symbol) == expected
    assert format_symbol(expected) == symbol


@pytest.mark.parametrize("symbol", ["RELIANCE", "NIFTY31FEB25FUT", "NIFTY30DEC25", "30DEC25FUT", "NIFTY30DEC25.5CE"])
def test_parse_symbol_refuses_what_is_no_contract(symbol: str) -> None:
    with pytest.raises(InvalidRequestError, match="not a contract of NFO"):
        parse_symbol(Exchange.NFO, symbol)


@pytest.mark.parametrize("symbol", ["", " ", "NIFTY 50", "infy", "&X", "A" * 65, "INFY\n", "ЦБ", "A/B"])
def test_parse_symbol_refuses_what_is_no_symbol(symbol: str) -> None:
    with pytest.raises(InvalidRequestError):
        parse_symbol(Exchange.NSE, symbol)


def test_a_future_or_an_option_without_its_expiry_has_no_symbol() -> None:
    for kind in (InstrumentKind.FUTURE, InstrumentKind.OPTION):
        with pytest.raises(InvalidRequestError, match="needs an expiry"):
            format_symbol(ParsedSymbol(Exchange.NFO, kind, "NIFTY"))


@pytest.mark.parametrize(
    ("strike", "text"),
    [(25000.0, "25000"), (292.5, "292.5"), (0.0025, "0.0025"), (100.0, "100"), (0.1 + 0.2, "0.3"), (0.0, "0")],
)
def test_format_strike_has_no_trailing_zeros(strike: float, text: str) -> None:
    assert format_strike(strike) == text


def test_format_expiry_pads_day_and_year() -> None:
    assert format_expiry(date(2008, 5, 1)) == "01MAY08"


@pytest.mark.parametrize(
    ("symbol", "stem", "levels"),
    [("TCS:50", "TCS", 50), ("TCS:5", "TCS", 5), ("TCS", "TCS", None), ("TCS:0", "TCS:0", None),
     ("TCS:050", "TCS:050", None), ("TCS:", "TCS:", None), ("TCS:-5", "TCS:-5", None), ("TCS:1000", "TCS:1000", None),
     ("TCS:²", "TCS:²", None)],
)  # fmt: skip
def test_split_depth_suffix(symbol: str, stem: str, levels: int | None) -> None:
    assert split_depth_suffix(symbol) == (stem, levels)


def test_parse_key_returns_the_canonical_key() -> None:
    assert parse_key(" nse ", " infy ") == InstrumentKey(Exchange.NSE, "INFY")
    assert parse_key("NSE", "tcs:50") == InstrumentKey(Exchange.NSE, "TCS:50")


@pytest.mark.parametrize(
    ("exchange", "symbol"), [("NYSE", "INFY"), ("NSE", ""), ("NSE", "A B"), ("NSE", ":50"), ("NSE", "TCS:050")]
)
def test_parse_key_refuses_what_cannot_be_a_key(exchange: str, symbol: str) -> None:
    with pytest.raises(InvalidRequestError):
        parse_key(exchange, symbol)
