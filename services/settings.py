"""The settings of a profile: stored, given by the environment, or as the table says.

The environment wins over what is stored, so that a service file or a container stays in charge; `source` says so.
Calls return at once and are made on one thread; the database follows in its own.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from enum import StrEnum

from market.errors import InvalidRequestError, StorageError
from services.result import Result, answered
from services.settings_table import TABLE, Setting, Value
from services.storage.database import Storage

_log = logging.getLogger(__name__)


class Source(StrEnum):
    """Where the value of a setting comes from."""

    DEFAULT = "default"
    STORED = "stored"
    ENVIRONMENT = "environment"


class Settings:
    """The settings of a profile. Reading the stored ones blocks for a moment, in the constructor only.

    Args:
        storage: where they are kept; None for the defaults and the environment alone.
        environment: `os.environ` by default.
        ignoring: stored settings that count as not stored, until they are set anew.
    """

    def __init__(
        self,
        storage: Storage | None = None,
        *,
        environment: Mapping[str, str] | None = None,
        table: tuple[Setting, ...] = TABLE,
        ignoring: frozenset[str] = frozenset(),
    ) -> None:
        self._storage = storage
        self._rows = {row.key: row for row in table}
        self._listeners: list[Callable[[str, Value], None]] = []
        self._failed: set[str] = set()
        self.notices: list[str] = []
        """Sentences about values in the environment that could not be used."""
        self._stored = self._valid(_renewed(storage.settings.load() if storage is not None else {}))
        for key in ignoring:
            self._stored.pop(key, None)
        self._given = self._from(os.environ if environment is None else environment)

    @property
    def table(self) -> tuple[Setting, ...]:
        """Every setting, in the order of the settings page."""
        return tuple(self._rows.values())

    def get(self, key: str) -> Value:
        """The value that counts: the environment's, else the stored, else the default."""
        row = self._row(key)
        return self._given.get(key, self._stored.get(key, row.default))

    def text(self, key: str) -> str:
        """The value of a setting that is text."""
        value = self.get(key)
        return value if isinstance(value, str) else str(value)

    def number(self, key: str) -> int:
        """The value of a setting that is a whole number."""
        return int(self.get(key))

    def flag(self, key: str) -> bool:
        """The value of a setting that is on or off."""
        return bool(self.get(key))

    def source(self, key: str) -> Source:
        """Where the value of `key` comes from."""
        self._row(key)
        if key in self._given:
            return Source.ENVIRONMENT
        return Source.STORED if key in self._stored else Source.DEFAULT

    def on_change(self, callback: Callable[[str, Value], None]) -> None:
        """Have `callback(key, value)` called when the value that counts has changed."""
        self._listeners.append(callback)

    @answered
    def set(self, key: str, value: object) -> Result:
        """Store `value`. Where the environment sets it, that keeps counting, and the message says so."""
        row = self._row(key)
        parsed = row.parse(value)
        return self._store(row, parsed)

    @answered
    def reset(self, key: str) -> Result:
        """Forget the stored value: the default counts again."""
        return self._store(self._row(key), None)

    def _store(self, row: Setting, value: Value | None) -> Result:
        before = self.get(row.key)
        if value is None:
            self._stored.pop(row.key, None)
        else:
            self._stored[row.key] = value
        self._save(row.key)
        now = self.get(row.key)
        if now != before:
            for callback in tuple(self._listeners):
                callback(row.key, now)
        data = {"key": row.key, "value": now, "source": str(self.source(row.key))}
        if row.key in self._given:
            return Result.succeeded(data, f"Saved, but {row.variable} in the environment sets {now} for now")
        return Result.succeeded(data, "Saved")

    def save_again(self) -> bool:
        """Try once more to store what could not be stored; whether there was something. Meant for every few seconds."""
        failed, self._failed = self._failed, set()
        for key in failed:
            self._save(key)
        return bool(failed)

    def _save(self, key: str) -> None:
        storage = self._storage
        if storage is None:
            return
        value = self._stored.get(key)

        def save() -> None:
            try:
                storage.settings.save(key, value)
            except StorageError:
                self._failed.add(key)
                raise

        storage.later(save)

    def _row(self, key: str) -> Setting:
        row = self._rows.get(key)
        if row is None:
            raise InvalidRequestError(f"There is no setting {key!r}")
        return row

    def _valid(self, stored: Mapping[str, object]) -> dict[str, Value]:
        """What another version stored and we cannot use counts as not stored."""
        usable: dict[str, Value] = {}
        for key, value in stored.items():
            try:
                usable[key] = self._row(key).parse(value)
            except InvalidRequestError as error:
                _log.info("Stored setting ignored: %s", error)
        return usable

    def _from(self, environment: Mapping[str, str]) -> dict[str, Value]:
        given: dict[str, Value] = {}
        for row in self._rows.values():
            text = environment.get(row.variable, "").strip() if row.variable else ""
            if text:
                try:
                    given[row.key] = row.parse(text)
                except InvalidRequestError:
                    self.notices.append(f"{row.variable} in the environment is ignored: expected {row.expected}")
        return given


def _renewed(stored: Mapping[str, object]) -> dict[str, object]:
    """What earlier versions stored, in the words of this one: red for up was a pair of colours of its own."""
    if stored.get("up_down_palette") != "red_green":
        return dict(stored)
    return {"up_is_red": True, **stored, "up_down_palette": "green_red"}
