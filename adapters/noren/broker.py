"""The Noren brokers' rows in the broker table, and their venue."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from adapters.base_venue import BaseVenue
from adapters.broker_table import Broker, Endpoints
from adapters.candle_portions import DAY_S
from adapters.kept_connection import ConnectionPolicy
from adapters.noren import alice_rest, wire
from adapters.noren.alice_login import AliceLogin, announce_socket
from adapters.noren.conversation import NorenConversation
from adapters.noren.instruments import plan
from adapters.noren.login import NorenLogin
from adapters.noren.rest import INTERVALS, NorenRest
from adapters.noren.rows import ALICEBLUE, ROWS, SHOONYA, NorenRow, served
from adapters.transport import HttpClient
from adapters.venue import Address, CandleRange, Lane
from market.candles import Candle
from market.feeds import Capabilities
from market.instruments import Instrument
from market.logins import BrokerLogin, BrokerSession

# The platform answers every heartbeat, but the answer is not promised: a ping is asked for before the end.
_POLICY = ConnectionPolicy(
    keepalive=wire.HEARTBEAT, keepalive_every_s=20.0, mute_after_s=30.0, dead_after_s=50.0, message_rate_per_s=5.0
)


def capabilities_of(row: NorenRow) -> Capabilities:
    """What the broker of `row` can do."""
    intervals = tuple(alice_rest.INTERVALS) if row is ALICEBLUE else (*INTERVALS, DAY_S)
    return Capabilities(exchanges=served(row), depth_levels=(wire.LEVELS,), history_s=intervals)


class NorenVenue(BaseVenue):
    """Fulfils `adapters.venue.Venue` for the broker of `row`."""

    def __init__(self, row: NorenRow, endpoints: Endpoints, *, policy: ConnectionPolicy = _POLICY) -> None:
        self._row = row
        self.name = row.name
        self.title = row.title
        self.capabilities = capabilities_of(row)
        self._ws = endpoints["ws"]
        rest = endpoints["rest"]
        self._rest: NorenRest | alice_rest.AliceRest
        self._rest = alice_rest.AliceRest(rest) if row is ALICEBLUE else NorenRest(row, rest)
        self._http = HttpClient(endpoints["rest"])
        self.lanes = (
            Lane(
                name="market",
                conversation=partial(NorenConversation, row),
                address=self._address,
                policy=policy,
                connect_gap_s=row.connect_gap_s,
            ),
        )

    async def history(
        self, session: BrokerSession | None, instrument: Instrument, asked: CandleRange
    ) -> Sequence[Candle]:
        return await self._rest.candles(self.logged_in(session), instrument, asked)

    async def close(self) -> None:
        await self._rest.close()
        await self._http.close()

    async def _address(self, session: BrokerSession | None) -> Address:
        session = self.logged_in(session)
        if self._row is ALICEBLUE:
            await announce_socket(self._http, session)
        return Address(f"{self._ws}/")


def _login(row: NorenRow) -> type[NorenLogin] | type[AliceLogin]:
    return AliceLogin if row is ALICEBLUE else NorenLogin


def _broker(row: NorenRow) -> Broker:
    def login(endpoints: Endpoints) -> BrokerLogin:
        return _login(row)(row, endpoints)

    verified = ("printed real messages", "official SDK", "real instrument list of NSE", "toy peer")
    return Broker(
        name=row.name,
        title=row.title,
        endpoints={**row.endpoints, "masters": row.masters.base},
        capabilities=capabilities_of(row),
        connections="1 connection a user; a second login anywhere ends it",
        venue=partial(NorenVenue, row),
        login=login,
        masters=plan(row.name, row.masters),
        verified=verified if row is SHOONYA else ("toy peer",),
    )


BROKERS = {row.name: _broker(row) for row in ROWS}
