"""Angel One: its row in the broker table, and its venue."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.angel import wire
from adapters.angel.conversation import AngelConversation
from adapters.angel.instruments import PLAN
from adapters.angel.login import AngelLogin
from adapters.angel.rest import INTERVALS, AngelRest
from adapters.base_venue import BaseVenue
from adapters.broker_table import Broker, Endpoints
from adapters.kept_connection import ConnectionPolicy
from adapters.venue import Address, CandleRange, Lane
from market.candles import Candle
from market.feeds import Capabilities
from market.instruments import Instrument
from market.logins import BrokerSession

PER_CONNECTION = 1000
CONNECTIONS = 3

_EXCHANGES = frozenset(wire.EXCHANGE_TYPES)
_CAPABILITIES = Capabilities(
    exchanges=_EXCHANGES,
    depth_levels=(5,),
    max_instruments=PER_CONNECTION * CONNECTIONS,
    history_s=tuple(INTERVALS),
)
# Every ping is answered; a connection that asks for none is ended by the server after 30 s.
_POLICY = ConnectionPolicy(
    keepalive=wire.PING,
    keepalive_every_s=10.0,
    mute_after_s=14.0,
    dead_after_s=24.0,
    message_rate_per_s=5.0,
    message_burst=3.0,
)


class AngelVenue(BaseVenue):
    """Fulfils `adapters.venue.Venue`."""

    name = "angel"
    title = "Angel One"
    capabilities = _CAPABILITIES

    def __init__(self, endpoints: Endpoints, *, policy: ConnectionPolicy = _POLICY) -> None:
        self._rest = AngelRest(endpoints["rest"])
        self._ws = endpoints["ws"]
        self.lanes = (
            Lane(
                name="smartstream",
                conversation=AngelConversation,
                address=self._address,
                policy=policy,
                per_connection=PER_CONNECTION,
                connections=CONNECTIONS,
            ),
        )

    async def history(
        self, session: BrokerSession | None, instrument: Instrument, asked: CandleRange
    ) -> Sequence[Candle]:
        return await self._rest.candles(self.logged_in(session), instrument, asked)

    async def close(self) -> None:
        await self._rest.close()

    async def _address(self, session: BrokerSession | None) -> Address:
        session = self.logged_in(session)
        headers = {
            "Authorization": f"Bearer {session.reveal('jwt_token')}",
            "x-api-key": session.reveal("api_key"),
            "x-client-code": session.user,
            "x-feed-token": session.reveal("feed_token"),
        }
        return Address(self._ws, headers)


BROKER = Broker(
    name="angel",
    title="Angel One",
    endpoints={
        "ws": "wss://smartapisocket.angelone.in/smart-stream",
        "rest": "https://apiconnect.angelone.in",
        "masters": "https://margincalculator.angelbroking.com",
    },
    capabilities=_CAPABILITIES,
    connections=f"{CONNECTIONS} connections of {PER_CONNECTION:,} instruments",
    venue=AngelVenue,
    login=AngelLogin,
    masters=PLAN,
    verified=("official SDK", "re-encoded real packets", "real instrument list", "toy peer"),
)
