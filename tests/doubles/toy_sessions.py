"""A source of broker sessions that a test fills by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from market.credentials import Secret
from market.logins import BrokerSession


class ToySessions:
    """Fulfils `market.logins.SessionSource` for one broker at a time."""

    def __init__(self) -> None:
        self.session: BrokerSession | None = None
        self.refusals: list[str] = []
        self._listeners: list[Callable[[], None]] = []

    def current(self, broker: str) -> BrokerSession | None:
        return self.session if self.session is not None and self.session.broker == broker else None

    def refused(self, session: BrokerSession, reason: str) -> None:
        self.refusals.append(reason)

    def on_change(self, broker: str, changed: Callable[[], None]) -> Callable[[], None]:
        self._listeners.append(changed)
        return lambda: self._listeners.remove(changed)

    def log_in(self, broker: str, tokens: Mapping[str, str], *, expires_ms: float | None = None) -> None:
        """There is a session now, with these tokens."""
        secrets = {name: Secret(text) for name, text in tokens.items()}
        self.session = BrokerSession(
            broker=broker, user="AB1234", tokens=secrets, obtained_ms=1.0, expires_ms=expires_ms
        )
        self._tell()

    def log_out(self) -> None:
        """There is no session any more."""
        self.session = None
        self._tell()

    def _tell(self) -> None:
        for listener in list(self._listeners):
            listener()

    @property
    def listeners(self) -> int:
        """How many are waiting for changes."""
        return len(self._listeners)
