"""The messages of Upstox's market data feed v3, by field number. Pure.

Source: Upstox developer documentation, "Market Data Feed V3". Only what is read here is declared; a parser passes over
the rest. Prices are in rupees, quantities in units, times in ms since 1970 UTC.
"""

from __future__ import annotations

from adapters.protobuf_schema import message_classes

_LTPC = {"ltp": (1, "double"), "ltt": (2, "int64"), "ltq": (3, "int64"), "cp": (4, "double")}
_QUOTE = {"bidQ": (1, "int64"), "bidP": (2, "double"), "askQ": (3, "int64"), "askP": (4, "double")}
_GREEKS = {name: (number, "double") for number, name in enumerate(("delta", "theta", "gamma", "vega", "rho"), start=1)}
_OHLC = {
    "interval": (1, "string"),
    "open": (2, "double"),
    "high": (3, "double"),
    "low": (4, "double"),
    "close": (5, "double"),
    "vol": (6, "int64"),
    "ts": (7, "int64"),
}
_MARKET = {
    "ltpc": (1, "Ltpc"),
    "marketLevel": (2, "MarketLevel"),
    "optionGreeks": (3, "OptionGreeks"),
    "marketOHLC": (4, "MarketOhlc"),
    "atp": (5, "double"),
    "vtt": (6, "int64"),
    "oi": (7, "double"),
    "iv": (8, "double"),
    "tbq": (9, "double"),
    "tsq": (10, "double"),
}
_FEED = {
    "ltpc": (1, "Ltpc"),
    "fullFeed": (2, "FullFeed"),
    "firstLevelWithGreeks": (3, "FirstLevelWithGreeks"),
    "requestMode": (4, "int32"),
}
_FIRST_LEVEL = {
    "ltpc": (1, "Ltpc"),
    "firstDepth": (2, "Quote"),
    "optionGreeks": (3, "OptionGreeks"),
    "vtt": (4, "int64"),
    "oi": (5, "double"),
    "iv": (6, "double"),
}
_RESPONSE = {
    "type": (1, "int32"),
    "feeds": (2, "by text Feed"),
    "currentTs": (3, "int64"),
    "marketInfo": (4, "MarketInfo"),
}

MESSAGES = message_classes(
    "openalgo_desktop.upstox",
    {
        "Ltpc": _LTPC,
        "Quote": _QUOTE,
        "OptionGreeks": _GREEKS,
        "Ohlc": _OHLC,
        "MarketOhlc": {"ohlc": (1, "repeated Ohlc")},
        "MarketLevel": {"bidAskQuote": (1, "repeated Quote")},
        "MarketFullFeed": _MARKET,
        "IndexFullFeed": {"ltpc": (1, "Ltpc"), "marketOHLC": (2, "MarketOhlc")},
        "FullFeed": {"marketFF": (1, "MarketFullFeed"), "indexFF": (2, "IndexFullFeed")},
        "FirstLevelWithGreeks": _FIRST_LEVEL,
        "Feed": _FEED,
        "MarketInfo": {"segmentStatus": (1, "by text int32")},
        "FeedResponse": _RESPONSE,
    },
)

INITIAL_FEED, LIVE_FEED, MARKET_INFO = 0, 1, 2
"""Values of `FeedResponse.type`: everything that is subscribed, what has changed, and which segments are open."""
