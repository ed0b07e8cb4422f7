"""A login through the user's own browser, from the address it is sent to until it is back. For window and terminal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from openalgo_desktop.taken_ports import owner_of
from proxy.http.redirect import DEFAULT_PORT, RedirectListener
from services.broker_session import BrokerSessions
from services.result import ErrorCode, Result


def redirect_url(port: int = DEFAULT_PORT) -> str:
    """The address that has to be registered with the broker."""
    return f"http://127.0.0.1:{port}/callback"


async def log_in_by_browser(
    sessions: BrokerSessions,
    broker: str,
    fields: Mapping[str, str],
    open_browser: Callable[[str], Awaitable[object]],
    *,
    port: int = DEFAULT_PORT,
    within_s: float = 300.0,
) -> Result:
    """Send the browser to the broker, wait until it is back, and log in with what it brings.

    Raises:
        InvalidRequestError: a field is missing, or the broker is not one for browsers.
    """
    try:
        async with RedirectListener(port, needs_state=sessions.form(broker).echoes_state) as listener:
            url = await sessions.authorize_url(broker, fields, redirect=listener.url, state=listener.state)
            await open_browser(url)
            answer = await listener.answer(within_s=within_s)
            return await sessions.log_in(broker, fields, answer=answer, redirect=listener.url)
    except TimeoutError:
        minutes = round(within_s / 60.0)
        return Result.failed(ErrorCode.CONNECTION_TIMEOUT, f"The browser did not come back within {minutes} minutes")
    except OSError:
        sentence = f"Port {port}, to which the browser comes back, is taken{owner_of(port)}; close what uses it"
        return Result.failed(ErrorCode.BROKER_UNAVAILABLE, sentence)
