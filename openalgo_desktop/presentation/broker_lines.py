"""Logins to brokers in words: who, until when, and what to do. Qt-free; the clock is an argument."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import NamedTuple, Protocol

IST = timezone(timedelta(hours=5, minutes=30))
_MINUTE_MS = 60_000.0
_SOON_MS = 30 * _MINUTE_MS


class Login(Protocol):
    """How it stands with a login: `state` is `logged_in`, `over`, `refused` or `none`; times in ms since 1970 UTC."""

    @property
    def state(self) -> str: ...
    @property
    def user(self) -> str: ...
    @property
    def expires_ms(self) -> float | None: ...
    @property
    def renews_itself(self) -> bool: ...
    @property
    def reason(self) -> str: ...


class LoginLine(NamedTuple):
    """`word` for a list, `sentence` for a page; `tone` is `good`, `warn` or `muted`."""

    word: str
    sentence: str
    tone: str


def login_line(login: Login, now_ms: float) -> LoginLine:
    """Return how it stands with `login` at `now_ms`."""
    if login.state == "none":
        return LoginLine("", "Not logged in.", "muted")
    if login.state == "refused":
        return LoginLine("log in again", f"A new login is needed: {login.reason}.", "warn")
    if login.state == "over":
        return LoginLine("log in again", "The session is over; a new login is needed.", "warn")
    who = f"Logged in as {login.user}" if login.user else "Logged in"
    if login.expires_ms is None:
        return LoginLine("logged in", f"{who}.", "good")
    left_ms = login.expires_ms - now_ms
    until = datetime.fromtimestamp(login.expires_ms / 1000.0, IST).strftime("%d %b %H:%M IST")
    then = "renewed by itself" if login.renews_itself else "then a new login is needed"
    tone = "warn" if left_ms < _SOON_MS and not login.renews_itself else "good"
    return LoginLine(f"for {span(left_ms)}", f"{who}, until {until} ({span(left_ms)}), {then}.", tone)


def span(left_ms: float) -> str:
    """How long that is, in the two largest units: `11 h 3 min`, `45 min`, `less than a minute`."""
    minutes = int(left_ms // _MINUTE_MS)
    if minutes < 1:
        return "less than a minute"
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min"


def list_line(rows: int | None, fetched_ms: float | None, now_ms: float) -> str:
    """What is known of an instrument list."""
    if rows is None or fetched_ms is None:
        return "No instrument list yet; it is fetched when this source is used."
    at = datetime.fromtimestamp(fetched_ms / 1000.0, IST)
    is_today = at.date() == datetime.fromtimestamp(now_ms / 1000.0, IST).date()
    when = f"today at {at:%H:%M}" if is_today else f"on {at:%d %b at %H:%M}"
    return f"{rows:,} instruments, fetched {when}."


def progress_line(file: str, done: int, total: int | None) -> str:
    """How far a download is."""
    of = f" of {total / 1e6:.1f}" if total else ""
    return f"{file}: {done / 1e6:.1f}{of} MB"


def with_source(feeds: str, name: str, *, used: bool) -> str:
    """The setting `feeds` with `name` in it, as the first, or without it."""
    others = [each for each in feeds.split() if each.partition("=")[0] != name]
    return " ".join([name, *others] if used else others)


def is_source(feeds: str, name: str) -> bool:
    """Whether `name` is one of the stored sources."""
    return any(each.partition("=")[0] == name for each in feeds.split())
