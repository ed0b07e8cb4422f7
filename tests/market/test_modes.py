from __future__ import annotations

import pytest

from market.errors import InvalidModeError, InvalidRequestError
from market.modes import Mode, parse_mode


@pytest.mark.parametrize("value", [1, "1", "LTP", "ltp", " Ltp "])
def test_parse_mode_reads_every_spelling_of_ltp(value: object) -> None:
    assert parse_mode(value) is Mode.LTP


@pytest.mark.parametrize(("value", "mode"), [("Quote", Mode.QUOTE), ("depth", Mode.DEPTH), ("3", Mode.DEPTH)])
def test_parse_mode_reads_labels_and_digits(value: object, mode: Mode) -> None:
    assert parse_mode(value) is mode
    assert parse_mode(mode.label) is mode


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (0, "Invalid mode 0; expected 1 (LTP), 2 (Quote), or 3 (Depth)"),
        (4, "Invalid mode 4; expected 1 (LTP), 2 (Quote), or 3 (Depth)"),
        ("full", "Invalid mode 'full'; expected 'LTP', 'Quote', or 'Depth' (case-insensitive)"),
        ("", "Invalid mode ''; expected 'LTP', 'Quote', or 'Depth' (case-insensitive)"),
        (1.0, "Mode must be int or str, got float"),
        (True, "Mode must be int or str, got bool (True)"),
        (None, "Mode must be int or str, got NoneType"),
    ],
)
def test_parse_mode_refuses_with_a_sentence(value: object, sentence: str) -> None:
    with pytest.raises(InvalidModeError) as caught:
        parse_mode(value)
    assert str(caught.value) == sentence


def test_an_invalid_mode_is_an_invalid_request_with_its_own_code() -> None:
    assert issubclass(InvalidModeError, InvalidRequestError)
    assert InvalidModeError.code == "INVALID_MODE"


def test_mode_bits_are_distinct() -> None:
    assert [mode.bit for mode in Mode] == [2, 4, 8]
