"""What a venue tells to requests alone arrives with the next tick of its stream, and never on its own."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence

import pytest

from adapters.figures import Figures
from adapters.venue import Polled
from market.errors import FeedUnavailableError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.modes import Mode
from market.ticks import Tick
from tests.doubles.waiting import until


def _instrument(symbol: str) -> Instrument:
    return Instrument(key=InstrumentKey(Exchange.CRYPTO, symbol), kind=InstrumentKind.PERPETUAL, token=symbol)


A, B = _instrument("A"), _instrument("B")


class _Venue:
    """Answers with `oi` for what it is asked for, or fails."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.oi: dict[str, float] = {"A": 5.0}
        self.is_away = False

    async def ask(self, instruments: Sequence[Instrument]) -> AsyncIterator[Tick]:
        self.asked.append([instrument.token for instrument in instruments])
        if self.is_away:
            raise FeedUnavailableError("away")
        for instrument in instruments:
            if instrument.token in self.oi:
                yield Tick(instrument.key, 1.0, "polled", oi=self.oi[instrument.token])


class _Run:
    def __init__(self, every_s: float = 3600.0) -> None:
        self.venue, self.counters = _Venue(), Counter[str]()
        self.wanted = [A]
        polled = Polled(ask=self.venue.ask, every_s=every_s, mode=Mode.QUOTE)
        self.figures = Figures(polled, lambda: self.wanted, self.counters)
        self.task = asyncio.create_task(self.figures.run())


@pytest.fixture
async def run(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[_Run]:
    monkeypatch.setattr("adapters.figures._STEP_S", 0.001)
    run = _Run()
    yield run
    run.task.cancel()
    await asyncio.wait([run.task])


def _price(of: Instrument, ltp: float) -> Tick:
    return Tick(of.key, 2.0, "stream", ltp=ltp)


async def test_figures_come_once_with_the_next_tick_of_their_instrument(run: _Run) -> None:
    await until(lambda: run.counters["figures"] == 1)
    others = [_price(B, 7.0)]
    assert run.figures.joined(others) is others
    assert run.figures.joined([_price(B, 7.0), _price(A, 8.0), _price(A, 9.0)]) == [
        _price(B, 7.0),
        Tick(A.key, 2.0, "stream", ltp=8.0, oi=5.0),
        _price(A, 9.0),
    ]


async def test_what_is_wanted_later_is_asked_for_alone_and_what_is_let_go_is_forgotten(run: _Run) -> None:
    await until(lambda: run.venue.asked == [["A"]])
    run.venue.oi["B"] = 6.0
    run.wanted = [A, B]
    await until(lambda: run.venue.asked == [["A"], ["B"]])
    run.wanted = [B]
    await until(lambda: A.key not in run.figures._asked_at)
    assert run.figures.joined([_price(A, 8.0)]) == [_price(A, 8.0)]
    run.wanted = [A]
    await until(lambda: run.venue.asked[2:] == [["A"]])


async def test_what_failed_is_asked_for_again_in_its_time_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.figures._STEP_S", 0.001)
    run = _Run(every_s=0.05)
    run.venue.is_away = True
    await until(lambda: run.counters["figures_failed"] == 2)
    assert len(run.venue.asked) == 2
    run.venue.is_away = False
    await until(lambda: run.counters["figures"] >= 1)
    assert run.figures.joined([_price(A, 8.0)])[0].oi == 5.0
    run.task.cancel()
    await asyncio.wait([run.task])


@pytest.mark.expected_log("cannot be read")
async def test_an_answer_that_surprises_does_not_end_the_asking(run: _Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    async def odd(_: Sequence[Instrument]) -> AsyncIterator[Tick]:
        asked.append(1)
        raise KeyError("oi")
        yield

    run.figures._polled = Polled(ask=odd, every_s=0.0, mode=Mode.QUOTE)
    await until(lambda: len(asked) > 2)
    assert run.counters["figures_failed"] >= 2
