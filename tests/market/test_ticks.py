from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.modes import Mode
from market.ticks import Depth, Level, Tick, changed_modes, fold, known_modes

INFY = InstrumentKey(Exchange.NSE, "INFY")
BOOK = Depth((Level(99.95, 10, 1),), (Level(100.05, 20, 2),))
FULL = Tick(
    INFY, 1.0, "zerodha", ltp=100.0, timestamp=5, ltt=4, volume=1000, open=99.0, high=101.0, low=98.0, close=99.5,
    last_quantity=10, average_price=99.9, oi=0, total_buy_quantity=7, total_sell_quantity=8, bid_price=99.95,
    ask_price=100.05, bid_size=10, ask_size=20, lower_circuit=90.0, upper_circuit=110.0, rolling_24h=False,
    depth=BOOK, extra={"broker": "x"},
)  # fmt: skip
EVERY_MODE = Mode.LTP.bit | Mode.QUOTE.bit | Mode.DEPTH.bit
QUOTE_AND_DEPTH = Mode.QUOTE.bit | Mode.DEPTH.bit


def said(**fields: object) -> Tick:
    return Tick(INFY, 2.0, "zerodha")._replace(**fields)


prices = st.none() | st.floats(-100.0, 1e6, allow_nan=False)
quantities = st.none() | st.integers(0, 10**9)
depths = st.none() | st.just(BOOK) | st.just(Depth((), ()))
extras = st.none() | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2)
ticks = st.builds(
    Tick, st.just(INFY), st.floats(0, 1e13), st.sampled_from(["a", "b"]), prices, quantities, quantities, quantities,
    prices, prices, prices, prices, quantities, prices, quantities, quantities, quantities, prices, prices, quantities,
    quantities, prices, prices, st.none() | st.booleans(), depths, extras,
)  # fmt: skip

HIGH, LOW, CLOSE = (Tick._fields.index(name) for name in ("high", "low", "close"))
DAY_FIELDS = {Tick._fields.index(name) for name in ("open", "high", "low", "average_price")}


@given(ticks, ticks)
def test_fold_takes_what_the_message_says_and_keeps_the_rest(last: Tick, new: Tick) -> None:
    folded = fold(last, new)
    assert type(folded) is Tick
    for index, (old, said_now, now) in enumerate(zip(last, new, folded, strict=True)):
        if said_now is not None:
            assert now == said_now
        elif index not in DAY_FIELDS:
            assert now == old


@given(ticks, ticks)
def test_fold_follows_the_last_price_with_day_high_and_low(last: Tick, new: Tick) -> None:
    folded = fold(last, new)
    rolled = new.close is not None and last.close not in (None, new.close) and not folded.rolling_24h
    if rolled or new.ltp is None:
        return
    if new.high is None:
        assert folded.high == (None if last.high is None else max(last.high, new.ltp))
    if new.low is None:
        assert folded.low == (None if last.low is None else min(last.low, new.ltp))


def test_fold_follows_a_high_of_zero() -> None:
    below_zero = FULL._replace(high=-1.0, low=-5.0, ltp=-2.0)
    assert fold(below_zero, said(ltp=0.0)).high == 0.0


def test_fold_forgets_the_day_before_when_the_previous_close_moves() -> None:
    folded = fold(FULL, said(ltp=95.0, close=100.0))
    assert (folded.open, folded.high, folded.low, folded.average_price) == (None, None, None, None)
    assert folded.volume == 1000
    assert fold(FULL, said(ltp=95.0, close=100.0, open=96.0, high=96.5, low=94.0))[7:11] == (96.0, 96.5, 94.0, 100.0)


def test_fold_keeps_high_and_low_when_a_rolling_close_moves() -> None:
    folded = fold(FULL._replace(rolling_24h=True), said(ltp=99.0, close=100.0))
    assert (folded.high, folded.low) == (101.0, 98.0)


def test_fold_keeps_the_book_unless_told_that_it_is_empty() -> None:
    assert fold(FULL, said(ltp=100.0)).depth == BOOK
    assert fold(FULL, said(depth=Depth((), ()))).depth == Depth((), ())


@given(ticks)
def test_changed_modes_is_empty_when_a_message_is_repeated(tick: Tick) -> None:
    repeated = Tick(*(type(value)(value) if isinstance(value, float) else value for value in tick))
    assert changed_modes(tick, fold(tick, repeated._replace(received_ms=9e12, source="c"))) == 0


@given(ticks, ticks)
def test_changed_modes_names_a_mode_and_those_above_it(last: Tick, new: Tick) -> None:
    assert changed_modes(last, fold(last, new)) in (0, Mode.DEPTH.bit, QUOTE_AND_DEPTH, EVERY_MODE)


def test_changed_modes_follows_the_block_of_each_field() -> None:
    others = {"depth": Depth((), ()), "extra": {}, "rolling_24h": True}
    for index, name in enumerate(Tick._fields[3:], start=3):
        changed = changed_modes(FULL, FULL._replace(**{name: others.get(name, 12345)}))
        expected = EVERY_MODE if index < 7 else Mode.DEPTH.bit if name == "depth" else QUOTE_AND_DEPTH
        assert changed == expected, name


def test_known_modes_of_each_field_alone() -> None:
    for name, value in zip(Tick._fields[3:], FULL[3:], strict=True):
        expected = {"ltp": EVERY_MODE, "depth": Mode.DEPTH.bit, "timestamp": 0, "ltt": 0, "volume": 0}
        assert known_modes(said(**{name: value})) == expected.get(name, QUOTE_AND_DEPTH), name
    assert known_modes(said()) == 0


def test_change_is_unknown_without_a_previous_close() -> None:
    assert FULL.change == 0.5
    assert FULL.change_percent is not None
    assert abs(FULL.change_percent - 0.5025) < 1e-4
    for tick in (said(ltp=1.0), said(close=1.0), said(ltp=1.0, close=0.0)):
        assert tick.change is None
        assert tick.change_percent is None


def test_change_percent_has_the_sign_of_the_change_below_zero() -> None:
    assert said(ltp=-30.0, close=-40.0).change_percent == 25.0
