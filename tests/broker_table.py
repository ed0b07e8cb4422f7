"""Makes docs/brokers.md from the broker table: `python -m tests.broker_table`."""

from __future__ import annotations

import sys
from pathlib import Path

from adapters.broker_factory import broker, broker_names
from adapters.broker_table import Broker

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "brokers.md"
INTRODUCTION = """\
# Brokers and exchanges

What each can do, its limits, and how its decoding was verified. Nothing claims more than was seen: no broker was
contacted for any of this. *Toy peer* means that the feed passes the conformance suite against a server of ours that
speaks the documented bytes; *official client* (or *SDK*) that the vendor's own program reads from that server what we
read; *recordings* and *official packets* that real messages are read as their publishers read them.

This page is made from the source by `python -m tests.broker_table`; a test compares the two.
`openalgo-desktop brokers --json` says the same to programs. How to add one: [adding-a-broker.md](adding-a-broker.md).

"""
_HEAD = ("feed", "broker", "exchanges", "modes", "depth", "limits", "candles", "login", "verified by")


def document() -> str:
    """The whole page."""
    rows = [broker(name) for name in broker_names()]
    lines = [f"| {' | '.join(_HEAD)} |", f"|{' --- |' * len(_HEAD)}"]
    lines += [f"| {' | '.join(_cells(row))} |" for row in rows]
    return INTRODUCTION + "\n".join(lines) + "\n"


def _cells(row: Broker) -> tuple[str, ...]:
    can = row.capabilities
    login = "none"
    if row.login is not None:
        form = row.login(row.resolve({})).form
        login = f"{form.kinds}, renews itself" if form.can_renew else form.kinds
    return (
        f"`{row.name}`",
        row.title,
        " ".join(sorted(can.exchanges)),
        " ".join(mode.label for mode in sorted(can.modes)),
        ", ".join(map(str, can.depth_levels)),
        row.connections,
        " ".join(map(_interval, can.history_s)) or "none",
        login,
        ", ".join(row.verified),
    )


def _interval(seconds: int) -> str:
    for size, letter in ((604_800, "w"), (86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds % size == 0:
            return f"{seconds // size}{letter}"
    return f"{seconds}s"


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
    sys.stdout.write(f"{DOCUMENT}\n")
