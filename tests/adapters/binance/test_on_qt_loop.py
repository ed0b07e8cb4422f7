"""The feed on the loop that the window uses: sockets, timers and worker threads behave there as on asyncio's own."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import qasync
from PySide6.QtWidgets import QApplication

from market.feeds import FeedState
from market.modes import Mode
from tests.adapters.binance.conftest import exchange_info, make_feed, wish
from tests.adapters.binance.test_feed import BTC, SNAPSHOT, TRADE
from tests.doubles.application import ROOT, environment
from tests.doubles.recording_sink import RecordingSink
from tests.doubles.toy_binance import ToyBinance
from tests.doubles.waiting import until


async def _live_through_a_drop() -> None:
    toy, sink = ToyBinance(), RecordingSink()
    await toy.start()
    toy.exchange_info = exchange_info(["BTCUSDT"])
    toy.snapshots["BTCUSDT"] = [SNAPSHOT]
    feed = make_feed(toy)
    await feed.start(sink)
    feed.subscribe([wish("BTCUSDT", Mode.DEPTH)])
    await until(lambda: len(sink.confirmed) == 1 and list(feed.instruments()))
    toy.drop()
    await until(lambda: len(sink.confirmed) == 2)
    await toy.send(TRADE)
    await until(lambda: (last := sink.last.get(BTC)) and last.ltp == 102.5 and last.depth)
    await feed.stop()
    assert sink.states[-1] is FeedState.STOPPED
    await until(lambda: not toy.connections)
    await toy.stop()


def live_on_qt() -> None:
    """Run the story on the loop that the window uses, with the executor that the window gives it."""
    application = QApplication([])
    loop = qasync.QEventLoop(application)
    loop.set_default_executor(ThreadPoolExecutor(max_workers=2))
    with loop:
        loop.run_until_complete(_live_through_a_drop())


def test_feed_lives_through_a_drop_on_the_loop_of_qt() -> None:
    # In a process of its own: taking a Qt loop down in the middle of a test run has crashed later tests.
    program = f"from {__name__} import live_on_qt; live_on_qt()"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment(QT_QPA_PLATFORM="offscreen"), capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
