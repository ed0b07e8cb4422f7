"""What differs between the brokers of the Noren family, as data. Pure.

Addresses: the brokers' own documentation. A session token goes into the `a` greeting where a broker logs in with OAuth;
the older `c` greeting answers NOT_OK to such a token.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from market.exchanges import Exchange
from market.instruments import InstrumentKey


class Greeting(Enum):
    """How a connection says who it is."""

    OAUTH = "a"
    """`{"t":"a","accesstoken":…}`, answered by `ak`."""

    HASHED = "c"
    """`{"t":"c","susertoken":sha256(sha256(session))}` for the user `…_API`, answered by `ck` or `cf`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterSet:
    """The files of a broker's instrument lists: below which base address, and their names."""

    base: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NorenRow:
    """One broker.

    Args:
        endpoints: base addresses: `ws` the socket, `rest` the requests, `auth` where a code becomes a token,
            `login` the page that the user's browser is sent to; `masters` comes from `masters`.
        exchanges: those it trades, indices aside.
        bearer: whether requests carry the token in a header; else in the form, as `jKey`.
        connect_gap_s: the least time between two connections; a quicker one is refused.
        quick_requests: REST requests a second that it takes.
        names_of_days: what indices are called where days are asked for, if not by their trading symbols.
        without_days: the exchanges of which it has no daily candles.
    """

    name: str
    title: str
    endpoints: Mapping[str, str]
    masters: MasterSet
    exchanges: frozenset[Exchange]
    greeting: Greeting = Greeting.OAUTH
    bearer: bool = True
    connect_gap_s: float = 0.0
    quick_requests: float = 5.0
    names_of_days: Mapping[InstrumentKey, str] = field(default_factory=dict)
    without_days: frozenset[Exchange] = frozenset()


_USUAL = frozenset({Exchange.NSE, Exchange.BSE, Exchange.NFO, Exchange.BFO, Exchange.CDS, Exchange.MCX})
_ZIPPED = tuple(f"/{code}_symbols.txt.zip" for code in ("NSE", "BSE", "NFO", "BFO", "CDS", "MCX"))

SHOONYA = NorenRow(
    name="shoonya",
    title="Shoonya",
    endpoints={
        "ws": "wss://api.shoonya.com/NorenWSAPI",
        "rest": "https://api.shoonya.com/NorenWClientAPI",
        "auth": "https://api.shoonya.com/NorenWClientAPI",
        "login": "https://trade.shoonya.com/OAuthlogin/authorize/oauth",
    },
    masters=MasterSet(base="https://api.shoonya.com", paths=(*_ZIPPED, "/NCX_symbols.txt.zip")),
    exchanges=_USUAL | {Exchange.NCDEX},
    # Neither its trading symbols nor always the names in its list (seen on the live API: OpenAlgo's pull request 1755).
    names_of_days={
        InstrumentKey(Exchange.NSE_INDEX, symbol): name
        for symbol, name in {
            "NIFTY": "Nifty 50",
            "BANKNIFTY": "Nifty Bank",
            "FINNIFTY": "Nifty Financial Services",
            "MIDCPNIFTY": "Nifty Midcap Select",
            "NIFTYNXT50": "Nifty Next 50",
            "INDIAVIX": "India VIX",
        }.items()
    },
    without_days=frozenset({Exchange.BSE_INDEX}),
)
FLATTRADE = NorenRow(
    name="flattrade",
    title="Flattrade",
    endpoints={
        "ws": "wss://piconnect.flattrade.in/PiConnectWSAPI",
        "rest": "https://piconnect.flattrade.in/PiConnectAPI",
        "auth": "https://authapi.flattrade.in",
        "login": "https://auth.flattrade.in",
    },
    masters=MasterSet(
        base="https://flattrade.s3.ap-south-1.amazonaws.com/scripmaster",
        paths=(
            "/NSE_Equity.csv",
            "/BSE_Equity.csv",
            "/Nfo_Index_Derivatives.csv",
            "/Nfo_Equity_Derivatives.csv",
            "/Bfo_Index_Derivatives.csv",
            "/Bfo_Equity_Derivatives.csv",
            "/Currency_Derivatives.csv",
            "/Commodity.csv",
        ),
    ),
    exchanges=_USUAL,
    bearer=False,
    connect_gap_s=5.0,
    quick_requests=3.0,  # 40 a second, but 200 a minute
)
ZEBU = NorenRow(
    name="zebu",
    title="Zebu",
    endpoints={
        "ws": "wss://go.mynt.in/NorenWSAPI",
        "rest": "https://go.mynt.in/NorenWClientAPI",
        "auth": "https://go.mynt.in/NorenWClientAPI",
        "login": "https://go.mynt.in/OAuthlogin/authorize/oauth",
    },
    masters=MasterSet(base="https://go.mynt.in", paths=_ZIPPED),
    exchanges=_USUAL,
)
ALICEBLUE = NorenRow(
    name="aliceblue",
    title="Alice Blue",
    endpoints={
        "ws": "wss://ws1.aliceblueonline.com/NorenWS",
        "rest": "https://ant.aliceblueonline.com/rest/AliceBlueAPIService/api",
    },
    masters=MasterSet(
        base="https://v2api.aliceblueonline.com/restpy/static/contract_master",
        paths=tuple(f"/{code}.csv" for code in ("NSE", "BSE", "NFO", "BFO", "CDS", "BCD", "MCX", "INDICES")),
    ),
    exchanges=_USUAL | {Exchange.BCD},
    greeting=Greeting.HASHED,
)
ROWS = (SHOONYA, FLATTRADE, ZEBU, ALICEBLUE)

INDEX_OF = {
    Exchange.NSE: Exchange.NSE_INDEX,
    Exchange.BSE: Exchange.BSE_INDEX,
    Exchange.MCX: Exchange.MCX_INDEX,
}
"""Where the indices of an exchange are found under OpenAlgo's names; here they share its segment."""

_NAMED_OTHERWISE = {Exchange.NCDEX: "NCX"} | {index: str(exchange) for exchange, index in INDEX_OF.items()}
EXCHANGE_OF = {"NCX": Exchange.NCDEX, "NCDEX": Exchange.NCDEX} | {
    code: Exchange(code) for code in ("NSE", "BSE", "NFO", "BFO", "CDS", "BCD", "MCX")
}
"""The exchange that a broker's code stands for."""


def exchange_code(exchange: Exchange) -> str:
    """Return the family's code for the segment that `exchange` is on."""
    return _NAMED_OTHERWISE.get(exchange, str(exchange))


def served(row: NorenRow) -> frozenset[Exchange]:
    """Every exchange of `row`, indices included."""
    indices = {INDEX_OF[exchange] for exchange in row.exchanges if exchange in INDEX_OF}
    if row is not ALICEBLUE:
        indices.discard(Exchange.MCX_INDEX)  # no list of theirs has any
    return row.exchanges | indices
