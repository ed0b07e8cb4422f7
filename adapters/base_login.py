"""What most logins have in common, so that a broker's folder says only what is particular to it."""

from __future__ import annotations

from collections.abc import Mapping

from market.credentials import Secret
from market.errors import FeedRejectedError
from market.logins import BrokerSession, LoginForm


class BaseLogin:
    """Most of `market.logins.BrokerLogin`: without a browser, and with the user at every login.

    A subclass gives `title` and `form`, and adds `open_session` and `close`.
    """

    title: str
    form: LoginForm

    async def authorize_url(self, credentials: Mapping[str, Secret], *, redirect: str, state: str) -> str:
        raise FeedRejectedError(f"{self.title} logs in without the browser")

    async def renew(self, credentials: Mapping[str, Secret], session: BrokerSession) -> BrokerSession:
        raise FeedRejectedError(f"{self.title} wants a new login in the browser every day")
