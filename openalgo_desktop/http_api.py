"""The HTTP API put together: the endpoints of the services on the server of the proxy. Qt-free.

While it runs, a file in the profile holds a secret: a program that can read it may ask for the API key itself.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from market.credentials import Secret
from market.errors import StorageError
from market.holidays import Holiday
from market.sessions import SessionCalendar
from openalgo_desktop.taken_ports import cannot_listen
from openalgo_desktop.users import LOCAL_USER
from proxy.desk import Desk
from proxy.http.config import HttpConfig
from proxy.http.ports import Verifier
from proxy.http.server import HttpServer
from services.data_api import DataApi
from services.instruments import InstrumentDirectory
from services.market_data_service import MarketDataService
from services.prometheus import Metrics
from services.rest.history import CandleFeed
from services.websocket_api import WebSocketApi

SECRET_FILE = "http.secret"  # noqa: S105 - the name of the file


class HttpApi:
    """The server and what it serves. Make it, `await listen()`, and `await close()`."""

    def __init__(
        self,
        desk: Desk,
        market_data: MarketDataService,
        instruments: InstrumentDirectory,
        candles: CandleFeed,
        calendar: SessionCalendar,
        holidays: Sequence[Holiday],
        verifier: Verifier,
        *,
        profile: Path,
        config: HttpConfig,
    ) -> None:
        self._secret_file = profile / SECRET_FILE
        self._data = DataApi(desk, market_data, instruments, candles, calendar, holidays)
        endpoints = [
            *self._data.endpoints(),
            *WebSocketApi(LOCAL_USER).endpoints(),
            *Metrics(desk, market_data).endpoints(),
        ]
        self._secret = Secret(secrets.token_hex(32))
        self._server = HttpServer(
            replace(config, secret=self._secret), endpoints, verifier, counters=desk.edge_counters
        )

    async def listen(self) -> None:
        """Start to listen.

        Raises:
            StartupError: the port cannot be had; the message names it and its owner.
            StorageError: the profile cannot be written.
        """
        config = self._server.config
        try:
            await self._server.listen()
        except OSError as error:
            raise cannot_listen(error, config.host, config.port, "--http-port") from None
        write_secret(self._secret_file, self._secret)

    async def close(self) -> None:
        """Stop listening and watch no more prices; safe to call twice, and without `listen`."""
        self._data.close()
        await self._server.close()
        self._secret_file.unlink(missing_ok=True)

    @property
    def url(self) -> str:
        """The address that programs ask."""
        return self._server.url


def write_secret(path: Path, secret: Secret) -> None:
    """Write `secret` where its owner alone can read it, whole or not at all.

    Raises:
        StorageError: it cannot be written.
    """
    fresh = path.with_name(path.name + ".new")
    try:
        fresh.unlink(missing_ok=True)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secret.reveal())
        fresh.replace(path)
    except OSError as error:
        raise StorageError(f"The file {path} cannot be written: {error.strerror}") from None
