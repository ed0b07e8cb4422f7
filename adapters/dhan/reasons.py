"""Why Dhan ends a connection or refuses a request: its numbers and codes as sentences. Pure."""

from __future__ import annotations

from adapters.venue import ConnectionOver, Event, SessionOver

_SESSION = {807, 808, 809, 810}
NO_DATA_PLAN = "Dhan's Data API plan is not subscribed; it is to be had under DhanHQ Trading APIs on web.dhan.co"
_SENTENCES = {
    800: "Dhan has an internal error",
    804: "Dhan says that more instruments were asked for than it takes",
    805: "Dhan ended this connection because the user has too many; another program may be using the same account",
    806: NO_DATA_PLAN,
    807: "Dhan's access token has expired",
    808: "Dhan does not accept the login",
    809: "Dhan does not accept the access token",
    810: "Dhan does not know the client id",
    813: "Dhan does not know one of the security ids",
    814: "Dhan did not understand a request",
}


def ended(reason: int, *, by_session: bool = True) -> Event:
    """Return what the server's `reason` means. `by_session`: whether it may mean that the session is over."""
    if by_session and reason in _SESSION:
        return SessionOver("it does not accept the access token any more")
    return ConnectionOver(_SENTENCES.get(reason, f"Dhan ended the connection (reason {reason})"))
