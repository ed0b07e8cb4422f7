"""`brokers` and `login BROKER`: what the brokers can do, and a login without a window."""

from __future__ import annotations

import asyncio
import getpass
import json
import sys
import webbrowser
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from adapters.broker_factory import broker as row_of
from adapters.broker_factory import broker_names
from adapters.broker_table import Broker
from market.errors import OpenAlgoError
from market.logins import LoginField, LoginForm
from openalgo_desktop.broker_logins import BrokerLogins
from openalgo_desktop.browser_login import log_in_by_browser, redirect_url
from openalgo_desktop.failures import UsageError
from openalgo_desktop.typed_commands import columns, endpoints_of, opened, out, profile_of
from proxy.http.redirect import DEFAULT_PORT, pasted
from services.broker_session import BrokerSessions
from services.login_drawer import LoginDrawer


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginCommand:
    """What was typed after `login`. `answer` is the address that the browser ended at, copied by hand."""

    broker: str
    fields: Sequence[str] = ()
    answer: str | None = None
    redirect_port: int = DEFAULT_PORT
    endpoints: Sequence[str] = ()
    profile: str | None = None


def run_brokers(*, as_json: bool) -> int:
    """Print every broker: capabilities, limits, exchanges, login fields."""
    rows = [row_of(name) for name in broker_names()]
    if as_json:
        out(json.dumps([described(row) for row in rows], indent=2))
        return 0
    head = ("name", "broker", "login", "depth", "connections", "candles", "exchanges")
    for line in columns([head, *map(_line, rows)]):
        out(line)
    return 0


def described(row: Broker) -> dict[str, Any]:
    """A row of the broker table as JSON."""
    can = row.capabilities
    form = row.login(row.resolve({})).form if row.login is not None else None
    return {
        "name": row.name,
        "title": row.title,
        "exchanges": sorted(can.exchanges),
        "modes": [mode.label for mode in sorted(can.modes)],
        "depth_levels": list(can.depth_levels),
        "max_instruments": can.max_instruments,
        "connections": row.connections,
        "history_seconds": list(can.history_s),
        "endpoints": dict(row.endpoints),
        "verified": list(row.verified),
        "login": _form(form) if form is not None else None,
    }


def _form(form: LoginForm) -> dict[str, Any]:
    fields = [
        {
            "name": each.name,
            "label": each.label,
            "help": each.help,
            "secret": each.is_secret,
            "required": each.is_required,
            "way": each.way,
        }
        for each in form.fields
    ]
    return {
        "kind": form.kind,
        "browser_way": form.browser_way,
        "fields": fields,
        "note": form.note,
        "renews_itself": form.can_renew,
    }


def _line(row: Broker) -> tuple[str, ...]:
    can = row.capabilities
    login = row.login(row.resolve({})).form.kinds if row.login is not None else "none"
    depth = "/".join(map(str, can.depth_levels))
    candles = f"{len(can.history_s)} intervals" if can.history_s else "none"
    return (row.name, row.title, login, depth, row.connections, candles, " ".join(sorted(can.exchanges)))


def run_login(command: LoginCommand) -> int:
    """Log in to a broker; the session is kept in the profile, and a running application takes it over.

    Raises:
        OpenAlgoError: it did not work; the sentence says why.
    """
    with opened(profile_of(command.profile)) as (storage, vault):
        sessions = BrokerSessions(BrokerLogins(endpoints_of(command.endpoints)), LoginDrawer(storage, vault))
        form = sessions.form(command.broker)
        fields = _fields(form, command.fields, sessions.kept_fields(command.broker))
        out(asyncio.run(_log_in(sessions, form, fields, command)))
        storage.flush()
    return 0


async def _log_in(sessions: BrokerSessions, form: LoginForm, fields: Mapping[str, str], command: LoginCommand) -> str:
    if sessions.needs_browser(command.broker, fields) and command.answer is None:
        return await _through_browser(sessions, fields, command)
    answer = pasted(command.answer) if command.answer is not None else None
    redirect = redirect_url(command.redirect_port)
    return _sentence(await sessions.log_in(command.broker, fields, answer=answer, redirect=redirect))


async def _through_browser(sessions: BrokerSessions, fields: Mapping[str, str], command: LoginCommand) -> str:
    async def send(url: str) -> None:
        out(f"Redirect URL to be registered with the broker: {redirect_url(command.redirect_port)}")
        out(f"Open this address in a browser and log in there: {url}")
        await asyncio.to_thread(webbrowser.open, url)

    return _sentence(await log_in_by_browser(sessions, command.broker, fields, send, port=command.redirect_port))


def _sentence(result: tuple[bool, dict[str, Any], int]) -> str:
    success, body, _status = result
    if not success:
        raise OpenAlgoError(str(body["message"]))
    expires_ms = body["data"]["expires_ms"]
    until = f", until {datetime.fromtimestamp(expires_ms / 1000.0).astimezone():%d %b %H:%M}" if expires_ms else ""
    return f"{body['message']}{until}."


def _fields(form: LoginForm, typed: Sequence[str], kept: frozenset[str]) -> dict[str, str]:
    """What was given with --field, on standard input as NAME=VALUE lines, or at the terminal."""
    given = dict(_parsed(text) for text in typed)
    if sys.stdin is None or not sys.stdin.isatty():
        lines = sys.stdin.read().splitlines() if sys.stdin is not None else []
        return {**dict(_parsed(line) for line in lines if line.strip()), **given}
    if form.is_replaced(given):
        return given
    missing = [each for each in form.fields if each.name not in given and each.name not in kept and each.is_required]
    return {**given, **{each.name: _asked(each) for each in missing}}


def _parsed(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"A login field is written NAME=VALUE, such as {name[:32] or 'user'}=…")
    return name.strip(), value


def _asked(field: LoginField) -> str:
    prompt = f"{field.label}{f' ({field.help})' if field.help else ''}: "
    return getpass.getpass(prompt) if field.is_secret else input(prompt)
