"""Strikes around the money and what is written about each: the arithmetic of chains, offsets and expiries. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from market.exchanges import Exchange
from market.instruments import Instrument, OptionRight
from market.sessions import MINUTE_MS, midnight_ms
from market.symbols import format_expiry
from market.ticks import Tick
from services.greeks import DAYS_A_YEAR, Contract, greeks, implied_volatility
from services.rest.contracts import Strikes
from services.rest.instrument_rows import whole
from services.rest.quote_shapes import leg_of

_DAY_MS = 86_400_000.0
# When contracts of a day expire, in minutes after midnight IST, as OpenAlgo has it.
_EXPIRES_AT = {
    Exchange.CDS: 12 * 60 + 30,
    Exchange.BCD: 12 * 60 + 30,
    Exchange.MCX: 23 * 60 + 30,
    Exchange.NCO: 23 * 60 + 30,
    Exchange.NCDEX: 17 * 60,
    Exchange.CRYPTO: 17 * 60 + 30,
}
_EXPIRES_ELSEWHERE_AT = 15 * 60 + 30


class Moment(NamedTuple):
    """What greeks are reckoned with: years to expiry, interest as a fraction a year."""

    years: float
    rate: float


def expires_ms(board: Exchange, expiry: date, *, minute: int | None = None) -> int:
    """When contracts of `expiry` expire, in ms since 1970 UTC; `minute` after midnight IST replaces the usual time."""
    at = minute if minute is not None else _EXPIRES_AT.get(board, _EXPIRES_ELSEWHERE_AT)
    return midnight_ms(expiry.toordinal()) + at * MINUTE_MS


def years_until(at_ms: float, now_ms: float) -> float:
    """Years of 365 days from now to `at_ms`; negative if it is past."""
    return (at_ms - now_ms) / (DAYS_A_YEAR * _DAY_MS)


def at_the_money(strikes: Sequence[float], price: float) -> float:
    """The strike nearest to `price`, the lower of two that are equally near."""
    return min(strikes, key=lambda strike: (abs(strike - price), strike))


def around(strikes: Sequence[float], middle: float, count: int | None) -> list[float]:
    """The sorted strikes up to `count` steps on either side of `middle`, all of them if `count` is None."""
    ordered = sorted(strikes)
    if count is None:
        return ordered
    at = ordered.index(middle)
    return ordered[max(0, at - count) : at + count + 1]


def label(steps: int, right: OptionRight) -> str:
    """`ATM`, `ITM3`, `OTM2` for a strike that is `steps` above the money (negative: below)."""
    if steps == 0:
        return "ATM"
    is_in = (steps < 0) == (right is OptionRight.CALL)
    return f"{'ITM' if is_in else 'OTM'}{abs(steps)}"


def strike_at(strikes: Sequence[float], middle: float, offset: str, right: OptionRight) -> float | None:
    """The strike at `offset` (`ATM`, `ITM3`, `OTM2`) from `middle`, None where the list ends before."""
    ordered = sorted(strikes)
    steps = int(offset[3:] or 0)
    goes_down = offset.startswith("ITM") == (right is OptionRight.CALL)
    at = ordered.index(middle) + (-steps if goes_down else steps)
    return ordered[at] if 0 <= at < len(ordered) else None


def synthetic_future(strike: float, call: float, put: float) -> float:
    """What the future is worth by the two options of one strike."""
    return strike + call - put


def forward_of(strike: float, call: Tick | None, put: Tick | None, moment: Moment) -> float | None:
    """The forward that put-call parity at `strike` implies, None without both prices."""
    if call is None or put is None or call.ltp is None or put.ltp is None:
        return None
    forward = (
        synthetic_future(strike, call.ltp, put.ltp)
        if moment.years <= 0.0
        else (strike + (call.ltp - put.ltp) * math.exp(moment.rate * moment.years))
    )
    return forward if forward > 0.0 else None


def chain_rows(
    strikes: Strikes, shown: Sequence[float], middle: float, ticks: Mapping[str, Tick], *, pricing: Contract | None
) -> list[dict[str, Any]]:
    """The `chain` of an answer: a row for each of `shown`. `pricing` (its strike is not used) adds greeks."""
    ordered = sorted(strikes)
    money = ordered.index(middle)
    rows = []
    for strike in shown:
        steps = ordered.index(strike) - money
        row: dict[str, Any] = {"strike": strike}
        for name, right in (("ce", OptionRight.CALL), ("pe", OptionRight.PUT)):
            instrument = strikes[strike].get(right)
            row[name] = None if instrument is None else _leg(instrument, label(steps, right), ticks, pricing)
        rows.append(row)
    return rows


def _leg(instrument: Instrument, moneyness: str, ticks: Mapping[str, Tick], pricing: Contract | None) -> dict[str, Any]:
    tick = ticks.get(instrument.key.symbol)
    leg = {"symbol": instrument.key.symbol, "label": moneyness, **leg_of(tick)}
    leg |= {"lotsize": whole(instrument.lot), "tick_size": instrument.tick_size}
    if pricing is None:
        return leg
    contract = pricing._replace(strike=float(instrument.strike or 0.0), is_call=instrument.right is OptionRight.CALL)
    return leg | leg_greeks(contract, tick.ltp if tick is not None else None)


def leg_greeks(contract: Contract, paid: float | None) -> dict[str, float | None]:
    """`implied_volatility` in percent and the greeks, rounded; None where no volatility explains the price."""
    names = ("implied_volatility", "delta", "gamma", "theta", "vega")
    volatility = None if paid is None or contract.years <= 0.0 else implied_volatility(contract, paid)
    if volatility is None:
        return dict.fromkeys(names)
    found = greeks(contract, volatility)
    return {
        "implied_volatility": round(volatility * 100.0, 2),
        "delta": round(found.delta, 4),
        "gamma": round(found.gamma, 6),
        "theta": round(found.theta, 4),
        "vega": round(found.vega, 4),
    }


def option_symbol(base: str, expiry: date) -> str:
    """The stem of the symbols of a chain, for sentences: `NIFTY30DEC25`."""
    return f"{base}{format_expiry(expiry)}"
