"""What the parser hands over for a group of elements: the texts of its leaves, and groups inside."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

__all__ = ["LINE", "MORE", "REFERENCES", "Record", "texts"]

Record: TypeAlias = dict[str, Any]
"""Texts of leaves by name, and lists of the records inside by the name of their group."""

LINE: Final = "line"
"""Under which key a record keeps the line that it began on."""

MORE: Final = " more"
"""What is added to the name of a leaf for the list of its texts from the second on."""

REFERENCES: Final = "references"
"""Under which key a record keeps its references, as pairs of name and text."""


def texts(record: Record, leaf: str) -> tuple[str, ...]:
    """Every text of a leaf that may be repeated, in order."""
    if leaf not in record:
        return ()
    return (record[leaf], *record.get(leaf + MORE, ()))
