"""A list of symbols as callers write it: checked entry by entry, so that one bad entry never spoils the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from market.errors import InvalidModeError, InvalidRequestError
from market.modes import Mode, parse_mode
from market.subscriptions import Outcome, Subscription
from market.symbols import parse_key
from services.result import ErrorCode


class Entry(NamedTuple):
    """One entry: what it asks for, or why it cannot. `symbol` and `exchange` as they were written."""

    symbol: str
    exchange: str
    wish: Subscription | None = None
    error: str | None = None
    code: ErrorCode | None = None


def read_symbols(symbols: object, mode: object, *, purpose: str) -> list[Entry]:
    """Return one entry per element of `symbols`, `[{"symbol", "exchange", "mode"?}, …]`.

    Raises:
        InvalidRequestError: it is not a list, or empty. InvalidModeError: `mode` is none.
    """
    if not isinstance(symbols, Sequence) or isinstance(symbols, str) or not symbols:
        raise InvalidRequestError(f"No symbols provided for {purpose}")
    default = parse_mode(mode)
    return [_read(element, default) for element in symbols]


def _read(element: object, default: Mode) -> Entry:
    if not isinstance(element, Mapping):
        shown = repr(element)[:48]
        return Entry("", "", None, f"{shown}: expected an object with symbol and exchange", ErrorCode.INVALID_SYMBOLS)
    symbol, exchange = element.get("symbol"), element.get("exchange")
    if not isinstance(symbol, str) or not isinstance(exchange, str):
        shown = f"{exchange}:{symbol}"[:96]
        return Entry(str(symbol), str(exchange), None, f"{shown}: symbol and exchange must be text", _SYMBOLS)
    own = element.get("mode")
    try:
        wish = Subscription(parse_key(exchange, symbol), default if own is None else parse_mode(own))
    except InvalidModeError as error:
        return Entry(symbol, exchange, None, f"{exchange}:{symbol}: {error}"[:200], ErrorCode.INVALID_MODE)
    except InvalidRequestError as error:
        return Entry(symbol, exchange, None, f"{exchange}:{symbol}: {error}"[:300], _SYMBOLS)
    return Entry(wish.key.symbol, str(wish.key.exchange), wish)


_SYMBOLS = ErrorCode.INVALID_SYMBOLS


def with_outcomes(entries: Iterable[Entry], outcomes: Iterable[Outcome]) -> list[tuple[Entry, Outcome | None]]:
    """Pair the entries that asked for something with their outcomes, which come in the same order."""
    answers = iter(outcomes)
    return [(entry, None if entry.wish is None else next(answers)) for entry in entries]


def refused(entry: Entry) -> dict[str, Any]:
    """The line of an acknowledgement for an entry that asks for nothing possible."""
    line = {"symbol": entry.symbol, "exchange": entry.exchange, "status": "error", "message": entry.error}
    return line | {"error_code": str(entry.code)}


def describe(subscription: Subscription) -> dict[str, Any]:
    """`{"symbol", "exchange", "mode"}` with the mode's label."""
    (exchange, symbol), mode = subscription
    return {"symbol": symbol, "exchange": str(exchange), "mode": mode.label}
