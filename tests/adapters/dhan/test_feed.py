"""Deep books beside the market feed, over sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from adapters.dhan.broker import DhanVenue
from market.exchanges import Exchange
from market.feeds import FeedState
from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Subscription, WishState
from tests.adapters.conformance.bench import Bench
from tests.adapters.dhan.bench import DHAN, INSTRUMENTS
from tests.doubles.toy_broker import ToyQuote, book
from tests.doubles.toy_dhan import ToyDhan, deep_disconnection
from tests.doubles.waiting import until

HDFC, INFY = INSTRUMENTS[0], INSTRUMENTS[10]


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    toy = ToyDhan()
    await toy.start()
    bench = Bench(dialect=DHAN, toy=toy)
    yield bench
    await bench.feed.stop()
    await toy.stop()
    assert toy.violations == []


def _toy(bench: Bench) -> ToyDhan:
    assert isinstance(bench.toy, ToyDhan)
    return bench.toy


def _wish(symbol: str, mode: Mode = Mode.DEPTH) -> Subscription:
    return Subscription(InstrumentKey(Exchange.NSE, symbol), mode)


async def _book(bench: Bench, wish: Subscription, levels: int) -> None:
    """Send quotes until a book of `levels` has come under the name of `wish`."""
    quote = ToyQuote(ltp=101.25, depth=book(100.0, 200))
    what = next(each for each in INSTRUMENTS if each.key.symbol == wish.key.symbol.partition(":")[0])

    def arrived() -> bool:
        known = bench.sink.last.get(wish.key)
        return known is not None and known.depth is not None and len(known.depth.buy) == levels and known.ltp == 101.25

    async with asyncio.timeout(10):
        while not arrived():  # a quote may be sent before anybody holds the instrument
            await bench.toy.tick(what, quote)
            await asyncio.sleep(0.002)


_DEEP = [("HDFCBANK:20", "/twentydepth", 20), ("HDFCBANK:200", "/full", 200)]


@pytest.mark.parametrize(("symbol", "path", "levels"), _DEEP)
async def test_a_deep_book_comes_on_a_connection_of_its_own(bench: Bench, symbol: str, path: str, levels: int) -> None:
    wish = _wish(symbol)
    await bench.start()
    bench.feed.subscribe([wish])
    await until(lambda: _toy(bench).lines_of(path) and _toy(bench).lines_of(path)[0].holds == {"NSE_EQ:1333": "23"})
    await until(lambda: _toy(bench).lines_of("/feed")[0].holds == {"NSE_EQ:1333": "21"})
    await _book(bench, wish, levels)
    tick = bench.sink.last[wish.key]
    assert tick.depth == book(100.0, levels)
    assert (tick.volume, tick.close, tick.bid_price) == (123_456, 98.0, 99.95)
    assert bench.feed.wishes.state(wish) is WishState.CONFIRMED
    bench.feed.unsubscribe([wish])
    await until(lambda: not _toy(bench).lines_of(path))
    await until(lambda: not _toy(bench).lines_of("/feed")[0].holds)


async def test_the_usual_book_and_the_deep_ones_live_beside_each_other(bench: Bench) -> None:
    wishes = [_wish("HDFCBANK"), _wish("HDFCBANK:20"), _wish("HDFCBANK:200")]
    await bench.start()
    bench.feed.subscribe(wishes)
    for wish, levels in zip(wishes, (5, 20, 200), strict=True):
        await _book(bench, wish, levels)
    assert [len(bench.sink.last[wish.key].depth.buy) for wish in wishes] == [5, 20, 200]  # type: ignore[union-attr]
    assert len(_toy(bench).lines_of("/feed")) == 1


async def test_price_alone_needs_no_deep_connection(bench: Bench) -> None:
    wish = _wish("HDFCBANK:20", Mode.QUOTE)
    await bench.start()
    bench.feed.subscribe([wish])
    await until(lambda: _toy(bench).held == 1)
    assert _toy(bench).lines_of("/twentydepth") == []
    await bench.toy.tick(HDFC, ToyQuote(ltp=101.25))
    await until(lambda: wish.key in bench.sink.last)
    assert (bench.sink.last[wish.key].bid_price, bench.sink.last[wish.key].ask_size) == (99.95, 20)


async def test_200_levels_take_a_connection_for_each_instrument(bench: Bench) -> None:
    wishes = [_wish("HDFCBANK:200"), _wish("INFY:200")]
    await bench.start()
    bench.feed.subscribe(wishes)
    await until(lambda: sorted(len(line.holds) for line in _toy(bench).lines_of("/full")) == [1, 1])


async def test_a_deep_connection_that_drops_comes_back(bench: Bench) -> None:
    wish = _wish("HDFCBANK:20")
    await bench.start()
    bench.feed.subscribe([wish])
    await _book(bench, wish, 20)
    made = _toy(bench).lines_made
    _toy(bench).lines_of("/twentydepth")[0].cut()
    await until(lambda: _toy(bench).lines_made > made)
    await until(lambda: all(line.holds for line in _toy(bench).lines_of("/twentydepth")))
    await _book(bench, wish, 20)


async def test_a_token_that_200_levels_are_refused_for_costs_nothing_else(bench: Bench) -> None:
    deep, plain = _wish("HDFCBANK:200"), _wish("INFY")
    await bench.start()
    bench.feed.subscribe([deep, plain])
    await until(lambda: _toy(bench).lines_of("/full"))
    await _toy(bench).lines_of("/full")[0].say(deep_disconnection(808))
    await until(lambda: FeedState.RECONNECTING in bench.sink.states)
    await _book(bench, plain, 5)
    assert bench.sessions.refusals == []


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (InstrumentKey(Exchange.NSE, "HDFCBANK:50"), "books of 5, 20 and 200 levels"),
        (InstrumentKey(Exchange.BSE, "HDFCBANK:20"), "deep books of NSE and NFO alone"),
        (InstrumentKey(Exchange.NCDEX, "BAJRA"), "does not carry NCDEX"),
    ],
)
async def test_what_there_is_not_is_refused_with_a_sentence(key: InstrumentKey, words: str) -> None:
    venue = DhanVenue(ToyDhan().endpoints())
    assert words in (venue.why_not(key) or "")
    assert [lane.token_statuses for lane in venue.lanes[1:]] == [{401}, frozenset()]
    assert venue.why_not(HDFC.key) is None
    assert venue.why_not(INFY.key._replace(symbol="INFY:200")) is None
    await venue.close()
