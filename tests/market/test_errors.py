from __future__ import annotations

import re

from market import errors
from market.errors import DecodeError, OpenAlgoError


def every_error() -> list[type[OpenAlgoError]]:
    found, queue = [], [OpenAlgoError]
    while queue:
        kind = queue.pop()
        found.append(kind)
        queue.extend(kind.__subclasses__())
    return [kind for kind in found if kind.__module__ == errors.__name__]


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn = set(re.findall(r"\w+Error\b", errors.__doc__ or ""))
    assert drawn == {kind.__name__ for kind in every_error()}


def test_every_error_has_a_code_for_programs() -> None:
    assert all(re.fullmatch(r"[A-Z_]+", kind.code) for kind in every_error())


def test_decode_error_shows_only_the_head_of_the_frame() -> None:
    assert str(DecodeError("length 17", bytes(range(40)))) == f"length 17 ({bytes(range(16)).hex(' ')})"
    assert str(DecodeError("not JSON", "x" * 500)) == f"not JSON ({'x' * 48!r})"
    assert str(DecodeError("nothing arrived")) == "nothing arrived"
