"""Upstox: its row in the broker table, and its venue."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.base_venue import BaseVenue
from adapters.broker_table import Broker, Endpoints
from adapters.kept_connection import ConnectionPolicy
from adapters.upstox.conversation import DEEP_LEVELS, PER_CONNECTION, UpstoxConversation
from adapters.upstox.instruments import PLAN
from adapters.upstox.login import UpstoxLogin
from adapters.upstox.rest import INTERVALS, UpstoxRest
from adapters.venue import Address, CandleRange, Lane, Want
from market.candles import Candle
from market.exchanges import INDICES, Exchange
from market.feeds import Capabilities
from market.instruments import Instrument, InstrumentKey
from market.logins import BrokerSession
from market.symbols import split_depth_suffix

DEEP_PER_CONNECTION = 50

_EXCHANGES = frozenset(
    {
        *(Exchange.NSE, Exchange.BSE, Exchange.NFO, Exchange.BFO, Exchange.CDS, Exchange.BCD, Exchange.MCX),
        *(Exchange.NCO, Exchange.NSE_INDEX, Exchange.BSE_INDEX),
    }
)
_CAPABILITIES = Capabilities(
    exchanges=_EXCHANGES,
    depth_levels=(5, DEEP_LEVELS),
    max_instruments=PER_CONNECTION,
    history_s=tuple(INTERVALS),
    deep_by_name=True,
)
# Upstox pings now and then while nothing else is to be said; it does not say how often.
_POLICY = ConnectionPolicy(mute_after_s=45.0, dead_after_s=90.0, message_rate_per_s=8.0, message_burst=4.0)


class UpstoxVenue(BaseVenue):
    """Fulfils `adapters.venue.Venue`.

    Books of 30 levels (`SYMBOL:30`, Upstox Plus) have a connection of their own, so that an account without them
    loses nothing else when it asks.
    """

    name = "upstox"
    title = "Upstox"
    capabilities = _CAPABILITIES

    def __init__(self, endpoints: Endpoints, *, policy: ConnectionPolicy = _POLICY) -> None:
        self._rest = UpstoxRest(endpoints["rest"])
        self.lanes = (
            self._lane("feed", policy, PER_CONNECTION, "instruments"),
            self._lane("depth30", policy, DEEP_PER_CONNECTION, f"books of {DEEP_LEVELS} levels"),
        )

    def route(self, want: Want) -> Sequence[str]:
        return ("feed",) if split_depth_suffix(want.key.symbol)[1] is None else ("depth30",)

    def why_not(self, key: InstrumentKey) -> str | None:
        if key.exchange not in _EXCHANGES:
            return super().why_not(key)
        stem, levels = split_depth_suffix(key.symbol)
        if levels is None:
            return None
        if levels != DEEP_LEVELS:
            return f"Upstox has books of 5 and of {DEEP_LEVELS} levels; ask for {stem} or {stem}:{DEEP_LEVELS}"
        return f"{stem} is an index and has no book" if key.exchange in INDICES else None

    async def history(
        self, session: BrokerSession | None, instrument: Instrument, asked: CandleRange
    ) -> Sequence[Candle]:
        return await self._rest.candles(self.logged_in(session), instrument.token, asked)

    async def close(self) -> None:
        await self._rest.close()

    def _lane(self, name: str, policy: ConnectionPolicy, room: int, carries: str) -> Lane:
        """The token was accepted when the address was given, so a refused handshake is about something else."""
        return Lane(
            name=name,
            conversation=UpstoxConversation,
            address=self._address,
            policy=policy,
            per_connection=room,
            carries=carries,
            connections=1,
            token_statuses=frozenset(),
        )

    async def _address(self, session: BrokerSession | None) -> Address:
        session = self.logged_in(session)
        return Address(await self._rest.feed_address(session))


BROKER = Broker(
    name="upstox",
    title="Upstox",
    endpoints={
        "rest": "https://api.upstox.com",
        "login": "https://api.upstox.com",
        "masters": "https://assets.upstox.com",
    },
    capabilities=_CAPABILITIES,
    connections=f"1 connection of {PER_CONNECTION:,} instruments, 1 of {DEEP_PER_CONNECTION} books of {DEEP_LEVELS}",
    venue=UpstoxVenue,
    login=UpstoxLogin,
    masters=PLAN,
    verified=("official SDK", "re-encoded real messages", "real instrument list", "toy peer"),
)
