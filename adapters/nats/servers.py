"""NATS addresses as users write them: `nats://HOST:PORT[,nats://…]`, with credentials that never come out again."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from market.credentials import Secret
from market.errors import InvalidRequestError

DEFAULT_PORT = 4222
_SCHEMES = ("nats", "tls")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_EXPECTED = "expected nats://HOST:PORT or tls://HOST:PORT, more of them after commas"


@dataclass(frozen=True, slots=True, kw_only=True)
class NatsServer:
    """One server. Either `user` and `password`, or `token`, or neither; `is_encrypted` where nothing less will do."""

    host: str
    port: int = DEFAULT_PORT
    is_encrypted: bool = False
    user: str | None = None
    password: Secret | None = None
    token: Secret | None = None

    @property
    def address(self) -> str:
        """Host and port: safe to show."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def exposes_secrets(self) -> bool:
        """Whether credentials would cross a network unencrypted."""
        has_secret = self.password is not None or self.token is not None
        return has_secret and not self.is_encrypted and self.host not in _LOOPBACK

    def __str__(self) -> str:
        return f"{'tls' if self.is_encrypted else 'nats'}://{self.address}"


def parse_servers(text: str) -> tuple[NatsServer, ...]:
    """Return the servers that `text` lists. Credentials given once are used for all.

    Raises:
        InvalidRequestError: `text` lists none; the sentence repeats nothing of it, as it may hold a password.
    """
    servers = tuple(_server(part.strip()) for part in text.split(",") if part.strip())
    if not servers:
        raise InvalidRequestError(f"A NATS address is missing; {_EXPECTED}")
    known = next((server for server in servers if server.user is not None or server.token is not None), None)
    if known is None:
        return servers
    return tuple(
        server
        if server.user is not None or server.token is not None
        else dataclasses.replace(server, user=known.user, password=known.password, token=known.token)
        for server in servers
    )


def _server(text: str) -> NatsServer:
    try:
        parts = urlsplit(text if "://" in text else f"nats://{text}")
        port = parts.port
    except ValueError:
        raise InvalidRequestError(f"That is not a NATS address; {_EXPECTED}") from None
    if parts.scheme not in _SCHEMES or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise InvalidRequestError(f"That is not a NATS address; {_EXPECTED}")
    user, password, token = _credentials(parts)
    return NatsServer(
        host=parts.hostname,
        port=port or DEFAULT_PORT,
        is_encrypted=parts.scheme == "tls",
        user=user,
        password=password,
        token=token,
    )


def _credentials(parts: SplitResult) -> tuple[str | None, Secret | None, Secret | None]:
    """User and password, or, where there is no password, the token."""
    if not parts.username:
        return None, None, None
    if parts.password is None:
        return None, None, Secret(unquote(parts.username))
    return unquote(parts.username), Secret(unquote(parts.password)), None
