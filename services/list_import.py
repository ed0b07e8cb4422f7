"""What importing a file would do, entry by entry, before anything is done; and doing it, in one undoable step.

Nothing that can be read is lost: an instrument that no feed knows is taken as it is written, and its row says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

from market.errors import InvalidRequestError
from market.exchanges import Exchange, parse_exchange
from market.instruments import Instrument, InstrumentKey
from market.symbols import parse_key
from services.list_files.entries import Contents, Entry, FileList, Title
from services.result import Result
from services.watchlist_values import FLAGS, MAX_NAME, MAX_NOTE, Lines, Section, WatchItem, Watchlist, on_one_line

_INDEX_OF = {
    Exchange.NSE: Exchange.NSE_INDEX,
    Exchange.BSE: Exchange.BSE_INDEX,
    Exchange.MCX: Exchange.MCX_INDEX,
}
_CRYPTO_VENUES = frozenset({"BINANCE", "BYBIT", "COINBASE", "COINDCX", "DELTA", "KRAKEN", "OKX"})
_INDICES = frozenset({"NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "NIFTYNXT50", "INDIAVIX", "SENSEX", "BANKEX"})
"""What even a file without a word about exchanges means."""
_SERIES = re.compile(r"-(?:EQ|BE|BZ|SM)$")
_CONTRACT = re.compile(r".*\d{2}[A-Z]{3}\d{2}(?:FUT|\d.*(?:CE|PE))")


class Verdict(StrEnum):
    """What becomes of an entry."""

    NEW = "new"
    PRESENT = "already in the list"
    REPEATED = "twice in the file"
    UNKNOWN = "no feed knows it: kept, and its row says so"
    UNREADABLE = "left out"


class Planned(NamedTuple):
    """An entry of the file. `key` is None where it cannot be read; then `reason` says why."""

    text: str
    key: InstrumentKey | None
    verdict: Verdict
    reason: str = ""
    flag: str = ""
    note: str = ""


class PlannedList(NamedTuple):
    """What goes into one list; `list_id` is None for a new one."""

    name: str
    list_id: int | None
    lines: tuple[Planned | Title, ...]


class Plan(NamedTuple):
    """Everything that importing would do. `trouble` are sentences about what has no entry of its own."""

    lists: tuple[PlannedList, ...]
    trouble: tuple[str, ...] = ()

    def count(self, verdict: Verdict) -> int:
        """How many entries come to that."""
        lines = (line for planned in self.lists for line in planned.lines)
        return sum(isinstance(line, Planned) and line.verdict is verdict for line in lines)

    @property
    def changes_anything(self) -> bool:
        """Whether there is anything to import."""
        added = self.count(Verdict.NEW) + self.count(Verdict.UNKNOWN)
        return added > 0 or any(planned.list_id is None for planned in self.lists)

    @property
    def sentence(self) -> str:
        """What importing would do, in one line."""
        parts = [f"{self.count(Verdict.NEW)} new"]
        for verdict, words in (
            (Verdict.PRESENT, "there already"),
            (Verdict.REPEATED, "twice in the file"),
            (Verdict.UNKNOWN, "unknown to the feeds (kept)"),
        ):
            parts += [f"{count} {words}"] if (count := self.count(verdict)) else []
        left_out = self.count(Verdict.UNREADABLE) + len(self.trouble)
        parts += [f"{left_out} left out"] if left_out else []
        return ", ".join(parts)


class Known(Protocol):
    """The part of the instrument directory that is needed."""

    def get(self, key: InstrumentKey) -> Instrument | None:
        """The details of `key`, or None."""

    def exchanges(self) -> frozenset[Exchange]:
        """The exchanges of which anything is known."""


class Lists(Protocol):
    """The watchlists, as far as importing changes them."""

    def merge(self, what: str, additions: Iterable[tuple[int | None, str, Lines]]) -> Result:
        """Add lines to lists in one step."""


def plan_import(
    contents: Contents, lists: Sequence[Watchlist], known: Known, *, name: str, into: int | None = None
) -> Plan:
    """Return what importing `contents` of the file `name` would do.

    Lists go into those of the same name, or become new ones. Where the file names none, everything goes into the list
    with the id `into`; None makes a new one that is called as the file.
    """
    planned: list[PlannedList] = []
    for each in contents.lists:
        target = _target(each, lists, into)
        title = target.name if target is not None else (on_one_line(each.name) or name)[:MAX_NAME]
        present = frozenset() if target is None else frozenset(target.keys)
        seen: set[InstrumentKey] = set()
        lines = tuple(_planned(line, present, seen, known) for line in each.lines)
        planned.append(PlannedList(title, None if target is None else target.id, lines))
    return Plan(tuple(planned), contents.trouble)


def carry_out(plan: Plan, watchlists: Lists, *, name: str) -> Result:
    """Import, all of it or nothing. What the lists have become since the plan was made is taken into account."""
    what = f"import {name}"
    result = watchlists.merge(what, [(each.list_id, each.name, _lines(each)) for each in plan.lists])
    return result._replace(data=result.data | {"message": f"{name}: {plan.sentence}"}) if result.success else result


def _target(each: FileList, lists: Sequence[Watchlist], into: int | None) -> Watchlist | None:
    if each.name.strip():
        wanted = on_one_line(each.name).casefold()
        return next((known for known in lists if known.name.casefold() == wanted), None)
    return next((known for known in lists if known.id == into), None)


def _planned(
    line: Entry | Title, present: frozenset[InstrumentKey], seen: set[InstrumentKey], known: Known
) -> Planned | Title:
    if isinstance(line, Title):
        return line._replace(name=on_one_line(line.name)[:MAX_NAME])
    text = f"{line.exchange}:{line.symbol}" if line.exchange else line.symbol
    try:
        key = key_of(line, known)
    except InvalidRequestError as error:
        return Planned(text, None, Verdict.UNREADABLE, f"{error} ({line.where})")
    marks = line.flag if line.flag in FLAGS else "", on_one_line(line.note)[:MAX_NOTE]
    if key in seen:
        verdict = Verdict.REPEATED
    elif key in present:
        verdict = Verdict.PRESENT
    else:
        # Of an exchange that no feed has listed yet, nothing is unknown.
        is_listed = known.get(key) is not None or key.exchange not in known.exchanges()
        verdict = Verdict.NEW if is_listed else Verdict.UNKNOWN
    seen.add(key)
    return Planned(text, key, verdict, "", *marks)


def key_of(entry: Entry, known: Known) -> InstrumentKey:
    """Return the instrument that `entry` means: as it is spelled, or as brokers and chart programs spell ours.

    Raises:
        InvalidRequestError: there is no such exchange, or this cannot be a symbol.
    """
    exchanges = _exchanges(entry)
    first: InstrumentKey | None = None
    for symbol in _spellings(entry.symbol):
        for exchange in exchanges:
            key = parse_key(exchange, symbol)
            first = first or key
            if known.get(key) is not None:
                return key
    assert first is not None
    index = InstrumentKey(_INDEX_OF.get(first.exchange, first.exchange), first.symbol)
    return index if first.symbol in _INDICES else first


def _exchanges(entry: Entry) -> tuple[Exchange, ...]:
    """Where the symbol may be, the likeliest first."""
    if not entry.exchange and entry.symbol.upper() in ("SENSEX", "BANKEX"):
        return (Exchange.BSE, Exchange.BSE_INDEX)
    if entry.exchange:
        is_venue = entry.exchange.strip().upper() in _CRYPTO_VENUES
        exchange = Exchange.CRYPTO if is_venue else parse_exchange(entry.exchange)
        return (exchange, _INDEX_OF[exchange]) if exchange in _INDEX_OF else (exchange,)
    first = (Exchange.NFO,) if _CONTRACT.fullmatch(entry.symbol.upper()) else (Exchange.NSE, Exchange.NSE_INDEX)
    return (*first, *(exchange for exchange in Exchange if exchange not in first))


def _spellings(symbol: str) -> tuple[str, ...]:
    """`M_M` is M&M in chart programs, `RELIANCE-EQ` is RELIANCE at brokers."""
    plain = symbol.strip().upper()
    bare = _SERIES.sub("", plain)
    found = (plain, bare, bare.replace("_", "&"), bare.replace("_", "-"))
    return tuple(dict.fromkeys(found))


def _lines(planned: PlannedList) -> Lines:
    lines: list[WatchItem | Section] = []
    for line in planned.lines:
        if isinstance(line, Title):
            lines += [Section(0, line.name)] if line.name else []
        elif line.key is not None:
            lines.append(WatchItem(line.key, line.note, line.flag))
    return tuple(lines)
