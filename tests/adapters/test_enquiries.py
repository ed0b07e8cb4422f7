"""Enquiries: repeated until they are answered, or not needed any more, and a few at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence

import pytest

from adapters import enquiries
from adapters.background import BackgroundTasks
from adapters.enquiries import Enquiries
from adapters.reconnect import Backoff
from adapters.venue import EnquiryDue, Event, Skipped
from market.errors import FeedRejectedError, FeedUnavailableError
from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.ticks import Tick
from tests.doubles.waiting import until


def due(symbol: str = "AB", what: str = "book") -> EnquiryDue:
    return EnquiryDue(InstrumentKey(Exchange.CRYPTO, symbol), symbol.lower(), what)


class Bench:
    """An asker and an enquirer in one: answers come from `answers`, exceptions among them are raised."""

    def __init__(self) -> None:
        self.answers: list[object] = []
        self.asked: list[tuple[str, str]] = []
        self.at_once = self.most_at_once = 0
        self.hold = asyncio.Event()
        self.hold.set()
        self.unneeded: set[EnquiryDue] = set()
        self.said: list[Event] = []
        self.tasks = BackgroundTasks()
        self.enquiries = Enquiries(self._ask, self.tasks, "toy", lambda: Backoff(first_s=0.005, cap_s=0.01))

    def see_to(self, *dues: EnquiryDue) -> None:
        for each in dues:
            self.enquiries.see_to(each, self, self.said.extend)

    async def _ask(self, token: str, what: str) -> object:
        self.asked.append((token, what))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.hold.wait()
        finally:
            self.at_once -= 1
        answer = self.answers.pop(0) if self.answers else 1.0
        if isinstance(answer, Exception):
            raise answer
        return answer

    def still_needs(self, due: EnquiryDue) -> bool:
        return due not in self.unneeded

    def answered(self, due: EnquiryDue, answer: object, received_ms: float) -> Sequence[Event] | None:
        return None if answer == "old" else [Tick(due.key, received_ms, "toy", float(str(answer)))]

    @property
    def prices(self) -> list[float | None]:
        return [event.ltp for event in self.said if isinstance(event, Tick)]


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench()
    yield bench
    await bench.tasks.close()


async def test_an_answer_is_said_once_however_often_it_is_due_meanwhile(bench: Bench) -> None:
    bench.hold.clear()
    bench.see_to(due(), due())
    await until(lambda: bench.asked)
    bench.see_to(due())
    bench.hold.set()
    await until(lambda: bench.prices)
    assert (bench.prices, bench.asked) == ([1.0], [("ab", "book")])
    await until(lambda: len(bench.tasks) == 0)


async def test_failures_surprises_and_answers_of_no_use_are_asked_for_again(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    bench.answers = [FeedUnavailableError("no network"), "old", 7.0]
    bench.see_to(due())
    await until(lambda: bench.prices == [7.0])
    assert bench.said.count(Skipped("book_enquiries_failed")) == 2
    assert "No book of CRYPTO:AB: no network" in caplog.text


@pytest.mark.expected_log("cannot be read")
async def test_a_surprise_ends_nothing(bench: Bench) -> None:
    bench.answers = [KeyError("a"), 7.0]
    bench.see_to(due())
    await until(lambda: bench.prices == [7.0])


async def test_after_a_refusal_it_is_not_asked_for_soon(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enquiries, "_REFUSED_S", 0.2)
    bench.answers = [FeedRejectedError("HTTP 451"), 7.0]
    loop = asyncio.get_running_loop()
    begun = loop.time()
    bench.see_to(due())
    await until(lambda: bench.prices == [7.0])
    assert loop.time() - begun >= 0.19


async def test_what_is_not_needed_any_more_is_not_asked_for(bench: Bench) -> None:
    bench.hold.clear()
    others = [due(f"S{number}") for number in range(6)]
    bench.see_to(*others)
    await until(lambda: len(bench.asked) == 4)
    bench.unneeded.add(others[5])
    bench.hold.set()
    await until(lambda: len(bench.prices) == 5)
    await until(lambda: len(bench.tasks) == 0)
    assert bench.most_at_once == 4
    assert ("s5", "book") not in bench.asked


async def test_what_is_dropped_says_nothing_and_can_be_due_anew(bench: Bench) -> None:
    bench.hold.clear()
    bench.see_to(due(), due(what="day"), due("CD"))
    await until(lambda: len(bench.asked) == 3)
    bench.enquiries.drop([due().key])
    bench.see_to(due())
    bench.hold.set()
    await until(lambda: len(bench.prices) == 2)
    assert sorted(bench.asked[3:]) == [("ab", "book")]
    bench.hold.clear()
    bench.see_to(due("EF"))
    await until(lambda: len(bench.asked) == 5)
    bench.enquiries.drop_all()
    bench.hold.set()
    await until(lambda: len(bench.tasks) == 0)
    assert len(bench.prices) == 2


async def test_what_its_own_answer_makes_due_again_is_asked_for_again(bench: Bench) -> None:
    bench.answers = [1.0, 2.0]

    def say(events: Sequence[Event]) -> None:
        bench.said.extend(events)
        if len(bench.prices) == 1:
            bench.enquiries.see_to(due(), bench, say)

    bench.enquiries.see_to(due(), bench, say)
    await until(lambda: bench.prices == [1.0, 2.0])
