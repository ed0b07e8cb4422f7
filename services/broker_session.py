"""Logins to brokers: who is logged in, for how long, and how to get in again. The source of sessions for all feeds.

A session that is about to end, or that the broker refused, is renewed without the user where the broker allows it and
the credentials are kept; otherwise the user is told, once, in the status of the feed.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from market.credentials import Secret
from market.errors import FeedRejectedError, InvalidRequestError, OpenAlgoError
from market.logins import BrokerLogin, BrokerSession, LoginForm
from services.login_drawer import LoginDrawer
from services.result import Result, answered_async

_log = logging.getLogger(__name__)

RENEW_BEFORE_MS = 10 * 60_000.0
_RENEW_AFTER_MS = 30_000.0
"""Where sessions end at a fixed hour, whenever they began: how long after it the next one is asked for."""
_LOOK_EVERY_S = 30.0
_RETRY_AFTER_S = 300.0
_MOST_REJECTED = 2
"""Renewals that a broker may refuse before the user is asked: a wrong PIN, tried all day, locks an account."""


class LoginTable(Protocol):
    """The ways into all brokers."""

    def names(self) -> Sequence[str]:
        """The brokers that need a login."""

    def title(self, broker: str) -> str:
        """The name of `broker` as users know it. Raises InvalidRequestError for one that there is not."""

    def login(self, broker: str) -> BrokerLogin:
        """Make the way into `broker`. Raises InvalidRequestError for one that needs none or does not exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginState:
    """How it stands with one broker: `state` is `logged_in`, `over`, `refused` or `none`; times in ms since 1970."""

    broker: str
    title: str
    state: str
    user: str = ""
    expires_ms: float | None = None
    renews_itself: bool = False
    reason: str = ""


class BrokerSessions:
    """Fulfils `market.logins.SessionSource`. On the loop alone.

    Args:
        table: the ways in.
        drawer: what is kept.
        now_ms: the clock, ms since 1970 UTC.
    """

    def __init__(
        self,
        table: LoginTable,
        drawer: LoginDrawer,
        *,
        now_ms: Callable[[], float] = lambda: time.time() * 1000.0,
    ) -> None:
        self._table = table
        self._drawer = drawer
        self._now_ms = now_ms
        self._refused: dict[str, tuple[BrokerSession, str]] = {}
        self._listeners: dict[str, list[Callable[[], None]]] = {}
        self._wake = asyncio.Event()
        self._not_before: dict[str, float] = {}
        self._rejected: dict[str, tuple[BrokerSession, int]] = {}
        self._fixed_ends: dict[str, float] = {}

    # what feeds read

    def current(self, broker: str) -> BrokerSession | None:
        return self._drawer.sessions.get(broker)

    def refused(self, session: BrokerSession, reason: str) -> None:
        self._refused[session.broker] = (session, reason)
        _log.info("The session of %s is refused: %s", session.broker, reason)
        self._wake.set()

    def on_change(self, broker: str, changed: Callable[[], None]) -> Callable[[], None]:
        listeners = self._listeners.setdefault(broker, [])
        listeners.append(changed)
        return lambda: listeners.remove(changed)

    # what users do

    def form(self, broker: str) -> LoginForm:
        """What the login to `broker` asks for. Raises InvalidRequestError for a broker that needs none."""
        return self._table.login(broker).form

    def kept_fields(self, broker: str) -> frozenset[str]:
        """The fields that are kept from the last login, and need not be typed again."""
        return frozenset(self._drawer.credentials.get(broker, ()))

    def states(self) -> list[LoginState]:
        """How it stands with every broker that needs a login, in the order of the table."""
        return [self.state(broker) for broker in self._table.names()]

    def state(self, broker: str) -> LoginState:
        """How it stands with `broker`."""
        session, title = self.current(broker), self._table.title(broker)
        if session is None:
            return LoginState(broker=broker, title=title, state="none")
        refused, reason = self._refused.get(broker, (None, ""))
        word = "refused" if refused == session else "over" if session.is_over(self._now_ms()) else "logged_in"
        return LoginState(
            broker=broker,
            title=title,
            state=word,
            user=session.user,
            expires_ms=session.expires_ms,
            renews_itself=self._can_renew(broker) and not self._has_given_up(session),
            reason=reason if word == "refused" else "",
        )

    @answered_async
    async def log_in(
        self,
        broker: str,
        fields: Mapping[str, str],
        *,
        answer: Mapping[str, str] | None = None,
        redirect: str = "",
    ) -> Result:
        """Log in to `broker` with what the user typed, and what is kept of earlier logins.

        `answer` is what the browser brought back. The data of the result have `broker`, `user` and `expires_ms`.
        """
        login = self._table.login(broker)
        try:
            credentials = self.credentials(broker, fields)
            session = await login.open_session(credentials, answer=answer, redirect=redirect)
            kept = {each.name for each in login.form.fields if each.is_kept}
        finally:
            await login.close()
        self._drawer.keep_credentials(broker, {name: each for name, each in credentials.items() if name in kept})
        self._take(broker, session)
        said = {"broker": broker, "user": session.user, "expires_ms": session.expires_ms}
        return Result.succeeded(said, f"Logged in to {self._table.title(broker)} as {session.user or 'its user'}")

    def credentials(self, broker: str, fields: Mapping[str, str]) -> Mapping[str, Secret]:
        """What was typed, completed by what is kept.

        Raises:
            InvalidRequestError: something is missing, or not asked for.
        """
        form = self.form(broker)
        typed = {name: text for name, text in fields.items() if text.strip()}
        kept = {
            name: secret.reveal()
            for name, secret in self._drawer.credentials.get(broker, {}).items()
            if name not in typed and any(each.name == name for each in form.fields)
        }
        return form.check({**kept, **typed})

    def needs_browser(self, broker: str, fields: Mapping[str, str]) -> bool:
        """Whether a login with what was typed, and what is kept, goes through the browser.

        Raises:
            InvalidRequestError: `fields` are for several ways in.
        """
        return self.form(broker).needs_browser(fields, self.kept_fields(broker))

    async def authorize_url(self, broker: str, fields: Mapping[str, str], *, redirect: str, state: str) -> str:
        """Where the user's browser is sent.

        Raises:
            InvalidRequestError: not such a login, or something is missing.
            FeedError: the broker was asked, and refused or is not there.
        """
        login = self._table.login(broker)
        try:
            if not login.form.may_need_browser:
                raise InvalidRequestError(f"The login to {self._table.title(broker)} needs no browser")
            return await login.authorize_url(self.credentials(broker, fields), redirect=redirect, state=state)
        finally:
            await login.close()

    def log_out(self, broker: str, *, forget: bool = False) -> None:
        """End the use of the session here; `forget` the credentials too."""
        self._drawer.keep_session(broker, None)
        if forget:
            self._drawer.keep_credentials(broker, None)
        self._refused.pop(broker, None)
        self._tell(broker)

    # what happens by itself

    async def notice_changes(self) -> None:
        """Take over what another process on this profile has changed (`openalgo-desktop login`)."""
        for broker in await asyncio.to_thread(self._drawer.reload):
            self._tell(broker)

    async def keep_renewed(self) -> None:
        """Renew what can be renewed, before it ends and after it was refused. Runs until cancelled."""
        while True:
            for broker in list(self._drawer.sessions):
                if not self._is_due(broker):
                    continue
                try:
                    await self._renew(broker)
                except Exception:  # noqa: BLE001 - one broker's login must not end the renewal of all the others
                    _log.exception("The session of %s cannot be renewed", self._table.title(broker))
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), _LOOK_EVERY_S)
            except TimeoutError:
                continue

    def _is_due(self, broker: str) -> bool:
        session = self._drawer.sessions.get(broker)
        if session is None:  # logged out while another one was renewed
            return False
        if self._has_given_up(session):
            return False
        now_ms = self._now_ms()
        if now_ms < self._not_before.get(broker, 0.0) or not self._can_renew(broker):
            return False
        is_refused = self._refused.get(broker, (None, ""))[0] == session
        return is_refused or now_ms >= self._ends_at(session)

    def _ends_at(self, session: BrokerSession) -> float:
        """When a renewal gains something."""
        if session.expires_ms is None:
            return math.inf
        is_fixed = self._fixed_ends.get(session.broker) == session.expires_ms
        return session.expires_ms + (_RENEW_AFTER_MS if is_fixed else -RENEW_BEFORE_MS)

    def _has_given_up(self, session: BrokerSession) -> bool:
        rejected, times = self._rejected.get(session.broker, (None, 0))
        return rejected is session and times >= _MOST_REJECTED

    def _can_renew(self, broker: str) -> bool:
        try:
            form = self.form(broker)
        except InvalidRequestError:
            return False
        kept = self._drawer.credentials.get(broker, {})
        return form.can_renew and all(each.name in kept for each in form.fields if each.is_required)

    async def _renew(self, broker: str) -> None:
        self._not_before[broker] = self._now_ms() + _RETRY_AFTER_S * 1000.0
        before = self._drawer.sessions[broker]
        rejected, times = self._rejected.get(broker, (before, 0))
        login = self._table.login(broker)
        try:
            session = await login.renew(self._drawer.credentials[broker], before)
        except OpenAlgoError as exc:
            if isinstance(exc, (FeedRejectedError, InvalidRequestError)):
                self._rejected[broker] = (before, times + 1 if rejected is before else 1)
            _log.warning("The session of %s cannot be renewed: %s", self._table.title(broker), exc)
            return
        finally:
            await login.close()
        if self._drawer.sessions.get(broker) is not before:
            return  # logged out, or in anew, meanwhile: that counts
        _log.info("The session of %s is renewed", self._table.title(broker))
        if session.expires_ms is not None and session.expires_ms <= (before.expires_ms or 0.0):
            self._fixed_ends[broker] = session.expires_ms
        self._take(broker, session)

    def _take(self, broker: str, session: BrokerSession) -> None:
        self._drawer.keep_session(broker, session)
        self._refused.pop(broker, None)
        self._tell(broker)

    def _tell(self, broker: str) -> None:
        for changed in list(self._listeners.get(broker, ())):
            changed()
