"""What readers on other hosts wish, held here for them as if they were clients of this host. Qt-free."""

from __future__ import annotations

from collections.abc import Sequence

from market.errors import OpenAlgoError
from market.subscriptions import Subscription
from proxy.desk import Desk

_BUS = "nats"


class RemoteHolder:
    """Fits `adapters.nats.publisher.Holder`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def hold(self, reader: str, wishes: Sequence[Subscription]) -> None:
        """Subscribe for `reader`; what no feed here knows is left out."""
        self._desk.subscribe(_holder(reader), [wish for wish in wishes if self._is_ours(wish)])

    def let_go(self, reader: str, wishes: Sequence[Subscription]) -> None:
        """Unsubscribe for `reader`."""
        self._desk.unsubscribe(_holder(reader), wishes)

    def _is_ours(self, wish: Subscription) -> bool:
        """Whether a feed here has it. Not the bus itself: two hosts that read each other would hold it for ever."""
        try:
            return self._desk.router.choose(wish.key).name != _BUS
        except OpenAlgoError:
            return False


def _holder(reader: str) -> str:
    return f"{_BUS}:{reader}"
