from __future__ import annotations

import pytest

from adapters.natures import NatureBook
from market.feeds import FeedNature
from tests.doubles.ticks import INFY, SBIN


@pytest.mark.parametrize("nature", [FeedNature.SIMULATED, FeedNature.REPLAY])
def test_what_is_not_real_is_told_once(nature: FeedNature) -> None:
    book = NatureBook()
    for second in range(3):
        book.note(SBIN, nature.value, second * 1000.0)
        book.note(INFY, "live", second * 1000.0)
    assert book.take() == {SBIN: nature}
    assert book.take() == {}
    book.note(SBIN, nature.value, 4000.0)
    assert book.take() == {}


@pytest.mark.parametrize("state", [None, "live", "quiet", 7, ["simulated"], {"simulated": 1}, "", "SIMULATED"])
def test_anything_else_is_real_as_far_as_is_known(state: object) -> None:
    book = NatureBook()
    book.note(SBIN, state, 0.0)
    assert book.take() == {}


def test_it_is_believed_to_be_real_again_after_ten_seconds_without_the_word() -> None:
    book = NatureBook()
    book.note(SBIN, "simulated", 0.0)
    book.take()
    book.note(SBIN, "live", 1_000.0)
    book.note(SBIN, None, 9_999.0)
    assert book.take() == {}, "two publishers of one instrument, or a word that is missing now and then"
    book.note(SBIN, "simulated", 9_999.0)
    book.note(SBIN, "live", 19_999.0)
    assert book.take() == {}
    book.note(SBIN, "live", 20_000.0)
    assert book.take() == {SBIN: FeedNature.LIVE}
    book.note(SBIN, "replay", 20_001.0)
    assert book.take() == {SBIN: FeedNature.REPLAY}
