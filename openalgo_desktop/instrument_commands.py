"""`instruments update | import FILE | search TEXT`: brokers' instrument lists without a window."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.broker_factory import broker as row_of
from adapters.broker_factory import broker_names
from adapters.broker_factory import endpoints_of as own_endpoints
from adapters.broker_table import Broker
from adapters.catalogue import Catalogue
from adapters.downloads import Progress, unpacked
from adapters.listing_keeper import ListingKeeper
from adapters.master_keeper import MasterKeeper
from adapters.master_news import Updated
from adapters.master_shelf import MasterShelf
from market.errors import InvalidRequestError, OpenAlgoError, StorageError
from market.instruments import Instrument
from market.logins import SessionSource
from openalgo_desktop.broker_logins import BrokerLogins
from openalgo_desktop.typed_commands import MASTERS_FOLDER, columns, endpoints_of, opened, out, profile_of
from services.broker_session import BrokerSessions
from services.instruments import InstrumentDirectory
from services.login_drawer import LoginDrawer

_TOP_REASONS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentCommand:
    """What was typed after `instruments`."""

    action: str
    text: str = ""
    file: str = ""
    brokers: Sequence[str] = ()
    limit: int = 20
    as_json: bool = False
    endpoints: Sequence[str] = ()
    profile: str | None = None


def run(command: InstrumentCommand) -> int:
    """Do one instrument command; returns the exit status.

    Raises:
        OpenAlgoError: it cannot be done; the message is for the user.
    """
    shelf = MasterShelf(profile_of(command.profile) / MASTERS_FOLDER)
    if command.action == "search":
        return _search(shelf, command)
    if command.action == "import":
        return _import(shelf, command)
    return asyncio.run(_update(shelf, command))


def _listed(names: Sequence[str], shelf: MasterShelf) -> list[Broker]:
    """The brokers that are meant: those named, else those that there is a list of already."""
    chosen = [row_of(name) for name in names or shelf.brokers() if names or name in broker_names()]
    if not chosen:
        known = ", ".join(broker_names())
        raise InvalidRequestError(f"There is no instrument list yet; name a broker with --broker: {known}")
    return chosen


async def _update(shelf: MasterShelf, command: InstrumentCommand) -> int:
    endpoints, failed = endpoints_of(command.endpoints), 0
    chosen = _listed(command.brokers, shelf)
    with _sessions(chosen, command, endpoints) as sessions:
        for row in chosen:
            try:
                await _update_one(row, shelf, endpoints, sessions)
            except OpenAlgoError as error:
                failed += 1
                out(f"{row.title}: {error}")
    return 1 if failed else 0


@contextmanager
def _sessions(
    chosen: Sequence[Broker], command: InstrumentCommand, endpoints: Mapping[str, str]
) -> Iterator[SessionSource | None]:
    """The logins of the profile, where one of the lists needs one."""
    if not any(_needs_login(row) for row in chosen):
        yield None
        return
    with opened(profile_of(command.profile)) as (storage, vault):
        yield BrokerSessions(BrokerLogins(endpoints), LoginDrawer(storage, vault))


def _needs_login(row: Broker) -> bool:
    if row.masters is None:
        return row.login is not None
    return any(file.needs_session for file in row.masters.files)


async def _update_one(
    row: Broker, shelf: MasterShelf, endpoints: Mapping[str, str], sessions: SessionSource | None
) -> None:
    resolved = row.resolve(own_endpoints(row.name, endpoints))
    if row.listing is not None:
        asked = ListingKeeper(row.name, row.title, row.listing(resolved, sessions), shelf, Catalogue())
        await asked.load()
        _report(row, await asked.update())
        return
    fetched = MasterKeeper(row, resolved, shelf, Catalogue(), sessions)
    await fetched.load()
    _report(row, await fetched.update(_shown if sys.stderr is not None and sys.stderr.isatty() else _silent))
    if not fetched.is_whole:
        out(f"  without what needs a login; update again after: login {row.name}")


def _import(shelf: MasterShelf, command: InstrumentCommand) -> int:
    (row,) = _listed(command.brokers[:1], shelf)
    if row.masters is None:
        name = row.name
        raise InvalidRequestError(f"{row.title} gives no file; fetch its list with: instruments update --broker {name}")
    path = Path(command.file)
    try:
        body = path.read_bytes()
    except OSError as error:
        raise StorageError(f"The file {path} cannot be read: {error.strerror}") from None
    keeper = MasterKeeper(row, row.resolve({}), shelf, Catalogue())
    names = {each.name for each in row.masters.files}
    # A file that bears the name of one of the plan's is that one; any other stands for the first.
    name = next((each for each in names if path.name.startswith(each.partition(".")[0])), row.masters.files[0].name)
    updated = asyncio.run(_taken(keeper, {name: unpacked(body)}))
    _report(row, updated)
    return 0


async def _taken(keeper: MasterKeeper, files: dict[str, bytes]) -> Updated:
    await keeper.load()  # what was known before, to say what is new
    return await keeper.take_files(files, is_partial=True)


def _report(row: Broker, updated: Updated) -> None:
    master = updated.master
    by_exchange = Counter(str(each.key.exchange) for each in master.instruments)
    out(f"{row.title}: {len(master.instruments):,} instruments, {updated.news.summary()}")
    out("  " + ", ".join(f"{name} {count:,}" for name, count in sorted(by_exchange.items())))
    if master.skipped:
        reasons = "; ".join(f"{count:,} × {reason}" for reason, count in master.skipped.most_common(_TOP_REASONS))
        out(f"  without a name: {master.skipped.total():,} ({reasons})")
    for lack in master.lacks:
        out(f"  without {lack.what}: {lack.reason}")


def _search(shelf: MasterShelf, command: InstrumentCommand) -> int:
    directory = InstrumentDirectory()
    for name in command.brokers or shelf.brokers():
        shelved = shelf.load(name)
        if shelved is not None:
            directory.add(shelved.master.instruments)
    if not len(directory):
        raise InvalidRequestError("There is no instrument list yet; fetch one with: instruments update --broker NAME")
    found = directory.search(command.text, command.limit)
    if command.as_json:
        out(json.dumps([_described(each) for each in found], indent=2))
        return 0
    if not found:
        out("Nothing found.")
        return 0
    rows = [
        (str(each.key), each.kind.value, each.name, f"lot {each.lot:g}", f"tick {each.tick_size:g}") for each in found
    ]
    for line in columns(rows):
        out(line)
    return 0


def _described(each: Instrument) -> dict[str, Any]:
    return {
        "exchange": each.key.exchange,
        "symbol": each.key.symbol,
        "kind": each.kind,
        "name": each.name,
        "lot": each.lot,
        "tick_size": each.tick_size,
        "expiry": each.expiry.isoformat() if each.expiry else None,
        "strike": each.strike,
        "token": each.token,
        "broker_symbol": each.broker_symbol,
        "source": each.source,
    }


def _shown(progress: Progress) -> None:
    total = f" of {progress.total / 1e6:.1f}" if progress.total else ""
    sys.stderr.write(f"\r{progress.name}: {progress.done / 1e6:.1f}{total} MB ")
    sys.stderr.flush()


def _silent(_progress: Progress) -> None:
    """A file or another program reads what is printed."""
