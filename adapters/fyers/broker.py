"""Fyers: its row in the broker table, and its venue."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.base_venue import BaseVenue
from adapters.broker_table import Broker, Endpoints
from adapters.fyers import deep_conversation, hsm, hsm_conversation
from adapters.fyers.deep_book import LEVELS
from adapters.fyers.instruments import PLAN
from adapters.fyers.login import FyersLogin
from adapters.fyers.rest import INTERVALS, FyersRest, authorization
from adapters.kept_connection import ConnectionPolicy
from adapters.venue import Address, CandleRange, Lane, Want
from market.candles import Candle
from market.exchanges import Exchange
from market.feeds import Capabilities
from market.instruments import Instrument, InstrumentKey
from market.logins import BrokerSession
from market.modes import Mode
from market.symbols import split_depth_suffix

_EXCHANGES = frozenset(
    {
        *(Exchange.NSE, Exchange.BSE, Exchange.NFO, Exchange.BFO, Exchange.CDS, Exchange.BCD, Exchange.MCX),
        *(Exchange.NCO, Exchange.NSE_INDEX, Exchange.BSE_INDEX),
    }
)
_DEEP_EXCHANGES = frozenset({Exchange.NSE, Exchange.NFO})
_CAPABILITIES = Capabilities(
    exchanges=_EXCHANGES,
    depth_levels=(5, LEVELS),
    max_instruments=hsm_conversation.PER_CONNECTION,
    history_s=tuple(INTERVALS),
    deep_by_name=True,
)
# Nothing says that the pings of the data socket are answered, so silence is borne longer there.
_POLICY = ConnectionPolicy(
    mute_after_s=45.0,
    dead_after_s=90.0,
    message_rate_per_s=4.0,
    message_burst=4.0,
    keepalive=hsm.PING,
    keepalive_every_s=10.0,
)
_DEEP_POLICY = ConnectionPolicy(keepalive=deep_conversation.PING, keepalive_every_s=10.0)


class FyersVenue(BaseVenue):
    """Fulfils `adapters.venue.Venue`.

    `TCS:50` has its prices from the data socket, as TCS has, and its book from the tick-by-tick feed.
    """

    name = "fyers"
    title = "Fyers"
    capabilities = _CAPABILITIES

    def __init__(self, endpoints: Endpoints) -> None:
        self._rest = FyersRest(endpoints["rest"])
        self._ws = endpoints["ws"]
        self._deep = endpoints["deep"]
        self.lanes = (
            Lane(
                name="feed",
                conversation=hsm_conversation.HsmConversation,
                address=self._address,
                policy=_POLICY,
                per_connection=hsm_conversation.PER_CONNECTION,
                connections=1,
                token_statuses=frozenset(),  # the login is within the connection
            ),
            Lane(
                name="depth50",
                conversation=deep_conversation.DeepConversation,
                address=self._deep_address,
                policy=_DEEP_POLICY,
                per_connection=deep_conversation.PER_CONNECTION,
                carries=f"books of {LEVELS} levels",
                connections=1,
                follows=True,
                token_statuses=frozenset(),
            ),
        )

    def route(self, want: Want) -> Sequence[str]:
        is_deep = want.mode is Mode.DEPTH and split_depth_suffix(want.key.symbol)[1] is not None
        return ("feed", "depth50") if is_deep else ("feed",)

    def why_not(self, key: InstrumentKey) -> str | None:
        if key.exchange not in _EXCHANGES:
            return super().why_not(key)
        stem, levels = split_depth_suffix(key.symbol)
        if levels is None:
            return None
        if levels != LEVELS:
            return f"Fyers has books of 5 and of {LEVELS} levels; ask for {stem} or {stem}:{LEVELS}"
        if key.exchange not in _DEEP_EXCHANGES:
            return f"Fyers has books of {LEVELS} levels for NSE and NFO alone; ask for {stem}"
        return None

    async def history(
        self, session: BrokerSession | None, instrument: Instrument, asked: CandleRange
    ) -> Sequence[Candle]:
        return await self._rest.candles(self.logged_in(session), instrument.broker_symbol, asked)

    async def close(self) -> None:
        await self._rest.close()

    async def _address(self, session: BrokerSession | None) -> Address:
        session = self.logged_in(session)
        return Address(self._ws)

    async def _deep_address(self, session: BrokerSession | None) -> Address:
        session = self.logged_in(session)
        return Address(await self._rest.deep_address(session, self._deep), authorization(session))


BROKER = Broker(
    name="fyers",
    title="Fyers",
    endpoints={
        "ws": "wss://socket.fyers.in/hsm/v1-5/prod",
        "deep": "wss://rtsocket-api.fyers.in/versova",
        "rest": "https://api-t1.fyers.in",
        "login": "https://api-t1.fyers.in",
        "masters": "https://public.fyers.in",
    },
    capabilities=_CAPABILITIES,
    connections=(
        f"1 connection of {hsm_conversation.PER_CONNECTION:,} instruments, "
        f"1 of {deep_conversation.PER_CONNECTION} books of {LEVELS}"
    ),
    venue=FyersVenue,
    login=FyersLogin,
    masters=PLAN,
    verified=("official SDK", "real instrument list of NSE", "toy peer"),
)
