"""What the application knows of a broker before it connects: its name, limits, addresses, login and instruments.

A row is data; each broker's folder has its own (`adapters/<broker>/broker.py`), `broker_factory` lists them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from adapters.listing_keeper import Fetch
from adapters.masters import MasterPlan
from adapters.venue import Venue
from market.errors import InvalidRequestError
from market.feeds import Capabilities
from market.logins import BrokerLogin, BrokerSession, SessionSource

Endpoints = Mapping[str, str]
"""Base addresses by role, without a slash at the end: `{"ws": "wss://…", "rest": "https://…", "masters": "https://…"}`."""

_SCHEMES = {"ws": ("ws://", "wss://"), "http": ("http://", "https://")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """One row.

    Args:
        name: short lower-case name, used on the command line.
        title: the name as users know it.
        endpoints: the default base addresses by role.
        capabilities: what it can do, as its feed says too.
        connections: how many connections of how many instruments, in words, for people.
        venue: makes its venue from resolved endpoints.
        login: makes its login from resolved endpoints; None where none is needed.
        masters: how its instruments are had as files; None where its feed asks for them itself.
        master_headers: what requests for files that need a session carry; None where no file does.
        listing: makes what asks the venue for its instruments, where they are no files.
        verified: what its decoding was compared with, each in a few words, strongest first.
    """

    name: str
    title: str
    endpoints: Endpoints
    capabilities: Capabilities
    connections: str
    venue: Callable[[Endpoints], Venue]
    login: Callable[[Endpoints], BrokerLogin] | None = None
    masters: MasterPlan | None = None
    master_headers: Callable[[BrokerSession], Mapping[str, str]] | None = None
    listing: Callable[[Endpoints, SessionSource | None], Fetch] | None = None
    verified: tuple[str, ...] = ()

    def resolve(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return all base addresses, those in `given` replaced.

        Raises:
            InvalidRequestError: another role, or an address of another kind.
        """
        for role, url in given.items():
            default = self.endpoints.get(role)
            if default is None:
                raise InvalidRequestError(
                    f"{self.title} has no endpoint {role!r}; expected one of {', '.join(sorted(self.endpoints))}"
                )
            schemes = _SCHEMES["ws" if default.startswith("ws") else "http"]
            if not url.startswith(schemes):
                raise InvalidRequestError(f"The endpoint {self.name}.{role} must start with {' or '.join(schemes)}")
        return {role: url.rstrip("/") for role, url in {**self.endpoints, **given}.items()}
