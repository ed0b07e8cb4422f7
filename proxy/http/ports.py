"""What the HTTP server serves, as protocols: the engine hands it endpoints that fit, whoever made them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from market.credentials import Secret
from proxy.session import Identity

Verifier = Callable[[Secret], Awaitable[Identity | None]]


class Answer(Protocol):
    """An answer. `body` is a JSON value, or text where `media` is not JSON."""

    @property
    def status(self) -> int:
        """The HTTP status."""

    @property
    def body(self) -> Any:
        """What is answered."""

    @property
    def media(self) -> str:
        """The content type."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers besides the usual ones."""

    @property
    def is_sorted(self) -> bool:
        """Whether the keys of JSON objects are sorted; else they stand as they were put in."""

    @property
    def is_large(self) -> bool:
        """Whether to make bytes of it in a worker thread."""


class Endpoint(Protocol):
    """One path and method. `access` is `key` (an API key), `secret` (the profile's secret) or `open`."""

    @property
    def method(self) -> str:
        """`GET` or `POST`."""

    @property
    def path(self) -> str:
        """The path, with a name in braces for a part that varies."""

    @property
    def access(self) -> str:
        """Who may ask."""

    @property
    def mode(self) -> int:
        """The mode that a key must be allowed to see, 0 if it may be any."""

    def read(self, given: Mapping[str, object]) -> tuple[dict[str, Any], Answer | None]:
        """Return the values of the fields, and the refusal if they are not as they must be."""

    def denied(self, given: Mapping[str, object], *, reason: str = "", status: int = 0) -> Answer:
        """The answer to a request with a wrong key, or with the `status` and for the `reason` that are given."""

    def answer(self, user_id: str, values: dict[str, Any]) -> Awaitable[Answer]:
        """Answer a request of `user_id`; the API key is not among `values`."""
