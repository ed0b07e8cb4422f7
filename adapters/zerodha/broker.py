"""Zerodha: its row in the broker table, and its venue."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from adapters.broker_table import Broker, Endpoints
from adapters.kept_connection import ConnectionPolicy
from adapters.venue import Address, CandleRange, Lane, Want
from adapters.zerodha.conversation import KiteConversation
from adapters.zerodha.instruments import PLAN
from adapters.zerodha.login import ZerodhaLogin
from adapters.zerodha.rest import INTERVALS, ZerodhaRest
from market.candles import Candle
from market.errors import TokenExpiredError
from market.exchanges import Exchange
from market.feeds import Capabilities
from market.instruments import Instrument, InstrumentKey
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


class ZerodhaVenue:
    """Fulfils `adapters.venue.Venue`."""

    name = "zerodha"
    title = "Zerodha"
    needs_login = True
    capabilities = _CAPABILITIES

    def __init__(self, endpoints: Endpoints, *, policy: ConnectionPolicy = _POLICY) -> None:
        self._rest = ZerodhaRest(endpoints["rest"])
        self._ws = endpoints["ws"]
        self._lanes = (
            Lane(
                name="ticker",
                conversation=KiteConversation,
                address=self._address,
                policy=policy,
                per_connection=PER_CONNECTION,
                connections=CONNECTIONS,
            ),
        )

    @property
    def lanes(self) -> Sequence[Lane]:
        return self._lanes

    def route(self, want: Want) -> Sequence[str]:
        return ("ticker",)

    def why_not(self, key: InstrumentKey) -> str | None:
        return None if key.exchange in _EXCHANGES else f"Zerodha has no exchange {key.exchange}"

    async def history(
        self, session: BrokerSession | None, instrument: Instrument, asked: CandleRange
    ) -> Sequence[Candle]:
        if session is None:
            raise TokenExpiredError("Zerodha's candles need a login")
        return await self._rest.candles(session, instrument.token, asked)

    async def close(self) -> None:
        await self._rest.close()

    async def _address(self, session: BrokerSession | None) -> Address:
        if session is None:
            raise TokenExpiredError("Zerodha's prices need a login")
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
