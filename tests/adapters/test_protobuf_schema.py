"""Message classes from tables: they read what a protobuf compiler's classes write, whatever it is."""

from __future__ import annotations

import pytest

from adapters.protobuf_schema import message_classes, parse
from market.errors import DecodeError

MESSAGES = message_classes(
    "toy.schema",
    {
        "Part": {"price": (1, "double"), "size": (2, "int64")},
        "Whole": {
            "kind": (1, "int32"),
            "parts": (2, "by text Part"),
            "levels": (3, "repeated Part"),
            "first": (4, "Part"),
            "counts": (5, "by text int32"),
            "number": (6, "uint64"),
            "is_first": (7, "bool"),
        },
    },
)


def test_bytes_are_those_of_the_wire_format() -> None:
    whole = MESSAGES["Whole"](kind=300, number=1)
    whole.first.size = 5
    assert whole.SerializeToString() == bytes.fromhex("08ac02 22021005 3001".replace(" ", ""))


def test_maps_repeated_and_nested_messages_come_back() -> None:
    whole = MESSAGES["Whole"](is_first=True)
    whole.parts["NSE_EQ|A"].price = 1.5
    whole.levels.add(size=7)
    whole.counts["x"] = 3
    again = parse(MESSAGES["Whole"], whole.SerializeToString())
    assert (again.parts["NSE_EQ|A"].price, again.levels[0].size, again.counts["x"], again.is_first) == (1.5, 7, 3, True)
    assert not again.HasField("first")


def test_fields_that_nobody_declared_are_passed_over() -> None:
    assert parse(MESSAGES["Whole"], b"\x08\x02\xf2\x06\x03abc").kind == 2


def test_a_number_beyond_an_enumeration_is_a_number() -> None:
    assert parse(MESSAGES["Whole"], b"\x08\x63").kind == 99


@pytest.mark.parametrize("frame", [b"\x00", b"\xff\xfe\xfd\xfc", b"\x22\x05\x10"])
def test_what_is_no_message_is_a_decode_error(frame: bytes) -> None:
    with pytest.raises(DecodeError, match="Not a Whole message"):
        parse(MESSAGES["Whole"], frame)


def test_two_schemas_may_use_the_same_names() -> None:
    other = message_classes("toy.other", {"Part": {"name": (1, "string")}})
    again = message_classes("toy.schema", {"Part": {"name": (1, "string")}})
    assert other["Part"](name="a").SerializeToString() == again["Part"](name="a").SerializeToString()
