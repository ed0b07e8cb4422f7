"""What Fyers says of itself, and where its instruments go."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.broker_factory import broker
from adapters.fyers import hsm
from adapters.fyers.broker import FyersVenue
from adapters.venue import Want
from market.exchanges import Exchange
from market.feeds import FeedState
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.modes import Mode
from market.subscriptions import Subscription, WishState
from tests.adapters.conformance.bench import Bench
from tests.adapters.fyers.bench import FYERS
from tests.adapters.fyers.test_deep import WHOLE
from tests.doubles.toy_broker import ToyQuote
from tests.doubles.toy_fyers import ToyFyers, deep_error
from tests.doubles.waiting import until

INFY = Subscription(InstrumentKey(Exchange.NSE, "INFY"), Mode.DEPTH)
DEEP = Subscription(InstrumentKey(Exchange.NSE, "INFY:50"), Mode.DEPTH)
TICKER = "NSE:INFY-EQ"


@pytest.fixture
async def bench(toy: ToyFyers) -> AsyncIterator[Bench]:
    bench = Bench(dialect=FYERS, toy=toy)
    yield bench
    await bench.feed.stop()
    assert toy.violations == []


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ((Exchange.NSE, "INFY"), None),
        ((Exchange.NSE, "INFY:50"), None),
        ((Exchange.NFO, "NIFTY29DEC26FUT:50"), None),
        ((Exchange.NSE, "INFY:20"), "books of 5 and of 50 levels; ask for INFY or INFY:50"),
        ((Exchange.BSE, "INFY:50"), "for NSE and NFO alone; ask for INFY"),
        ((Exchange.CRYPTO, "BTCUSDT"), "Fyers does not carry CRYPTO"),
    ],
)
def test_what_it_serves(key: tuple[Exchange, str], reason: str | None) -> None:
    said = FyersVenue(broker("fyers").endpoints).why_not(InstrumentKey(*key))
    assert (said is None) if reason is None else (said is not None and reason in said)


def test_only_a_deep_book_needs_the_other_lane() -> None:
    venue = FyersVenue(broker("fyers").endpoints)
    share = Instrument(key=DEEP.key, kind=InstrumentKind.EQUITY, token="nse_cm|1594")
    assert venue.route(Want(share, Mode.DEPTH)) == ("feed", "depth50")
    assert venue.route(Want(share, Mode.QUOTE)) == ("feed",)
    assert [(lane.name, lane.per_connection, lane.connections) for lane in venue.lanes] == [
        ("feed", 2500, 1),
        ("depth50", 5, 1),
    ]


def test_keepalives_are_what_fyers_wants() -> None:
    first, second = FyersVenue(broker("fyers").endpoints).lanes
    assert (first.policy.keepalive, first.policy.keepalive_every_s) == (hsm.PING, 10.0)
    assert (second.policy.keepalive, second.policy.keepalive_every_s) == (b"ping", 10.0)


async def test_a_deep_book_beside_prices_and_a_book_of_five(toy: ToyFyers, bench: Bench) -> None:
    await bench.start(INFY)
    bench.feed.subscribe([DEEP])
    await until(lambda: [line for line in toy.deep_lines() if TICKER in line.holds])
    await toy.tick(bench.instrument(INFY), ToyQuote(ltp=101.25))
    assert await toy.say_deep(TICKER, WHOLE) == 1
    await until(lambda: DEEP.key in bench.sink.last and bench.sink.last[DEEP.key].depth)
    await until(lambda: INFY.key in bench.sink.last and bench.sink.last[INFY.key].depth)
    depths = [bench.sink.last[key].depth for key in (INFY.key, DEEP.key)]
    assert [len(depth.buy) for depth in depths if depth is not None] == [5, 50]
    assert [bench.sink.last[key].ltp for key in (INFY.key, DEEP.key)] == [101.25, 101.25]
    await until(lambda: bench.feed.wishes.state(DEEP) is WishState.CONFIRMED)
    bench.feed.unsubscribe([DEEP])
    await until(lambda: not toy.deep_lines())
    assert toy.holds(bench.instrument(INFY)) == "sf+dp"


async def test_a_deep_book_has_its_prices_at_once_although_nothing_moves(toy: ToyFyers, bench: Bench) -> None:
    await bench.start(INFY)
    await toy.tick(bench.instrument(INFY), ToyQuote(ltp=101.25))
    await until(lambda: INFY.key in bench.sink.last)
    bench.feed.subscribe([DEEP])
    await until(lambda: DEEP.key in bench.sink.last)
    assert bench.sink.last[DEEP.key].ltp == 101.25
    await until(lambda: bench.feed.wishes.state(DEEP) is WishState.CONFIRMED)


async def test_a_deep_book_comes_back_after_a_drop(toy: ToyFyers, bench: Bench) -> None:
    await bench.start()
    bench.feed.subscribe([DEEP])
    for _ in range(3):
        await until(lambda: [line for line in toy.deep_lines() if TICKER in line.holds])
        made = toy.lines_made
        toy.drop()
        await until(lambda made=made: toy.lines_made >= made + 2)
    await until(lambda: [line for line in toy.deep_lines() if TICKER in line.holds])
    assert await toy.say_deep(TICKER, WHOLE) == 1
    await until(lambda: DEEP.key in bench.sink.last and bench.sink.last[DEEP.key].depth)


async def test_a_sixth_deep_book_is_refused_with_a_sentence(toy: ToyFyers, bench: Bench) -> None:
    symbols = ("INFY", "RELIANCE", "TCS", *(f"MORE{number}" for number in range(3)))
    wishes = [Subscription(InstrumentKey(Exchange.NSE, f"{symbol}:50"), Mode.DEPTH) for symbol in symbols]
    await bench.start()
    more = [
        Instrument(
            key=InstrumentKey(Exchange.NSE, symbol),
            kind=InstrumentKind.EQUITY,
            token=f"nse_cm|9{number}",
            broker_symbol=f"NSE:{symbol}-EQ",
        )
        for number, symbol in enumerate(symbols[3:])
    ]
    bench.catalogue.replace([*FYERS.instruments, *more])
    bench.feed.subscribe(wishes)
    await until(lambda: bench.sink.rejected)
    assert [each.subscription for each in bench.sink.rejected] == [wishes[-1]]
    assert "Fyers carries 5 books of 50 levels at most" in bench.sink.rejected[0].reason


async def test_a_refused_deep_book_is_told(toy: ToyFyers, bench: Bench) -> None:
    await bench.start()
    bench.feed.subscribe([DEEP])
    await until(lambda: [line for line in toy.deep_lines() if TICKER in line.holds])
    await toy.say_deep(TICKER, deep_error())
    await until(lambda: bench.feed.wishes.state(DEEP) is WishState.REJECTED)
    assert bench.sink.rejected[-1].reason == "Fyers refused the book of 50 levels"


async def test_a_refused_handshake_of_the_deep_lane_leaves_the_session_alone(toy: ToyFyers, bench: Bench) -> None:
    wish = bench.wish(1)
    await bench.start(wish)
    toy.refuse_handshakes = 401
    bench.feed.subscribe([DEEP])
    await until(lambda: toy.requests["/indus/home/tbtws"] >= 3)
    assert bench.sessions.refusals == []
    assert toy.holds(bench.instrument(wish)) == "sf"


async def test_a_refused_handshake_says_nothing_about_the_login(toy: ToyFyers, bench: Bench) -> None:
    wish = bench.wish(1)
    toy.refuse_handshakes = 403
    bench.make_feed()
    bench.feed.subscribe([wish])
    await bench.feed.start(bench.sink)
    await until(lambda: bench.sink.states.count(FeedState.RECONNECTING) >= 3)
    toy.refuse_handshakes = 0
    await bench.held(wish)
    assert bench.sessions.refusals == []


async def test_a_request_that_fyers_refuses_is_told(toy: ToyFyers, bench: Bench) -> None:
    toy.refuse_subscriptions = True
    wish = bench.wish(1)
    await bench.start()
    bench.feed.subscribe([wish])
    await until(lambda: bench.feed.wishes.state(wish) is WishState.REJECTED)
    assert bench.sink.rejected[-1].reason == "Fyers refused the subscription"


async def test_data_frames_are_acknowledged(toy: ToyFyers, bench: Bench) -> None:
    wish = bench.wish(1)
    await bench.start(wish)
    for step in range(7):
        await toy.tick(bench.instrument(wish), ToyQuote(ltp=100.0 + step))
    await until(lambda: toy.acknowledged == [3, 6])
