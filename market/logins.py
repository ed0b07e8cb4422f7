"""How a user gets into a broker account, and what comes of it: login fields, credentials, a session, and its source.

The values of fields and sessions are secrets; they live in a vault and are shown to nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from market.credentials import Secret
from market.errors import InvalidRequestError


class LoginKind(StrEnum):
    """The ways in. `browser`: OAuth in the user's own browser, which sends a code back to a loopback address;
    `direct`: the application posts the fields (user, PIN, one-time password); `pasted`: the user pastes a token.
    """

    BROWSER = "browser"
    DIRECT = "direct"
    PASTED = "pasted"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginField:
    """One thing that a login asks for.

    `is_secret` values are not echoed. `is_kept` values are stored for the next login; a one-time code is not.
    `is_totp_secret` marks the base32 seed from which one-time passwords are computed here. A value that
    `replaces_browser` is a token made elsewhere: with it, neither the browser nor any other field is needed. Where
    there are several ways in, `way` names the one that the field belongs to, as a heading.
    """

    name: str
    label: str
    help: str = ""
    is_secret: bool = False
    is_required: bool = True
    is_kept: bool = True
    is_totp_secret: bool = False
    replaces_browser: bool = False
    way: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginForm:
    """What the login of one broker looks like. The dialog, the command line and the checks are made from it."""

    kind: LoginKind
    fields: tuple[LoginField, ...]
    note: str = ""
    can_renew: bool = False
    """Whether a session can be renewed with what is kept, without the user."""
    echoes_state: bool = True
    """Whether the broker's page is known to hand `state` back. Where it is not, an answer without any is taken: its
    code is of use only together with the secret of the app that it was made for, so nobody else's would do."""
    browser_way: str = ""
    """The way that goes through the browser, of a login of another kind."""

    @property
    def may_need_browser(self) -> bool:
        """Whether there is a way in through the browser."""
        return self.kind is LoginKind.BROWSER or bool(self.browser_way)

    @property
    def kinds(self) -> str:
        """The kinds of its ways in, in words: `direct or browser`."""
        return f"{self.kind} or {LoginKind.BROWSER}" if self.browser_way else str(self.kind)

    def needs_browser(self, values: Mapping[str, str], kept: Collection[str] = ()) -> bool:
        """Whether a login with `values`, and with the fields that are `kept`, goes through the browser."""
        if not self.browser_way:
            return self.kind is LoginKind.BROWSER and not self.is_replaced(values)
        return self.way(values, kept) == self.browser_way

    def way(self, values: Mapping[str, str], kept: Collection[str] = ()) -> str:
        """The way in that `values` are for, else the only one that is `kept`; empty if that does not tell.

        Raises:
            InvalidRequestError: they are for several.
        """
        typed = dict.fromkeys(each.way for each in self.fields if each.way and values.get(each.name, "").strip())
        if len(typed) > 1:
            raise InvalidRequestError(f"Fill in one of these and leave the others empty: {', '.join(typed)}")
        known = typed or dict.fromkeys(each.way for each in self.fields if each.way and each.name in kept)
        return next(iter(known)) if len(known) == 1 else ""

    def is_replaced(self, values: Mapping[str, str]) -> bool:
        """Whether `values` hold a token that makes everything else needless."""
        return any(each.replaces_browser and values.get(each.name, "").strip() for each in self.fields)

    def check(self, values: Mapping[str, str]) -> Mapping[str, Secret]:
        """Return `values` as credentials, blanks around them removed.

        Raises:
            InvalidRequestError: a required field is missing, or one is not asked for; the sentence names it.
        """
        known = {each.name: each for each in self.fields}
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise InvalidRequestError(
                f"The login has no field {', '.join(unknown)}; expected {', '.join(known) or 'none'}"
            )
        given = {name: Secret(text.strip()) for name, text in values.items() if text.strip()}
        missing = [each.name for each in self.fields if each.is_required and each.name not in given]
        if missing and not self.is_replaced(values):
            raise InvalidRequestError(f"The login needs {', '.join(missing)}")
        return given


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerSession:
    """A login that succeeded: what the broker's requests are made with.

    `tokens` are named by the broker's adapter (`access_token`, `feed_token`, `api_key`, …); times in ms since 1970
    UTC; `expires_ms` is when the broker ends the session at the latest, None if that is not known.
    """

    broker: str
    user: str
    tokens: Mapping[str, Secret] = field(repr=False)
    obtained_ms: float
    expires_ms: float | None = None

    def reveal(self, name: str) -> str:
        """Return the token `name` in plain text, empty if there is none. Every call is a place to review."""
        secret = self.tokens.get(name)
        return secret.reveal() if secret is not None else ""

    def is_over(self, now_ms: float) -> bool:
        """Whether the session has reached its end."""
        return self.expires_ms is not None and now_ms >= self.expires_ms


class SessionSource(Protocol):
    """Where feeds read the session at every connect. All calls are made on the loop and return at once."""

    def current(self, broker: str) -> BrokerSession | None:
        """The present session of `broker`, or None where the user has to log in."""

    def refused(self, session: BrokerSession, reason: str) -> None:
        """The broker does not accept `session` any more; `reason` is a sentence."""

    def on_change(self, broker: str, changed: Callable[[], None]) -> Callable[[], None]:
        """Call `changed` whenever the session of `broker` is another one; returns what ends that."""


class BrokerLogin(Protocol):
    """The way into one broker. Made per use; `close` when done. No sentence of its errors holds a secret."""

    @property
    def form(self) -> LoginForm:
        """What it asks for."""

    async def authorize_url(self, credentials: Mapping[str, Secret], *, redirect: str, state: str) -> str:
        """Where the user's browser is sent, if it is. `redirect` is the loopback address that waits for it.

        Raises as `open_session` does, where the broker is asked first.
        """

    async def open_session(
        self, credentials: Mapping[str, Secret], *, answer: Mapping[str, str] | None = None, redirect: str = ""
    ) -> BrokerSession:
        """Log in and return the session.

        `answer` is what the browser brought back: the query of the redirect (kind `browser`).

        Raises:
            FeedRejectedError: the broker said no; the sentence says what to do about it.
            FeedUnavailableError: no answer.
            InvalidRequestError: something is missing, or not of the right form.
        """

    async def renew(self, credentials: Mapping[str, Secret], session: BrokerSession) -> BrokerSession:
        """Return a fresh session without the user (`form.can_renew`). Raises as `open_session` does."""

    async def close(self) -> None:
        """Close what requests have opened."""
