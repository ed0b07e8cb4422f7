"""Hundreds of thousands of objects that stay: keep the garbage collector from walking through them again and again."""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Iterator

_lock = threading.Lock()
_pausing = 0


@contextlib.contextmanager
def pausing() -> Iterator[None]:
    """No collections while a long list is made, by any thread: each would stop the loop for a tenth of a second.

    What is alive at the end is taken for good, and not looked at again.
    """
    global _pausing
    with _lock:
        _pausing += 1
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            _pausing -= 1
            if not _pausing:
                gc.freeze()
                gc.enable()
