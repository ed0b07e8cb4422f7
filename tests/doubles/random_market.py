"""A market that walks at random from a seed: enough instruments and ticks to fill a screen."""

from __future__ import annotations

import random
from datetime import date

from market.candles import Candle
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind, OptionRight
from market.ticks import Depth, Level, Tick, Update, fold

_KNOWN: tuple[tuple[Exchange, str, InstrumentKind, float, float, float], ...] = (
    (Exchange.NSE_INDEX, "NIFTY", InstrumentKind.INDEX, 25968.4, 0.05, 1),
    (Exchange.NSE_INDEX, "BANKNIFTY", InstrumentKind.INDEX, 58867.7, 0.05, 1),
    (Exchange.BSE_INDEX, "SENSEX", InstrumentKind.INDEX, 85231.92, 0.01, 1),
    (Exchange.NSE_INDEX, "INDIAVIX", InstrumentKind.INDEX, 13.63, 0.01, 1),
    (Exchange.NSE, "RELIANCE", InstrumentKind.EQUITY, 1546.6, 0.1, 1),
    (Exchange.NSE, "HDFCBANK", InstrumentKind.EQUITY, 998.15, 0.05, 1),
    (Exchange.NSE, "TCS", InstrumentKind.EQUITY, 3150.6, 0.1, 1),
    (Exchange.NSE, "INFY", InstrumentKind.EQUITY, 1545.1, 0.1, 1),
    (Exchange.NSE, "SBIN", InstrumentKind.EQUITY, 972.85, 0.05, 1),
    (Exchange.NFO, "NIFTY30DEC25FUT", InstrumentKind.FUTURE, 26105.0, 0.1, 75),
    (Exchange.NFO, "NIFTY30DEC2526000CE", InstrumentKind.OPTION, 412.35, 0.05, 75),
    (Exchange.NFO, "NIFTY30DEC2526000PE", InstrumentKind.OPTION, 318.9, 0.05, 75),
    (Exchange.MCX, "GOLD05DEC25FUT", InstrumentKind.FUTURE, 123965.0, 1.0, 1),
    (Exchange.MCX, "CRUDEOIL18DEC25FUT", InstrumentKind.FUTURE, 5230.0, 1.0, 100),
    (Exchange.CDS, "USDINR26DEC25FUT", InstrumentKind.FUTURE, 89.4125, 0.0025, 1000),
    (Exchange.CRYPTO, "BTCUSDFUT", InstrumentKind.PERPETUAL, 86412.5, 0.5, 0.001),
    (Exchange.CRYPTO, "ETHUSDFUT", InstrumentKind.PERPETUAL, 2822.35, 0.05, 0.01),
)


class RandomMarket:
    """`count` instruments with prices that move by whole ticks; the same seed gives the same market."""

    def __init__(self, count: int = len(_KNOWN), *, seed: int = 7, source: str = "simulated", levels: int = 20) -> None:
        self._random = random.Random(seed)
        self._source = source
        self._levels = levels
        self.instruments = [_instrument(number) for number in range(count)]
        self._starts = {instrument.key: _start(n) for n, instrument in enumerate(self.instruments)}
        self.last: dict[InstrumentKey, Tick] = {}

    @property
    def keys(self) -> list[InstrumentKey]:
        return [instrument.key for instrument in self.instruments]

    def find(self, key: InstrumentKey) -> Instrument | None:
        return next((instrument for instrument in self.instruments if instrument.key == key), None)

    def updates(self, count: int, at_ms: float) -> list[Update]:
        """`count` ticks of random instruments, received at `at_ms`."""
        return [self.update(self._random.choice(self.instruments), at_ms) for _ in range(count)]

    def open_all(self, at_ms: float) -> list[Update]:
        """One tick of every instrument."""
        return [self.update(instrument, at_ms) for instrument in self.instruments]

    def update(self, instrument: Instrument, at_ms: float) -> Update:
        """The next tick of `instrument`, folded."""
        key, rnd = instrument.key, self._random
        before = self.last.get(key)
        ltp = before.ltp if before and before.ltp else self._starts[key] * (1 + rnd.gauss(0, 0.004))
        step = instrument.tick_size
        ltp = round(ltp / step + rnd.choice((-3, -2, -1, -1, 0, 0, 1, 1, 2, 3))) * step
        lot = instrument.lot
        volume = (before.volume if before and before.volume else rnd.randint(10_000, 9_000_000) * lot) + lot
        index = instrument.kind is InstrumentKind.INDEX
        tick = Tick(
            key,
            at_ms,
            self._source,
            ltp=ltp,
            timestamp=int(at_ms),
            ltt=int(at_ms),
            volume=None if index else volume,
            open=self._starts[key] if before is None else None,
            high=ltp if before is None else None,
            low=ltp if before is None else None,
            close=self._starts[key],
            last_quantity=None if index else lot * rnd.randint(1, 40),
            average_price=None if index else ltp * 0.999,
            oi=rnd.randint(100_000, 14_000_000) if before is None and instrument.expiry else None,
            bid_price=None if index else ltp - step,
            ask_price=None if index else ltp + step,
            lower_circuit=None if index else self._starts[key] * 0.9,
            upper_circuit=None if index else self._starts[key] * 1.1,
            depth=None if index else self._depth(ltp, step, lot),
        )
        self.last[key] = tick if before is None else fold(before, tick)
        return Update(self.last[key], 14)

    def history(self, key: InstrumentKey, interval_s: int, limit: int, end_ms: float) -> list[Candle]:
        """`limit` candles that end at the last price of `key`."""
        last = self.last.get(key)
        close = last.ltp if last and last.ltp else self._starts[key]
        rnd = random.Random(str(key))
        candles = []
        start = int(end_ms // (interval_s * 1000)) * interval_s * 1000
        for number in range(limit):
            opened = close * (1 + rnd.gauss(0, 0.0006))
            high = max(opened, close) * (1 + abs(rnd.gauss(0, 0.0003)))
            low = min(opened, close) * (1 - abs(rnd.gauss(0, 0.0003)))
            volume = 0 if key.exchange.endswith("_INDEX") else int(abs(rnd.gauss(20_000, 9_000)))
            candles.append(Candle(start - number * interval_s * 1000, opened, high, low, close, volume))
            close = opened
        return candles[::-1]

    def _depth(self, ltp: float, step: float, lot: float) -> Depth:
        rnd = self._random

        def side(sign: int) -> tuple[Level, ...]:
            return tuple(
                Level(ltp + sign * step * (n + 1), lot * rnd.randint(1, 900), rnd.randint(1, 40))
                for n in range(self._levels)
            )

        return Depth(side(-1), side(1))


def _instrument(number: int) -> Instrument:
    if number >= len(_KNOWN):
        key = InstrumentKey(Exchange.NSE, f"STOCK{number:04d}")
        return Instrument(key=key, kind=InstrumentKind.EQUITY, name=f"Stock {number} Limited")
    exchange, symbol, kind, _start_price, tick_size, lot = _KNOWN[number]
    expiry = date(2025, 12, 30) if kind in (InstrumentKind.FUTURE, InstrumentKind.OPTION) else None
    right = OptionRight(symbol[-2:]) if kind is InstrumentKind.OPTION else None
    return Instrument(
        key=InstrumentKey(exchange, symbol),
        kind=kind,
        name=symbol.title() if kind is InstrumentKind.EQUITY else "",
        tick_size=tick_size,
        lot=lot,
        expiry=expiry,
        right=right,
        strike=26000.0 if right else None,
    )


def _start(number: int) -> float:
    return _KNOWN[number][3] if number < len(_KNOWN) else 100.0 + number * 7.35
