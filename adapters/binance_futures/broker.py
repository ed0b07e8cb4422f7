"""Binance USD-M futures: its row in the broker table, and its venue. Public: no login."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from adapters.base_venue import BaseVenue
from adapters.binance.base_conversation import LEVELS
from adapters.binance.base_rest import INTERVALS
from adapters.binance_futures.conversation import MARKET, MOST_STREAMS, PUBLIC, BinanceFuturesConversation
from adapters.binance_futures.rest import BinanceFuturesRest
from adapters.binance_futures.wire import HEARTBEAT
from adapters.broker_table import Broker, Endpoints
from adapters.kept_connection import ConnectionPolicy
from adapters.listing_keeper import asking
from adapters.venue import Address, CandleRange, Lane, Polled, Want
from market.candles import Candle
from market.exchanges import Exchange
from market.feeds import Capabilities
from market.instruments import Instrument
from market.logins import BrokerSession
from market.modes import Mode

# 1,024 streams a connection are allowed; busy ones are kept smaller, so that one that hangs costs less.
_STREAMS_PER_CONNECTION = 200
PER_CONNECTION = _STREAMS_PER_CONNECTION // MOST_STREAMS
CONNECTIONS = 10

_EXCHANGES = frozenset({Exchange.CRYPTO})
_CAPABILITIES = Capabilities(
    exchanges=_EXCHANGES,
    depth_levels=(5, 20, LEVELS),
    max_instruments=PER_CONNECTION * CONNECTIONS,
    history_s=tuple(INTERVALS),
)
# A connection lives 24 hours, and 10 messages a second are taken on it, pongs and heartbeats included.
_POLICY = ConnectionPolicy(
    mute_after_s=30.0,
    dead_after_s=45.0,
    renew_after_s=23.0 * 3600.0,
    message_rate_per_s=4.0,
    message_burst=4.0,
    keepalive=HEARTBEAT,
    keepalive_every_s=20.0,
)


class BinanceFuturesVenue(BaseVenue):
    """Fulfils `adapters.venue.Venue`."""

    name = "binance_futures"
    title = "Binance USD-M futures"
    needs_login = False
    capabilities = _CAPABILITIES

    def __init__(self, endpoints: Endpoints) -> None:
        self._rest = BinanceFuturesRest(endpoints["rest"])
        self._ws = endpoints["ws"]
        self.polled = Polled(ask=self._rest.open_interest, every_s=30.0, mode=Mode.QUOTE)
        self.lanes = (self._lane(MARKET), self._lane(PUBLIC))

    def route(self, want: Want) -> Sequence[str]:
        return (MARKET,) if want.mode is Mode.LTP else (MARKET, PUBLIC)

    async def history(
        self, session: BrokerSession | None, instrument: Instrument, asked: CandleRange
    ) -> Sequence[Candle]:
        return await self._rest.candles(instrument.token, asked)

    async def close(self) -> None:
        await self._rest.close()

    def _lane(self, path: str) -> Lane:
        async def address(_session: BrokerSession | None) -> Address:
            return Address(f"{self._ws}/{path}/stream")

        return Lane(
            name=path,
            conversation=partial(BinanceFuturesConversation, path),
            address=address,
            policy=_POLICY,
            per_connection=PER_CONNECTION,
            connections=CONNECTIONS,
            connect_gap_s=1.0,
            enquire=self._enquire,
        )

    async def _enquire(self, token: str, _what: str) -> object:
        return await self._rest.snapshot(token)


BROKER = Broker(
    name="binance_futures",
    title="Binance USD-M futures",
    endpoints={"ws": "wss://fstream.binance.com", "rest": "https://fapi.binance.com"},
    capabilities=_CAPABILITIES,
    connections=f"{CONNECTIONS} connections of {PER_CONNECTION} instruments, for each of market and public",
    venue=BinanceFuturesVenue,
    listing=lambda endpoints, _sessions: asking(lambda: BinanceFuturesRest(endpoints["rest"])),
    verified=("recorded messages", "toy peer"),
)
