"""The ways into all brokers, for the services: rows of the broker table with the addresses that the user replaced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adapters.broker_factory import broker as row_of
from adapters.broker_factory import broker_names, endpoints_of
from market.errors import InvalidRequestError
from market.logins import BrokerLogin


class BrokerLogins:
    """Fulfils `services.broker_session.LoginTable`.

    Args:
        endpoints: replaced base addresses, such as `zerodha.rest` → `http://127.0.0.1:9000`.
    """

    def __init__(self, endpoints: Mapping[str, str]) -> None:
        self._endpoints = endpoints

    def names(self) -> Sequence[str]:
        return [name for name in broker_names() if row_of(name).login is not None]

    def title(self, broker: str) -> str:
        return row_of(broker).title

    def login(self, broker: str) -> BrokerLogin:
        row = row_of(broker)
        if row.login is None:
            raise InvalidRequestError(f"{row.title} needs no login")
        return row.login(row.resolve(endpoints_of(row.name, self._endpoints)))
