"""Delta Exchange India's products (`GET /v2/products`) → instruments under OpenAlgo's names. Pure.

The perpetual `BTCUSD` is BTCUSDFUT. Options and dated futures begin with the coin alone: `C-BTC-80000-250926` is
BTC25SEP2680000CE.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime

import msgspec

from adapters.contract_names import contract
from adapters.delta.wire import SOURCE
from adapters.masters import Master, sound
from market.errors import DecodeError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind, OptionRight

_RIGHTS = {"call_options": OptionRight.CALL, "put_options": OptionRight.PUT}
_PERPETUAL = "perpetual_futures"
_FUTURE = "futures"


class _Asset(msgspec.Struct):
    symbol: str = ""


class _Row(msgspec.Struct):
    symbol: str
    contract_type: str
    state: str = ""
    tick_size: str | None = None
    contract_value: str | None = None
    contract_unit_currency: str | None = None
    strike_price: str | None = None
    settlement_time: str | None = None
    underlying_asset: _Asset | None = None
    quoting_asset: _Asset | None = None


class _Meta(msgspec.Struct):
    after: str | None = None


class Page(msgspec.Struct):
    """A page of the list; `meta.after` is what the next one is asked with."""

    result: list[_Row] = []
    meta: _Meta = msgspec.field(default_factory=_Meta)


_DECODER = msgspec.json.Decoder(Page)


def read_page(body: bytes) -> Page:
    """Return the page that an answer holds.

    Raises:
        DecodeError: it is no page of products.
    """
    try:
        return _DECODER.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise DecodeError("Not a list of products of Delta Exchange", body) from None


def parse(pages: Iterable[Page]) -> Master:
    """Return what `pages` list."""
    skipped: Counter[str] = Counter()
    rows = (row for page in pages for row in page.result)
    found = [each for row in rows if (each := _instrument(row, skipped)) is not None]
    return Master(sound(found, skipped), skipped)


def name_and_unit(instrument: Instrument) -> tuple[str, float]:
    """Delta's own name of an instrument, and how many coins a contract stands for."""
    name, _, unit = instrument.token.partition("|")
    return name, float(unit) if unit else 1.0


def _instrument(row: _Row, skipped: Counter[str]) -> Instrument | None:
    if row.state != "live":
        skipped[f"it is {row.state or 'not live'}"] += 1
        return None
    if row.contract_type not in (*_RIGHTS, _PERPETUAL, _FUTURE):
        skipped[f"a kind that has no name: {row.contract_type[:24]}"] += 1
        return None
    try:
        return _named(row)
    except (ValueError, TypeError):
        skipped["a name, a number or a date cannot be read"] += 1
        return None


def _named(row: _Row) -> Instrument:
    coin = row.underlying_asset.symbol if row.underlying_asset is not None else ""
    currency = row.quoting_asset.symbol if row.quoting_asset is not None else ""
    if coin == currency:
        # Where the underlying were the currency, every perpetual would have one name. Not compared with the currency
        # of settlement: that of an inverse contract is its coin.
        coin = row.contract_unit_currency or ""
    if not coin or not currency or coin == currency:
        raise ValueError("a contract has an underlying and a currency")
    pair = f"{coin}{currency}"
    right = _RIGHTS.get(row.contract_type)
    expiry: date | None = None
    strike = float(row.strike_price or "") if right is not None else None
    if row.contract_type == _PERPETUAL:
        key, kind = InstrumentKey(Exchange.CRYPTO, f"{pair}FUT"), InstrumentKind.PERPETUAL
    else:
        day = datetime.fromisoformat(row.settlement_time or "").date()
        key, kind, expiry = contract(Exchange.CRYPTO, coin, day, strike, right)
    unit = float(row.contract_value or "")
    return Instrument(
        key=key,
        kind=kind,
        name=f"{coin} / {currency}",
        tick_size=float(row.tick_size or ""),
        lot=unit,
        expiry=expiry,
        strike=strike,
        right=right,
        underlying=InstrumentKey(Exchange.CRYPTO, f"{pair}FUT") if expiry is not None else None,
        token=f"{row.symbol}|{row.contract_value}",
        broker_symbol=row.symbol,
        source=SOURCE,
    )
