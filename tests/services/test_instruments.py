from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import date

import pytest

from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind, OptionRight
from market.symbols import parse_symbol
from services.instruments import InstrumentDirectory
from services.search_index import SearchIndex
from tests.doubles.listed_market import FIRST_EXPIRY, chain, listed_market
from tests.doubles.listed_market import made as contract

TODAY = date(2026, 11, 23)


def made(exchange: Exchange, symbol: str, name: str = "") -> Instrument:
    parts = parse_symbol(exchange, symbol)
    return Instrument(
        key=InstrumentKey(exchange, symbol),
        kind=parts.kind,
        name=name,
        expiry=parts.expiry,
        strike=parts.strike,
        right=parts.right,
    )


@pytest.fixture
def directory() -> InstrumentDirectory:
    known = InstrumentDirectory(today=lambda: TODAY)
    known.add(
        [
            made(Exchange.NFO, "NIFTY29DEC26FUT"),
            made(Exchange.NFO, "NIFTY24NOV26FUT"),
            made(Exchange.NFO, "NIFTY27OCT26FUT"),
            made(Exchange.NFO, "NIFTY24NOV2625000CE"),
            made(Exchange.NFO, "NIFTY24NOV2625000PE"),
            made(Exchange.NFO, "BANKNIFTY24NOV2652000PE"),
            made(Exchange.NSE_INDEX, "NIFTY", "Nifty 50"),
            made(Exchange.NSE_INDEX, "BANKNIFTY", "Nifty Bank"),
            made(Exchange.NSE_INDEX, "FINNIFTY", "Nifty Financial Services"),
            made(Exchange.NSE, "NIFTYBEES", "Nippon Nifty ETF"),
            made(Exchange.NSE, "NFL", "National Fertilizers"),
            made(Exchange.NSE, "INFY", "Infosys"),
            made(Exchange.NSE, "SBIN", "State Bank of India"),
            made(Exchange.BSE, "SBIN", "State Bank of India"),
            made(Exchange.NSE, "HDFCBANK", "HDFC Bank"),
            made(Exchange.CRYPTO, "BTCUSDT", "Bitcoin"),
        ]
    )
    return known


def found(directory: InstrumentDirectory, text: str, limit: int = 20) -> list[str]:
    return [str(instrument.key) for instrument in directory.search(text, limit)]


def test_exact_comes_before_prefix_before_word_before_substring(directory: InstrumentDirectory) -> None:
    symbols = [key.partition(":")[2] for key in found(directory, "nifty")]
    assert symbols == [
        "NIFTY",
        "NIFTYBEES",
        "NIFTY24NOV26FUT",
        "NIFTY29DEC26FUT",
        "NIFTY27OCT26FUT",
        "NIFTY24NOV2625000CE",
        "NIFTY24NOV2625000PE",
        "FINNIFTY",
        "BANKNIFTY",
        "BANKNIFTY24NOV2652000PE",
    ]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("nifty", "NSE_INDEX:NIFTY"),
        ("bank state", "NSE:SBIN"),
        ("sbin bse", "BSE:SBIN"),
        ("25000 pe nifty", "NFO:NIFTY24NOV2625000PE"),
        ("nifty fut", "NFO:NIFTY24NOV26FUT"),
        ("nifty dec", "NFO:NIFTY29DEC26FUT"),
        ("fut nifty dec26", "NFO:NIFTY29DEC26FUT"),
        ("bnf", "NSE_INDEX:BANKNIFTY"),
        ("bnf 52000 pe", "NFO:BANKNIFTY24NOV2652000PE"),
        ("fn", "NSE_INDEX:FINNIFTY"),
        ("nf", "NSE_INDEX:NIFTY"),
        ("bitc", "CRYPTO:BTCUSDT"),
        ("FOSY", "NSE:INFY"),
        ("  hdfc   ", "NSE:HDFCBANK"),
    ],
)
def test_search_finds_what_was_meant(directory: InstrumentDirectory, text: str, first: str) -> None:
    assert found(directory, text)[0] == first


def test_alias_does_not_hide_what_was_typed(directory: InstrumentDirectory) -> None:
    assert "NSE:NFL" in found(directory, "nf")[:2]


def test_expired_contract_comes_after_the_ones_that_trade(directory: InstrumentDirectory) -> None:
    assert found(directory, "nifty fut")[:3] == [
        "NFO:NIFTY24NOV26FUT",
        "NFO:NIFTY29DEC26FUT",
        "NFO:NIFTY27OCT26FUT",
    ]


@pytest.mark.parametrize("text", ["", "   ", "zzz", "nifty zzz"])
def test_nothing_is_found_for_nothing(directory: InstrumentDirectory, text: str) -> None:
    assert found(directory, text) == []


def test_limit_is_kept(directory: InstrumentDirectory) -> None:
    assert len(found(directory, "n", 3)) == 3
    assert found(directory, "n", 0) == []


def test_adding_again_replaces(directory: InstrumentDirectory) -> None:
    before = len(directory)
    assert directory.add([made(Exchange.NSE, "SBIN", "Renamed")]) == before
    known = directory.get(InstrumentKey(Exchange.NSE, "SBIN"))
    assert known is not None
    assert known.name == "Renamed"
    assert "NSE:SBIN" not in found(directory, "state bank")
    assert directory.get(InstrumentKey(Exchange.NSE, "TCS")) is None


def test_searching_while_a_thread_adds() -> None:
    directory = InstrumentDirectory()

    def add() -> None:
        for start in range(0, 2000, 100):
            directory.add([made(Exchange.NSE, f"S{number}X") for number in range(start, start + 100)])

    thread = threading.Thread(target=add)
    thread.start()
    while thread.is_alive():
        directory.search("s1")
    thread.join()
    assert len(directory) == 2000
    assert found(directory, "s1999x") == ["NSE:S1999X"]


# What is found


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("nifty 50", "NSE_INDEX:NIFTY"),
        ("nifty call", "NFO:NIFTY24NOV2625000CE"),
        ("nov24 nifty put", "NFO:NIFTY24NOV2625000PE"),
        ("24 nov nifty fut", "NFO:NIFTY24NOV26FUT"),
        ("niftyfut", "NFO:NIFTY24NOV26FUT"),
        ("bnf52000pe", "NFO:BANKNIFTY24NOV2652000PE"),
        ("52000p", "NFO:BANKNIFTY24NOV2652000PE"),
        ("2652000p", "NFO:BANKNIFTY24NOV2652000PE"),
        ("52,000 bnf", "NFO:BANKNIFTY24NOV2652000PE"),
        ("infosis", "NSE:INFY"),
        ("bankinfty", "NSE_INDEX:BANKNIFTY"),
        ("nfo:nifty", "NFO:NIFTY24NOV26FUT"),
        ("sbin exch:bse", "BSE:SBIN"),
        ("bse:", "BSE:SBIN"),
    ],
)
def test_search_forgives_how_it_is_typed(directory: InstrumentDirectory, text: str, first: str) -> None:
    assert found(directory, text)[0] == first


def test_a_slip_is_forgiven_only_where_nothing_is_better(directory: InstrumentDirectory) -> None:
    directory.add([made(Exchange.NSE, "INFRY")])
    assert found(directory, "infr") == ["NSE:INFRY"]
    assert found(directory, "infz") == ["NSE:INFY", "NSE:INFRY"]
    assert found(directory, "inz") == []


def test_what_is_run_together_is_not_taken_for_a_slip_as_well(directory: InstrumentDirectory) -> None:
    directory.add([made(Exchange.NFO, "NIFTZ24NOV2625000CE")])
    assert found(directory, "nifty25000ce") == ["NFO:NIFTY24NOV2625000CE"]


def test_an_exchange_filter_keeps_out_all_others(directory: InstrumentDirectory) -> None:
    assert {key.partition(":")[0] for key in found(directory, "nfo:")} == {"NFO"}
    assert found(directory, "crypto:nifty") == []
    assert found(directory, "exch:what nifty") == []


def test_segments_follow_each_other() -> None:
    directory = InstrumentDirectory(today=lambda: TODAY)
    directory.add(
        [
            contract(Exchange.CRYPTO, "GOLD", expiry=FIRST_EXPIRY),
            contract(Exchange.NCO, "GOLD", expiry=FIRST_EXPIRY),
            contract(Exchange.MCX, "GOLD", expiry=date(2026, 12, 4), strike=9.0, right=OptionRight.CALL),
            contract(Exchange.MCX, "GOLD", expiry=date(2026, 12, 4)),
            contract(Exchange.CDS, "GOLD", expiry=FIRST_EXPIRY),
            contract(Exchange.NFO, "GOLD", expiry=FIRST_EXPIRY, strike=9.0, right=OptionRight.CALL),
            contract(Exchange.BFO, "GOLD", expiry=FIRST_EXPIRY),
            contract(Exchange.NFO, "GOLD", expiry=date(2026, 12, 29)),
            contract(Exchange.NSE, "GOLDX"),
            contract(Exchange.NSE_INDEX, "GOLDXX", kind=InstrumentKind.INDEX),
        ]
    )
    assert found(directory, "gold") == [
        "NSE_INDEX:GOLDXX",
        "NSE:GOLDX",
        "NFO:GOLD29DEC26FUT",
        "BFO:GOLD24NOV26FUT",
        "NFO:GOLD24NOV269CE",
        "CDS:GOLD24NOV26FUT",
        "MCX:GOLD04DEC26FUT",
        "NCO:GOLD24NOV26FUT",
        "MCX:GOLD04DEC269CE",
        "CRYPTO:GOLD24NOV26FUT",
    ]


def test_middle_of_the_chain_comes_first_without_a_price() -> None:
    directory = InstrumentDirectory(today=lambda: TODAY)
    directory.add(chain(Exchange.NFO, "NIFTY", 100, 200, 300, 400, 500))
    strikes = [each.strike for each in directory.search("nifty ce")]
    assert strikes == [300, 200, 400, 100, 500]


@pytest.mark.parametrize(
    ("board", "quoted"),
    [
        (Exchange.NFO, InstrumentKey(Exchange.NSE_INDEX, "ABC")),
        (Exchange.NFO, InstrumentKey(Exchange.NSE, "ABC")),
        (Exchange.BFO, InstrumentKey(Exchange.BSE_INDEX, "ABC")),
        (Exchange.BFO, InstrumentKey(Exchange.BSE, "ABC")),
        (Exchange.MCX, InstrumentKey(Exchange.MCX, "ABC29DEC26FUT")),
    ],
)
def test_strikes_near_the_price_come_first(board: Exchange, quoted: InstrumentKey) -> None:
    expired = InstrumentKey(board, "ABC23NOV26FUT")
    directory = InstrumentDirectory(today=lambda: TODAY, spot={expired: 111.0, quoted: 389.0}.get)
    directory.add(chain(board, "ABC", 100, 200, 300, 400, 500))
    directory.add([contract(board, "ABC", expiry=day) for day in (TODAY, date(2026, 12, 29))])
    assert [each.strike for each in directory.search("abc pe")] == [400, 300, 500, 200, 100]


def test_a_chain_added_in_pieces_has_one_middle() -> None:
    directory = InstrumentDirectory(today=lambda: TODAY)
    directory.add(listed_market(2000, strikes=4) + chain(Exchange.NFO, "ABC", 100, 200, 300))
    directory.add(chain(Exchange.NFO, "ABC", 400, 500))
    assert [each.strike for each in directory.search("abc ce")] == [300, 200, 400, 100, 500]
    assert [each.strike for each in directory.search("abc ce", 3)] == [300, 200, 400]


def test_volume_decides_between_equally_good_finds() -> None:
    volumes = {InstrumentKey(Exchange.NSE, "TATASTEEL"): 9e6, InstrumentKey(Exchange.NSE, "TATAPOWER"): 5e6}
    directory = InstrumentDirectory(today=lambda: TODAY, volume=volumes.get)
    directory.add([made(Exchange.NSE, symbol) for symbol in ("TATAX", "TATAPOWER", "TATASTEEL", "TATA")])
    assert found(directory, "tata") == ["NSE:TATA", "NSE:TATASTEEL", "NSE:TATAPOWER", "NSE:TATAX"]
    assert found(directory, "tata", 2) == ["NSE:TATA", "NSE:TATASTEEL"]


def test_the_day_may_change_between_searches() -> None:
    days = [TODAY]
    directory = InstrumentDirectory(today=lambda: days[0])
    directory.add([made(Exchange.NFO, "NIFTY24NOV26FUT"), made(Exchange.NFO, "NIFTY29DEC26FUT")])
    assert found(directory, "fut") == ["NFO:NIFTY24NOV26FUT", "NFO:NIFTY29DEC26FUT"]
    days[0] = date(2026, 11, 25)
    assert found(directory, "fut") == ["NFO:NIFTY29DEC26FUT", "NFO:NIFTY24NOV26FUT"]
    assert [each.key.symbol for each in directory.listed()] == ["NIFTY29DEC26FUT", "NIFTY24NOV26FUT"]


# How it grows


def test_version_grows_with_changes_alone(directory: InstrumentDirectory) -> None:
    version = directory.version
    directory.add([made(Exchange.NSE, "TCS")])
    assert directory.version == version + 1
    assert directory.add([made(Exchange.NSE, "TCS")]) == len(directory)
    assert directory.version == version + 1


def test_a_few_more_do_not_index_the_bulk_again(monkeypatch: pytest.MonkeyPatch) -> None:
    directory = InstrumentDirectory(today=lambda: TODAY)
    directory.add(listed_market(3000, strikes=4))
    sizes: list[int] = []

    class Counted(SearchIndex):
        def __init__(self, instruments: Iterable[Instrument]) -> None:
            super().__init__(instruments)
            sizes.append(len(self))

    monkeypatch.setattr("services.instruments.SearchIndex", Counted)
    directory.add([made(Exchange.NSE, "ADDED", "Added Later")])
    assert sizes == [1]
    directory.add([*listed_market(3000, strikes=4), made(Exchange.NSE, "NIFTYX")])
    assert sizes == [1, 2]
    assert len(directory) == len(directory.listed()) == 3002
    assert found(directory, "later") == ["NSE:ADDED"]


def test_a_few_replaced_are_found_once_and_by_their_new_name() -> None:
    directory = InstrumentDirectory(today=lambda: TODAY)
    directory.add(listed_market(3000, strikes=4))
    assert directory.add([contract(Exchange.NSE, "RELIANCE", name="Renamed Ltd")]) == 3000
    assert found(directory, "renamed") == ["NSE:RELIANCE"]
    assert found(directory, "reliance").count("NSE:RELIANCE") == 1
    assert found(directory, "nse:reliance") == ["NSE:RELIANCE"]
    assert [str(each.key) for each in directory.listed()].count("NSE:RELIANCE") == 1


def test_readers_are_not_kept_waiting_while_a_list_is_indexed(monkeypatch: pytest.MonkeyPatch) -> None:
    directory = InstrumentDirectory(today=lambda: TODAY)
    directory.add([made(Exchange.NSE, "TCS")])
    indexing, searched = threading.Event(), threading.Event()

    class Slow(SearchIndex):
        def __init__(self, instruments: Iterable[Instrument]) -> None:
            indexing.set()
            assert searched.wait(30)
            super().__init__(instruments)

    monkeypatch.setattr("services.instruments.SearchIndex", Slow)
    thread = threading.Thread(target=directory.add, args=(listed_market(2000, strikes=4),))
    thread.start()
    assert indexing.wait(30)
    assert found(directory, "tcs") == ["NSE:TCS"]
    assert len(directory) == 1
    searched.set()
    thread.join(30)
    assert len(directory) == 2000  # TCS is in both


def test_contracts_of_a_base_and_futures_of_a_board_with_what_was_replaced_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.instruments._FEW", 2)
    known = InstrumentDirectory(today=lambda: TODAY)
    symbols = ("NIFTY24NOV26FUT", "NIFTY29DEC26FUT", "NIFTY24NOV2625000CE", "BANKNIFTY24NOV26FUT")
    known.add([made(Exchange.NFO, symbol) for symbol in symbols])
    known.add([made(Exchange.NFO, "NIFTY24NOV26FUT", "renamed"), made(Exchange.MCX, "GOLD04DEC26FUT")])
    assert sorted(each.key.symbol for each in known.contracts(Exchange.NFO, "NIFTY")) == sorted(symbols[:3])
    assert [each.name for each in known.contracts(Exchange.NFO, "NIFTY") if each.key.symbol == symbols[0]] == [
        "renamed"
    ]
    assert sorted(each.key.symbol for each in known.futures(Exchange.NFO)) == sorted((*symbols[:2], symbols[3]))
    assert known.futures(Exchange.BFO) == known.contracts(Exchange.NFO, "ACC") == []
    assert known.exchanges() == {Exchange.NFO, Exchange.MCX}


def test_exchanges_of_a_text_are_those_of_its_finds(directory: InstrumentDirectory) -> None:
    for text in ("nifty", "rel", "25sep", "zzzz", ""):
        boards = {each.key.exchange for each in directory.search(text, 1000)}
        assert directory.exchanges_of(text) == [exchange for exchange in Exchange if exchange in boards]
