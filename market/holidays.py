"""Days on which an exchange does not keep its ordinary hours: a closed day, a half day, a special session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from market.errors import InvalidRequestError
from market.exchanges import Exchange, parse_exchange


@dataclass(frozen=True, slots=True)
class SpecialSession:
    """The one session of `exchange` on a special day, in minutes after midnight IST.

    `end_minute` None means until the ordinary close.
    """

    exchange: Exchange
    start_minute: int
    end_minute: int | None = None


@dataclass(frozen=True, slots=True)
class Holiday:
    """A special day. Exchanges in `closed` do not trade; those in `sessions` trade then only, weekend or not."""

    day: date
    name: str
    closed: frozenset[Exchange] = frozenset()
    sessions: tuple[SpecialSession, ...] = ()


def parse_holidays(content: Mapping[str, object]) -> tuple[Holiday, ...]:
    """Return the holidays in `content`, the mapping parsed from `resources/holidays.json`, in order of date.

    Shape: `{"groups": {name: [exchange, …]}, "holidays": [{"date": "2026-01-26", "name": text, "closed": [code, …],
    "open": {code: "17:00-" or "13:45-14:45"}}, …]}`, where a code is a group or an exchange and times are IST.

    Raises:
        InvalidRequestError: the content does not have that shape; the sentence names the entry.
    """
    groups = content.get("groups", {})
    entries = content.get("holidays")
    if not isinstance(groups, Mapping) or not isinstance(entries, list):
        raise InvalidRequestError("The holiday list needs 'groups' and a list of 'holidays'")
    return tuple(sorted((_holiday(entry, groups) for entry in entries), key=lambda holiday: holiday.day))


def _holiday(entry: object, groups: Mapping[str, list[str]]) -> Holiday:
    try:
        if not isinstance(entry, Mapping):
            raise TypeError("not an object")
        closed = frozenset(exchange for code in entry.get("closed", ()) for exchange in _exchanges(code, groups))
        sessions = tuple(
            SpecialSession(exchange, *_span(span))
            for code, span in entry.get("open", {}).items()
            for exchange in _exchanges(code, groups)
        )
        return Holiday(date.fromisoformat(entry["date"]), str(entry["name"]), closed, sessions)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidRequestError(f"Bad entry in the holiday list, {entry!r:.120}: {error}") from error


def _exchanges(code: str, groups: Mapping[str, list[str]]) -> list[Exchange]:
    return [parse_exchange(member) for member in groups.get(code, [code])]


def _span(text: str) -> tuple[int, int | None]:
    start, dash, end = text.partition("-")
    if not dash:
        raise ValueError(f"{text!r} is not a span such as 17:00-23:30")
    return _minute(start), _minute(end) if end else None


def _minute(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)
