"""The housekeeping: every job in its time, whatever becomes of the others; and what the search learns of feeds."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest

from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from openalgo_desktop import housekeeping
from openalgo_desktop.housekeeping import DirectoryFeeder, Housekeeping, Job
from services.instruments import InstrumentDirectory
from tests.doubles.fake_feed import FakeFeed
from tests.doubles.waiting import until


@pytest.mark.expected_log("A job of the housekeeping failed")
async def test_a_job_that_fails_keeps_no_other_from_being_done_and_is_said_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(housekeeping, "_ROUND_S", 0.001)
    done: Counter[str] = Counter()
    seen: list[tuple[int, int]] = []

    def fail() -> None:
        done["failing"] += 1
        if done["failing"] != 7:
            raise OSError("disk full")

    async def wait() -> None:
        await asyncio.sleep(0)
        done["awaited"] += 1

    def count() -> int:
        seen.append((done["failing"], done["awaited"]))
        return 7

    running = asyncio.ensure_future(Housekeeping(Job(1, fail), Job(1, wait), Job(3, count)).run())
    await until(lambda: len(seen) >= 4)
    running.cancel()
    assert seen[:4] == [(3, 3), (6, 6), (9, 9), (12, 12)]
    assert caplog.text.count("A job of the housekeeping failed") == 2  # before and after the time that it worked


def _share(symbol: str, name: str) -> Instrument:
    return Instrument(key=InstrumentKey(Exchange.NSE, symbol), kind=InstrumentKind.EQUITY, name=name)


class Listing(FakeFeed):
    """A feed that lists what it is given."""

    def __init__(self, name: str, *shares: Instrument) -> None:
        super().__init__(name)
        self.shares: Sequence[Instrument] = shares
        self.asked = 0

    @property
    def instruments_version(self) -> int:
        return len(self.shares)

    def instruments(self) -> Sequence[Instrument]:
        self.asked += 1
        return self.shares

    def listing(self, key: InstrumentKey) -> Instrument | None:
        return next((each for each in self.shares if each.key == key), None)


async def test_the_details_are_those_of_the_preferred_feed_that_knows_an_instrument() -> None:
    first, second = Listing("a", _share("TCS", "of a")), Listing("b", _share("TCS", "of b"), _share("INFY", "of b"))
    directory = InstrumentDirectory()
    feeder = DirectoryFeeder([first, second], directory)
    await feeder.refresh()
    await feeder.refresh()
    assert (first.asked, second.asked) == (1, 1)
    found = {str(each.key): each.name for each in directory.listed()}
    assert found == {"NSE:TCS": "of a", "NSE:INFY": "of b"}
    first.shares = [*first.shares, _share("INFY", "of a")]
    await feeder.refresh()
    details = directory.get(InstrumentKey(Exchange.NSE, "INFY"))
    assert details is not None
    assert details.name == "of a"
