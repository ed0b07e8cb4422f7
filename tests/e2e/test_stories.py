"""Stories of users, with real keys on a virtual screen: from the first start to what is kept on disk."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.adapters.binance.conftest import exchange_info
from tests.doubles.application import Application, environment, running
from tests.doubles.screen import Screen, missing, until, virtual_screen
from tests.doubles.toy_binance import ToyBinance

pytestmark = [
    pytest.mark.slow,
    pytest.mark.external,
    pytest.mark.timeout(240),
    pytest.mark.skipif(bool(missing()), reason=f"not installed: {', '.join(missing())}"),
]
TITLE = "OpenAlgo Desktop"


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Screen]:
    with virtual_screen(tmp_path) as screen:
        yield screen


def kept(profile: Path) -> list[list[str]]:
    """The instruments of every list, as the database has them."""
    with closing(sqlite3.connect(f"file:{profile / 'openalgo.db'}?mode=ro", uri=True)) as database:
        lists = [number for (number,) in database.execute("select id from watchlists order by position")]
        return [
            [
                symbol
                for (symbol,) in database.execute(
                    "select symbol from watchlist_items where watchlist_id = ? order by position", (number,)
                )
                if symbol
            ]
            for number in lists
        ]


def session(profile: Path) -> dict[str, object]:
    """What the window says that it shows; it is written every two seconds."""
    try:
        state = json.loads((profile / "session.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    assert isinstance(state, dict)
    return state


def window(screen: Screen) -> dict[str, str]:
    return environment(**screen.environment)


def calm(application: Application) -> None:
    assert "Traceback" not in application.errors, application.errors


def test_first_start_leads_to_ten_symbols_in_three_steps(screen: Screen, tmp_path: Path) -> None:
    profile = tmp_path / "p"
    with running(profile, env=window(screen)) as application:
        screen.wait_window("First steps")
        screen.key("Return")  # the demonstration
        screen.key("Return")  # it works
        screen.key("Return")  # the first starter list
        until(lambda: not screen.has_window("First steps"), "the steps are done")
        until(lambda: any(len(symbols) >= 10 for symbols in kept(profile)), "ten symbols are watched")
        until(lambda: session(profile).get("current"), "a row is current")
        assert application.stop()[0] == 0
        calm(application)
    with running(profile, env=window(screen)) as application:
        screen.wait_window(TITLE)
        until(lambda: session(profile).get("running") is True, "the window runs")
        assert not screen.has_window("First steps"), "the steps come once"
        application.stop()


def test_bank_nifty_options_are_found_by_typing(screen: Screen, tmp_path: Path) -> None:
    profile = tmp_path / "p"
    with running(profile, "--feed", "simulated", env=window(screen)) as application:
        screen.wait_window(TITLE)
        until(lambda: kept(profile)[0], "the list of a new profile")
        before = set(kept(profile)[0])
        screen.type("bnf ce")
        screen.key("Return")
        until(lambda: set(kept(profile)[0]) - before, "an option is added")
        (added,) = set(kept(profile)[0]) - before
        assert added.startswith("BANKNIFTY")
        assert added.endswith("CE")
        screen.key("ctrl+z")
        until(lambda: set(kept(profile)[0]) == before, "it is taken back")
        calm(application)


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
def test_list_and_view_survive_kill_nine(screen: Screen, tmp_path: Path) -> None:
    profile = tmp_path / "p"
    with running(profile, "--feed", "simulated", env=window(screen)) as application:
        screen.wait_window(TITLE)
        until(lambda: kept(profile)[0], "the list of a new profile")
        screen.key("ctrl+t")
        screen.type("Banks")
        screen.key("Return")
        until(lambda: len(kept(profile)) == 2, "a second list")
        for name in ("HDFCBANK", "SBIN", "ICICIBANK"):
            screen.key("slash")
            screen.type(f"NSE:{name}")
            screen.key("Return")
            until(lambda wanted=name: wanted in kept(profile)[1], f"{name} is added")
        screen.key("Up")
        until(lambda: str(session(profile).get("current")).endswith(kept(profile)[1][1]), "the row before is current")
        built, shown = kept(profile)[1], session(profile)["current"]
        application.process.kill()
        application.process.wait(10)
        assert session(profile)["running"] is True, "it could not say that it ended"
        left = (profile / "session.json").stat().st_mtime_ns
    with running(profile, "--feed", "simulated", env=window(screen)) as application:
        screen.wait_window(TITLE)
        until(lambda: (profile / "session.json").stat().st_mtime_ns > left, "the new window says what it shows")
        assert kept(profile)[1] == built
        assert session(profile)["current"] == shown
        screen.key("Down")
        until(lambda: str(session(profile)["current"]).endswith(built[2]), "and it goes on from there")
        assert "ended unexpectedly" not in application.errors, "that is for the window, not for the terminal"
        assert application.stop()[0] == 0
        calm(application)


async def test_feed_that_dies_comes_back_without_a_hand(screen: Screen, tmp_path: Path) -> None:
    profile, toy = tmp_path / "p", ToyBinance()
    toy.exchange_info = exchange_info(["BTCUSDT"])
    await toy.start(0)
    endpoints = [f"--endpoint=binance.{name}={url}" for name, url in toy.endpoints().items()]

    def story() -> None:
        with running(profile, "--feed", "binance", *endpoints, env=window(screen)) as application:
            screen.wait_window(TITLE)
            screen.key("slash")
            screen.type("CRYPTO:BTCUSDT")
            screen.key("Return")
            until(lambda: any("btcusdt" in name for name in toy.streams), "it is subscribed")
            before = toy.connections_made
            for connection in tuple(toy.connections):
                loop.call_soon_threadsafe(connection.transport.abort)
            until(lambda: toy.connections_made > before, "it connects anew")
            until(lambda: any("btcusdt" in name for name in toy.streams), "and subscribes again by itself")
            assert application.process.poll() is None
            calm(application)

    loop = asyncio.get_running_loop()
    try:
        await asyncio.to_thread(story)
    finally:
        await toy.stop()


def test_f6_shows_depth_and_nothing_trades(screen: Screen, tmp_path: Path) -> None:
    profile = tmp_path / "p"
    with running(profile, "--feed", "simulated", env=window(screen)) as application:
        screen.wait_window(TITLE)
        until(lambda: kept(profile)[0], "the list of a new profile")
        before = kept(profile)
        screen.key("Down", "Down", "Down", "Down")
        until(lambda: "RELIANCE" in str(session(profile).get("current")), "a share is current")
        shown = session(profile)["current"]
        screen.key("F6")
        # What buys, sells, sends and cancels in other terminals does nothing here.
        screen.key("F1", "shift+F1", "F3", "Return", "space", "b", "s")
        screen.key("Escape", "F4")
        screen.key("Down", "Up")
        until(lambda: session(profile).get("current") == shown, "the keyboard is back in the rows")
        assert kept(profile) == before
        assert application.process.poll() is None
        calm(application)
