"""`doctor`: looks for what is wrong and says it plainly; can pack what support needs, without secrets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from openalgo_desktop.checks.feeds import check_brokers
from openalgo_desktop.checks.findings import Finding, Verdict
from openalgo_desktop.checks.machine import check_display, check_ports, check_profile, check_versions
from openalgo_desktop.checks.storage import check_database, check_keyring
from openalgo_desktop.support_bundle import write_bundle
from openalgo_desktop.typed_commands import columns, endpoints_of, out, profile_of

_WORDS = {Verdict.GOOD: "ok", Verdict.NOTE: "note", Verdict.BAD: "BAD"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorCommand:
    """What was typed after `doctor`."""

    profile: str | None = None
    endpoints: Sequence[str] = ()
    bundle: str | None = None
    as_json: bool = False


def run_doctor(command: DoctorCommand) -> int:
    """Look at everything and print it; returns 1 if something is bad, else 0."""
    profile = profile_of(command.profile)
    findings = examine(profile, endpoints_of(command.endpoints))
    if command.as_json:
        out(
            json.dumps([{"what": each.what, "verdict": each.verdict, "said": each.said} for each in findings], indent=2)
        )
    else:
        for line in columns([(_WORDS[each.verdict], each.what, each.said) for each in findings]):
            out(line)
    if command.bundle is not None:
        target = write_bundle(Path(command.bundle), profile, findings)
        out(f"For support: {target}")
    return 1 if any(each.verdict is Verdict.BAD for each in findings) else 0


def examine(profile: Path, endpoints: Mapping[str, str]) -> list[Finding]:
    """Every check, in the order of what builds on what. Takes as long as the network does, at most some seconds."""
    return [
        *check_versions(),
        *check_display(),
        *check_profile(profile),
        *check_database(profile),
        *check_keyring(profile),
        *check_ports(profile),
        *asyncio.run(check_brokers(profile, endpoints)),
    ]
