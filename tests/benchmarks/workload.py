"""What is sent in every benchmark of the port: one hundred symbols, in Quote, with the fields of an Indian broker."""

from __future__ import annotations

from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.ticks import Tick

SYMBOLS = tuple(f"STOCK{number:03d}" for number in range(100))
EXCHANGE = Exchange.NSE
# Ticks that may be under way. What they amount to for one client fits into the server's write buffer, so nothing is
# conflated or dropped by anybody, and every delivery can be counted.
WINDOW = 400

_QUOTE = (
    b'{"symbol":"%b","exchange":"NSE","mode":"quote","ltp":%.2f,"timestamp":%d,"ltt":%d,"volume":%d,"open":805.0,'
    b'"high":815.6,"low":803.1,"close":804.9,"last_trade_quantity":25,"average_price":809.42,"oi":0,'
    b'"total_buy_quantity":512300,"total_sell_quantity":498120,"bid_price":812.3,"ask_price":812.35,"bid_size":340,'
    b'"ask_size":120%b}'
)
_TIMESTAMP = 1_767_072_600_123


def topics() -> list[bytes]:
    """The topic of each symbol on the bus."""
    return [f"{EXCHANGE.value}_{symbol}_QUOTE".encode() for symbol in SYMBOLS]


def quote_message(number: int, extra: bytes = b"") -> bytes:
    """The JSON of tick `number` of the whole stream; each differs from the one before of its symbol."""
    symbol = SYMBOLS[number % len(SYMBOLS)].encode()
    price = 805 + number % 997 * 0.01
    moment = _TIMESTAMP + number
    return _QUOTE % (symbol, price, moment, moment, 4_000_000 + number, extra)


def quote_tick(number: int, received_ms: float) -> Tick:
    """The same as a tick of a feed in the process."""
    return Tick(
        InstrumentKey(EXCHANGE, SYMBOLS[number % len(SYMBOLS)]),
        received_ms,
        "bench",
        ltp=round(805 + number % 997 * 0.01, 2),
        timestamp=_TIMESTAMP + number,
        ltt=_TIMESTAMP + number,
        volume=4_000_000 + number,
        open=805.0,
        high=815.6,
        low=803.1,
        close=804.9,
        last_quantity=25,
        average_price=809.42,
        oi=0,
        total_buy_quantity=512_300,
        total_sell_quantity=498_120,
        bid_price=812.3,
        ask_price=812.35,
        bid_size=340,
        ask_size=120,
    )
