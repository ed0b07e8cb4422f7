"""The XTS brokers' rows in the broker table, and their venue."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from adapters.base_venue import BaseVenue
from adapters.broker_table import Broker, Endpoints
from adapters.kept_connection import ConnectionPolicy, Socket
from adapters.transport import HttpClient
from adapters.venue import CandleRange, Lane
from adapters.xts.conversation import XtsConversation
from adapters.xts.instruments import plan
from adapters.xts.joined_socket import open_joined
from adapters.xts.login import XtsLogin
from adapters.xts.rest import INTERVALS, XtsRest, authorization
from adapters.xts.rows import ROWS, XtsRow, served
from adapters.xts.wire import LEVELS
from market.candles import Candle
from market.feeds import Capabilities
from market.instruments import Instrument
from market.logins import BrokerLogin, BrokerSession

# The server that speaks the newer version pings every 25 s; in the older one we do, more often. Calls are 0.5 s apart.
_POLICY = ConnectionPolicy(mute_after_s=35.0, dead_after_s=60.0, message_rate_per_s=2.0, message_burst=1.0)


def capabilities_of(row: XtsRow) -> Capabilities:
    """What the broker of `row` can do."""
    return Capabilities(exchanges=served(row), depth_levels=(LEVELS,), history_s=tuple(INTERVALS))


class XtsVenue(BaseVenue):
    """Fulfils `adapters.venue.Venue` for the broker of `row`."""

    def __init__(self, row: XtsRow, endpoints: Endpoints, *, policy: ConnectionPolicy = _POLICY) -> None:
        self._row = row
        self.name = row.name
        self.title = row.title
        self.capabilities = capabilities_of(row)
        self._socket_url = f"{endpoints['ws']}{row.socket_path}/"
        self._http = HttpClient(f"{endpoints['rest']}{row.prefix}")
        self._rest = XtsRest(row, self._http)
        self._policy = policy
        self.lanes = (
            Lane(name="market", conversation=partial(XtsConversation, row), opener=self._open, policy=policy),
        )

    async def history(
        self, session: BrokerSession | None, instrument: Instrument, asked: CandleRange
    ) -> Sequence[Candle]:
        return await self._rest.candles(self.logged_in(session), instrument, asked)

    async def close(self) -> None:
        await self._http.close()

    async def _open(self, session: BrokerSession | None) -> Socket:
        session = self.logged_in(session)
        query = {
            "token": session.reveal("access_token"),
            "userID": session.user,
            "publishFormat": "Binary" if self._row.is_binary else "JSON",
            "broadcastMode": "Full",
        }
        return await open_joined(self._socket_url, query, self._http, authorization(session), self._policy.limits)


def _broker(row: XtsRow) -> Broker:
    def login(endpoints: Endpoints) -> BrokerLogin:
        return XtsLogin(row, endpoints)

    host = row.base.removeprefix("https://")
    return Broker(
        name=row.name,
        title=row.title,
        endpoints={"ws": f"wss://{host}", "rest": row.base, "masters": row.base},
        capabilities=capabilities_of(row),
        connections="1 session a key; how many instruments is the broker's decision",
        venue=partial(XtsVenue, row),
        login=login,
        masters=plan(row),
        master_headers=authorization,
        verified=("the vendor's documentation", "toy peer"),
    )


BROKERS = {row.name: _broker(row) for row in ROWS}
