"""OpenAlgo's names of indices, whatever a broker calls them: `Nifty 50`, `NIFTY 50` and `NIFTY50` are `NIFTY`. Pure.

The standard names are those that OpenAlgo's clients ask for (`docs/wire-protocol.md`, Symbols); an index that has none
is called by its broker's name without blanks.
"""

from __future__ import annotations

import re

from market.exchanges import Exchange

_STANDARD: dict[Exchange, dict[str, tuple[str, ...]]] = {
    Exchange.NSE_INDEX: {
        "NIFTY": ("NIFTY50",),
        "BANKNIFTY": ("NIFTYBANK", "BANKNIFTY"),
        "FINNIFTY": ("NIFTYFINSERVICE", "NIFTYFINSERVICES", "NIFTYFINANCIALSERVICES", "FINNIFTY"),
        "MIDCPNIFTY": ("NIFTYMIDSELECT", "NIFTYMIDCAPSELECT", "MIDCPNIFTY"),
        "NIFTYNXT50": ("NIFTYNEXT50", "NIFTYJUNIOR"),
        "INDIAVIX": ("INDVIX",),
        "NIFTYMIDCAP50": ("NIFTYMCAP50",),
        "NIFTYMIDCAP100": ("NIFTYMID100FREE",),
        "NIFTYMIDSML400": ("NIFTYMIDSMALLCAP400",),
        "NIFTYSMLCAP50": ("NIFTYSMALLCAP50",),
        "NIFTYSMLCAP100": ("NIFTYSMALLCAP100",),
        "NIFTYSMLCAP250": ("NIFTYSMALLCAP250",),
        "NIFTY100EQLWGT": ("NIFTY100EQUALWEIGHT",),
        "NIFTY100LOWVOL30": ("NIFTY100LOWVOLATILITY30",),
    },
    Exchange.BSE_INDEX: {
        "SENSEX": ("BSESENSEX", "S&PBSESENSEX", "BSX"),
        "BANKEX": ("BSEBANKEX", "S&PBSEBANKEX"),
        "SENSEX50": ("SNSX50", "BSESENSEX50", "S&PBSESENSEX50", "SX50"),
    },
}
_BY_BROKER_NAME = {
    exchange: {name: standard for standard, names in known.items() for name in names}
    for exchange, known in _STANDARD.items()
}
_NOT_IN_SYMBOLS = re.compile(r"[^A-Z0-9&\-_.$]+")


def index_symbol(exchange: Exchange, broker_name: str) -> str:
    """Return the symbol of the index that a broker calls `broker_name`; empty if nothing of it can be a symbol."""
    plain = _NOT_IN_SYMBOLS.sub("", broker_name.upper()).lstrip("&-_.$")
    return _BY_BROKER_NAME.get(exchange, {}).get(plain, plain)
