"""Which feed serves what by the user's choice: an instrument, a whole list, and with whom a price is compared.

A choice for an instrument wins over that of a list. Choices are kept in the profile and applied to the router, which
falls back to whoever can where the chosen feed cannot.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeVar

import msgspec

from market.errors import OpenAlgoError
from market.instruments import InstrumentKey
from market.symbols import parse_key
from services.result import Result, answered
from services.settings import Settings

K = TypeVar("K")

SETTING = "source_choices"


class NamedSource(Protocol):
    """A feed by its name."""

    @property
    def name(self) -> str:
        """Its name."""

    def why_not(self, key: InstrumentKey) -> str | None:
        """None if it could serve `key`, else a sentence."""


class SecondPrice(Protocol):
    """What another feed says of an instrument."""

    @property
    def feed(self) -> str:
        """Which feed."""

    @property
    def ltp(self) -> float:
        """Its price."""

    @property
    def received_ms(self) -> float:
        """When it came, in ms since 1970 UTC."""


class SourceRouter(Protocol):
    """The part of the router that takes choices."""

    @property
    def feeds(self) -> Sequence[NamedSource]:
        """All feeds, most preferred first."""

    def prefer(self, key: InstrumentKey, feed: str | None) -> None:
        """Serve `key` by `feed` where it can; None: by the first that can."""

    def compare(self, key: InstrumentKey, feed: str | None) -> None:
        """Ask `feed` too; None: nobody."""

    def serving(self, key: InstrumentKey) -> NamedSource | None:
        """Whose prices are shown, or None."""

    def standing_in(self, key: InstrumentKey) -> NamedSource | None:
        """Who serves it in place of its own feed, or None."""

    def opinion(self, key: InstrumentKey) -> SecondPrice | None:
        """What the second feed says, or None."""


class SourceView(NamedTuple):
    """Whose price is shown of an instrument, and what another feed says. `feed` is empty where nobody serves it."""

    feed: str
    is_stand_in: bool = False
    second_feed: str = ""
    second_ltp: float | None = None
    second_ms: float = 0.0


class _Stored(msgspec.Struct):
    instruments: dict[str, str] = {}
    lists: dict[str, str] = {}
    compared: dict[str, str] = {}


class SourceChoices:
    """The choices of a profile. On the loop alone."""

    def __init__(self, settings: Settings, router: SourceRouter) -> None:
        self._settings = settings
        self._router = router
        self._stored = _read(settings.text(SETTING))
        self._by_list: dict[InstrumentKey, str] = {}
        for key, feed in _keyed(self._stored.instruments):
            router.prefer(key, feed)
        for key, feed in _keyed(self._stored.compared):
            router.compare(key, feed)

    def candidates(self, key: InstrumentKey) -> list[str]:
        """The feeds that could serve `key`, most preferred first."""
        return [feed.name for feed in self._router.feeds if feed.why_not(key) is None]

    def names(self) -> list[str]:
        """All feeds, most preferred first."""
        return [feed.name for feed in self._router.feeds]

    def of_instrument(self, key: InstrumentKey) -> str:
        """The feed chosen for `key` itself, empty for none."""
        return self._stored.instruments.get(str(key), "")

    def of_list(self, list_id: int) -> str:
        """The feed chosen for a list, empty for none."""
        return self._stored.lists.get(str(list_id), "")

    def compared_with(self, key: InstrumentKey) -> str:
        """The feed that `key` is compared with, empty for none."""
        return self._stored.compared.get(str(key), "")

    @answered
    def choose(self, keys: Iterable[InstrumentKey], feed: str) -> Result:
        """Have `feed` serve `keys`, empty: as their list says."""
        for key in keys:
            _put(self._stored.instruments, str(key), feed)
            self._router.prefer(key, feed or self._by_list.get(key))
        return self._save()

    @answered
    def choose_for_list(self, list_id: int, feed: str, keys: Iterable[InstrumentKey]) -> Result:
        """Have `feed` serve what a list holds, now `keys`; empty: whoever can."""
        _put(self._stored.lists, str(list_id), feed)
        self.show_list(list_id, keys)
        return self._save()

    @answered
    def compare(self, keys: Iterable[InstrumentKey], feed: str) -> Result:
        """Compare the prices of `keys` with those of `feed`, empty: with nobody's."""
        for key in keys:
            _put(self._stored.compared, str(key), feed)
            self._router.compare(key, feed or None)
        return self._save()

    def show_list(self, list_id: int, keys: Iterable[InstrumentKey]) -> None:
        """The list is shown, and holds `keys`: its choice applies to them. Call it before they are subscribed."""
        feed = self.of_list(list_id)
        for key in keys:
            _put(self._by_list, key, feed)
            if not self.of_instrument(key):
                self._router.prefer(key, feed or None)

    def view(self, key: InstrumentKey) -> SourceView:
        """Whose price of `key` is shown now."""
        serving = self._router.serving(key)
        opinion = self._router.opinion(key)
        name = serving.name if serving is not None else ""
        stands_in = self._router.standing_in(key) is not None
        if opinion is None:
            return SourceView(name, stands_in)
        return SourceView(name, stands_in, opinion.feed, opinion.ltp, opinion.received_ms)

    def _save(self) -> Result:
        is_empty = not (self._stored.instruments or self._stored.lists or self._stored.compared)
        text = "" if is_empty else msgspec.json.encode(self._stored, order="sorted").decode()
        return self._settings.set(SETTING, text)


def _read(text: str) -> _Stored:
    try:
        return msgspec.json.decode(text, type=_Stored) if text else _Stored()
    except msgspec.MsgspecError:
        return _Stored()


def _keyed(stored: Mapping[str, str]) -> Iterator[tuple[InstrumentKey, str]]:
    """What is stored by the name of an instrument; names that are none any more are left out."""
    for text, feed in stored.items():
        exchange, _, symbol = text.partition(":")
        try:
            yield parse_key(exchange, symbol), feed
        except OpenAlgoError:
            continue


def _put(where: dict[K, str], what: K, feed: str) -> None:
    if feed:
        where[what] = feed
    else:
        where.pop(what, None)
