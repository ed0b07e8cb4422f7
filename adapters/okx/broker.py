"""OKX: its row in the broker table, and its venue. Public: no login."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.base_venue import BaseVenue
from adapters.broker_table import Broker, Endpoints
from adapters.kept_connection import ConnectionPolicy
from adapters.listing_keeper import asking
from adapters.okx.conversation import LEVELS, OkxConversation
from adapters.okx.instruments import name_and_unit
from adapters.okx.rest import INTERVALS, OkxRest
from adapters.okx.wire import PING
from adapters.venue import Address, CandleRange, Lane
from market.candles import Candle
from market.exchanges import Exchange
from market.feeds import Capabilities
from market.instruments import Instrument, InstrumentKind
from market.logins import BrokerSession

# The exchange asks for fewer than 30 books on a connection, and takes 3 new connections a second.
PER_CONNECTION = 25
CONNECTIONS = 40

_EXCHANGES = frozenset({Exchange.CRYPTO})
_CAPABILITIES = Capabilities(
    exchanges=_EXCHANGES,
    depth_levels=(5, LEVELS),
    max_instruments=PER_CONNECTION * CONNECTIONS,
    history_s=tuple(INTERVALS),
)
# It closes what has been silent for 30 seconds, and answers `ping` with `pong`.
_POLICY = ConnectionPolicy(
    mute_after_s=30.0,
    dead_after_s=45.0,
    message_rate_per_s=2.0,
    message_burst=3.0,
    keepalive=PING,
    keepalive_every_s=20.0,
)


class OkxVenue(BaseVenue):
    """Fulfils `adapters.venue.Venue`."""

    name = "okx"
    title = "OKX"
    needs_login = False
    capabilities = _CAPABILITIES

    def __init__(self, endpoints: Endpoints) -> None:
        self._rest = OkxRest(endpoints["rest"])
        self._ws = endpoints["ws"]
        self.lanes = (
            Lane(
                name="public",
                conversation=OkxConversation,
                address=self._address,
                policy=_POLICY,
                per_connection=PER_CONNECTION,
                connections=CONNECTIONS,
                connect_gap_s=0.4,
            ),
        )

    async def history(
        self, session: BrokerSession | None, instrument: Instrument, asked: CandleRange
    ) -> Sequence[Candle]:
        is_spot = instrument.kind is InstrumentKind.SPOT
        return await self._rest.candles(name_and_unit(instrument)[0], asked, is_spot=is_spot)

    async def close(self) -> None:
        await self._rest.close()

    async def _address(self, _session: BrokerSession | None) -> Address:
        return Address(self._ws)


BROKER = Broker(
    name="okx",
    title="OKX",
    endpoints={"ws": "wss://ws.okx.com:8443/ws/v5/public", "rest": "https://www.okx.com"},
    capabilities=_CAPABILITIES,
    connections=f"{CONNECTIONS} connections of {PER_CONNECTION} instruments",
    venue=OkxVenue,
    listing=lambda endpoints, _sessions: asking(lambda: OkxRest(endpoints["rest"])),
    verified=("recorded session with checksums", "toy peer"),
)
