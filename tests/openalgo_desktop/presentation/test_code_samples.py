"""Code that subscribes to rows: it names the rows and the addresses, and no key."""

from __future__ import annotations

import ast

from market.exchanges import Exchange
from market.instruments import InstrumentKey
from openalgo_desktop.presentation.code_samples import VARIABLE, curl, javascript, python

KEYS = [InstrumentKey(Exchange.NSE, "M&M"), InstrumentKey(Exchange.NFO, "NIFTY30DEC2526000CE")]
WS, HTTP = "ws://127.0.0.1:43959", "http://127.0.0.1:41111"


def test_python_names_instruments_and_addresses() -> None:
    text = python(KEYS, WS, HTTP)
    ast.parse(text)
    assert '    {"exchange": "NSE", "symbol": "M&M"},\n' in text
    assert f'api(api_key=os.environ["{VARIABLE}"], host="{HTTP}", ws_url="{WS}")' in text
    assert "host=" not in python(KEYS, WS, "")


def test_javascript_and_curl_name_them_too() -> None:
    for text in (javascript(KEYS, WS), curl(KEYS, HTTP)):
        assert "M&M" in text
        assert "NIFTY30DEC2526000CE" in text
        assert VARIABLE in text
    assert WS in javascript(KEYS, WS)
    assert curl(KEYS, HTTP).count(f"{HTTP}/api/v1/quotes") == 2
