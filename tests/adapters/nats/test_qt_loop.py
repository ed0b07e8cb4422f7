"""Both ends on Qt's loop, encrypted: nothing here may need what that loop does not have."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

PROGRAM = """
import asyncio, os, sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from qasync import QEventLoop
from adapters.nats.feed import NatsFeed
from adapters.nats.publisher import NatsPublisher
from adapters.nats.servers import parse_servers
from market.modes import Mode
from market.subscriptions import Subscription
from market.ticks import Update
from tests.adapters.nats.worlds import QUICK, PlainMessages
from tests.doubles.certificates import make_certificate
from tests.doubles.fake_sink import FakeSink
from tests.doubles.ticks import SBIN, tick_of
from tests.doubles.toy_nats import toy_nats
from tests.doubles.waiting import until

async def main():
    known, context = make_certificate(Path(sys.argv[1]))
    os.environ["SSL_CERT_FILE"] = str(known)
    async with toy_nats() as server:
        server.info["tls_required"], server.tls = True, context
        servers = parse_servers(f"tls://127.0.0.1:{server.port}")
        sink, feed = FakeSink(), NatsFeed(servers, settings=QUICK)
        publisher = NatsPublisher(servers, PlainMessages(), last={}.get, settings=QUICK)
        feed.subscribe([Subscription(SBIN, Mode.LTP)])
        await feed.start(sink)
        await publisher.start()
        await until(lambda: sink.confirmed())
        for drops, price in enumerate((1.0, 2.0), 1):
            publisher.on_updates([Update(tick_of(ltp=price), Mode.LTP.bit)])
            await until(lambda: sink.ticks and sink.ticks[-1].ltp == price)
            server.drop()
            await until(lambda: server.opened == 2 + 2 * drops and len(server.subjects) == 2)
        await publisher.stop()
        await feed.stop()

application = QCoreApplication([])
with QEventLoop(application) as loop:
    loop.run_until_complete(main())
print("done")
"""


def test_prices_come_and_go_on_qts_loop(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", "-c", PROGRAM, str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    noise = [line for line in done.stderr.splitlines() if not line.startswith("Publishing to NATS is interrupted")]
    assert (done.stdout, noise) == ("done\n", [])
