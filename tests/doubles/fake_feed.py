"""A feed that does what a test says: it records what it is asked for and publishes what it is handed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from market.candles import Candle
from market.errors import FeedRejectedError
from market.exchanges import Exchange
from market.feeds import Capabilities, FeedNature, FeedPart, FeedSink, FeedState, FeedStatus
from market.instruments import Instrument, InstrumentKey
from market.subscriptions import Subscription
from market.ticks import Tick


class FakeFeed:
    """Knows the symbols it is made with, or every symbol if none are given."""

    def __init__(
        self,
        name: str = "fake",
        *,
        symbols: Iterable[str] | None = None,
        max_instruments: int | None = None,
        depth_levels: tuple[int, ...] = (5, 20),
        nature: FeedNature = FeedNature.LIVE,
        deep_by_name: bool = False,
        depth_of_exchange: Mapping[Exchange, tuple[int, ...]] | None = None,
    ) -> None:
        self._name = name
        self._symbols = None if symbols is None else set(symbols)
        self._capabilities = Capabilities(
            exchanges=frozenset(Exchange),
            depth_levels=depth_levels,
            max_instruments=max_instruments,
            nature=nature,
            deep_by_name=deep_by_name,
            depth_of_exchange=depth_of_exchange or {},
        )
        self.sink: FeedSink | None = None
        self.wished: list[Subscription] = []
        self.connections: list[FeedPart] = []
        self.calls: list[tuple[str, list[Subscription]]] = []

    @property
    def name(self) -> str:
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    @property
    def instruments_version(self) -> int:
        return 0

    def listing(self, key: InstrumentKey) -> Instrument | None:
        return None

    async def start(self, sink: FeedSink) -> None:
        self.sink = sink
        sink.report(FeedStatus(self._name, FeedState.LIVE))

    async def stop(self) -> None:
        self.sink = None

    def parts(self) -> Sequence[FeedPart]:
        return self.connections

    def reconnect(self, reason: str) -> bool:
        self.calls.append(("reconnect", []))
        return self.sink is not None

    def why_not(self, key: InstrumentKey) -> str | None:
        if self._symbols is None or key.symbol in self._symbols:
            return None
        return f"Unknown instrument {key}"

    def subscribe(self, wishes: Collection[Subscription]) -> None:
        self.calls.append(("subscribe", list(wishes)))
        self.wished += wishes

    def unsubscribe(self, wishes: Collection[Subscription]) -> None:
        self.calls.append(("unsubscribe", list(wishes)))
        for wish in wishes:
            self.wished.remove(wish)

    def instruments(self) -> Iterable[Instrument]:
        return ()

    async def history(
        self,
        key: InstrumentKey,
        interval_s: int,
        limit: int,
        *,
        start_ms: int | None = None,
        end_ms: int | None = None,
    ) -> Sequence[Candle]:
        raise FeedRejectedError("The fake feed has no history")

    def publish(self, *ticks: Tick) -> None:
        """Publish `ticks`, as the feed would."""
        assert self.sink is not None, "the feed is not started"
        self.sink.publish(ticks)
