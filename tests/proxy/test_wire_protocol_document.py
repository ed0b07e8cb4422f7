"""`docs/wire-protocol.md` is true: its examples are played, and its tables are compared with the source."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import get_args

import pytest

from market.exchanges import Exchange
from market.freshness import Freshness
from market.modes import Mode
from proxy import messages
from proxy.config import ServerConfig
from proxy.payloads import data_of
from proxy.registry import Channel
from tests.doubles.ticks import full_tick
from tests.doubles.wire_document import DOCUMENT, Example, difference, examples_of, staged

TEXT = DOCUMENT.read_text(encoding="utf-8")
EXAMPLES = examples_of(TEXT)
PROXY = Path(messages.__file__).parent
# Said by the rows of section "Limits", not by a number of their own.
_NOT_LIMITS = {"host", "port", "supported_brokers"}


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.name for example in EXAMPLES])
async def test_example_of_the_document_happens_as_written(example: Example) -> None:
    async with staged(example) as stage:
        await stage.play(example.lines)


def test_the_document_has_examples_of_every_verb() -> None:
    sent = "\n".join(line for example in EXAMPLES for line in example.lines if line.startswith("→"))
    missing = [verb for verb in messages._PARSERS if f'"{verb}"' not in sent]
    assert not missing


def test_every_answer_that_can_be_given_is_in_an_example() -> None:
    heard = "\n".join(line for example in EXAMPLES for line in example.lines if line.startswith("←"))
    missing = [code for code in _codes_in_source() if f'"{code}"' not in heard]
    assert set(missing) <= {"RATE_LIMITED", "SERVER_ERROR"}, "only these two cannot be brought about on purpose"


def section(title: str) -> str:
    """The text under the heading `title`, up to the next heading of the same or a higher level."""
    found = re.search(rf"^(#+) {re.escape(title)}\n(.*?)(?=^#{{1,2}} |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert found, f"there is no section {title!r}"
    return found[2]


def rows(title: str) -> list[list[str]]:
    """The rows of the tables of a section, without headings, cells stripped of blanks."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return [row for n, row in enumerate(cells) if not set(row[0]) <= set("-: ") and not _is_heading(cells, n)]


def _is_heading(cells: list[list[str]], n: int) -> bool:
    return n + 1 < len(cells) and set(cells[n + 1][0]) <= set("-: ") and bool(cells[n + 1][0])


def names(cell: str) -> list[str]:
    """What stands between back ticks in a cell."""
    return re.findall(r"`([^`]+)`", cell)


def _codes_in_source() -> set[str]:
    source = "".join(path.read_text(encoding="utf-8") for path in PROXY.rglob("*.py"))
    return set(re.findall(r'"([A-Z]+(?:_[A-Z]+)+)"', source))


def test_the_table_of_errors_has_every_code_and_no_other() -> None:
    assert {names(row[0])[0] for row in rows("Errors")} == _codes_in_source()


def test_the_table_of_limits_has_every_limit_with_its_default() -> None:
    written = {names(row[1])[0]: names(row[2])[0] for row in rows("Limits") if names(row[1])}
    config = ServerConfig()
    limits = {f.name for f in dataclasses.fields(config) if isinstance(getattr(config, f.name), int | float)}
    assert set(written) == limits - _NOT_LIMITS
    for name, value in written.items():
        assert float(value) == float(getattr(config, name)), name


def test_the_table_of_close_codes_has_every_code_of_the_source() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (PROXY / "server").glob("*.py"))
    used = {int(code) for code in re.findall(r"(?:close\(|CLOSE_[A-Z_]+ = )(\d{4})", source)}
    assert {int(names(row[0])[0]) for row in rows("Close codes")} == used | {1002, 1009}


def test_the_table_of_fields_has_every_field_in_its_modes() -> None:
    written = {name: row[1] for row in rows("Fields") for name in names(row[0])}
    tick = full_tick(rolling_24h=True)
    always = {"age_ms", "state", "snapshot"}
    for mode in Mode:
        sent = set(data_of(tick, Channel(mode, 5))) | always
        assert sent == {name for name, first in written.items() if Mode[first.upper()] <= mode}, mode


def test_the_table_of_exchanges_has_every_exchange() -> None:
    assert {name for row in rows("Exchanges") for name in names(row[0])} == {exchange.value for exchange in Exchange}


def test_the_table_of_states_has_every_state() -> None:
    assert {names(row[0])[0] for row in rows("How far a price can be trusted")} == {state.value for state in Freshness}


def test_commands_of_the_source_are_all_documented() -> None:
    assert len(get_args(messages.Command)) <= len({name for row in rows("Messages") for name in names(row[0])})


@pytest.mark.parametrize(
    ("expected", "got", "told"),
    [
        ({"a": 1}, {"a": 1}, ""),
        ({"a": 1}, {"a": 1.0}, "a: 1.0 instead of 1"),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, "keys"),
        ({"a": "<integer>"}, {"a": 5}, ""),
        ({"a": "<integer>"}, {"a": True}, "not <integer>"),
        ({"a": "<number>"}, {"a": 5.5}, ""),
        ({"a": ["<text>", 2]}, {"a": ["x", 3]}, "[1]"),
        ({"a": []}, {"a": [1]}, "instead of"),
    ],
)
def test_a_difference_is_told(expected: object, got: object, told: str) -> None:
    found = difference(expected, got)
    assert (told in found) if told else not found


async def test_a_wrong_example_fails() -> None:
    (wrong,) = examples_of('# t\n```exchange\n→ {"action":"ping"}\n← {"type":"pong"}\n```\n')
    (too_short,) = examples_of('# t\n```exchange\n→ {"action":"ping"}\n```\n')
    for example in (wrong, too_short):
        async with staged(example) as stage:
            with pytest.raises(AssertionError):
                await stage.play(example.lines)
