"""The catalogue is replaced as a whole and knows deep books by their suffix."""

from __future__ import annotations

from adapters.catalogue import Catalogue
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind

TCS = Instrument(key=InstrumentKey(Exchange.NSE, "TCS"), kind=InstrumentKind.EQUITY, token="11536", source="b")


def test_nothing_is_known_until_the_first_replace() -> None:
    catalogue = Catalogue()
    assert not catalogue.is_loaded
    catalogue.replace([])
    assert catalogue.is_loaded
    assert catalogue.find(TCS.key) is None


def test_the_suffix_of_a_deep_book_finds_the_instrument_under_that_name() -> None:
    catalogue = Catalogue()
    catalogue.replace([TCS])
    deep = catalogue.find(InstrumentKey(Exchange.NSE, "TCS:50"))
    assert deep is not None
    assert (deep.key.symbol, deep.token) == ("TCS:50", "11536")
    assert catalogue.find(InstrumentKey(Exchange.BSE, "TCS")) is None


def test_listeners_hear_of_every_replace_until_they_leave() -> None:
    catalogue, heard = Catalogue(), []
    leave = catalogue.on_change(lambda: heard.append(catalogue.version))
    catalogue.replace([TCS])
    catalogue.replace([])
    leave()
    catalogue.replace([TCS])
    assert heard == [1, 2]
    assert len(catalogue) == 1


def test_why_it_is_missing_is_told_until_it_is_there() -> None:
    catalogue, told = Catalogue(), list[str]()
    catalogue.on_change(lambda: told.append(catalogue.why_missing))
    catalogue.not_had("no network")
    catalogue.not_had("no network")
    catalogue.not_had("HTTP 451")
    assert not catalogue.is_loaded
    catalogue.replace([])
    catalogue.not_had("no network")
    assert told == ["no network", "HTTP 451", ""]
    assert catalogue.why_missing == ""
