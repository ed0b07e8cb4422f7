"""Another OpenAlgo server: its row in the broker table, and its venue."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from adapters.base_venue import BaseVenue
from adapters.broker_table import Broker, Endpoints
from adapters.kept_connection import ConnectionPolicy
from adapters.masters import Master
from adapters.openalgo.conversation import OpenAlgoConversation
from adapters.openalgo.login import OpenAlgoLogin
from adapters.openalgo.rest import INTERVALS, OpenAlgoRest
from adapters.venue import Address, CandleRange, Lane
from market.candles import Candle
from market.errors import FeedUnavailableError, TokenExpiredError
from market.exchanges import Exchange
from market.feeds import Capabilities
from market.instruments import Instrument, InstrumentKey
from market.logins import BrokerSession, SessionSource

_CAPABILITIES = Capabilities(exchanges=frozenset(Exchange), depth_levels=(5,), history_s=tuple(INTERVALS))
# The server pings every 20 seconds; its own limits are those of the broker behind it.
_POLICY = ConnectionPolicy(mute_after_s=30.0, dead_after_s=50.0, message_rate_per_s=20.0, message_burst=10.0)


class OpenAlgoVenue(BaseVenue):
    """Fulfils `adapters.venue.Venue`."""

    name = "openalgo"
    title = "OpenAlgo"
    capabilities = _CAPABILITIES

    def __init__(self, endpoints: Endpoints) -> None:
        self._rest = OpenAlgoRest()
        self.lanes = (
            Lane(name="socket", conversation=OpenAlgoConversation, address=_address, policy=_POLICY, connections=1),
        )

    def why_not(self, key: InstrumentKey) -> str | None:
        return None

    async def history(
        self, session: BrokerSession | None, instrument: Instrument, asked: CandleRange
    ) -> Sequence[Candle]:
        return await self._rest.candles(self.logged_in(session), instrument.key, asked)

    async def close(self) -> None:
        await self._rest.close()


async def _address(session: BrokerSession | None) -> Address:
    if session is None:
        raise TokenExpiredError("OpenAlgo's prices need its API key")
    return Address(session.reveal("ws_url"))


def _listing(endpoints: Endpoints, sessions: SessionSource | None) -> Callable[[], Awaitable[Master]]:
    async def fetch() -> Master:
        session = sessions.current("openalgo") if sessions is not None else None
        if session is None:
            raise FeedUnavailableError("OpenAlgo lists its instruments to those who have an API key")
        rest = OpenAlgoRest()
        try:
            return await rest.instruments(session)
        finally:
            await rest.close()

    return fetch


BROKER = Broker(
    name="openalgo",
    title="OpenAlgo",
    endpoints={"ws": "ws://127.0.0.1:8765", "rest": "http://127.0.0.1:5000"},
    capabilities=_CAPABILITIES,
    connections="1 connection; its limits are those of the broker behind it",
    venue=OpenAlgoVenue,
    login=OpenAlgoLogin,
    listing=_listing,
    verified=("recorded exchanges", "our own server", "toy peer"),
)
