"""Delta Exchange India: its row in the broker table, and its venue. Public: no login."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.base_venue import BaseVenue
from adapters.broker_table import Broker, Endpoints
from adapters.delta.book import LEVELS
from adapters.delta.conversation import DeltaConversation
from adapters.delta.instruments import name_and_unit
from adapters.delta.rest import INTERVALS, DeltaRest
from adapters.delta.wire import PING
from adapters.kept_connection import ConnectionPolicy
from adapters.listing_keeper import asking
from adapters.venue import Address, CandleRange, Lane, Polled
from market.candles import Candle
from market.exchanges import Exchange
from market.feeds import Capabilities
from market.instruments import Instrument
from market.logins import BrokerSession
from market.modes import Mode

# A connection takes 100 books, and an address 150 new connections in five minutes.
PER_CONNECTION = 100
CONNECTIONS = 20

_EXCHANGES = frozenset({Exchange.CRYPTO})
_CAPABILITIES = Capabilities(
    exchanges=_EXCHANGES,
    depth_levels=(5, 20, LEVELS),
    max_instruments=PER_CONNECTION * CONNECTIONS,
    history_s=tuple(INTERVALS),
)
# It closes what has been silent for a minute, and answers `ping` with `pong`.
_POLICY = ConnectionPolicy(
    mute_after_s=25.0,
    dead_after_s=45.0,
    message_rate_per_s=5.0,
    message_burst=5.0,
    keepalive=PING,
    keepalive_every_s=15.0,
)


class DeltaVenue(BaseVenue):
    """Fulfils `adapters.venue.Venue`."""

    name = "delta"
    title = "Delta Exchange India"
    needs_login = False
    capabilities = _CAPABILITIES

    def __init__(self, endpoints: Endpoints) -> None:
        self._rest = DeltaRest(endpoints["rest"])
        self._ws = endpoints["ws"]
        self.polled = Polled(ask=self._rest.volumes, every_s=30.0, mode=Mode.LTP)
        self.lanes = (
            Lane(
                name="public",
                conversation=DeltaConversation,
                address=self._address,
                policy=_POLICY,
                per_connection=PER_CONNECTION,
                connections=CONNECTIONS,
                connect_gap_s=2.0,
            ),
        )

    async def history(
        self, session: BrokerSession | None, instrument: Instrument, asked: CandleRange
    ) -> Sequence[Candle]:
        return await self._rest.candles(*name_and_unit(instrument), asked)

    async def close(self) -> None:
        await self._rest.close()

    async def _address(self, _session: BrokerSession | None) -> Address:
        return Address(self._ws)


BROKER = Broker(
    name="delta",
    title="Delta Exchange India",
    endpoints={"ws": "wss://public-socket.india.delta.exchange", "rest": "https://api.india.delta.exchange/v2"},
    capabilities=_CAPABILITIES,
    connections=f"{CONNECTIONS} connections of {PER_CONNECTION} instruments",
    venue=DeltaVenue,
    listing=lambda endpoints, _sessions: asking(lambda: DeltaRest(endpoints["rest"])),
    verified=("recorded messages", "toy peer"),
)
