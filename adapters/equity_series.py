"""Names of what trades on the cash segments: OpenAlgo writes a share without its NSE series. Pure.

A share trades in one of the series below at a time, so the series says nothing that its name needs. Everything else
(debentures, government bonds, sovereign gold, trusts, rights) has many series under one name and keeps it: `NHAI-N2`.
"""

from __future__ import annotations

SHARES = frozenset({"EQ", "BE", "BZ", "SM", "ST", "SZ"})
"""Normal, trade-to-trade, non-compliant; the same three of the exchange for small companies."""

NOT_TRADED = frozenset({"BL", "IL", "RL"})
"""Windows for block deals and institutions: not a market that a quote comes from."""


def split_series(tradingsymbol: str) -> tuple[str, str]:
    """Split `CENTRALBK-BE` into `("CENTRALBK", "BE")`; `BAJAJ-AUTO`, whose tail is no series, has the series `EQ`."""
    stem, dash, series = tradingsymbol.rpartition("-")
    if dash and stem and len(series) == 2 and series.isalnum():
        return stem, series
    return tradingsymbol, "EQ"


def equity_symbol(stem: str, series: str) -> str:
    """Return the symbol of `stem` in `series`."""
    return stem if series in SHARES or not series else f"{stem}-{series}"
