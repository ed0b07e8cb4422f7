"""The "login" to an OpenAlgo server: its address and an API key of it, tried before they are kept."""

from __future__ import annotations

import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from adapters.base_login import BaseLogin
from adapters.broker_table import Endpoints
from adapters.openalgo.rest import OpenAlgoRest
from market.credentials import Secret
from market.errors import FeedRejectedError, InvalidRequestError, TokenExpiredError
from market.logins import BrokerSession, LoginField, LoginForm, LoginKind

FORM = LoginForm(
    kind=LoginKind.PASTED,
    fields=(
        LoginField(name="api_key", label="API key", help="From the API key page of your OpenAlgo", is_secret=True),
        LoginField(
            name="host", label="Address", help="Such as http://127.0.0.1:5000 (the usual one)", is_required=False
        ),
        LoginField(
            name="ws_url",
            label="WebSocket address",
            help="Where it differs from port 8765 of the same computer, such as wss://openalgo.example/ws",
            is_required=False,
        ),
    ),
    note="OpenAlgo and OpenAlgo Desktop both use port 8765. On one computer give one of them another: here --ws-port.",
)


class OpenAlgoLogin(BaseLogin):
    """Fulfils `market.logins.BrokerLogin`."""

    title = "OpenAlgo"
    form = FORM

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints
        self._rest = OpenAlgoRest()

    async def open_session(
        self, credentials: Mapping[str, Secret], *, answer: Mapping[str, str] | None = None, redirect: str = ""
    ) -> BrokerSession:
        host = _address(credentials, "host", self._endpoints["rest"], ("http", "https"))
        ws_url = _address(credentials, "ws_url", self._socket_of(host), ("ws", "wss"))
        session = BrokerSession(
            broker="openalgo",
            user="",
            tokens={"api_key": credentials["api_key"], "host": Secret(host), "ws_url": Secret(ws_url)},
            obtained_ms=time.time() * 1000.0,
        )
        try:
            broker = await self._rest.ping(session)
        except TokenExpiredError:
            raise FeedRejectedError("OpenAlgo does not accept this API key") from None
        return BrokerSession(
            broker="openalgo", user=broker, tokens=session.tokens, obtained_ms=session.obtained_ms, expires_ms=None
        )

    async def renew(self, credentials: Mapping[str, Secret], session: BrokerSession) -> BrokerSession:
        raise FeedRejectedError("An API key of OpenAlgo is good until it is replaced there")

    async def close(self) -> None:
        await self._rest.close()

    def _socket_of(self, host: str) -> str:
        """Port 8765 of the computer that `host` names, unless the address was replaced."""
        replaced, parts = urlsplit(self._endpoints["ws"]), urlsplit(host)
        scheme = "wss" if parts.scheme == "https" else "ws"
        is_usual = replaced.hostname == "127.0.0.1" and replaced.port == 8765
        name = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        return f"{scheme}://{name}:8765" if is_usual else self._endpoints["ws"]


def _address(credentials: Mapping[str, Secret], name: str, usual: str, schemes: tuple[str, ...]) -> str:
    given = credentials.get(name)
    text = given.reveal().rstrip("/") if given is not None else usual
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise InvalidRequestError("The address cannot be right: check the computer and the port in it") from None
    if parts.scheme not in schemes or not parts.hostname:
        raise InvalidRequestError(f"The address must begin with {' or '.join(f'{each}://' for each in schemes)}")
    return text
