"""Faults are injected one by one, and each must be told from the others: quiet, frozen, stale, silent, late, closed."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from market.exchanges import Exchange
from market.feed_pulse import FeedVerdict
from market.feeds import Capabilities, FeedNature, FeedState, FeedStatus
from market.freshness import Freshness
from market.instruments import InstrumentKey
from market.liveness import Liveness
from market.ticks import Tick, Update

START = 1_764_000_000_000.0
NSE = [InstrumentKey(Exchange.NSE, f"SHARE{number}") for number in range(8)]
MCX = InstrumentKey(Exchange.MCX, "GOLD31MAR26FUT")


class Calendar:
    """Open where it says so."""

    def __init__(self) -> None:
        self.closed: set[Exchange] = set()

    def is_open(self, exchange: Exchange, at_ms: float) -> bool:
        return exchange not in self.closed


class World:
    """A feed with instruments that tick once a second, each unless told otherwise."""

    def __init__(self, *, has_heartbeat: bool = True, nature: FeedNature = FeedNature.LIVE, lag_ms: int = 40) -> None:
        self.calendar = Calendar()
        self.wanted = {*NSE, MCX}
        self.liveness = Liveness(self.calendar, wanted=self.wanted.__contains__)
        capabilities = Capabilities(exchanges=frozenset(Exchange), nature=nature, has_heartbeat=has_heartbeat)
        self.liveness.add_feed(FeedStatus("fyers", FeedState.LIVE), capabilities)
        self.now = START
        self.lag_ms = lag_ms
        self.last: dict[InstrumentKey, Tick] = {}

    def run(self, seconds: int, *, silent: Collection[InstrumentKey] = ()) -> None:
        for _ in range(seconds):
            self.now += 1000.0
            stamp = int(self.now) - self.lag_ms
            for key in self.wanted.difference(silent):
                self.last[key] = Tick(key, self.now, "fyers", ltp=100.0, timestamp=stamp)
            self.liveness.on_updates([Update(self.last[key], 14) for key in self.wanted.difference(silent)])
            self.liveness.attend(self.now)

    def part(self, keys: Collection[InstrumentKey]) -> FeedVerdict:
        return self.liveness.health_of("fyers", keys, self.now).verdict

    def state(self, key: InstrumentKey) -> Freshness:
        return self.liveness.state(self.last[key], self.now)

    def states(self) -> set[Freshness]:
        return {self.state(key) for key in self.last}

    def report(self, state: FeedState) -> None:
        self.liveness.report(FeedStatus("fyers", state))

    @property
    def verdict(self) -> FeedVerdict:
        return self.liveness.health("fyers", self.now).verdict


@pytest.fixture
def world() -> World:
    made = World()
    made.run(40)
    assert made.states() == {Freshness.LIVE}
    assert made.verdict is FeedVerdict.LIVE
    return made


def test_a_lost_feed_makes_every_row_stale_and_its_return_makes_them_live(world: World) -> None:
    for state in (FeedState.RECONNECTING, FeedState.MUTE, FeedState.CONNECTING, FeedState.FAILED, FeedState.STOPPED):
        world.report(state)
        assert world.states() == {Freshness.STALE}
        assert world.verdict == state.value
    world.report(FeedState.LIVE)
    world.run(1)
    assert world.states() == {Freshness.LIVE}


def test_a_polled_price_is_a_snapshot(world: World) -> None:
    world.report(FeedState.POLLING)
    assert world.states() == {Freshness.SNAPSHOT}


def test_one_frozen_instrument_is_told_from_a_quiet_one(world: World) -> None:
    frozen = NSE[0]
    world.run(9, silent=[frozen])
    assert world.state(frozen) is Freshness.LIVE
    world.run(5, silent=[frozen])
    assert world.state(frozen) is Freshness.QUIET
    world.run(20, silent=[frozen])
    assert world.state(frozen) is Freshness.FROZEN
    assert {world.state(key) for key in NSE[1:]} == {Freshness.LIVE}
    assert world.liveness.health("fyers", world.now).frozen == 1
    world.run(1)
    assert world.state(frozen) is Freshness.LIVE


def test_a_quiet_market_is_not_a_frozen_row(world: World) -> None:
    world.run(25, silent=NSE)
    assert {world.state(key) for key in NSE} == {Freshness.QUIET}
    world.run(40, silent=NSE)
    assert {world.state(key) for key in NSE} == {Freshness.QUIET}, "nobody on the exchange bears witness"
    assert world.state(MCX) is Freshness.LIVE
    assert world.verdict is FeedVerdict.LIVE


def test_a_feed_with_heartbeat_and_no_prices_is_stalled_and_its_rows_quiet(world: World) -> None:
    everything = [*NSE, MCX]
    world.run(12, silent=everything)
    assert world.verdict is FeedVerdict.QUIET
    world.run(20, silent=everything)
    assert world.verdict is FeedVerdict.STALLED
    assert world.states() == {Freshness.QUIET}


def test_an_instrument_that_keeps_its_own_rhythm_explains_the_silence_of_the_others(world: World) -> None:
    slow = InstrumentKey(Exchange.NSE, "SLOW")
    world.wanted.add(slow)
    for _ in range(12):
        world.run(59, silent=[slow])
        world.run(1)
    world.wanted.clear()
    world.wanted.add(slow)
    for _ in range(3):
        world.run(59, silent=[slow])
        assert world.verdict is FeedVerdict.QUIET
        world.run(1)
    world.run(1_260, silent=[slow])
    assert world.verdict is FeedVerdict.STALLED, "that is too long for it too"


def test_an_instrument_that_keeps_its_own_rhythm_does_not_excuse_a_dead_feed(world: World) -> None:
    slow = [InstrumentKey(Exchange.NSE, f"SLOW{number}") for number in range(20)]
    world.wanted.update(slow)
    for _ in range(12):
        world.run(59, silent=slow)
        world.run(1)
    for left, seconds in ((world.wanted.copy(), 30), ({slow[0], NSE[0]}, 30), (set(slow), 60)):
        world.run(1)
        world.wanted.intersection_update(left)
        world.run(seconds, silent=world.wanted)
        assert world.verdict is FeedVerdict.QUIET, "as long as twenty of its usual gaps are, all together"
        world.run(3, silent=world.wanted)
        assert world.verdict is FeedVerdict.STALLED
        world.wanted.update(slow, NSE)


def test_of_a_few_instruments_never_heard_nothing_is_expected_and_of_more_something(world: World) -> None:
    fresh = [InstrumentKey(Exchange.NSE, f"FRESH{number}") for number in range(3)]
    for count in (2, 3):
        world.wanted.clear()
        world.wanted.update(fresh[:count])
        world.liveness.on_updates([Update(Tick(key, world.now, "fyers", ltp=1.0), 14) for key in world.wanted])
        world.run(590, silent=fresh)
        assert world.verdict is FeedVerdict.QUIET
        world.run(20, silent=fresh)
        assert world.verdict is (FeedVerdict.STALLED if count == 3 else FeedVerdict.QUIET)


def test_silence_counts_from_the_opening(world: World) -> None:
    exchanges = {Exchange.NSE, Exchange.MCX}
    world.calendar.closed |= exchanges
    world.run(3_600, silent=world.wanted)
    assert world.verdict is FeedVerdict.CLOSED
    world.calendar.closed -= exchanges
    world.run(20, silent=world.wanted)
    assert (world.verdict, world.part(NSE)) == (FeedVerdict.QUIET, FeedVerdict.LIVE)
    world.run(20, silent=world.wanted)
    assert (world.verdict, world.part(NSE)) == (FeedVerdict.STALLED, FeedVerdict.STALLED)


def test_silence_counts_from_when_something_is_wanted(world: World) -> None:
    wanted = set(world.wanted)
    world.wanted.clear()
    world.run(600)
    world.wanted.update(wanted)
    world.run(20, silent=wanted)
    assert world.verdict is FeedVerdict.QUIET
    world.run(20, silent=wanted)
    assert world.verdict is FeedVerdict.STALLED


def test_a_publisher_without_heartbeat_that_falls_silent_is_stale() -> None:
    world = World(has_heartbeat=False)
    world.run(40)
    world.run(35, silent=[*NSE, MCX])
    assert world.verdict is FeedVerdict.SILENT
    assert world.states() == {Freshness.STALE}
    world.run(1)
    assert world.states() == {Freshness.LIVE}


def test_after_the_close_nothing_is_blamed_for_its_silence(world: World) -> None:
    world.calendar.closed = set(Exchange)
    world.run(60, silent=[*NSE, MCX])
    assert world.states() == {Freshness.CLOSED}
    assert world.verdict is FeedVerdict.CLOSED


def test_one_exchange_closed_leaves_the_feed_live(world: World) -> None:
    world.calendar.closed = {Exchange.NSE}
    world.run(40, silent=NSE)
    assert {world.state(key) for key in NSE} == {Freshness.CLOSED}
    assert (world.state(MCX), world.verdict) == (Freshness.LIVE, FeedVerdict.LIVE)


def test_what_nobody_wanted_is_not_frozen_when_it_is_wanted_again(world: World) -> None:
    left, others = NSE[0], set(world.wanted)
    world.wanted.discard(left)
    world.run(120)
    world.wanted.add(left)
    world.run(2, silent=[left])
    assert world.state(left) is Freshness.QUIET
    world.run(40, silent=[left])
    assert world.state(left) is Freshness.FROZEN
    assert others == world.wanted


def test_what_nobody_wants_is_quiet_and_never_frozen(world: World) -> None:
    world.wanted.discard(NSE[0])
    world.run(120)
    assert world.state(NSE[0]) is Freshness.QUIET


def test_an_outage_is_no_habit(world: World) -> None:
    for _ in range(20):
        world.report(FeedState.RECONNECTING)
        world.now += 300_000.0
        world.report(FeedState.LIVE)
        world.run(2)
    world.run(35, silent=[NSE[0]])
    assert world.state(NSE[0]) is Freshness.FROZEN


def test_late_data_is_delayed_and_the_lag_is_known() -> None:
    world = World(lag_ms=900_000)
    world.run(40)
    assert world.states() == {Freshness.DELAYED}
    assert world.liveness.health("fyers", world.now).lag_ms == 900_000.0


def test_a_clock_that_is_behind_shows_as_a_negative_lag() -> None:
    world = World(lag_ms=-2_500)
    world.run(40)
    assert world.liveness.health("fyers", world.now).lag_ms == -2_500.0
    assert world.states() == {Freshness.LIVE}


def test_the_lag_is_known_still_when_nothing_comes_any_more(world: World) -> None:
    world.run(120, silent=[*NSE, MCX])
    assert world.liveness.health("fyers", world.now).lag_ms == 40.0


def test_a_few_old_messages_do_not_make_a_feed_delayed(world: World) -> None:
    old = Tick(NSE[0], world.now, "fyers", ltp=1.0, timestamp=int(world.now) - 7_200_000)
    world.liveness.on_updates([Update(old, 14)])
    assert world.liveness.health("fyers", world.now).lag_ms == 40.0


def test_out_of_order_and_repeated_messages_are_counted(world: World) -> None:
    tick = world.last[NSE[0]]
    assert tick.timestamp is not None
    late = tick._replace(timestamp=tick.timestamp - 500)
    world.liveness.on_updates([Update(late, 14), Update(tick, 14), Update(tick, 0)])
    health = world.liveness.health("fyers", world.now)
    assert (health.out_of_order, health.duplicates) == (1, 1)
    assert health.ticks == 40 * 9 + 3


@pytest.mark.parametrize(
    ("nature", "word"), [(FeedNature.SIMULATED, Freshness.SIMULATED), (FeedNature.REPLAY, Freshness.REPLAY)]
)
def test_prices_that_are_not_real_say_so_always(nature: FeedNature, word: Freshness) -> None:
    world = World(nature=nature)
    world.run(5)
    world.calendar.closed = set(Exchange)
    world.now += 1e6
    assert world.states() == {word}
    world.report(FeedState.MUTE)
    assert world.states() == {Freshness.STALE}


def test_a_clock_set_back_by_an_hour_blames_nobody(world: World) -> None:
    world.now -= 3_600_000.0
    world.run(3)
    assert world.states() == {Freshness.LIVE}
    assert world.verdict is FeedVerdict.LIVE


def test_health_counts_what_is_wanted(world: World) -> None:
    health = world.liveness.health("fyers", world.now)
    assert (health.symbols, health.lively, health.frozen, health.last_ms) == (9, 9, 0, world.now)
    assert world.liveness.health("nobody", world.now).verdict is FeedVerdict.STOPPED


@pytest.mark.parametrize("nature", [FeedNature.SIMULATED, FeedNature.REPLAY])
def test_a_bus_may_carry_what_is_not_real_among_what_is(nature: FeedNature) -> None:
    world = World()
    world.run(2)
    world.liveness.note_nature("fyers", NSE[0], nature)
    world.run(2)
    assert world.state(NSE[0]) == nature.value
    assert world.state(NSE[1]) is Freshness.LIVE
    assert world.liveness.health("fyers", world.now).unreal == {nature.value: 1}
    world.calendar.closed.add(Exchange.NSE)
    world.now += 2_000.0
    assert world.state(NSE[0]) == nature.value, "whatever the clock says, it is not real"
    world.report(FeedState.RECONNECTING)
    assert world.state(NSE[0]) is Freshness.STALE, "but a feed that is lost is lost"
    world.report(FeedState.LIVE)
    world.calendar.closed.clear()
    world.liveness.note_nature("fyers", NSE[0], FeedNature.LIVE)
    world.run(2)
    assert world.state(NSE[0]) is Freshness.LIVE
    assert world.liveness.health("fyers", world.now).unreal == {}


def test_a_word_about_prices_of_one_source_says_nothing_of_another() -> None:
    world = World()
    world.run(2)
    world.liveness.note_nature("zmq", NSE[0], FeedNature.SIMULATED)
    world.run(1)
    assert world.state(NSE[0]) is Freshness.LIVE
    assert world.liveness.health("fyers", world.now).unreal == {}


def test_what_nobody_wants_any_more_marks_nothing() -> None:
    world = World()
    world.run(2)
    world.liveness.note_nature("fyers", NSE[0], FeedNature.SIMULATED)
    world.wanted.discard(NSE[0])
    world.run(1)
    assert world.liveness.health("fyers", world.now).unreal == {}


def test_a_part_that_falls_silent_is_stalled_while_the_rest_moves() -> None:
    world = World()
    world.run(30)
    dead, alive = NSE[:4], NSE[4:]
    assert world.part(dead) is world.part(alive) is FeedVerdict.LIVE
    world.run(45, silent=dead)
    assert (world.part(dead), world.part(alive)) == (FeedVerdict.STALLED, FeedVerdict.LIVE)
    assert world.liveness.health("fyers", world.now).verdict is FeedVerdict.LIVE
    assert world.liveness.health_of("fyers", dead, world.now).last_ms == world.now - 45_000.0


def test_a_part_that_does_not_follow_is_stalled_while_its_prices_move() -> None:
    world = World()
    world.run(30)
    heard = world.now
    world.run(29)
    assert world.liveness.health_of("fyers", NSE[:1], world.now, follows_ms=heard).verdict is FeedVerdict.LIVE
    world.run(3)
    health = world.liveness.health_of("fyers", NSE[:1], world.now, follows_ms=heard)
    assert (health.verdict, health.last_ms) == (FeedVerdict.STALLED, heard)
    assert world.liveness.health_of("fyers", NSE[:1], world.now, follows_ms=world.now).verdict is FeedVerdict.LIVE
    world.calendar.closed.add(Exchange.NSE)
    world.run(1)
    assert world.liveness.health_of("fyers", NSE[:1], world.now, follows_ms=heard).verdict is FeedVerdict.QUIET


def test_two_instruments_are_too_few_to_call_a_part_stalled_and_a_closed_exchange_is_no_fault() -> None:
    world = World()
    world.run(30)
    world.run(45, silent=NSE[:4])
    assert world.part(NSE[:2]) is FeedVerdict.QUIET
    assert world.part([InstrumentKey(Exchange.NSE, "UNKNOWN")]) is FeedVerdict.QUIET
    world.calendar.closed.add(Exchange.NSE)
    world.run(2, silent=NSE)
    assert world.part(NSE[:4]) is FeedVerdict.QUIET


def test_what_another_feed_serves_now_says_nothing_of_a_part() -> None:
    world = World()
    world.run(30)
    world.run(45, silent=NSE[:4])
    assert world.liveness.health_of("another", NSE[:4], world.now).verdict is FeedVerdict.QUIET
