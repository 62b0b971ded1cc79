"""Keeping the garbage collector away from work that makes millions of values without a cycle."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator

__all__ = ["collecting_paused"]


@contextlib.contextmanager
def collecting_paused() -> Iterator[None]:
    """Pause the collector of the process, and let it go on as it was, whatever happens.

    It costs a fifth of the time and more, the larger the process, and finds nothing to collect.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
