"""How many requests an address may make. Pure: time arrives as an argument."""

from __future__ import annotations

from collections import OrderedDict

from proxy.pace import TokenBucket


class Rates:
    """Allows each address `rate` requests a second, and as many at once. Remembers the latest `most` addresses."""

    def __init__(self, rate: float, most: int) -> None:
        self._rate = rate
        self._most = most
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def allows(self, address: str, now_s: float) -> bool:
        """Count a request of `address`; False if it is one too many."""
        bucket = self._buckets.get(address)
        if bucket is None:
            bucket = self._buckets[address] = TokenBucket(self._rate, self._rate, now_s)
            if len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(address)
        return bucket.take(now_s)
