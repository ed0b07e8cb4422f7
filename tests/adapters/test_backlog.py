from __future__ import annotations

from collections import Counter

from adapters.backlog import BATCH, LIMIT, Backlog, fold_by_key
from tests.doubles.ticks import INFY, SBIN, tick_of


def test_fold_by_key_keeps_the_final_value_and_the_extremes() -> None:
    ticks = [tick_of(SBIN, ltp=1.0, high=5.0), tick_of(INFY, ltp=9.0), tick_of(SBIN, ltp=7.0), tick_of(SBIN, ltp=2.0)]
    sbin, infy = fold_by_key(ticks)
    assert (sbin.ltp, sbin.high, infy.ltp) == (2.0, 7.0, 9.0)


def test_what_fits_is_handed_on_whole_and_in_order() -> None:
    counters: Counter[str] = Counter()
    backlog = Backlog(counters)
    backlog.add([tick_of(ltp=float(n)) for n in range(LIMIT)])
    prices = []
    while backlog:
        batch = backlog.take()
        assert 0 < len(batch) <= BATCH
        prices += [tick.ltp for tick in batch]
    assert prices == [float(n) for n in range(LIMIT)]
    assert counters["conflated"] == 0


def test_what_does_not_fit_is_folded_and_counted() -> None:
    counters: Counter[str] = Counter()
    backlog = Backlog(counters)
    backlog.add([tick_of(ltp=float(n)) for n in range(LIMIT)])
    backlog.add([tick_of(INFY, ltp=7.0)])
    assert [(tick.key, tick.ltp) for tick in backlog.take()] == [(SBIN, LIMIT - 1.0), (INFY, 7.0)]
    assert counters["conflated"] == LIMIT - 1
    backlog.add([tick_of()])
    backlog.clear()
    assert len(backlog) == 0
