"""What most venues have in common, so that a broker's folder says only what is particular to it."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.venue import Lane, Polled, Want
from market.errors import TokenExpiredError
from market.feeds import Capabilities
from market.instruments import InstrumentKey
from market.logins import BrokerSession
from market.symbols import split_depth_suffix


class BaseVenue:
    """Most of `adapters.venue.Venue`: the first lane carries everything, and every exchange named is served whole.

    Names with a depth suffix (`TCS:20`) are refused, unless deep books have names of their own (`Capabilities`).

    A subclass gives `name`, `title`, `capabilities` and `lanes`, and adds `history` and `close`.
    """

    name: str
    title: str
    capabilities: Capabilities
    needs_login: bool = True
    lanes: Sequence[Lane] = ()
    polled: Polled | None = None

    def route(self, want: Want) -> Sequence[str]:
        return (self.lanes[0].name,)

    def why_not(self, key: InstrumentKey) -> str | None:
        if key.exchange not in self.capabilities.exchanges:
            return f"{self.title} does not carry {key.exchange}"
        stem, levels = split_depth_suffix(key.symbol)
        if levels is None or self.capabilities.deep_by_name:
            return None
        # Two names of one subscription: what comes for it could go to one of them alone.
        most = max(self.capabilities.depths(key.exchange))
        return f"{self.title} takes no depth suffix; subscribe to {stem} for {most} levels"

    def logged_in(self, session: BrokerSession | None) -> BrokerSession:
        """Return `session`.

        Raises:
            TokenExpiredError: there is none.
        """
        if session is None:
            raise TokenExpiredError(f"{self.title} needs a login")
        return session
