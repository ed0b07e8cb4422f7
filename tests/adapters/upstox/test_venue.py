"""What Upstox says of itself, and where its instruments go."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.broker_factory import broker
from adapters.upstox.broker import UpstoxVenue
from adapters.venue import Want
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.modes import Mode
from market.subscriptions import Subscription, WishState
from tests.adapters.conformance.bench import Bench
from tests.adapters.upstox.bench import UPSTOX
from tests.doubles.toy_broker import ToyQuote, book
from tests.doubles.toy_upstox import ToyUpstox
from tests.doubles.waiting import until

DEEP = Subscription(InstrumentKey(Exchange.NSE, "INFY:30"), Mode.DEPTH)


@pytest.fixture
async def bench(toy: ToyUpstox) -> AsyncIterator[Bench]:
    bench = Bench(dialect=UPSTOX, toy=toy)
    yield bench
    await bench.feed.stop()


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ((Exchange.NSE, "INFY"), None),
        ((Exchange.NSE, "INFY:30"), None),
        ((Exchange.NSE, "INFY:50"), "books of 5 and of 30 levels; ask for INFY or INFY:30"),
        ((Exchange.NSE_INDEX, "NIFTY:30"), "NIFTY is an index and has no book"),
        ((Exchange.CRYPTO, "BTCUSDT"), "Upstox does not carry CRYPTO"),
    ],
)
def test_what_it_serves(key: tuple[Exchange, str], reason: str | None) -> None:
    said = UpstoxVenue(broker("upstox").endpoints).why_not(InstrumentKey(*key))
    assert (said is None) if reason is None else (said is not None and reason in said)


def test_deep_books_go_to_their_own_lane() -> None:
    venue = UpstoxVenue(broker("upstox").endpoints)
    share = Instrument(key=DEEP.key, kind=InstrumentKind.EQUITY, token="NSE_EQ|INE009A01021")
    assert venue.route(Want(share, Mode.DEPTH)) == ("depth30",)
    assert [(lane.name, lane.per_connection, lane.connections) for lane in venue.lanes] == [
        ("feed", 2000, 1),
        ("depth30", 50, 1),
    ]


async def test_a_book_of_thirty_levels_beside_one_of_five(toy: ToyUpstox, bench: Bench) -> None:
    usual = bench.wish(0, Mode.DEPTH)
    await bench.start(usual)
    bench.feed.subscribe([DEEP])
    await until(lambda: sorted(mode for line in toy.lines for mode in line.holds.values()) == ["full", "full_d30"])
    await toy.tick(bench.instrument(usual), ToyQuote(ltp=100.0, depth=book(100.0, 30)))
    await until(lambda: usual.key in bench.sink.last and DEEP.key in bench.sink.last)
    depths = [bench.sink.last[key].depth for key in (usual.key, DEEP.key)]
    assert [len(depth.buy) for depth in depths if depth is not None] == [5, 30]
    await until(lambda: bench.feed.wishes.state(DEEP) is WishState.CONFIRMED)
    bench.feed.unsubscribe([DEEP])
    await until(lambda: len(toy.lines) == 1)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_handshake_is_tried_again_with_another_address(
    toy: ToyUpstox, bench: Bench, status: int
) -> None:
    usual = bench.wish(0)
    toy.refuse_handshakes = status
    bench.make_feed()
    bench.feed.subscribe([usual])
    await bench.feed.start(bench.sink)
    await until(lambda: toy.requests["authorize"] >= 3)
    toy.refuse_handshakes = 0
    await bench.held(usual)
    assert bench.sessions.refusals == []


async def test_a_refused_second_connection_leaves_the_first_alone(toy: ToyUpstox, bench: Bench) -> None:
    usual = bench.wish(0)
    await bench.start(usual)
    toy.refuse_handshakes = 403
    bench.feed.subscribe([DEEP])
    await until(lambda: toy.requests["authorize"] >= 3)
    assert bench.sessions.refusals == []
    assert toy.holds(bench.instrument(usual)) == "ltpc"
