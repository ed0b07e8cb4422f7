"""The seven `/api/websocket/*` endpoints of the user's document, over the service functions of the same names.

They act for the user whose API key is sent. `apikey` alone takes none: it hands the key out, to a program on this
computer that can read the profile (`docs/http-api.md`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from market.modes import Mode
from services import websocket_service
from services.rest.answers import Answer, Endpoint, Run, Values
from services.result import STATUS, ErrorCode, Result

PREFIX = "/api/websocket"
BAD_KEY = (
    STATUS[ErrorCode.AUTH_FAILED],
    {"message": "Invalid API key or authentication failed", "error_code": str(ErrorCode.AUTH_FAILED)},
)


class WebSocketApi:
    """Makes the endpoints. `owner` is the user of the profile, whose key `apikey` answers."""

    def __init__(self, owner: str) -> None:
        self._owner = owner

    def endpoints(self) -> list[Endpoint]:
        """The seven endpoints."""
        return [
            _endpoint("GET", "status", self._status),
            _endpoint("GET", "subscriptions", self._subscriptions),
            _endpoint("GET", "market-data", self._market_data),
            _endpoint("POST", "subscribe", self._subscribe),
            _endpoint("POST", "unsubscribe", self._unsubscribe),
            _endpoint("POST", "unsubscribe-all", self._unsubscribe_all),
            _endpoint("GET", "apikey", self._api_key)._replace(access="secret"),
        ]

    async def _status(self, user: str, values: Values) -> Answer:
        return await _called(user, lambda: websocket_service.get_websocket_status(user, values.get("broker")))

    async def _subscriptions(self, user: str, values: Values) -> Answer:
        return await _called(user, lambda: websocket_service.get_websocket_subscriptions(user, values.get("broker")))

    async def _market_data(self, user: str, values: Values) -> Answer:
        symbol, exchange = values.get("symbol") or None, values.get("exchange") or None
        return await _called(user, lambda: websocket_service.get_market_data(user, symbol, exchange))

    async def _subscribe(self, user: str, values: Values) -> Answer:
        return await _called(user, lambda: websocket_service.subscribe_to_symbols(user, *_wishes(values)))

    async def _unsubscribe(self, user: str, values: Values) -> Answer:
        return await _called(user, lambda: websocket_service.unsubscribe_from_symbols(user, *_wishes(values)))

    async def _unsubscribe_all(self, user: str, values: Values) -> Answer:
        return await _called(user, lambda: websocket_service.unsubscribe_all(user, values.get("broker")))

    async def _api_key(self, _: str, values: Values) -> Answer:
        key = await asyncio.to_thread(websocket_service.get_user_api_key, self._owner)
        if not key:
            sentence = websocket_service.no_key_sentence(self._owner)
            return _answer(Result.failed(ErrorCode.NO_API_KEY, sentence))
        return _answer(Result.succeeded({"api_key": key}, "API key retrieved", api_key=key))


def _endpoint(method: str, name: str, run: Run) -> Endpoint:
    # The service functions check what they are given, and say so in their own words. They let a user
    # subscribe to anything, so the key must be one that may see everything.
    return Endpoint(method, f"{PREFIX}/{name}", {}, run, mode=Mode.DEPTH, bad_key=BAD_KEY)


def _wishes(values: Values) -> tuple[Any, Any, Any]:
    symbols = values.get("symbols")
    if symbols is None and values.get("symbol"):
        symbols = [{"symbol": values["symbol"], "exchange": values.get("exchange")}]
    return values.get("broker"), symbols or [], values.get("mode", "Quote")


async def _called(user: str, function: Callable[[], Result]) -> Answer:
    # The first look for a user's key reads the database; afterwards it is in memory.
    await asyncio.to_thread(websocket_service.get_user_api_key, user)
    return _answer(function())


def _answer(result: Result) -> Answer:
    return Answer(result.status_code, result.data)
