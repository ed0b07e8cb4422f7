"""The part of the command line that is about brokers: `brokers`, `login`, `instruments`, `doctor`."""

from __future__ import annotations

import argparse
from typing import Any

from openalgo_desktop.failures import UsageError

COMMANDS = ("brokers", "login", "instruments", "doctor")

_ENDPOINT = "replace a base address, such as zerodha.rest=http://127.0.0.1:9000; may be repeated"


def add_broker_commands(commands: Any) -> None:
    """Add the commands to `commands`, the sub-parsers of the command line."""
    brokers = commands.add_parser("brokers", help="list the brokers: what they can do, limits, login fields")
    brokers.add_argument("--json", action="store_true", dest="as_json", help="as JSON, with everything")
    _add_login(commands)
    _add_instruments(commands)
    doctor = commands.add_parser(
        "doctor", help="look for what is wrong: clock, network, ports, keyring, database, feeds"
    )
    doctor.add_argument("--bundle", metavar="FILE", help="write a zip file for support, without secrets")
    doctor.add_argument("--json", action="store_true", dest="as_json", help="as JSON")
    doctor.add_argument("--endpoint", metavar="NAME=URL", action="append", default=argparse.SUPPRESS, help=_ENDPOINT)
    for each in (brokers, doctor):
        _add_profile(each)


def _add_login(commands: Any) -> None:
    login = commands.add_parser(
        "login",
        help="log in to a broker",
        description="Log in to a broker. Fields that are not given are asked for at the terminal, or read from "
        "standard input as NAME=VALUE lines: whoever lists processes sees what stands on the command line.",
    )
    login.add_argument("broker", metavar="BROKER")
    login.add_argument("--field", metavar="NAME=VALUE", action="append", default=[], help="may be repeated")
    login.add_argument("--answer", metavar="URL", help="the address that the browser ended at, copied by hand")
    login.add_argument("--redirect-port", metavar="N", default="8766", help="where the browser comes back (8766)")
    login.add_argument("--endpoint", metavar="NAME=URL", action="append", default=argparse.SUPPRESS, help=_ENDPOINT)
    _add_profile(login)


def _add_instruments(commands: Any) -> None:
    instruments = commands.add_parser("instruments", help="fetch, import or search brokers' instrument lists")
    actions = instruments.add_subparsers(dest="action", required=True, metavar="update | import | search")
    update = actions.add_parser("update", help="fetch the lists anew")
    update.add_argument("--endpoint", metavar="NAME=URL", action="append", default=argparse.SUPPRESS, help=_ENDPOINT)
    bring = actions.add_parser("import", help="take over a list that you have as a file, packed or plain")
    bring.add_argument("file", metavar="FILE")
    search = actions.add_parser("search", help="search the lists as the window does")
    search.add_argument("text", metavar="TEXT")
    search.add_argument("--limit", metavar="N", default="20", help="at most so many (20)")
    search.add_argument("--json", action="store_true", dest="as_json", help="as JSON")
    for each in (update, bring, search):
        each.add_argument("--broker", metavar="B", action="append", default=[], help="which broker's list")
        _add_profile(each)


def _add_profile(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--profile", metavar="DIR", default=argparse.SUPPRESS, help="the profile folder")


def run_broker_command(typed: argparse.Namespace) -> int:
    """Do what was typed; returns the exit status. What a command does not need is not imported."""
    if typed.command == "brokers":
        from openalgo_desktop.broker_commands import run_brokers

        return run_brokers(as_json=typed.as_json)
    return {"login": _login, "instruments": _instruments, "doctor": _doctor}[typed.command](typed)


def _login(typed: argparse.Namespace) -> int:
    from openalgo_desktop.broker_commands import LoginCommand, run_login

    return run_login(
        LoginCommand(
            broker=typed.broker,
            fields=typed.field,
            answer=typed.answer,
            redirect_port=_number("--redirect-port", typed.redirect_port, 65_535),
            endpoints=typed.endpoint,
            profile=typed.profile,
        )
    )


def _instruments(typed: argparse.Namespace) -> int:
    from openalgo_desktop import instrument_commands
    from openalgo_desktop.instrument_commands import InstrumentCommand

    if typed.action == "import" and len(typed.broker) != 1:
        raise UsageError("A list belongs to one broker: say which with --broker")
    return instrument_commands.run(
        InstrumentCommand(
            action=typed.action,
            text=getattr(typed, "text", ""),
            file=getattr(typed, "file", ""),
            brokers=typed.broker,
            limit=_number("--limit", getattr(typed, "limit", "20"), 10_000),
            as_json=getattr(typed, "as_json", False),
            endpoints=typed.endpoint,
            profile=typed.profile,
        )
    )


def _doctor(typed: argparse.Namespace) -> int:
    from openalgo_desktop.doctor import DoctorCommand, run_doctor

    return run_doctor(
        DoctorCommand(profile=typed.profile, endpoints=typed.endpoint, bundle=typed.bundle, as_json=typed.as_json)
    )


def _number(option: str, text: str, most: int) -> int:
    if not text.isascii() or not text.isdigit() or not 0 <= int(text) <= most:
        raise UsageError(f"{option} {text} is not a number from 0 to {most}")
    return int(text)
