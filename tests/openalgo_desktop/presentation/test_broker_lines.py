"""Logins and lists in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pytest

from openalgo_desktop.presentation.broker_lines import (
    is_source,
    list_line,
    login_line,
    progress_line,
    span,
    with_source,
)


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp() * 1000.0


NOW = at("2026-11-25T18:57:00+05:30")


@dataclass
class Login:
    state: str = "logged_in"
    user: str = "AB1234"
    expires_ms: float | None = at("2026-11-26T06:00:00+05:30")
    renews_itself: bool = False
    reason: str = ""


@pytest.mark.parametrize(
    ("login", "word", "sentence", "tone"),
    [
        (
            Login(),
            "for 11 h 3 min",
            "Logged in as AB1234, until 26 Nov 06:00 IST (11 h 3 min), then a new login is needed.",
            "good",
        ),
        (
            Login(renews_itself=True),
            "for 11 h 3 min",
            "Logged in as AB1234, until 26 Nov 06:00 IST (11 h 3 min), renewed by itself.",
            "good",
        ),
        (Login(expires_ms=None, user=""), "logged in", "Logged in.", "good"),
        (Login(state="none"), "", "Not logged in.", "muted"),
        (Login(state="over"), "log in again", "The session is over; a new login is needed.", "warn"),
        (Login(state="refused", reason="wrong token"), "log in again", "A new login is needed: wrong token.", "warn"),
    ],
)
def test_login(login: Login, word: str, sentence: str, tone: str) -> None:
    assert login_line(login, NOW) == (word, sentence, tone)


def test_a_login_that_ends_soon_is_a_warning_unless_it_renews_itself() -> None:
    soon = NOW + 29 * 60_000.0
    assert login_line(Login(expires_ms=soon), NOW).tone == "warn"
    assert login_line(Login(expires_ms=soon, renews_itself=True), NOW).tone == "good"
    assert login_line(Login(expires_ms=NOW + 31 * 60_000.0), NOW).tone == "good"


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (0.5, "less than a minute"),
        (1, "1 min"),
        (59, "59 min"),
        (60, "1 h"),
        (61, "1 h 1 min"),
        (1440, "1 d"),
        (1500, "1 d 1 h"),
    ],
)
def test_span(minutes: float, text: str) -> None:
    assert span(minutes * 60_000.0) == text


def test_list_line_says_when_it_was_fetched() -> None:
    assert list_line(104233, at("2026-11-25T08:36:00+05:30"), NOW) == "104,233 instruments, fetched today at 08:36."
    assert list_line(9, at("2026-11-24T08:36:00+05:30"), NOW) == "9 instruments, fetched on 24 Nov at 08:36."
    assert list_line(None, None, NOW).startswith("No instrument list yet")


def test_progress_line() -> None:
    assert progress_line("kite", 1_500_000, 9_000_000) == "kite: 1.5 of 9.0 MB"
    assert progress_line("kite", 1_500_000, None) == "kite: 1.5 MB"


def test_sources_come_first_and_only_once() -> None:
    assert with_source("binance zmq=tcp://h:1", "zerodha", used=True) == "zerodha binance zmq=tcp://h:1"
    assert with_source("zerodha binance", "zerodha", used=True) == "zerodha binance"
    assert with_source("binance zmq=tcp://h:1", "zmq", used=False) == "binance"
    assert with_source("", "zerodha", used=True) == "zerodha"
    assert is_source("binance zmq=tcp://h:1", "zmq")
    assert not is_source("binance", "bin")
