"""The list of an OpenAlgo server."""

from __future__ import annotations

from datetime import date

import pytest

from adapters.openalgo.instruments import parse
from market.errors import DecodeError
from market.instruments import InstrumentKind, OptionRight

HEADER = b"symbol,brsymbol,name,exchange,brexchange,token,expiry,strike,lotsize,instrumenttype,tick_size\n"


def test_each_kind_of_row() -> None:
    master = parse(
        HEADER
        + b"SBIN,SBIN-EQ,STATE BANK OF INDIA,NSE,NSE,3045,,0,1,EQ,0.05\n"
        + b"NIFTY,NIFTY 50,NIFTY,NSE_INDEX,NSE,256265,,0,0,INDEX,0\n"
        + b"NIFTY30DEC2526000CE,NIFTY25DEC26000CE,NIFTY,NFO,NFO,7,30-DEC-25,26000,75,CE,0.05\n"
        + b",,,NSE,NSE,,,,,,\n"
        + b"ODD,ODD,ODD,NOWHERE,X,1,,0,1,EQ,0.05\n"
        + b"ITC,ITC,ITC,NSE,NSE,1,,0,one,EQ,0.05\n"
    )
    known = {str(each.key): each for each in master.instruments}
    assert sorted(known) == ["NFO:NIFTY30DEC2526000CE", "NSE:SBIN", "NSE_INDEX:NIFTY"]
    option = known["NFO:NIFTY30DEC2526000CE"]
    assert (option.kind, option.expiry, option.strike) == (InstrumentKind.OPTION, date(2025, 12, 30), 26000.0)
    assert (option.right, option.lot, option.token) == (OptionRight.CALL, 75, "7")
    assert str(option.underlying) == "NSE_INDEX:NIFTY"
    assert (known["NSE_INDEX:NIFTY"].tick_size, known["NSE_INDEX:NIFTY"].lot) == (0.05, 1)
    assert master.skipped == {"not a symbol of the standard": 2, "a number cannot be read": 1}


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\xfe", b"a,b\n1,2\n"])
def test_what_is_no_list_is_refused(body: bytes) -> None:
    with pytest.raises(DecodeError, match="Not an instrument list of OpenAlgo"):
        parse(body)
