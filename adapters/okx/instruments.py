"""OKX's instruments (`GET /api/v5/public/instruments`) → instruments under OpenAlgo's names. Pure.

Spot `BTC-USDT` is BTCUSDT; the perpetual `BTC-USDT-SWAP` is BTCUSDTFUT and `BTC-USD-SWAP`, margined in coins,
BTCUSDFUT; futures and options in coins begin with the coin alone (BTC27MAY22FUT, BTC26SEP2580000CE), those in another
currency have it too (BTCUSDT27MAY22FUT). `USD_UM` is dollars as margin: `BTC-USD_UM-SWAP` is BTCUSDUMFUT, and
`BTC-USD_UM-261030` BTCUSD30OCT26FUT.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import TypeVar

import msgspec

from adapters.contract_names import contract
from adapters.masters import Master, sound
from adapters.okx.wire import SOURCE
from market.errors import DecodeError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind, OptionRight

T = TypeVar("T", "_Answer", "_Underlyings")
_KINDS = {"SPOT": InstrumentKind.SPOT, "SWAP": InstrumentKind.PERPETUAL}
_RIGHTS = {"C": OptionRight.CALL, "P": OptionRight.PUT}


class _Row(msgspec.Struct):
    instId: str
    instType: str
    state: str = ""
    tickSz: str = ""
    lotSz: str = ""
    ctVal: str = ""
    ctMult: str = ""
    expTime: str = ""
    stk: str = ""
    optType: str = ""


class _Answer(msgspec.Struct):
    code: str
    data: list[_Row]
    msg: str = ""


class _Underlyings(msgspec.Struct):
    code: str
    data: list[list[str]] = []
    msg: str = ""


_DECODER = msgspec.json.Decoder(_Answer)
_UNDERLYINGS = msgspec.json.Decoder(_Underlyings)


def underlyings(body: bytes) -> list[str]:
    """Return what options are written on: `BTC-USD`, …

    Raises:
        DecodeError: it is no list of that.
    """
    answer = _read(_UNDERLYINGS, body)
    return [name for names in answer.data for name in names]


def parse(bodies: Iterable[bytes]) -> Master:
    """Return what the answers list.

    Raises:
        DecodeError: one of them is no list of instruments.
    """
    skipped: Counter[str] = Counter()
    found: list[Instrument] = []
    for body in bodies:
        rows = _read(_DECODER, body).data
        found.extend(each for row in rows if (each := _instrument(row, skipped)) is not None)
    return Master(sound(found, skipped), skipped)


def _read(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    try:
        answer = decoder.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as exc:
        raise DecodeError("Not a list of instruments of OKX", body) from exc
    if answer.code != "0":  # a list that is refused is not an empty one
        raise DecodeError(f"OKX gives no list of instruments: {answer.msg[:120]}")
    return answer


def name_and_unit(instrument: Instrument) -> tuple[str, float]:
    """OKX's own name of an instrument, and how many coins (or dollars, margined in coins) a size of 1 stands for."""
    name, _, unit = instrument.token.partition("|")
    return name, float(unit) if unit else 1.0


def _instrument(row: _Row, skipped: Counter[str]) -> Instrument | None:
    if row.state != "live":
        skipped[f"it is {row.state or 'not live'}"] += 1
        return None
    try:
        return _named(row)
    except (ValueError, IndexError, KeyError, OverflowError, OSError):
        skipped["a name, a number or a date cannot be read"] += 1
        return None


def _named(row: _Row) -> Instrument:
    parts = row.instId.split("-")
    coin, family = parts[0], parts[1]
    currency = family.partition("_")[0]
    unit = float(row.ctVal) * float(row.ctMult or 1.0) if row.ctVal else 1.0
    expiry: date | None = None
    strike, right = None, None
    if row.instType in _KINDS:
        kind = _KINDS[row.instType]
        suffix = "FUT" if kind is InstrumentKind.PERPETUAL else ""
        key = InstrumentKey(Exchange.CRYPTO, f"{coin}{family.replace('_', '')}{suffix}")
    else:
        right = _RIGHTS[row.optType] if row.instType == "OPTION" else None
        strike = float(row.stk) if right is not None else None
        base = coin if family == "USD" else f"{coin}{currency}"
        day = datetime.fromtimestamp(int(row.expTime) / 1000.0, UTC).date()
        key, kind, expiry = contract(Exchange.CRYPTO, base, day, strike, right)
    return Instrument(
        key=key,
        kind=kind,
        name=f"{coin} / {currency}",
        tick_size=float(row.tickSz),
        lot=float(row.lotSz) * unit,
        expiry=expiry,
        strike=strike,
        right=right,
        underlying=InstrumentKey(Exchange.CRYPTO, f"{coin}{currency}") if expiry is not None else None,
        token=f"{row.instId}|{unit:.12g}" if row.ctVal else row.instId,
        broker_symbol=row.instId,
        source=SOURCE,
    )
