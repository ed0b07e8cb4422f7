"""The same as on a calm day, but with the window: it paints 5,000 ticks a second of a market of its own meanwhile."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.broker_factory import FeedSpec
from openalgo_desktop.engine import Engine
from openalgo_desktop.options import EngineOptions
from tests.benchmarks.clients import measure_ages
from tests.benchmarks.latency import ages_of
from tests.benchmarks.results import Row
from tests.benchmarks.timing import percentile
from tests.benchmarks.worlds import Edges, application, traffic
from tests.doubles.application import Application, environment, make_key, running

_PER_SECOND, _CLIENTS, _PAINTED_PER_SECOND, _ROWS = 1_000, 10, 5_000, 300
_BUDGET_MS = 10.0


def run(*, quick: bool) -> list[Row]:
    """Measure in rounds, with the window and without; for each keep the round with the least p99."""
    seconds, rounds = (0.3, 1) if quick else (3.0, 5)
    ages, counts = _with_window(seconds, rounds)
    with application(_CLIENTS) as edges, traffic(edges, measure_ages, _CLIENTS) as flow:
        calm = [ages_of(flow, seconds) for _ in range(rounds)]
    embedded, headless = (min(percentile(each, 99) for each in found) for found in (ages, calm))
    facts = {
        "delivered": float(sum(map(len, ages))),
        "expected": float(rounds * round(seconds * _PER_SECOND) * _CLIENTS),
        "painted": float(counts["painted"]),
        "ticks": float(counts["ticks"]),
    }
    return [
        Row(
            benchmark="embedded",
            what=f"publisher → client while the window paints 5,000 ticks/s in {_ROWS} rows, p99 (best of {rounds})",
            measured=embedded,
            unit="ms",
            baseline=headless,
            baseline_what="headless",
            budget=f"≤ {_BUDGET_MS:g} ms",
            met=embedded <= _BUDGET_MS,
            facts=facts,
        )
    ]


def _with_window(seconds: float, rounds: int) -> tuple[list[list[float]], dict[str, int]]:
    with TemporaryDirectory() as folder:
        key = make_key(Path(folder))
        asyncio.run(_fill(Path(folder)))
        with _window(Path(folder)) as app:
            edges = Edges(app.edges["ws"], (key,), app.edges["zmq"], app.process.pid)
            with traffic(edges, measure_ages, _CLIENTS) as flow:
                time.sleep(seconds)  # until the rows are all there and the ladder of prices has settled
                ages = [ages_of(flow, seconds) for _ in range(rounds)]
            app.stop()
            assert app.process.stdout is not None
            words = [line.split() for line in app.process.stdout.read().splitlines()]
    return ages, {word[0]: int(word[1]) for word in words if len(word) == 2}


@contextmanager
def _window(profile: Path) -> Iterator[Application]:
    env = environment(QT_QPA_PLATFORM="offscreen") if os.name != "nt" else environment()
    feeds = ("--feed", f"simulated={_PAINTED_PER_SECOND}", "--feed", "zmq")
    with running(profile, *feeds, env=env, module="tests.benchmarks.painted_window") as app:
        yield app


async def _fill(profile: Path) -> None:
    """Put instruments of the simulated market into the list that the window shows."""
    options = EngineOptions(
        profile=profile, feeds=(FeedSpec("simulated"),), endpoints={}, ws_port=0, http_port=0, zmq_pub_port=0
    )
    engine = await asyncio.to_thread(Engine, options)
    try:
        await engine.start()
        known = [instrument.key for feed in engine.router.feeds for instrument in feed.instruments()]
        watched = engine.watchlists.lists()[0]
        added = engine.watchlists.add(watched.id, [key for key in known if key not in watched.keys][:_ROWS])
        assert added.success, added.data
    finally:
        await engine.stop()
