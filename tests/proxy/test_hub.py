from __future__ import annotations

from collections.abc import Sequence

import pytest

from market.modes import Mode
from market.ticks import Update
from proxy.hub import Hub
from tests.doubles.ticks import INFY, SBIN, full_tick, tick_of


def collected(hub: Hub) -> list[Update]:
    seen: list[Update] = []
    hub.add_sink(seen.extend)
    return seen


def test_publish_folds_into_the_last_value() -> None:
    hub = Hub()
    hub.publish([full_tick(volume=100)])
    hub.publish([tick_of(ltp=820.0)])
    last = hub.last(SBIN)
    assert last is not None
    assert (last.ltp, last.volume, last.high) == (820.0, 100, 820.0)


def test_publish_says_which_modes_changed() -> None:
    hub = Hub()
    seen = collected(hub)
    hub.publish([full_tick()])
    hub.publish([full_tick()])
    hub.publish([full_tick(bid_size=341)])
    everything = Mode.LTP.bit | Mode.QUOTE.bit | Mode.DEPTH.bit
    assert [update.changed for update in seen] == [everything, 0, Mode.QUOTE.bit | Mode.DEPTH.bit]


def test_publish_hands_one_batch_to_every_sink() -> None:
    hub = Hub()
    batches: list[int] = []

    def sink(updates: Sequence[Update]) -> None:
        batches.append(len(updates))

    hub.add_sink(sink)
    hub.publish([tick_of(), tick_of(INFY), tick_of(ltp=1.0)])
    assert batches == [3]
    assert hub.counters["ticks_in"] == 3
    assert len(hub) == 2


@pytest.mark.expected_log("A sink of the hub failed")
def test_a_sink_that_raises_is_isolated_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    hub = Hub()

    def broken(updates: Sequence[Update]) -> None:
        raise RuntimeError("no")

    hub.add_sink(broken)
    seen = collected(hub)
    hub.publish([tick_of()])
    hub.publish([tick_of(ltp=1.0)])
    assert len(seen) == 2
    assert hub.counters["sink_errors"] == 2
    assert len([r for r in caplog.records if r.levelname == "ERROR"]) == 1


def test_two_sources_are_never_mixed() -> None:
    hub = Hub()
    seen = collected(hub)
    hub.publish([full_tick(high=110.0, oi=555)])
    other = tick_of(ltp=120.0)._replace(source="other")
    hub.publish([other])
    assert hub.last(SBIN) == other
    assert seen[-1].changed == Mode.LTP.bit | Mode.QUOTE.bit | Mode.DEPTH.bit
    bare = other._replace(ltp=None, source="third", bid_price=1.0)
    hub.publish([bare])
    assert (hub.last(SBIN), seen[-1].changed) == (bare, Mode.LTP.bit | Mode.QUOTE.bit | Mode.DEPTH.bit)


def test_removed_sink_is_called_no_more() -> None:
    hub = Hub()
    seen: list[Update] = []
    sink = seen.extend
    hub.add_sink(sink)
    hub.remove_sink(sink)
    hub.publish([tick_of()])
    assert not seen
