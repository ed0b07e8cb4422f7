"""The honesty bar: true shares and percentiles, never rounded to a lie."""

from __future__ import annotations

from openalgo_desktop.presentation.honesty import honesty, percent
from openalgo_desktop.presentation.sample_ring import SampleRing
from openalgo_desktop.presentation.shown_account import Shown, ShownAccount


def test_bar_says_all_of_it() -> None:
    fact = honesty(4811.7, 9.96, Shown(1000, 30, 3.2, 21.4), 0)
    assert fact.text == "in 4,812/s → shown 10 Hz · conflated 97 % · dropped 0 · lag p50 3 ms p99 21 ms"
    assert fact.short == "in 4,812/s → shown 10 Hz"
    assert "1,000 ticks" in fact.help


def test_bar_without_a_painting_says_no_lag() -> None:
    assert "lag" not in honesty(0.0, 0.0, Shown(), 3).text
    assert "dropped 3" in honesty(0.0, 0.0, Shown(), 3).text


def test_shares_say_all_or_nothing_only_where_it_is_so() -> None:
    assert [percent(share) for share in (0.0, 0.001, 0.5, 0.999, 1.0)] == ["0 %", "1 %", "50 %", "99 %", "100 %"]


def test_account_counts_what_was_replaced_and_how_long_it_waited() -> None:
    account = ShownAccount()
    account.write(9, 1_000.0)
    account.write(1, 1_060.0)
    account.painted(1_100.0)
    account.painted(9_999.0)
    shown = account.take()
    assert (shown.taken, shown.shown, shown.conflated) == (10, 2, 0.8)
    assert (shown.lag_p50_ms, shown.lag_p99_ms) == (40.0, 100.0)
    assert account.take().taken == 0


def test_account_of_a_window_that_is_never_painted_is_bounded() -> None:
    account = ShownAccount()
    for _ in range(5_000):
        account.write(1, 0.0)
    assert len(account._waiting) < 2_000


def test_ring_keeps_the_latest_samples() -> None:
    ring = SampleRing(4)
    assert ring.percentiles(50) is None
    for value in (9.0, 9.0, 1.0, 2.0, 3.0, 4.0):
        ring.add(value)
    assert ring.percentiles(0, 25, 50, 75, 99) == (1.0, 1.0, 2.0, 3.0, 4.0)
    assert (len(ring), ring.largest) == (4, 4.0)
    ring.clear()
    assert (len(ring), ring.largest) == (0, 0.0)
