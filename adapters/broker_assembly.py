"""From a row of the broker table to a feed that runs: venue, instruments, login, put together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from adapters.broker_feed import BrokerFeed
from adapters.broker_table import Broker
from adapters.catalogue import Catalogue
from adapters.fleet import Patience
from adapters.listing_keeper import ListingKeeper
from adapters.master_keeper import MasterKeeper
from adapters.master_shelf import MasterShelf
from market.logins import SessionSource


def assemble(
    broker: Broker,
    endpoints: Mapping[str, str],
    *,
    sessions: SessionSource | None,
    folder: Path | None,
    patience: Patience | None = None,
) -> BrokerFeed:
    """Return the feed of `broker`, not started yet.

    Args:
        endpoints: base addresses that replace the usual ones, by role.
        sessions: where the login is read.
        folder: where instrument lists are kept; None keeps nothing.

    Raises:
        InvalidRequestError: an endpoint that the broker does not have.
    """
    catalogue = Catalogue()
    resolved = broker.resolve(endpoints)
    keeping = None
    shelf = MasterShelf(folder) if folder is not None else None
    if broker.listing is not None:
        fetch = broker.listing(resolved, sessions)
        keeping = ListingKeeper(broker.name, broker.title, fetch, shelf, catalogue).keep
    elif broker.masters is not None:
        keeping = MasterKeeper(broker, resolved, shelf, catalogue, sessions).keep
    return BrokerFeed(broker.venue(resolved), catalogue, sessions, keeping=keeping, patience=patience)
