"""Binance spot: its row in the broker table, and its venue. Public: no login."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.base_venue import BaseVenue
from adapters.binance.base_conversation import BOOK, LEVELS
from adapters.binance.conversation import MOST_STREAMS, BinanceConversation
from adapters.binance.instruments import is_plausible
from adapters.binance.rest import INTERVALS, BinanceRest
from adapters.broker_table import Broker, Endpoints
from adapters.kept_connection import ConnectionPolicy
from adapters.listing_keeper import asking
from adapters.venue import Address, CandleRange, Lane
from market.candles import Candle
from market.exchanges import Exchange
from market.feeds import Capabilities
from market.instruments import Instrument, InstrumentKey
from market.logins import BrokerSession

_STREAMS_PER_CONNECTION = 1_024
PER_CONNECTION = _STREAMS_PER_CONNECTION // MOST_STREAMS
CONNECTIONS = 10

_EXCHANGES = frozenset({Exchange.CRYPTO})
_CAPABILITIES = Capabilities(
    exchanges=_EXCHANGES,
    depth_levels=(5, 20, LEVELS),
    max_instruments=PER_CONNECTION * CONNECTIONS,
    history_s=tuple(INTERVALS),
)
# The server pings every 20 s and ends a connection after 24 hours. Within a second it takes 5 messages of a client,
# pings and pongs included: burst and rate together stay below that.
POLICY = ConnectionPolicy(
    mute_after_s=25.0,
    dead_after_s=40.0,
    renew_after_s=23.0 * 3600.0,
    message_rate_per_s=3.0,
    message_burst=1.0,
)


class BinanceVenue(BaseVenue):
    """Fulfils `adapters.venue.Venue`."""

    name = "binance"
    title = "Binance spot"
    needs_login = False
    capabilities = _CAPABILITIES

    def __init__(self, endpoints: Endpoints) -> None:
        self._rest = BinanceRest(endpoints["rest"])
        self._ws = endpoints["ws"]
        self.lanes = (
            Lane(
                name="stream",
                conversation=BinanceConversation,
                address=self._address,
                policy=POLICY,
                per_connection=PER_CONNECTION,
                connections=CONNECTIONS,
                connect_gap_s=1.0,
                enquire=self._enquire,
            ),
        )

    def why_not(self, key: InstrumentKey) -> str | None:
        reason = super().why_not(key)
        if reason is None and not is_plausible(key.symbol):
            reason = f"{key.symbol[:32]!r} cannot be a symbol of {self.title}"
        return reason

    async def history(
        self, session: BrokerSession | None, instrument: Instrument, asked: CandleRange
    ) -> Sequence[Candle]:
        return await self._rest.candles(instrument.token, asked)

    async def close(self) -> None:
        await self._rest.close()

    async def _address(self, _session: BrokerSession | None) -> Address:
        return Address(f"{self._ws}/stream")

    async def _enquire(self, token: str, what: str) -> object:
        return await (self._rest.snapshot(token) if what == BOOK else self._rest.day(token))


BROKER = Broker(
    name="binance",
    title="Binance spot",
    endpoints={"ws": "wss://data-stream.binance.vision", "rest": "https://data-api.binance.vision"},
    capabilities=_CAPABILITIES,
    connections=f"{CONNECTIONS} connections of {PER_CONNECTION} instruments",
    venue=BinanceVenue,
    listing=lambda endpoints, _sessions: asking(lambda: BinanceRest(endpoints["rest"])),
    verified=("recorded session", "toy peer"),
)
