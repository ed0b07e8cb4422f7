from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from adapters.simulated.listing import Listing
from adapters.simulated.simulation import MOST_TICKS_PER_CALL, Simulation
from market.instruments import InstrumentKey
from market.modes import Mode
from market.ticks import Tick
from tests.adapters.simulated.conftest import ist, key

NOON = ist("2026-11-23 12:00")
NewSimulation = Callable[..., Simulation]
NAMES = "NSE:INFY NSE_INDEX:NIFTY NFO:NIFTY01DEC2624200CE MCX:GOLD04DEC26FUT CRYPTO:BTCINR"
MIXED = [key(name) for name in NAMES.split()]


def run(simulation: Simulation, *, seconds: float, step_ms: float = 20.0, start_ms: float = NOON) -> list[Tick]:
    ticks = simulation.due(start_ms)
    for number in range(1, round(seconds * 1000 / step_ms) + 1):
        ticks += simulation.due(start_ms + number * step_ms)
    return ticks


@pytest.mark.parametrize("rate", [1.0, 7.5, 400.0, 5000.0])
def test_the_rate_is_the_one_asked_for(new_simulation: NewSimulation, rate: float) -> None:
    simulation = new_simulation(rate=rate)
    for each in MIXED:
        simulation.follow(each, Mode.LTP, NOON)
    assert len(run(simulation, seconds=4.0)) == pytest.approx(rate * 4.0, abs=1.01 + rate * 0.02)
    assert simulation.rate == rate


def test_naturally_liquid_instruments_trade_more_often(
    new_simulation: NewSimulation, listings: dict[InstrumentKey, Listing]
) -> None:
    simulation = new_simulation()
    liquid, quiet = key("NSE:RELIANCE"), key("NSE:BOSCHLTD")
    for each in (liquid, quiet):
        simulation.follow(each, Mode.QUOTE, NOON)
    counts = Counter(tick.key for tick in run(simulation, seconds=60.0))
    assert counts[liquid] == pytest.approx(60 * listings[liquid].rate, rel=0.1)
    assert counts[quiet] == pytest.approx(60 * listings[quiet].rate, rel=0.2)


def test_nothing_trades_that_is_not_followed(new_simulation: NewSimulation) -> None:
    simulation = new_simulation(rate=1000.0)
    assert run(simulation, seconds=1.0) == []
    simulation.follow(MIXED[0], Mode.LTP, NOON)
    assert {tick.key for tick in run(simulation, seconds=1.0, start_ms=NOON + 2000)} == {MIXED[0]}
    simulation.unfollow(MIXED[0])
    assert run(simulation, seconds=1.0, start_ms=NOON + 4000) == []
    assert simulation.rate == 0.0


def test_the_same_seed_calls_and_times_give_the_same_ticks(new_simulation: NewSimulation) -> None:
    def play(seed: int) -> list[Tick]:
        simulation = new_simulation(seed=seed, rate=500.0)
        first = [simulation.follow(each, Mode.DEPTH, NOON) for each in MIXED]
        return first + run(simulation, seconds=2.0)

    assert play(1) == play(1)
    assert play(1) != play(2)


def test_a_pause_is_not_made_up_for_by_a_burst(new_simulation: NewSimulation) -> None:
    simulation = new_simulation(rate=1000.0)
    simulation.follow(MIXED[0], Mode.LTP, NOON)
    simulation.due(NOON)
    ticks, hour_later = [], NOON + 3_600_000
    for _ in range(20):
        batch = simulation.due(hour_later)
        assert len(batch) <= MOST_TICKS_PER_CALL
        ticks += batch
    assert len(ticks) == 250
    assert simulation.backlog == 0


def test_a_clock_set_back_stops_nothing(new_simulation: NewSimulation) -> None:
    simulation = new_simulation(rate=100.0)
    simulation.follow(MIXED[0], Mode.LTP, NOON)
    run(simulation, seconds=1.0)
    assert len(run(simulation, seconds=1.0, start_ms=NOON - 600_000)) == pytest.approx(100, abs=2)


def test_a_closed_exchange_gives_a_snapshot_and_no_ticks(new_simulation: NewSimulation) -> None:
    evening = ist("2026-11-23 18:00")
    simulation = new_simulation(rate=100.0)
    first = simulation.follow(key("NSE:INFY"), Mode.DEPTH, evening)
    assert first.ltt == ist("2026-11-23 15:30")
    assert None not in (first.ltp, first.volume, first.depth)
    assert run(simulation, seconds=1.0, start_ms=evening) == []
    simulation.follow(key("MCX:GOLD04DEC26FUT"), Mode.LTP, evening)
    ticks = run(simulation, seconds=1.0, start_ms=evening + 2000)
    assert len(ticks) == pytest.approx(100, abs=2)
    assert {tick.key.exchange for tick in ticks} == {"MCX"}


def test_an_exchange_that_opens_starts_a_new_day(new_simulation: NewSimulation) -> None:
    infy, early = key("NSE:INFY"), ist("2026-11-23 09:14:59.500")
    simulation = new_simulation(rate=100.0)
    friday = simulation.follow(infy, Mode.QUOTE, early)
    ticks = run(simulation, seconds=3.0, start_ms=early)
    assert ticks
    assert all(tick.received_ms >= ist("2026-11-23 09:15") for tick in ticks)
    assert ticks[0].close == pytest.approx(friday.ltp, abs=0.11)
    assert ticks[0].volume is not None
    assert ticks[0].volume < 1000


def test_depth_is_kept_for_those_who_want_it_only(new_simulation: NewSimulation) -> None:
    simulation = new_simulation(rate=200.0)
    simulation.follow(MIXED[0], Mode.QUOTE, NOON)
    assert all(tick.depth is None for tick in run(simulation, seconds=0.5))
    first = simulation.follow(MIXED[0], Mode.DEPTH, NOON)
    assert first.depth is not None
    assert len(first.depth.buy) == len(first.depth.sell) == 20
    assert all(tick.depth is not None for tick in run(simulation, seconds=0.5, start_ms=NOON + 1000))
    walk = simulation.walk(MIXED[0], NOON)
    assert walk.keeps_book
    simulation.unfollow(MIXED[0], down_to=Mode.LTP)
    assert not walk.keeps_book
    assert all(tick.bid_price is None for tick in run(simulation, seconds=0.5, start_ms=NOON + 2000))


def test_a_loop_that_cannot_keep_up_drops_what_it_owes(new_simulation: NewSimulation) -> None:
    simulation = new_simulation(rate=50_000.0)
    simulation.follow(MIXED[0], Mode.LTP, NOON)
    for number in range(20):
        assert len(simulation.due(NOON + number * 100)) <= MOST_TICKS_PER_CALL
    assert simulation.backlog <= 12_500
