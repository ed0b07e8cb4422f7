"""Login forms check what they are given; sessions show nothing."""

from __future__ import annotations

import pytest

from market.credentials import Secret
from market.errors import InvalidRequestError
from market.logins import BrokerSession, LoginField, LoginForm, LoginKind

FORM = LoginForm(
    kind=LoginKind.DIRECT,
    fields=(
        LoginField(name="user", label="User"),
        LoginField(name="pin", label="PIN", is_secret=True),
        LoginField(name="proxy", label="Proxy", is_required=False),
    ),
)


def test_form_returns_trimmed_secrets() -> None:
    given = FORM.check({"user": " A1 ", "pin": "1234", "proxy": "  "})
    assert {name: secret.reveal() for name, secret in given.items()} == {"user": "A1", "pin": "1234"}


def test_form_names_what_is_missing() -> None:
    with pytest.raises(InvalidRequestError, match="The login needs user, pin"):
        FORM.check({"user": " "})


def test_form_names_what_it_does_not_ask_for() -> None:
    with pytest.raises(InvalidRequestError, match="no field colour; expected user, pin, proxy"):
        FORM.check({"user": "A1", "pin": "1", "colour": "red"})


def test_a_token_made_elsewhere_replaces_the_browser_and_the_other_fields() -> None:
    token = LoginField(name="token", label="Token", is_required=False, is_kept=False, replaces_browser=True)
    form = LoginForm(kind=LoginKind.BROWSER, fields=(LoginField(name="api_key", label="API key"), token))
    assert form.needs_browser({"api_key": "k"})
    assert form.needs_browser({"api_key": "k", "token": " "})
    assert not form.needs_browser({"token": "t"})
    assert {name: secret.reveal() for name, secret in form.check({"token": "t"}).items()} == {"token": "t"}
    with pytest.raises(InvalidRequestError, match="The login needs api_key"):
        form.check({"token": " "})
    assert not FORM.needs_browser({})


def test_session_shows_no_token() -> None:
    session = BrokerSession(broker="b", user="A1", tokens={"access_token": Secret("hush")}, obtained_ms=1.0)
    assert "hush" not in repr(session)
    assert session.reveal("access_token") == "hush"
    assert session.reveal("other") == ""


def test_session_is_over_at_its_end_only_where_that_is_known() -> None:
    session = BrokerSession(broker="b", user="A1", tokens={}, obtained_ms=1.0, expires_ms=10.0)
    assert [session.is_over(now) for now in (9.9, 10.0)] == [False, True]
    assert not BrokerSession(broker="b", user="A1", tokens={}, obtained_ms=1.0).is_over(1e15)
