"""What the window needs of the rest of the application, as protocols that it owns, in one bundle."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from market.candles import Candle
from market.exchanges import Exchange
from market.feed_journal import FeedJournal
from market.holidays import Holiday
from market.instruments import Instrument, InstrumentKey
from market.liveness import Liveness
from market.modes import Mode
from market.sessions import Phase, Window
from market.ticks import Update
from openalgo_desktop.controllers.broker_ports import Brokers
from openalgo_desktop.controllers.host import Host
from openalgo_desktop.controllers.source_ports import Sources
from services.ports import MarketDesk
from services.result import Result
from services.settings import Settings
from services.starter_lists import StarterList
from services.watchlist_values import Lines
from services.watchlists import Watchlist

History = Callable[[InstrumentKey, int, int], Awaitable[Sequence[Candle]]]
"""`history(key, interval_s, limit)`: candles oldest first; raises `FeedError` where there are none."""


SentMs = Callable[[InstrumentKey], float | None]
"""When clients that hold an instrument were last written to, in ms since 1970 UTC; None if no client holds it."""


class MarketData(Protocol):
    """Batches of last values, told on the loop."""

    def add_tick_listener(self, callback: Callable[[Sequence[Update]], object]) -> int:
        """Have every batch told to `callback`; returns the listener's number."""

    def unsubscribe_from_updates(self, subscriber_id: int) -> bool:
        """Tell that listener no more."""


class Directory(Protocol):
    """The instruments known by now."""

    def search(self, text: str, limit: int = 20) -> list[Instrument]:
        """The best finds first. May be called in a worker thread."""

    def get(self, key: InstrumentKey) -> Instrument | None:
        """The details of `key`, or None."""

    def exchanges(self) -> frozenset[Exchange]:
        """The exchanges of which anything is known."""

    def exchanges_of(self, text: str) -> list[Exchange]:
        """The exchanges on which `search` finds anything. May be called in a worker thread."""

    def contracts(self, exchange: Exchange, base: str) -> list[Instrument]:
        """The dated contracts of `exchange` on `base`, in any order."""

    def __len__(self) -> int: ...


class Lists(Protocol):
    """The watchlists of the profile."""

    def lists(self) -> tuple[Watchlist, ...]:
        """Every list in order; never empty."""

    def on_change(self, callback: Callable[[], None]) -> None:
        """Have `callback` called after every change."""

    def add(self, list_id: int, keys: Iterable[InstrumentKey], *, position: int | None = None) -> Result:
        """Add instruments."""

    def remove(self, list_id: int, keys: Iterable[InstrumentKey]) -> Result:
        """Remove instruments."""

    def create(self, name: str) -> Result:
        """Add an empty list at the end; `data.id` is its id."""

    def starter_lists(self) -> tuple[StarterList, ...]:
        """The lists that `add_starter` can make."""

    def add_starter(self, name: str) -> Result:
        """Make the starter list of that name; `data.id` is its id."""

    def merge(self, what: str, additions: Iterable[tuple[int | None, str, Lines]]) -> Result:
        """Add lines to lists, or make lists of them, in one step; `data.ids` are those lists."""

    def rename(self, list_id: int, name: str) -> Result:
        """Give a list another name."""

    def delete(self, list_id: int) -> Result:
        """Delete a list; the last one stays."""

    def reorder(self, list_ids: Sequence[int]) -> Result:
        """Put the lists in this order."""

    def move(
        self,
        list_id: int,
        keys: Sequence[InstrumentKey],
        position: int | None,
        *,
        to_list: int | None = None,
        copy: bool = False,
    ) -> Result:
        """Move or copy instruments before the line at `position`, counted before the move; None is the end."""

    @property
    def collapsed(self) -> frozenset[int]:
        """The ids of the sections that are folded."""

    def add_section(self, list_id: int, name: str, *, position: int | None = None) -> Result:
        """Put a title before the line at `position`; `data.id` is the section's id."""

    def rename_section(self, list_id: int, section_id: int, name: str) -> Result:
        """Give a section another name."""

    def remove_section(self, list_id: int, section_id: int) -> Result:
        """Take a title out; its instruments stay."""

    def move_section(self, list_id: int, section_id: int, position: int) -> Result:
        """Move a section before the section that the line at `position` is in."""

    def set_collapsed(self, list_id: int, section_id: int, collapsed: bool) -> Result:  # noqa: FBT001
        """Fold or unfold a section."""

    def set_flag(self, list_id: int, keys: Sequence[InstrumentKey], flag: str) -> Result:
        """Give instruments a colour flag; empty takes it away."""

    def replace(self, list_id: int, instead: Mapping[InstrumentKey, InstrumentKey]) -> Result:
        """Put one instrument in the place of another."""

    def annotate(self, list_id: int, key: InstrumentKey, *, note: str | None = None, flag: str | None = None) -> Result:
        """Change the note or the flag of one instrument."""

    def undo(self) -> Result:
        """Take back the last step."""

    def redo(self) -> Result:
        """Do again what was taken back."""


class Calendar(Protocol):
    """When exchanges trade. Times in ms since 1970 UTC."""

    def is_open(self, exchange: Exchange, at_ms: float) -> bool:
        """Whether `exchange` trades at `at_ms`."""

    def session_start_ms(self, exchange: Exchange, at_ms: float) -> int:
        """Start of the session that runs at `at_ms`, or of the latest one before."""

    def phase(self, exchange: Exchange, at_ms: float) -> Phase:
        """What `exchange` is doing at `at_ms`."""

    def next_change_ms(self, exchange: Exchange, at_ms: float) -> int | None:
        """When that changes next, or None if it never does."""

    def session_windows(self, exchange: Exchange, day: date) -> tuple[Window, ...]:
        """The continuous sessions that begin on `day`, a date in India."""

    def holiday(self, exchange: Exchange, day: date) -> Holiday | None:
        """The special day that `day` is for `exchange`, or None."""


class FeedCare(Protocol):
    """How alive the feeds are, what happened to them, and the order to connect anew."""

    @property
    def liveness(self) -> Liveness:
        """Judges prices and feeds."""

    @property
    def journal(self) -> FeedJournal:
        """What happened to each feed lately."""

    def reconnect(self, name: str) -> bool:
        """Replace the connections of the feed `name` now; False where it keeps none."""

    def lost(self) -> int:
        """How many messages went astray on their way in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DesktopServices:
    """Everything the window works with.

    `server_url` is shown in the status strip (`ws://127.0.0.1:8765`); `http_url` is empty where the HTTP API is not
    served. `message(key, mode)` is what connected programs get of an instrument, empty where there is nothing.
    """

    market_data: MarketData
    watchlists: Lists
    settings: Settings
    instruments: Directory
    desk: MarketDesk
    calendar: Calendar
    care: FeedCare
    username: str
    history: History
    server_url: str
    http_url: str = ""
    message: Callable[[InstrumentKey, Mode], str] = field(default=lambda _key, _mode: "")
    host: Host = field(default_factory=Host)
    sent_ms: SentMs
    brokers: Brokers | None = None
    sources: Sources | None = None
