"""What differs between the XTS brokers, as data. Pure.

The base address, the prefix of requests, the path of the socket and the path of the login are four separate things.
Below `/apimarketdata` events are JSON, below `/apibinarymarketdata` packets; JSON is taken wherever a broker has it.
"""

from __future__ import annotations

from dataclasses import dataclass

from market.exchanges import Exchange
from market.instruments import InstrumentKey

_JSON = "/apimarketdata"
_BINARY = "/apibinarymarketdata"
_SHARES = frozenset({Exchange.NSE, Exchange.BSE, Exchange.NFO, Exchange.BFO})
_ALL = _SHARES | {Exchange.CDS, Exchange.MCX}

SEGMENTS = {
    Exchange.NSE: 1,
    Exchange.NSE_INDEX: 1,
    Exchange.NFO: 2,
    Exchange.CDS: 3,
    Exchange.BSE: 11,
    Exchange.BSE_INDEX: 11,
    Exchange.BFO: 12,
    Exchange.MCX: 51,
}
"""The number of the segment that an exchange is on."""

SEGMENT_NAMES = {
    "NSECM": Exchange.NSE,
    "NSEFO": Exchange.NFO,
    "NSECD": Exchange.CDS,
    "BSECM": Exchange.BSE,
    "BSEFO": Exchange.BFO,
    "MCXFO": Exchange.MCX,
}
"""The exchange that a segment's name in instrument lists stands for."""

INDEX_OF = {Exchange.NSE: Exchange.NSE_INDEX, Exchange.BSE: Exchange.BSE_INDEX}


@dataclass(frozen=True, slots=True, kw_only=True)
class XtsRow:
    """One broker.

    Args:
        base: its host.
        prefix: what paths of requests begin with.
        socket_path: where the socket is.
        login_path: where keys become a session.
        exchanges: those it trades, indices aside.
        is_binary: whether its socket sends packets instead of JSON.
    """

    name: str
    title: str
    base: str
    prefix: str = _JSON
    socket_path: str = f"{_JSON}/socket.io"
    login_path: str = f"{_BINARY}/auth/login"
    exchanges: frozenset[Exchange] = _ALL
    is_binary: bool = False


ROWS = (
    XtsRow(name="iifl", title="IIFL", base="https://ttblaze.iifl.com"),
    XtsRow(name="fivepaisaxts", title="5paisa XTS", base="https://xtsmum.5paisa.com", exchanges=_SHARES),
    XtsRow(
        name="jainamxts",
        title="Jainam XTS",
        base="https://jtrade.jainam.in:5000",
        prefix=_BINARY,
        socket_path=f"{_BINARY}/socket.io",
        exchanges=_SHARES,
        is_binary=True,
    ),
    XtsRow(name="compositedge", title="CompositEdge", base="https://xts.compositedge.com"),
    XtsRow(name="wisdom", title="Wisdom Capital", base="https://trade.wisdomcapital.in"),
    XtsRow(
        name="ibulls",
        title="iBulls",
        base="https://xts.ibullssecurities.com",
        prefix=_BINARY,
        exchanges=_SHARES | {Exchange.MCX},
    ),
    XtsRow(
        name="rmoney",
        title="RMoney",
        base="https://xts.rmoneyindia.co.in:3000",
        prefix=_BINARY,
        login_path=f"{_JSON}/auth/login",
        exchanges=_SHARES,
    ),
)


def served(row: XtsRow) -> frozenset[Exchange]:
    """Every exchange of `row`, indices included."""
    return row.exchanges | {INDEX_OF[exchange] for exchange in row.exchanges if exchange in INDEX_OF}


def segment_of(key: InstrumentKey) -> int:
    """The number of the segment that `key` is on."""
    return SEGMENTS[key.exchange]
