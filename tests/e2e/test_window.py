"""The real window on the real engine: pictures that are not blank, and texts that are what was sent."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QColor, QImage

from openalgo_desktop.engine import Engine
from openalgo_desktop.options import Arguments, resolve
from services.settings import Settings
from services.storage.database import open_storage
from tests.doubles.application import ROOT, environment, make_key, running, said
from tests.doubles.toy_binance import ToyBinance
from tests.doubles.toy_binance_replay import load, play
from tests.integration.test_recorded_binance import SYMBOLS, Expected

OFFSCREEN = environment(QT_QPA_PLATFORM="offscreen")


async def pictured(folder: Path, *words: str, scale: str = "1") -> asyncio.subprocess.Process:
    """Start the window that saves `watch.png` and `texts.json` in `folder`."""
    program = [sys.executable, "-m", "tests.doubles.pictured", "--out", str(folder / "watch.png")]
    program += ["--texts", str(folder / "texts.json"), *words]
    return await asyncio.create_subprocess_exec(
        *program, cwd=ROOT, env={**OFFSCREEN, "QT_SCALE_FACTOR": scale}, stderr=asyncio.subprocess.PIPE
    )


async def finished(process: asyncio.subprocess.Process, folder: Path) -> tuple[QImage, dict[str, dict[str, str]]]:
    _, errors = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, errors.decode()
    assert b"Traceback" not in errors, errors.decode()
    image = QImage(str(folder / "watch.png"))
    assert not image.isNull()
    return image, json.loads((folder / "texts.json").read_text(encoding="utf-8"))


def colours(image: QImage) -> set[str]:
    """The colours of every seventh pixel."""
    found = {image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)}
    return {QColor(pixel).name() for pixel in found}


@pytest.mark.parametrize(("theme", "scale"), [("dark", "1"), ("light", "1.5")])
async def test_the_demonstration_shows_moving_prices(tmp_path: Path, theme: str, scale: str) -> None:
    words = ["--theme", theme, "--select", "RELIANCE", "--", "--feed", "simulated", "--profile", str(tmp_path / "p")]
    image, texts = await finished(await pictured(tmp_path, *words, scale=scale), tmp_path)
    assert image.width() == int(1440 * float(scale))
    paper = {"dark": "#141922", "light": "#ffffff"}[theme]
    assert paper in colours(image)
    assert len(colours(image)) > 40, "a blank window has few colours"
    assert len(texts) >= 15
    assert re.fullmatch(r"[\d,]+\.\d\d", texts["RELIANCE"]["ltp"])
    assert re.fullmatch(r"\d\d:\d\d:\d\d", texts["NIFTY"]["time"])


@pytest.mark.recorded
async def test_a_recorded_session_is_shown_with_the_values_of_an_independent_decode(
    recordings: Path, tmp_path: Path
) -> None:
    toy, played = ToyBinance(), tmp_path / "played"
    frames, books = load(toy, recordings / "binance")
    await toy.start(0)
    try:
        endpoints = [f"--endpoint=binance.{name}={url}" for name, url in toy.endpoints().items()]
        words = ["--select", "NKNUSDT", "--after", str(played), "--watch", *(f"CRYPTO:{symbol}" for symbol in SYMBOLS)]
        window = await pictured(
            tmp_path, *words, "--", "--feed", "binance", "--profile", str(tmp_path / "p"), *endpoints
        )
        wanted = {f"{symbol.lower()}@bookTicker" for symbol in SYMBOLS} | {"nknusdt@depth@100ms"}
        async with asyncio.timeout(40):
            while not wanted <= toy.streams:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            await play(toy, frames, books, speed=30.0)
        played.touch()
        image, texts = await finished(window, tmp_path)
    finally:
        await toy.stop()
    assert len(colours(image)) > 40
    expected = Expected(recordings / "binance")
    for symbol, best in expected.best.items():
        assert number(texts[symbol]["bid"]) == float(best["b"]), symbol
        assert number(texts[symbol]["ask"]) == float(best["a"]), symbol
    for symbol, price in {trade["s"]: trade["p"] for trade in expected.trades}.items():
        assert number(texts[symbol]["ltp"]) == float(price)


def number(text: str) -> float:
    return float(text.replace(",", ""))


def test_the_window_serves_clients_and_ends_at_a_signal(tmp_path: Path) -> None:
    from websockets.sync.client import connect

    key = make_key(tmp_path)
    with running(tmp_path, "--feed", "simulated=200", env=OFFSCREEN) as application:
        with connect(application.edges["ws"]) as client:
            client.send(json.dumps({"action": "authenticate", "api_key": key}))
            assert json.loads(client.recv(5))["status"] == "success"
            client.send(json.dumps({"action": "subscribe", "symbol": "INFY", "exchange": "NSE", "mode": "Depth"}))
            frames: list[dict[str, Any]] = [json.loads(client.recv(5)) for _ in range(20)]
        assert frames[0]["type"] == "subscribe"
        assert {frame["symbol"] for frame in frames[1:]} == {"INFY"}
        status, took = application.stop(signal.SIGTERM)
        assert (status, took < 3.0) == (0, True), (application.errors, took)
        assert "Traceback" not in application.errors


def test_the_list_is_kept_even_by_kill_nine(tmp_path: Path) -> None:
    from services.storage.database import open_storage
    from services.watchlists import Watchlists

    with running(tmp_path, "--feed", "simulated", env=OFFSCREEN) as application:
        starters = _kept(tmp_path)
        assert len(starters) >= 15
        if os.name == "posix":
            application.process.kill()
            application.process.wait(10)
    with running(tmp_path, "--feed", "simulated", env=OFFSCREEN):
        assert _kept(tmp_path) == starters
    storage = open_storage(tmp_path)
    try:
        assert [str(key) for key in Watchlists(storage).lists()[0].keys] == starters
    finally:
        storage.close()


def _kept(profile: Path) -> list[str]:
    """The first list as the database has it, read beside the running application."""
    import sqlite3
    import time

    deadline = time.monotonic() + 15
    while True:
        with sqlite3.connect(f"file:{profile / 'openalgo.db'}?mode=ro", uri=True) as database:
            rows = database.execute("select exchange, symbol from watchlist_items order by position").fetchall()
        database.close()
        if rows:
            return [f"{exchange}:{symbol}" for exchange, symbol in rows]
        assert time.monotonic() < deadline, "no starter list was written"
        time.sleep(0.1)


def test_a_second_start_brings_the_window_to_the_front(tmp_path: Path) -> None:
    with running(tmp_path, "--feed", "simulated", env=OFFSCREEN) as first:
        second = said("--profile", str(tmp_path), env=OFFSCREEN)
        assert second.returncode == 0, second.stderr
        assert "its window was brought to the front" in second.stderr
        assert first.process.poll() is None
        assert first.stop()[0] == 0


def test_a_safe_start_forgets_nothing_and_uses_nothing(tmp_path: Path) -> None:
    storage = open_storage(tmp_path)
    stored = Settings(storage, environment={})
    for key, value in (("feeds", "binance"), ("ui_scale", 150), ("theme", "light"), ("columns", "nonsense")):
        stored.set(key, value)
    storage.close()
    engine = Engine(resolve(Arguments(profile=str(tmp_path), safe=True, ws_port="0"), {}))
    try:
        assert [spec.name for spec in engine.options.feeds] == ["simulated"]
        assert (engine.settings.number("ui_scale"), engine.settings.text("theme")) == (100, "system")
        assert engine.settings.text("columns") == ""
    finally:
        engine.storage.close()
        engine._lock.release()
    storage = open_storage(tmp_path)
    again = Settings(storage, environment={})
    assert (again.text("feeds"), again.number("ui_scale")) == ("binance", 150)
    storage.close()
