"""Dhan: its row in the broker table, and its venue."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from urllib.parse import urlencode

from adapters.base_venue import BaseVenue
from adapters.broker_table import Broker, Endpoints
from adapters.candle_portions import DAY_S
from adapters.dhan.conversation import DhanConversation
from adapters.dhan.depth_conversation import DepthConversation
from adapters.dhan.instruments import PLAN
from adapters.dhan.login import DhanLogin
from adapters.dhan.rest import INTERVALS, DhanRest
from adapters.dhan.segments import SEGMENTS
from adapters.dhan.wire import LEVELS
from adapters.kept_connection import ConnectionPolicy
from adapters.venue import Address, CandleRange, Lane, Want
from market.candles import Candle
from market.exchanges import Exchange
from market.feeds import Capabilities
from market.instruments import Instrument, InstrumentKey
from market.logins import BrokerSession
from market.modes import Mode
from market.symbols import split_depth_suffix

PER_CONNECTION = 5000
CONNECTIONS = 5
DEEP = {20: ("depth20", 50), 200: ("depth200", 1)}
"""The lane of a deep book, and how many instruments one of its connections carries."""

_EXCHANGES = frozenset(SEGMENTS)
_WITH_DEEP_BOOKS = frozenset({Exchange.NSE, Exchange.NFO})
_CAPABILITIES = Capabilities(
    exchanges=_EXCHANGES,
    depth_levels=(LEVELS, *DEEP),
    max_instruments=PER_CONNECTION * CONNECTIONS,
    history_s=(*INTERVALS, DAY_S),
    deep_by_name=True,
)
# The server pings every ten seconds, whatever else it says.
_POLICY = ConnectionPolicy(mute_after_s=22.0, dead_after_s=35.0, message_rate_per_s=5.0, message_burst=5.0)


class DhanVenue(BaseVenue):
    """Fulfils `adapters.venue.Venue`.

    A deep book (`SYMBOL:20`, `SYMBOL:200`) comes on a connection of its own; price, volume and the rest of such a name
    come with the market feed.
    """

    name = "dhan"
    title = "Dhan"
    capabilities = _CAPABILITIES

    def __init__(self, endpoints: Endpoints, *, policy: ConnectionPolicy = _POLICY) -> None:
        self._rest = DhanRest(endpoints["rest"])
        market = Lane(
            name="market",
            conversation=DhanConversation,
            address=partial(self._address, endpoints["ws"], "version=2&"),
            policy=policy,
            per_connection=PER_CONNECTION,
            connections=CONNECTIONS,
        )
        self.lanes = (market, *(self._deep(endpoints, policy, levels) for levels in DEEP))

    def route(self, want: Want) -> Sequence[str]:
        levels = split_depth_suffix(want.key.symbol)[1]
        if levels not in DEEP or want.mode is not Mode.DEPTH:
            return ("market",)
        return ("market", DEEP[levels][0])

    def why_not(self, key: InstrumentKey) -> str | None:
        if key.exchange not in _EXCHANGES:
            return super().why_not(key)
        stem, levels = split_depth_suffix(key.symbol)
        if levels is None:
            return None
        if levels not in DEEP:
            return f"Dhan has books of 5, 20 and 200 levels; ask for {stem}, {stem}:20 or {stem}:200"
        return None if key.exchange in _WITH_DEEP_BOOKS else "Dhan has deep books of NSE and NFO alone"

    async def history(
        self, session: BrokerSession | None, instrument: Instrument, asked: CandleRange
    ) -> Sequence[Candle]:
        return await self._rest.candles(self.logged_in(session), instrument, asked)

    async def close(self) -> None:
        await self._rest.close()

    def _deep(self, endpoints: Endpoints, policy: ConnectionPolicy, levels: int) -> Lane:
        name, per_connection = DEEP[levels]
        return Lane(
            name=name,
            conversation=partial(DepthConversation, levels),
            address=partial(self._address, endpoints[name], ""),
            policy=policy,
            per_connection=per_connection,
            connections=CONNECTIONS,
            follows=True,
            # A token that an application has made is refused for 200 levels, and is good for everything else.
            token_statuses=frozenset() if per_connection == 1 else frozenset({401}),
        )

    async def _address(self, base: str, version: str, session: BrokerSession | None) -> Address:
        session = self.logged_in(session)
        query = {"token": session.reveal("access_token"), "clientId": session.user, "authType": "2"}
        return Address(f"{base}?{version}{urlencode(query)}")


BROKER = Broker(
    name="dhan",
    title="Dhan",
    endpoints={
        "ws": "wss://api-feed.dhan.co",
        "depth20": "wss://depth-api-feed.dhan.co/twentydepth",
        "depth200": "wss://full-depth-api.dhan.co",
        "rest": "https://api.dhan.co",
        "login": "https://auth.dhan.co",
        "masters": "https://images.dhan.co",
    },
    capabilities=_CAPABILITIES,
    connections=f"{CONNECTIONS} connections of {PER_CONNECTION:,} instruments; 5 of 50 with 20 levels, 5 of 1 with 200",
    venue=DhanVenue,
    login=DhanLogin,
    masters=PLAN,
    verified=("official SDK", "re-encoded real packets", "real instrument list (cash and indices)", "toy peer"),
)
