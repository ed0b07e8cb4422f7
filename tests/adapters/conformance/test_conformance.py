"""What every feed of a broker must do, whatever its bytes: run against each family's toy peer."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import itertools
import math
import struct
from collections.abc import AsyncIterator

import pytest

from market.exchanges import Exchange
from market.feeds import FeedState
from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Subscription, WishState
from market.ticks import Depth, Level
from tests.adapters.conformance.bench import Bench, Dialect
from tests.adapters.conformance.dialects import DIALECTS
from tests.doubles.toy_broker import ToyQuote, book
from tests.doubles.waiting import until

OURS = ("feed-",)


@pytest.fixture(params=DIALECTS, ids=lambda dialect: dialect.name)
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    dialect: Dialect = request.param
    toy = dialect.toy()
    await toy.start()
    bench = Bench(dialect=dialect, toy=toy)
    yield bench
    await bench.feed.stop()
    assert bench.sessions.listeners == 0
    ours = (*OURS, f"{dialect.name}-")
    assert [task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith(ours)] == []
    await until(lambda: not toy.lines)
    await toy.stop()
    assert toy.violations == []


async def _ticked(bench: Bench, wish: Subscription, quote: ToyQuote) -> None:
    """Send a quote again and again until its price has arrived: it may be sent before the mode has changed."""
    instrument = bench.instrument(wish)

    async def arrives() -> bool:
        await bench.toy.tick(instrument, quote)
        await asyncio.sleep(0.002)
        known = bench.sink.last.get(wish.key)
        return known is not None and known.ltp == quote.ltp

    async with asyncio.timeout(10):
        while not await arrives():
            pass


async def test_a_price_arrives_and_confirms_the_wish(bench: Bench) -> None:
    wish = bench.wish(0)
    await bench.start(wish)
    await _ticked(bench, wish, ToyQuote(ltp=101.25))
    tick = bench.sink.last[wish.key]
    assert (tick.source, tick.key) == (bench.dialect.name, wish.key)
    await until(lambda: bench.feed.wishes.state(wish) is WishState.CONFIRMED)
    assert bench.sink.states[-1] is FeedState.LIVE


async def test_quote_mode_fills_its_fields(bench: Bench) -> None:
    wish, quote = bench.wish(0, Mode.QUOTE), ToyQuote(ltp=101.25)
    await bench.start(wish)
    await _ticked(bench, wish, quote)
    tick = bench.sink.last[wish.key]
    told = {"open": quote.open, "high": quote.high, "low": quote.low, "close": quote.close, "volume": quote.volume}
    told |= {"average_price": quote.average, "oi": quote.oi, "last_quantity": quote.last_quantity}
    told |= {"total_buy_quantity": quote.buying, "total_sell_quantity": quote.selling}
    for name in bench.dialect.fields:
        assert getattr(tick, name) == pytest.approx(told[name]), name


async def test_depth_mode_brings_the_book(bench: Bench) -> None:
    wish, quote = bench.wish(0, Mode.DEPTH), ToyQuote(ltp=101.25)
    await bench.start(wish)
    await _ticked(bench, wish, quote)
    await until(lambda: bench.sink.last[wish.key].depth)
    depth = bench.sink.last[wish.key].depth
    assert depth is not None
    levels = bench.dialect.depth_levels
    assert [(each.price, each.quantity) for each in depth.buy] == [
        (each.price, each.quantity) for each in quote.depth.buy[:levels]
    ]
    assert [(each.price, each.quantity) for each in depth.sell] == [
        (each.price, each.quantity) for each in quote.depth.sell[:levels]
    ]


_PLACES = ("ltp", "open", "high", "low", "close", "average", "last_quantity", "volume", "depth")


@pytest.mark.expected_log("Undecodable frame")
async def test_what_is_no_number_does_not_leave_the_feed(bench: Bench) -> None:
    wish, good = bench.wish(0, Mode.DEPTH), ToyQuote(ltp=101.25)
    await bench.start(wish)
    instrument = bench.instrument(wish)
    await until(lambda: bench.toy.holds(instrument) == bench.dialect.tells_modes[Mode.DEPTH])
    await _ticked(bench, wish, ToyQuote(ltp=99.5))
    for place, number in itertools.product(_PLACES, (math.nan, math.inf, -math.inf)):
        wrong = dataclasses.replace(good, **{place: _with_a_wrong_level(number) if place == "depth" else number})
        # A broker whose own form has no room for it cannot send it.
        with contextlib.suppress(ValueError, TypeError, OverflowError, struct.error):
            await bench.toy.tick(instrument, wrong)
    await _ticked(bench, wish, good)
    for tick in bench.sink.ticks:
        levels = () if tick.depth is None else (*tick.depth.buy, *tick.depth.sell)
        numbers = [each for each in (*tick, *(part for level in levels for part in level)) if type(each) is float]
        assert all(map(math.isfinite, numbers)), tick


def _with_a_wrong_level(number: float) -> Depth:
    sound = book(100.0)
    return Depth((Level(number, 5, 1), *sound.buy[1:]), sound.sell)


async def test_an_instrument_is_asked_for_once_in_the_highest_mode(bench: Bench) -> None:
    modes = bench.dialect.tells_modes
    ltp, depth = bench.wish(0), bench.wish(0, Mode.DEPTH)
    await bench.start(ltp)
    instrument = bench.instrument(ltp)
    await until(lambda: bench.toy.holds(instrument) == modes[Mode.LTP])
    bench.feed.subscribe([depth])
    await until(lambda: bench.toy.holds(instrument) == modes[Mode.DEPTH])
    bench.feed.unsubscribe([ltp])
    bench.feed.subscribe([bench.wish(0, Mode.QUOTE)])
    bench.feed.unsubscribe([depth])
    await until(lambda: bench.toy.holds(instrument) == modes[Mode.QUOTE])
    bench.feed.unsubscribe([bench.wish(0, Mode.QUOTE)])
    await until(lambda: bench.toy.holds(instrument) is None)


async def test_what_was_let_go_of_is_not_published(bench: Bench) -> None:
    first, second = bench.wish(0), bench.wish(1)
    await bench.start(first, second)
    bench.feed.unsubscribe([first])
    await until(lambda: bench.toy.holds(bench.instrument(first)) is None)
    await bench.toy.tick(bench.instrument(first), ToyQuote(ltp=55.0))
    await _ticked(bench, second, ToyQuote(ltp=101.25))
    assert bench.sink.last.get(first.key) is None or bench.sink.last[first.key].ltp != 55.0


async def test_wishes_made_before_the_start_are_kept(bench: Bench) -> None:
    bench.make_feed()
    wishes = bench.wishes(count=3)
    bench.feed.subscribe(wishes)
    await bench.feed.start(bench.sink)
    await bench.held(*wishes)


async def test_wishes_wait_for_the_instruments(bench: Bench) -> None:
    bench.make_feed(instruments=())
    wish = bench.wish(0)
    await bench.feed.start(bench.sink)
    bench.feed.subscribe([wish])
    await until(lambda: bench.sink.states[-1] is FeedState.LIVE)
    assert bench.feed.wishes.state(wish) is WishState.PENDING
    bench.catalogue.replace(list(bench.dialect.instruments))
    await bench.held(wish)


async def test_an_instrument_that_does_not_exist_is_refused_with_a_sentence(bench: Bench) -> None:
    exchange = bench.dialect.instruments[0].key.exchange
    wish = Subscription(InstrumentKey(exchange, "NOSUCHTHING"), Mode.LTP)
    await bench.start()
    bench.feed.subscribe([wish])
    assert bench.feed.wishes.state(wish) is WishState.REJECTED
    assert bench.sink.rejected[-1].reason.endswith(f"has no instrument {exchange}:NOSUCHTHING")


async def test_an_exchange_that_is_not_served_is_refused_with_a_sentence(bench: Bench) -> None:
    await bench.start()
    served = bench.feed.capabilities.exchanges
    missing = next((exchange for exchange in Exchange if exchange not in served), None)
    if missing is None:
        pytest.skip("it may serve anything")
    reason = bench.feed.why_not(InstrumentKey(missing, "ANYTHING"))
    assert reason is not None
    assert str(missing) in reason


async def test_a_hundred_drops_lose_no_subscription(bench: Bench) -> None:
    wishes = [bench.wish(0, Mode.DEPTH), bench.wish(1, Mode.QUOTE), bench.wish(2), bench.wish(3)]
    await bench.start(*wishes)
    for number in range(100):
        made = bench.toy.lines_made
        bench.toy.drop()
        await until(lambda made=made: bench.toy.lines_made > made)
        await bench.held(*wishes)
        assert bench.feed.counters["reconnects"] >= number + 1
    for wish in wishes:
        await _ticked(bench, wish, ToyQuote(ltp=107.5))
    await until(lambda: all(bench.feed.wishes.state(wish) is WishState.CONFIRMED for wish in wishes))


async def test_wishes_changed_while_away_are_right_afterwards(bench: Bench) -> None:
    kept, gone, new = bench.wish(0), bench.wish(1), bench.wish(2)
    await bench.start(kept, gone)
    bench.toy.refuse_handshakes = 503
    bench.toy.drop()
    await until(lambda: bench.sink.states[-1] is FeedState.RECONNECTING)
    bench.feed.unsubscribe([gone])
    bench.feed.subscribe([new])
    bench.toy.refuse_handshakes = 0
    await bench.held(kept, new)
    assert bench.toy.holds(bench.instrument(gone)) is None


async def test_a_mute_connection_is_noticed_and_replaced(bench: Bench) -> None:
    wish = bench.wish(0)
    await bench.start(wish, dead_after_s=0.6)
    bench.toy.mute = True
    made = bench.toy.lines_made
    for line in bench.toy.lines:
        line.socket._autoping = False  # not even its library answers
    await until(lambda: FeedState.MUTE in bench.sink.states)
    bench.toy.mute = False
    await until(lambda: bench.toy.lines_made > made)
    await bench.held(wish)
    await _ticked(bench, wish, ToyQuote(ltp=101.25))


@pytest.mark.expected_log("Undecodable frame")
async def test_garbage_is_counted_and_survived(bench: Bench) -> None:
    wish = bench.wish(0)
    await bench.start(wish)
    for number, frame in enumerate(bench.dialect.garbage, start=1):
        await bench.toy.send_to_all(frame)
        await until(lambda number=number: bench.feed.counters["decode_errors"] == number)
    await _ticked(bench, wish, ToyQuote(ltp=101.25))
    assert bench.toy.lines_made == 1


async def test_bytes_that_are_no_frames_only_cost_the_connection(bench: Bench) -> None:
    wish = bench.wish(0)
    await bench.start(wish)
    made = bench.toy.lines_made
    bench.toy.break_frames()
    await until(lambda: bench.toy.lines_made > made)
    await bench.held(wish)


async def test_more_than_one_connection_carries_goes_to_the_next(bench: Bench) -> None:
    bench.toy.most_per_line = 3
    wishes = bench.wishes()
    await bench.start(per_connection=3)
    lane = bench.feed.lanes[0]
    room = lane.connections * 3 if lane.connections is not None else len(wishes)
    bench.feed.subscribe(wishes)
    await until(lambda: bench.toy.held == min(room, len(wishes)))
    refused = [each for each in bench.sink.rejected if "at most" in each.reason]
    assert len(refused) == max(0, len(wishes) - room)
    bench.feed.unsubscribe(wishes)
    await until(lambda: bench.toy.held == 0)
    await until(lambda: len(bench.toy.lines) == 1)


async def test_without_a_login_it_waits_and_says_so(bench: Bench) -> None:
    bench.make_feed()
    if not bench.feed.needs_login:
        pytest.skip("needs no login")
    bench.sessions.session = None
    wish = bench.wish(0)
    await bench.feed.start(bench.sink)
    bench.feed.subscribe([wish])
    await until(lambda: bench.sink.states[-1] is FeedState.FAILED)
    assert bench.sink.statuses[-1].detail.startswith("Log in to ")
    assert bench.sink.statuses[-1].needs_login
    assert bench.toy.lines_made == 0
    bench.log_in("good-token")
    await bench.held(wish)
    assert bench.sink.states[-1] is FeedState.LIVE
    assert not bench.sink.statuses[-1].needs_login


async def test_a_bad_token_is_tried_once_and_a_new_login_brings_everything_back(bench: Bench) -> None:
    bench.make_feed()
    if not bench.feed.needs_login:
        pytest.skip("needs no login")
    bench.log_in("bad-token")
    wishes = bench.wishes(count=3)
    await bench.feed.start(bench.sink)
    bench.feed.subscribe(wishes)
    await until(lambda: bench.sink.states[-1] is FeedState.FAILED)
    assert "needs a new login" in bench.sink.statuses[-1].detail
    assert len(bench.sessions.refusals) == 1
    assert not any("token" in status.detail for status in bench.sink.statuses)
    bench.log_in("good-token")
    await bench.held(*wishes)


async def test_a_logout_closes_every_connection_until_the_next_login(bench: Bench) -> None:
    wishes = bench.wishes(count=3)
    await bench.start(*wishes)
    if not bench.feed.needs_login:
        pytest.skip("needs no login")
    bench.sessions.log_out()
    await until(lambda: not bench.toy.lines and bench.sink.states[-1] is FeedState.FAILED)
    bench.log_in("good-token")
    await bench.held(*wishes)
    await until(lambda: bench.sink.states[-1] is FeedState.LIVE)


async def test_a_token_that_rolls_under_load_loses_nothing(bench: Bench) -> None:
    wishes = bench.wishes()
    await bench.start(*wishes)
    if not bench.feed.needs_login:
        pytest.skip("needs no login")
    for wish in wishes[:3]:
        await _ticked(bench, wish, ToyQuote(ltp=101.25))
    await bench.toy.roll("next-token")
    await until(lambda: bench.sink.states[-1] in (FeedState.FAILED, FeedState.RECONNECTING))
    bench.log_in("next-token")
    await bench.held(*wishes)
    for wish in wishes[:3]:
        await _ticked(bench, wish, ToyQuote(ltp=102.5))
    assert bench.sink.states[-1] is FeedState.LIVE


async def test_a_broker_that_refuses_half_serves_the_other_half(bench: Bench) -> None:
    bench.make_feed()
    if not bench.dialect.tells_refusals:
        pytest.skip("this broker refuses nothing aloud")
    wishes = bench.wishes()
    bad = wishes[::2]
    bench.toy.refused = {bench.toy.token_of(bench.instrument(wish)) for wish in bad}
    await bench.start()
    bench.feed.subscribe(wishes)
    await until(lambda: len(bench.sink.rejected) == len(bad))
    assert {each.subscription for each in bench.sink.rejected} == set(bad)
    good = [wish for wish in wishes if wish not in bad]
    await bench.held(*good)
    await _ticked(bench, good[0], ToyQuote(ltp=101.25))


async def test_a_feed_can_be_stopped_and_started_again(bench: Bench) -> None:
    wish = bench.wish(0)
    await bench.start(wish)
    await bench.feed.stop()
    await until(lambda: not bench.toy.lines)
    await bench.feed.start(bench.sink)
    await bench.held(wish)
    await _ticked(bench, wish, ToyQuote(ltp=101.25))
