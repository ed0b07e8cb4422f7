"""Brokers: can their hosts be reached, is the clock right, is there a login, how old are the instruments."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path

from adapters.broker_factory import broker as row_of
from adapters.broker_factory import broker_names, endpoints_of
from adapters.broker_table import Broker
from adapters.master_shelf import MasterShelf
from adapters.probes import Probe, probe
from openalgo_desktop.broker_logins import BrokerLogins
from openalgo_desktop.checks.findings import Finding, Verdict
from openalgo_desktop.typed_commands import MASTERS_FOLDER, opened
from services.broker_session import BrokerSessions
from services.login_drawer import LoginDrawer
from services.storage.database import FILE_NAME

_MOST_SKEW_MS = 2_000.0
_OLD_DAYS = 2.0


async def check_brokers(profile: Path, endpoints: Mapping[str, str]) -> list[Finding]:
    """Every broker that is in use here: one with a login, an instrument list, or a replaced address."""
    sessions = _states(profile, endpoints)
    lists = MasterShelf(profile / MASTERS_FOLDER)
    named = {name.partition(".")[0] for name in endpoints}
    used = [name for name in broker_names() if name in sessions or name in named or name in lists.brokers()]
    if not used:
        return [Finding("brokers", Verdict.GOOD, "None is in use here; `openalgo-desktop login` begins with one")]
    findings: list[Finding] = []
    for name in used:
        row = row_of(name)
        findings += await _hosts(row, endpoints)
        if name in sessions:
            findings.append(sessions[name])
        findings += await asyncio.to_thread(_instruments, row, lists)
    return findings


async def _hosts(row: Broker, endpoints: Mapping[str, str]) -> list[Finding]:
    urls = row.resolve(endpoints_of(row.name, endpoints))
    by_host = {url.split("://", 1)[1].split("/", 1)[0]: url for url in urls.values()}
    probes = await asyncio.gather(*map(probe, by_host.values()))
    return [_told(row, each) for each in probes]


def _told(row: Broker, found: Probe) -> Finding:
    what = f"{row.name} network"
    if found.trouble:
        return Finding(what, Verdict.BAD, found.trouble)
    if found.skew_ms is not None and abs(found.skew_ms) > _MOST_SKEW_MS:
        way = "ahead of" if found.skew_ms > 0 else "behind"
        said = f"This computer's clock is {abs(found.skew_ms) / 1000.0:.0f} s {way} that of {found.host}; set it right"
        return Finding(what, Verdict.BAD, said)
    clock = "" if found.skew_ms is None else ", the clock agrees"
    return Finding(what, Verdict.GOOD, f"{found.host} answers in {found.took_ms:.0f} ms{clock}")


def _states(profile: Path, endpoints: Mapping[str, str]) -> dict[str, Finding]:
    """What is known of logins, by broker; only of those that there is one of."""
    if not (profile / FILE_NAME).exists():
        return {}
    with opened(profile) as (storage, vault):
        sessions = BrokerSessions(BrokerLogins(endpoints), LoginDrawer(storage, vault))
        found = {}
        for each in sessions.states():
            if each.state == "logged_in":
                left = "" if each.expires_ms is None else f", for {(each.expires_ms / 1000 - time.time()) / 3600:.1f} h"
                found[each.broker] = Finding(f"{each.broker} login", Verdict.GOOD, f"Logged in as {each.user}{left}")
            elif each.state != "none" or sessions.kept_fields(each.broker):
                said = f"There is no session; log in with: openalgo-desktop login {each.broker}"
                found[each.broker] = Finding(f"{each.broker} login", Verdict.NOTE, said)
        return found


def _instruments(row: Broker, lists: MasterShelf) -> list[Finding]:
    if row.masters is None:
        return []
    what, shelved = f"{row.name} instruments", lists.load(row.name)
    if shelved is None:
        return [Finding(what, Verdict.NOTE, "No list yet; the feed fetches it when it starts")]
    days = (time.time() * 1000.0 - shelved.fetched_ms) / 86_400_000.0
    verdict = Verdict.NOTE if days > _OLD_DAYS else Verdict.GOOD
    return [Finding(what, verdict, f"{len(shelved.master.instruments):,}, fetched {days:.1f} days ago")]
