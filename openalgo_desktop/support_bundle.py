"""What support needs, in one zip file: what the doctor found, settings, logs. No secret, no list of yours, no price."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from market.errors import StorageError
from openalgo_desktop.checks.findings import Finding
from openalgo_desktop.logs import redact
from openalgo_desktop.typed_commands import opened
from services.login_drawer import LoginDrawer
from services.storage.database import FILE_NAME

_MOST_LOG = 4_000_000
_WITHHELD = "this line held a secret and was left out"


def write_bundle(target: Path, profile: Path, findings: Sequence[Finding]) -> Path:
    """Write the bundle and return where it is.

    Raises:
        StorageError: it cannot be written.
    """
    secrets, settings = _kept(profile)
    report = {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "findings": [each._asdict() for each in findings],
        "settings": settings,
    }
    try:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bundle:
            bundle.writestr("report.json", "\n".join(_clean(json.dumps(report, indent=2, default=str), secrets)))
            for path in sorted((profile / "logs").glob("*.log*")):
                text = path.read_text(encoding="utf-8", errors="replace")[-_MOST_LOG:]
                bundle.writestr(f"logs/{path.name}", "\n".join(_clean(text, secrets)))
    except OSError as error:
        raise StorageError(f"The file {target} cannot be written: {error.strerror}") from None
    return target


def _kept(profile: Path) -> tuple[frozenset[str], dict[str, object]]:
    """Every secret that must not be in the bundle, and the settings, which may."""
    if not (profile / FILE_NAME).exists():
        return frozenset(), {}
    with opened(profile) as (storage, vault):
        drawer = LoginDrawer(storage, vault)
        held = [each for kept in drawer.credentials.values() for each in kept.values()]
        held += [each for session in drawer.sessions.values() for each in session.tokens.values()]
        return frozenset(text for each in held if len(text := each.reveal()) >= 4), storage.settings.load()


def _clean(text: str, secrets: frozenset[str]) -> Iterator[str]:
    for line in text.splitlines():
        yield _WITHHELD if any(secret in line for secret in secrets) else redact(line)
