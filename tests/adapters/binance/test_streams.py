"""Streams: each mode has all of the ones below it, and each stream is opened once and closed last."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adapters.binance.streams import StreamCounts, is_depth, is_ticker, streams_of, symbol_of
from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Subscription

BTC = InstrumentKey(Exchange.CRYPTO, "BTCUSDT")
_wishes = st.builds(
    lambda symbol, mode: Subscription(InstrumentKey(Exchange.CRYPTO, symbol), mode),
    st.sampled_from(["A", "B", "C"]),
    st.sampled_from(list(Mode)),
)


def test_streams_of_each_mode() -> None:
    assert streams_of(Subscription(BTC, Mode.LTP)) == ["btcusdt@aggTrade", "btcusdt@ticker"]
    assert streams_of(Subscription(BTC, Mode.QUOTE)) == ["btcusdt@aggTrade", "btcusdt@ticker", "btcusdt@bookTicker"]
    assert streams_of(Subscription(BTC, Mode.DEPTH))[-1] == "btcusdt@depth@100ms"
    assert set(streams_of(Subscription(BTC, Mode.QUOTE))) < set(streams_of(Subscription(BTC, Mode.DEPTH)))


def test_parts_of_a_stream_name() -> None:
    assert symbol_of("btcusdt@depth@100ms") == "BTCUSDT"
    assert is_depth("btcusdt@depth@100ms")
    assert not is_depth("btcusdt@bookTicker")
    assert is_ticker("btcusdt@ticker")
    assert not is_ticker("btcusdt@bookTicker")


def test_streams_are_shared_between_modes() -> None:
    counts = StreamCounts()
    assert counts.add([Subscription(BTC, Mode.LTP)]) == ["btcusdt@aggTrade", "btcusdt@ticker"]
    assert counts.add([Subscription(BTC, Mode.QUOTE)]) == ["btcusdt@bookTicker"]
    assert counts.add([Subscription(BTC, Mode.QUOTE)]) == []
    assert counts.remove([Subscription(BTC, Mode.LTP)]) == []
    assert counts.remove([Subscription(BTC, Mode.LTP)]) == []
    assert counts.remove([Subscription(BTC, Mode.QUOTE)]) == [
        "btcusdt@aggTrade",
        "btcusdt@ticker",
        "btcusdt@bookTicker",
    ]
    assert len(counts) == 0


@given(st.lists(st.tuples(st.booleans(), _wishes), max_size=40))
def test_open_streams_are_those_that_are_needed(steps: list[tuple[bool, Subscription]]) -> None:
    counts, held, open_streams = StreamCounts(), set(), set()
    for adding, wish in steps:
        if adding:
            held.add(wish)
            fresh = counts.add([wish])
            assert not open_streams.intersection(fresh)
            open_streams.update(fresh)
        else:
            held.discard(wish)
            gone = counts.remove([wish])
            assert open_streams.issuperset(gone)
            open_streams.difference_update(gone)
        assert open_streams == {stream for wish in held for stream in streams_of(wish)} == set(counts)
