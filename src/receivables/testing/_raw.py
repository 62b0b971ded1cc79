"""Whether the raw lines that a record keeps are lines of the file that it was read from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

__all__ = ["ENCODINGS", "strangers"]

ENCODINGS: Final = ("utf-8-sig", "utf-16", "cp1252", "latin-1", "cp850", "cp437", "cp037", "cp500")
"""How files of banks are encoded; the raw lines of one file must stand in one reading of it."""


def strangers(
    raws: Iterable[str], content: bytes, *, encodings: Sequence[str] = ENCODINGS
) -> tuple[str, ...]:
    r"""The raw lines that are nowhere in the file, in the encoding that fits best.

    >>> strangers(["5225 total\n6221 café"], "5225 total\n6221 café\n".encode("cp1252"))
    ()
    >>> strangers(["6221 cafe"], "6221 café".encode())
    ('6221 cafe',)
    """
    lines = [line for raw in raws for line in raw.split("\n")]
    readings = _readings(content, encodings)
    return min((_missing(lines, text) for text in readings), key=len, default=tuple(lines))


def _missing(lines: Iterable[str], text: str) -> tuple[str, ...]:
    return tuple(line for line in lines if line not in text)


def _readings(content: bytes, encodings: Sequence[str]) -> Iterator[str]:
    for encoding in encodings:
        try:
            yield content.decode(encoding)
        except UnicodeError:
            continue
