"""Names of statements and batches that have no number of their own.

>>> names = Names()
>>> names.of("FR76", "2026-10-30/EUR"), names.of("FR76", "2026-10-30/EUR")
('2026-10-30/EUR', '2026-10-30/EUR (2)')
"""

from __future__ import annotations

from typing import Final

__all__ = ["Names"]

_NAMES_MAX: Final = 100_000
"""Names of one file that are kept to tell them apart: a bound on memory."""


class Names:
    """Gives a number to a name that comes again in the same file, so that its entries differ."""

    def __init__(self) -> None:
        self._times: dict[tuple[str, str], int] = {}

    def of(self, account: str, name: str) -> str:
        """The name, or the name with a number behind it."""
        if len(self._times) >= _NAMES_MAX:
            self._times.clear()
        times = self._times[account, name] = self._times.get((account, name), 0) + 1
        return name if times == 1 else f"{name} ({times})"
