"""The collector rests while somebody makes a long list, and works again when nobody does."""

from __future__ import annotations

import gc

from adapters.collector import pausing


def test_the_collector_rests_until_the_last_has_done() -> None:
    assert gc.isenabled()
    with pausing():
        with pausing():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
