"""What the parser hands over for a group of elements: the texts of its leaves, and groups inside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Generic, Protocol, TypeAlias, TypeVar

__all__ = ["LINE", "MORE", "RAW", "REFERENCES", "REPEATED", "Memo", "Note", "Record", "texts"]

K = TypeVar("K")
V = TypeVar("V")

Record: TypeAlias = dict[str, Any]
"""Texts of leaves by name, and lists of the records inside by the name of their group."""

LINE: Final = "line"
"""Under which key a record keeps the line that it began on."""

RAW: Final = "raw"
"""Under which key the record of an entry keeps its lines, as they stand in the file."""

MORE: Final = " more"
"""What is added to the name of a leaf for the list of its texts from the second on."""

REPEATED: Final = "repeated"
"""A key that a record has where any of its leaves was there twice."""

REFERENCES: Final = "references"
"""Under which key a record keeps its references, as pairs of name and text."""


class Note(Protocol):
    """Notes a problem at a line, in a field below the element that is being completed."""

    def __call__(
        self, code: str, message: str, *, line: int, field: str = "", is_error: bool = True
    ) -> None:
        """Note it."""


def texts(record: Record, leaf: str) -> tuple[str, ...]:
    """Every text of a leaf that may be repeated, in order."""
    if leaf not in record:
        return ()
    return (record[leaf], *record.get(leaf + MORE, ()))


class Memo(dict[K, V], Generic[K, V]):
    """What was worked out before, by what it was worked out from; a file repeats itself.

    >>> lengths = Memo(len, size_max=1)
    >>> lengths["word"], lengths["words"], list(lengths)
    (4, 5, ['word'])
    """

    def __init__(self, work_out: Callable[[K], V], *, size_max: int) -> None:
        super().__init__()
        self._work_out = work_out
        self._size_max = size_max

    def __missing__(self, key: K) -> V:
        value = self._work_out(key)
        if len(self) < self._size_max:
            self[key] = value
        return value
