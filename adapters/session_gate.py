"""Where connections wait for a login. The session is read at every connect; one that was refused is not tried again.

A broker that says "not this token" is not asked in a loop: accounts get locked for that.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from market.logins import BrokerSession, SessionSource


class SessionGate:
    """The door of one feed. `why_closed` is a sentence while nobody can get in, else empty.

    Args:
        broker: whose session.
        title: its name for sentences.
        source: where the session is read; None for a venue that needs none.
        changed: called when the gate opens or closes.
    """

    def __init__(self, broker: str, title: str, source: SessionSource | None, changed: Callable[[], None]) -> None:
        self._broker = broker
        self._title = title
        self._source = source
        self._changed = changed
        self._refused: BrokerSession | None = None
        self._reason = ""
        self._wake = asyncio.Event()
        self._unsubscribe: Callable[[], None] | None = None
        self.why_closed = ""

    def watch(self, changed: Callable[[], None]) -> None:
        """Begin to watch the source; `changed` is called when there is another session, or none any more."""
        if self._source is None:
            return
        before = self.current()

        def on_change() -> None:
            nonlocal before
            self._wake.set()
            session = self.current()
            if session != before:
                before = session
                changed()
            self._judge(session)

        self._unsubscribe = self._source.on_change(self._broker, on_change)

    def close(self) -> None:
        """Watch no more."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    def current(self) -> BrokerSession | None:
        """The session that may be tried now, or None."""
        session = self._source.current(self._broker) if self._source is not None else None
        if session is None or session == self._refused or session.is_over(time.time() * 1000.0):
            return None
        return session

    async def session(self) -> BrokerSession | None:
        """Return the session to connect with, None where none is needed; waits for the user where there is none."""
        if self._source is None:
            return None
        while True:
            self._wake.clear()
            session = self.current()
            self._judge(session)
            if session is not None:
                return session
            await self._wake.wait()

    def refuse(self, session: BrokerSession | None, reason: str) -> None:
        """The broker said no to `session`: it is not tried again, and the source is told."""
        if session is None or self._source is None or session == self._refused:
            return
        self._refused, self._reason = session, reason
        self._judge(self.current())
        self._source.refused(session, reason)

    def _judge(self, session: BrokerSession | None) -> None:
        why = "" if session is not None else self._sentence()
        if why != self.why_closed:
            self.why_closed = why
            self._changed()

    def _sentence(self) -> str:
        known = self._source.current(self._broker) if self._source is not None else None
        if known is not None and known == self._refused:
            return f"{self._title} needs a new login: {self._reason}"
        if known is not None:
            return f"{self._title} needs a new login: the session is over"
        return f"Log in to {self._title} to get its prices"
