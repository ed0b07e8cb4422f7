"""The exchange codes of OpenAlgo: the one list of them, and what each kind of exchange trades."""

from __future__ import annotations

from enum import StrEnum

from market.errors import InvalidRequestError


class Exchange(StrEnum):
    """Exchange codes as OpenAlgo clients write them. A member compares equal to its plain text."""

    NSE = "NSE"
    BSE = "BSE"
    NFO = "NFO"
    BFO = "BFO"
    CDS = "CDS"
    BCD = "BCD"
    MCX = "MCX"
    NCDEX = "NCDEX"
    NCO = "NCO"
    NSE_INDEX = "NSE_INDEX"
    BSE_INDEX = "BSE_INDEX"
    MCX_INDEX = "MCX_INDEX"
    NSEIX_INDEX = "NSEIX_INDEX"
    GLOBAL_INDEX = "GLOBAL_INDEX"
    CRYPTO = "CRYPTO"


CASH = frozenset({Exchange.NSE, Exchange.BSE})
INDICES = frozenset(exchange for exchange in Exchange if exchange.endswith("_INDEX"))
DERIVATIVES = frozenset(
    {
        Exchange.NFO,
        Exchange.BFO,
        Exchange.CDS,
        Exchange.BCD,
        Exchange.MCX,
        Exchange.NCDEX,
        Exchange.NCO,
        Exchange.CRYPTO,
    }
)

_BY_CODE = {exchange.value: exchange for exchange in Exchange}


def parse_exchange(text: str) -> Exchange:
    """Return the exchange that `text` names, blanks and case ignored.

    Raises:
        InvalidRequestError: the code is not one of `Exchange`; the sentence lists them.
    """
    found = _BY_CODE.get(text) or _BY_CODE.get(text.strip().upper())
    if found is None:
        raise InvalidRequestError(f"Unknown exchange {text[:32]!r}; expected one of {', '.join(_BY_CODE)}")
    return found
