"""Zerodha: its row in the broker table, and its venue."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from adapters.base_venue import BaseVenue
from adapters.broker_table import Broker, Endpoints
from adapters.kept_connection import ConnectionPolicy
from adapters.venue import Address, CandleRange, Lane
from adapters.zerodha.conversation import KiteConversation
from adapters.zerodha.instruments import PLAN
from adapters.zerodha.login import ZerodhaLogin
from adapters.zerodha.rest import INTERVALS, ZerodhaRest
from market.candles import Candle
from market.exchanges import Exchange
from market.feeds import Capabilities
from market.instruments import Instrument
from market.logins import BrokerSession

PER_CONNECTION = 3000
CONNECTIONS = 3

_EXCHANGES = frozenset(Exchange) - {Exchange.NCDEX, Exchange.CRYPTO}
_CAPABILITIES = Capabilities(
    exchanges=_EXCHANGES,
    depth_levels=(5,),
    max_instruments=PER_CONNECTION * CONNECTIONS,
    history_s=tuple(INTERVALS),
)
# The server sends a byte every few seconds while nothing else is to be said.
_POLICY = ConnectionPolicy(mute_after_s=7.0, dead_after_s=15.0, message_rate_per_s=8.0, message_burst=4.0)


class ZerodhaVenue(BaseVenue):
    """Fulfils `adapters.venue.Venue`."""

    name = "zerodha"
    title = "Zerodha"
    capabilities = _CAPABILITIES

    def __init__(self, endpoints: Endpoints, *, policy: ConnectionPolicy = _POLICY) -> None:
        self._rest = ZerodhaRest(endpoints["rest"])
        self._ws = endpoints["ws"]
        self.lanes = (
            Lane(
                name="ticker",
                conversation=KiteConversation,
                address=self._address,
                policy=policy,
                per_connection=PER_CONNECTION,
                connections=CONNECTIONS,
            ),
        )

    async def history(
        self, session: BrokerSession | None, instrument: Instrument, asked: CandleRange
    ) -> Sequence[Candle]:
        return await self._rest.candles(self.logged_in(session), instrument.token, asked)

    async def close(self) -> None:
        await self._rest.close()

    async def _address(self, session: BrokerSession | None) -> Address:
        session = self.logged_in(session)
        query = {"api_key": session.reveal("api_key"), "access_token": session.reveal("access_token")}
        return Address(f"{self._ws}?{urlencode(query)}", {"X-Kite-Version": "3"})


BROKER = Broker(
    name="zerodha",
    title="Zerodha",
    endpoints={
        "ws": "wss://ws.kite.trade",
        "rest": "https://api.kite.trade",
        "login": "https://kite.zerodha.com",
        "masters": "https://api.kite.trade",
    },
    capabilities=_CAPABILITIES,
    connections=f"{CONNECTIONS} connections of {PER_CONNECTION:,} instruments",
    venue=ZerodhaVenue,
    login=ZerodhaLogin,
    masters=PLAN,
    verified=("official packets", "official SDK", "toy peer"),
)
