"""The command line: what can be typed, and what is done with it. Qt is imported only when a window is wanted."""

from __future__ import annotations

import argparse
import ctypes
import logging
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from market.errors import OpenAlgoError
from openalgo_desktop import __version__
from openalgo_desktop.broker_parsers import COMMANDS as BROKER_COMMANDS
from openalgo_desktop.broker_parsers import add_broker_commands, run_broker_command
from openalgo_desktop.failures import StartupError, UsageError
from openalgo_desktop.logs import LEVELS, start_logging
from openalgo_desktop.options import Arguments, resolve
from openalgo_desktop.profile import prepare_profile
from openalgo_desktop.screen import why_headless

logger = logging.getLogger(__name__)

PROGRAM = "openalgo-desktop"


class _Parser(argparse.ArgumentParser):
    """Says one sentence instead of the usage and exits with 2."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[0].upper()}{message[1:]}; see {PROGRAM} --help")


def run(argv: Sequence[str]) -> int:
    """Do what `argv` says; returns the exit status. Failures are one sentence on standard error."""
    try:
        return _run(argv)
    except StartupError as error:
        return _complain(error, error.status)
    except OpenAlgoError as error:
        return _complain(error, 1)
    except KeyboardInterrupt:
        return 0
    except OSError as error:
        logger.exception("The operating system ended the application")
        where = f": {error.filename}" if error.filename else ""
        return _complain(StartupError(f"{error.strerror or 'The operating system refused'}{where}"), 1)
    except Exception:
        logger.exception("An unexpected failure ended the application")
        say("Something unexpected went wrong; the log file in the profile's logs folder says what")
        return 1


def _run(argv: Sequence[str]) -> int:
    typed = build_parser().parse_args(argv)
    if typed.command == "keys":
        return _run_keys(typed)
    if typed.command == "lists":
        return _run_lists(typed)
    if typed.command in BROKER_COMMANDS:
        return run_broker_command(typed)
    options = resolve(_arguments(typed), os.environ)
    start_logging(prepare_profile(options.profile), options.log_level)
    reason = "" if typed.headless else why_headless(os.environ, sys.platform)
    if typed.headless or reason:
        from openalgo_desktop.headless import run_headless

        if reason:
            say(reason)
        return run_headless(options)
    from openalgo_desktop.bootstrap import run_window

    return run_window(options)


def _run_keys(typed: argparse.Namespace) -> int:
    # What a command does not need is not imported: `--help` answers at once.
    from openalgo_desktop import key_commands
    from openalgo_desktop.key_commands import KeyCommand

    return key_commands.run(
        KeyCommand(
            typed.action,
            name=getattr(typed, "name", ""),
            profile=typed.profile,
            scopes=getattr(typed, "scope", []),
            expires=getattr(typed, "expires", None),
        )
    )


def _run_lists(typed: argparse.Namespace) -> int:
    from openalgo_desktop import list_commands
    from openalgo_desktop.list_commands import ListCommand

    if typed.action == "export":
        command = ListCommand("export", typed.profile, typed.names, typed.format, typed.output)
    else:
        command = ListCommand("import", typed.profile, file=typed.file, into=typed.into, dry_run=typed.dry_run)
    return list_commands.run(command)


def _arguments(typed: argparse.Namespace) -> Arguments:
    return Arguments(
        profile=typed.profile,
        feeds=typed.feed,
        endpoints=typed.endpoint,
        publish=typed.publish,
        ws_host=typed.ws_host,
        ws_port=typed.ws_port,
        http_host=typed.http_host,
        http_port=typed.http_port,
        zmq_port=typed.zmq_port,
        zmq_pub_port=typed.zmq_pub_port,
        insecure_lan=typed.insecure_lan,
        allowed_hosts=typed.allow_host,
        tls_cert=typed.tls_cert,
        tls_key=typed.tls_key,
        log_level=typed.log_level,
        stats=typed.stats,
        safe=typed.safe,
    )


def say(sentence: str) -> None:
    """Tell the user something that is neither a result nor a log record, if there is a terminal."""
    if sys.stderr is not None:
        sys.stderr.write(f"{PROGRAM}: {sentence}\n")


def _complain(error: Exception, status: int) -> int:
    say(str(error))
    if sys.stderr is None and sys.platform == "win32":
        # Started from an icon there is no terminal, and a silent end helps nobody.
        ctypes.windll.user32.MessageBoxW(None, str(error), "OpenAlgo Desktop", 0x10)
    return status


def build_parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    parser = _Parser(
        prog=PROGRAM,
        description="A market watch for Indian brokers and crypto exchanges. It serves OpenAlgo's WebSocket protocol "
        "to programs on this computer, and places no orders.",
    )
    add = parser.add_argument
    add("--version", action="version", version=f"{PROGRAM} {__version__}")
    add("--headless", action="store_true", help="serve without a window")
    add("--safe", action="store_true", help="start with the demonstration and the usual view, whatever is stored")
    add("--profile", metavar="DIR", help="the folder for the database, settings and logs")
    _add_repeatable(parser)
    add("--ws-host", metavar="H", help="address the WebSocket server listens on (default: 127.0.0.1)")
    add("--ws-port", metavar="N", help="its port; 0 takes a free one (default: 8765)")
    add("--http-host", metavar="H", help="address the HTTP data API listens on (default: 127.0.0.1)")
    add("--http-port", metavar="N", help="its port; 0 takes a free one (default: 5000)")
    add("--zmq-port", metavar="N", help="port that publishers of the zmq feed connect to (default: 5555)")
    add("--zmq-pub-port", metavar="N", help="port of the ZeroMQ publisher (default: 5556)")
    add("--tls-cert", metavar="FILE", help="certificate (PEM) to serve WSS and HTTPS with")
    add("--tls-key", metavar="FILE", help="its private key (PEM)")
    add("--insecure-lan", action="store_true", help="let other computers connect, without encryption")
    add("--stats", metavar="FILE", help="add a line of JSON to FILE every second: ticks, frames, stalls, memory")
    add("--log-level", metavar="L", choices=LEVELS, help=f"{', '.join(LEVELS)} (default: warning)")
    commands = parser.add_subparsers(dest="command", metavar="keys | lists | brokers | login | instruments | doctor")
    _add_keys(commands)
    _add_lists(commands)
    add_broker_commands(commands)
    return parser


def _add_repeatable(parser: argparse.ArgumentParser) -> None:
    for option, metavar, text in (
        (
            "--feed",
            "SPEC",
            "where prices come from: simulated[=TICKS_PER_SECOND], binance, zmq[=tcp://HOST:PORT], "
            "nats[=nats://HOST:PORT,…], or a broker (see `brokers`); the first that knows an instrument serves it "
            "(default: simulated)",
        ),
        ("--publish", "SPEC", "where prices go for other hosts: nats[=nats://HOST:PORT,…]"),
        ("--allow-host", "NAME", "a name that clients may use for this computer or for the balancer before it"),
        ("--endpoint", "NAME=URL", "replace a base address, such as binance.ws=ws://127.0.0.1:9000"),
    ):
        parser.add_argument(option, metavar=metavar, action="append", default=[], help=f"{text}; may be repeated")


def _add_keys(commands: Any) -> None:
    keys = commands.add_parser("keys", help="make, list, show or revoke API keys")
    actions = keys.add_subparsers(dest="action", required=True, metavar="create | import | list | reveal | revoke")
    for action, text in (
        ("create", "make a key and print it, on a line of its own"),
        ("import", "take over a key that was made elsewhere, read from standard input"),
        ("list", "list the keys, without showing them"),
        ("reveal", "print a key again"),
        ("revoke", "make a key useless, for good"),
    ):
        sub = actions.add_parser(action, help=text, description=text)
        if action != "list":
            sub.add_argument("name", metavar="NAME", help="the name of the key")
        if action in ("create", "import"):
            sub.add_argument(
                "--scope",
                action="append",
                default=[],
                choices=("ltp", "quote", "depth"),
                help="a mode that the key may see; may be repeated (default: all)",
            )
            sub.add_argument("--expires", metavar="YYYY-MM-DD", help="the last day, in UTC, on which the key is good")
        sub.add_argument("--profile", metavar="DIR", default=argparse.SUPPRESS, help="the profile folder")


def _add_lists(commands: Any) -> None:
    lists = commands.add_parser("lists", help="export or import watchlists")
    actions = lists.add_subparsers(dest="action", required=True, metavar="export | import")
    text = "write watchlists as a file"
    export = actions.add_parser("export", help=text, description=text)
    export.add_argument("names", metavar="NAME", nargs="*", help="the lists to write (default: all)")
    export.add_argument("--format", choices=("json", "csv"), default="json", help="json or csv (default: json)")
    export.add_argument("--output", metavar="FILE", default="-", help="where to (default: standard output)")
    text = "add the instruments of a file: our JSON or CSV, a broker's table, or a list of symbols"
    taken = actions.add_parser("import", help=text, description=text)
    taken.add_argument("file", metavar="FILE", help="the file; - is standard input")
    taken.add_argument("--into", metavar="NAME", help="the list for instruments of which the file names none")
    taken.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    for sub in (export, taken):
        sub.add_argument("--profile", metavar="DIR", default=argparse.SUPPRESS, help="the profile folder")
