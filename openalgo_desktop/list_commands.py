"""`lists export | import`: watchlists as files from the command line, without a window.

Exporting works while the application runs. Importing does not: the running application has the lists in memory, and its
window imports.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from market.errors import OpenAlgoError, ProfileInUseError
from openalgo_desktop.failures import StartupError
from openalgo_desktop.profile import InstanceLock, default_profile, prepare_profile
from services.instruments import InstrumentDirectory
from services.list_files.entries import Title
from services.list_files.reading import MOST_BYTES, read_contents
from services.list_files.writing import encoded, to_csv, to_json
from services.list_import import Plan, Planned, Verdict, carry_out, plan_import
from services.storage.database import Storage, open_storage
from services.text_files import read_limited, save
from services.watchlist_values import Watchlist, from_row
from services.watchlists import Watchlists

_STANDARD = "-"


@dataclass(frozen=True, slots=True)
class ListCommand:
    """What was typed after `lists`. `names` are the lists to export, all if there are none."""

    action: str
    profile: str | None = None
    names: Sequence[str] = ()
    format: str = "json"
    file: str = _STANDARD
    into: str | None = None
    dry_run: bool = False


def run(command: ListCommand) -> int:
    """Do one command on lists; returns the exit status.

    Raises:
        OpenAlgoError: it cannot be done; the message is for the user.
    """
    path = prepare_profile(Path(command.profile) if command.profile else default_profile())
    if command.action == "export":
        _export(path, command)
    else:
        _import(path, command)
    return 0


def _export(path: Path, command: ListCommand) -> None:
    lists = _chosen(_stored(path), command.names)
    data = encoded(to_json(lists) if command.format == "json" else to_csv(lists))
    if command.file == _STANDARD:
        sys.stdout.buffer.write(data)
    else:
        save(Path(command.file), data)


def _import(path: Path, command: ListCommand) -> None:
    name = Path(command.file).name if command.file != _STANDARD else "standard input"
    data = sys.stdin.buffer.read(MOST_BYTES + 1) if command.file == _STANDARD else _read(command.file)
    contents = read_contents(data, name)
    with _opened(path) as storage:
        watchlists = Watchlists(storage)
        title = command.into or (Path(command.file).stem if command.file != _STANDARD else "Imported")
        into = next((each.id for each in watchlists.lists() if each.name.casefold() == title.casefold()), None)
        # No feed runs here: what is unknown shows when the application is started.
        plan = plan_import(contents, watchlists.lists(), InstrumentDirectory(), name=title, into=into)
        _say(plan)
        if command.dry_run:
            sys.stdout.write(f"Nothing was changed. Importing {name} would do: {plan.sentence}\n")
            return
        success, answer, _status = carry_out(plan, watchlists, name=name)
        if not success:
            raise StartupError(str(answer["message"]))
        storage.flush()
        sys.stdout.write(f"{answer['message']}\n")


def _say(plan: Plan) -> None:
    """Name what is left out, on standard error."""
    for sentence in plan.trouble:
        sys.stderr.write(f"note: {sentence}\n")
    for planned in plan.lists:
        for line in planned.lines:
            if not isinstance(line, Title) and line.verdict is Verdict.UNREADABLE:
                sys.stderr.write(f"note: {_named(line)}\n")


def _named(line: Planned) -> str:
    return f"{line.text[:60]!r} is left out: {line.reason}"


def _read(file: str) -> bytes:
    return read_limited(Path(file), MOST_BYTES)


def _chosen(lists: Sequence[Watchlist], names: Sequence[str]) -> Sequence[Watchlist]:
    chosen = []
    for name in names:
        found = [each for each in lists if each.name.casefold() == name.strip().casefold()]
        if not found:
            known = ", ".join(each.name for each in lists)
            raise StartupError(f"There is no watchlist named {name}; there are: {known}")
        chosen += found
    return chosen or lists


def _stored(path: Path) -> Sequence[Watchlist]:
    with contextlib.suppress(ProfileInUseError), _opened(path) as storage:
        return Watchlists(storage).lists()
    storage = open_storage(path)
    try:
        return [from_row(row) for row in storage.watchlists.load()]
    finally:
        storage.close()


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Storage]:
    """The storage of a profile that nobody else uses."""
    lock = InstanceLock(path)
    lock.acquire()
    try:
        storage = open_storage(path)
        failures: list[str] = []
        storage.on_failure(failures.append)
        try:
            for notice in storage.notices:
                sys.stderr.write(f"note: {notice}\n")
            yield storage
        finally:
            storage.close()
        if failures:
            raise OpenAlgoError(failures[0])
    finally:
        lock.release()
