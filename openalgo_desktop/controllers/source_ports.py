"""What the window needs to let the user choose between sources, as a protocol that it owns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from market.instruments import InstrumentKey
from services.result import Result
from services.source_choices import SourceView


class Sources(Protocol):
    """Whose prices are shown, by whose choice; see `services.source_choices.SourceChoices`."""

    def names(self) -> list[str]:
        """All sources."""

    def candidates(self, key: InstrumentKey) -> list[str]:
        """Those that could serve `key`."""

    def of_instrument(self, key: InstrumentKey) -> str:
        """The one chosen for `key`, or empty."""

    def of_list(self, list_id: int) -> str:
        """The one chosen for a list, or empty."""

    def compared_with(self, key: InstrumentKey) -> str:
        """The one that `key` is compared with, or empty."""

    def choose(self, keys: Iterable[InstrumentKey], feed: str) -> Result:
        """Choose for instruments."""

    def choose_for_list(self, list_id: int, feed: str, keys: Iterable[InstrumentKey]) -> Result:
        """Choose for a list, which holds `keys`."""

    def compare(self, keys: Iterable[InstrumentKey], feed: str) -> Result:
        """Compare instruments."""

    def show_list(self, list_id: int, keys: Iterable[InstrumentKey]) -> None:
        """The list is shown, and holds `keys`."""

    def view(self, key: InstrumentKey) -> SourceView:
        """Whose price is shown, and what a second one says."""
