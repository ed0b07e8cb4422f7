"""Bybit: its row in the broker table, and its venue. Public: no login."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from adapters.base_venue import BaseVenue
from adapters.broker_table import Broker, Endpoints
from adapters.bybit.book import LEVELS
from adapters.bybit.conversation import BybitConversation
from adapters.bybit.instruments import CATEGORIES, category_and_name
from adapters.bybit.rest import INTERVALS, BybitRest
from adapters.bybit.wire import PING
from adapters.kept_connection import ConnectionPolicy
from adapters.listing_keeper import asking
from adapters.venue import Address, CandleRange, Lane, Want
from market.candles import Candle
from market.exchanges import Exchange
from market.feeds import Capabilities
from market.instruments import Instrument
from market.logins import BrokerSession

# The names of all topics of a connection may have 21,000 characters; an instrument has about 80.
PER_CONNECTION = 200
CONNECTIONS = 20

_EXCHANGES = frozenset({Exchange.CRYPTO})
_CAPABILITIES = Capabilities(exchanges=_EXCHANGES, depth_levels=(5, 20, LEVELS), history_s=tuple(INTERVALS))
# It answers `ping`, and closes what has not sent one for long.
_POLICY = ConnectionPolicy(
    mute_after_s=30.0,
    dead_after_s=45.0,
    message_rate_per_s=5.0,
    message_burst=5.0,
    keepalive=PING,
    keepalive_every_s=20.0,
)


class BybitVenue(BaseVenue):
    """Fulfils `adapters.venue.Venue`."""

    name = "bybit"
    title = "Bybit"
    needs_login = False
    capabilities = _CAPABILITIES

    def __init__(self, endpoints: Endpoints) -> None:
        self._rest = BybitRest(endpoints["rest"])
        self._ws = endpoints["ws"]
        self.lanes = tuple(self._lane(category) for category in CATEGORIES)

    def route(self, want: Want) -> Sequence[str]:
        return (category_and_name(want.instrument)[0],)

    async def history(
        self, session: BrokerSession | None, instrument: Instrument, asked: CandleRange
    ) -> Sequence[Candle]:
        return await self._rest.candles(*category_and_name(instrument), asked)

    async def close(self) -> None:
        await self._rest.close()

    def _lane(self, category: str) -> Lane:
        async def address(_session: BrokerSession | None) -> Address:
            return Address(f"{self._ws}/{category}")

        return Lane(
            name=category,
            conversation=partial(BybitConversation, category),
            address=address,
            policy=_POLICY,
            per_connection=PER_CONNECTION,
            connections=CONNECTIONS,
            connect_gap_s=0.6,  # 500 new connections in five minutes are allowed
        )


BROKER = Broker(
    name="bybit",
    title="Bybit",
    endpoints={"ws": "wss://stream.bybit.com/v5/public", "rest": "https://api.bybit.com"},
    capabilities=_CAPABILITIES,
    connections=f"{CONNECTIONS} connections of {PER_CONNECTION} instruments, each for spot, linear, inverse, option",
    venue=BybitVenue,
    listing=lambda endpoints, _sessions: asking(lambda: BybitRest(endpoints["rest"])),
    verified=("recorded messages", "toy peer"),
)
