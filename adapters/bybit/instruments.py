"""Bybit's instruments (`GET /v5/market/instruments-info`) → instruments under OpenAlgo's names. Pure.

Spot `BTCUSDT` is BTCUSDT; the perpetual of the same name BTCUSDTFUT, `BTCPERP`, settled in USDC, BTCUSDCFUT and
`BTCUSD`, margined in coins, BTCUSDFUT. Dated futures in coins begin with the coin alone (BTC26MAR27FUT), those in
another currency have it too (BTCUSDT26MAR27FUT); so do options (`BTC-26MAR27-90000-C`, quoted in dollars, is
BTC26MAR2790000CE, and the one that is quoted in USDT, `BTC-26MAR27-90000-C-USDT`, BTCUSDT26MAR2790000CE).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import TypeVar

import msgspec

from adapters.bybit.wire import SOURCE
from adapters.contract_names import contract
from adapters.finite import finite
from adapters.masters import Master, sound
from market.errors import DecodeError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind, OptionRight

SPOT, LINEAR, INVERSE, OPTION = "spot", "linear", "inverse", "option"
CATEGORIES = (SPOT, LINEAR, INVERSE, OPTION)
OPTION_COINS = ("BTC", "ETH", "SOL", "XRP", "DOGE", "MNT")
"""Options are listed coin by coin. These have had some for long; the others are told (`option_coins`)."""

_RIGHTS = {"Call": OptionRight.CALL, "Put": OptionRight.PUT}
_PERPETUALS = {"LinearPerpetual", "InversePerpetual"}
_FUTURES = {"LinearFutures", "InverseFutures"}


class _Price(msgspec.Struct):
    tickSize: str = ""


class _Lot(msgspec.Struct):
    qtyStep: str = ""
    basePrecision: str = ""


class _Row(msgspec.Struct):
    symbol: str
    baseCoin: str = ""
    quoteCoin: str = ""
    status: str = ""
    contractType: str = ""
    optionsType: str = ""
    deliveryTime: str = ""
    priceFilter: _Price = msgspec.field(default_factory=_Price)
    lotSizeFilter: _Lot = msgspec.field(default_factory=_Lot)


class Page(msgspec.Struct):
    """A page of the list of one category. `nextPageCursor` is what the next one is asked with; empty on the last."""

    category: str = ""
    rows: list[_Row] = msgspec.field(default_factory=list, name="list")
    nextPageCursor: str = ""


class _Answer(msgspec.Struct):
    retCode: int
    retMsg: str = ""
    result: Page = msgspec.field(default_factory=Page)


class _Coin(msgspec.Struct):
    baseCoin: str
    hasSymbol: int = 1


class _Coins(msgspec.Struct):
    rows: list[_Coin] = msgspec.field(default_factory=list, name="list")


class _CoinsAnswer(msgspec.Struct):
    retCode: int
    retMsg: str = ""
    result: _Coins = msgspec.field(default_factory=_Coins)


T = TypeVar("T", _Answer, _CoinsAnswer)
_DECODER = msgspec.json.Decoder(_Answer)
_COINS = msgspec.json.Decoder(_CoinsAnswer)


def read_page(body: bytes) -> Page:
    """Return the page that an answer holds.

    Raises:
        DecodeError: it is no page of instruments.
    """
    return _read(_DECODER, body).result


def option_coins(body: bytes) -> list[str]:
    """Return the coins (and stocks, metals, …) that options are written on, from `GET /v5/market/option-base-coins`.

    Raises:
        DecodeError: it is no list of that.
    """
    rows = _read(_COINS, body).result.rows
    return list(dict.fromkeys(row.baseCoin for row in rows if row.hasSymbol and row.baseCoin))


def _read(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    try:
        answer = decoder.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise DecodeError("Not a list of instruments of Bybit", body) from None
    if answer.retCode:
        raise DecodeError(f"Bybit gives no list of instruments: {answer.retMsg[:120]}")
    return answer


def parse(pages: Iterable[Page]) -> Master:
    """Return what `pages` list."""
    skipped: Counter[str] = Counter()
    found = [
        each for page in pages for row in page.rows if (each := _instrument(page.category, row, skipped)) is not None
    ]
    return Master(sound(found, skipped), skipped)


def category_and_name(instrument: Instrument) -> tuple[str, str]:
    """The category (`spot`, `linear`, `inverse`, `option`) and Bybit's own name of an instrument."""
    category, _, name = instrument.token.partition("|")
    return category, name


def _instrument(category: str, row: _Row, skipped: Counter[str]) -> Instrument | None:
    if row.status != "Trading":
        skipped[f"it is {row.status or 'not trading'}"] += 1
        return None
    try:
        return _named(category, row)
    except (ValueError, IndexError, KeyError, OverflowError, OSError):
        skipped["a name, a number or a date cannot be read"] += 1
        return None


def _named(category: str, row: _Row) -> Instrument:
    coin, currency = row.baseCoin, row.quoteCoin
    if not coin or not currency:
        raise ValueError("a pair has two sides")
    expiry: date | None = None
    strike: float | None = None
    right: OptionRight | None = None
    pair = InstrumentKey(Exchange.CRYPTO, f"{coin}{currency}")
    if category == SPOT:
        key, kind = pair, InstrumentKind.SPOT
    elif row.contractType in _PERPETUALS:
        key, kind = InstrumentKey(Exchange.CRYPTO, f"{pair.symbol}FUT"), InstrumentKind.PERPETUAL
    elif category == OPTION:
        right, strike = _RIGHTS[row.optionsType], finite(row.symbol.split("-")[2])
        key, kind, expiry = contract(
            Exchange.CRYPTO, coin if currency == "USD" else pair.symbol, _day(row.deliveryTime), strike, right
        )
    elif row.contractType in _FUTURES:
        base = coin if category == INVERSE else pair.symbol
        key, kind, expiry = contract(Exchange.CRYPTO, base, _day(row.deliveryTime))
    else:
        raise ValueError("a kind of contract that is not known")
    return Instrument(
        key=key,
        kind=kind,
        name=f"{coin} / {currency}",
        tick_size=float(row.priceFilter.tickSize),
        lot=float(row.lotSizeFilter.qtyStep or row.lotSizeFilter.basePrecision),
        expiry=expiry,
        strike=strike,
        right=right,
        underlying=pair if expiry is not None else None,
        token=f"{category}|{row.symbol}",
        broker_symbol=row.symbol,
        source=SOURCE,
    )


def _day(at_ms: str) -> date:
    return datetime.fromtimestamp(int(at_ms) / 1000.0, UTC).date()
