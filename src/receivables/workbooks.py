"""Workbooks of strangers: how large they are is asked before they are opened.

A workbook of some kilobytes may unpack to gigabytes, or name one cell in the first row and one in
the last: a reader that holds the empty cells between them ends the process.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import IO, Final

__all__ = ["SPAN_MAX", "UNPACKED_MAX", "is_unbounded"]

UNPACKED_MAX: Final = 512_000_000
"""Bytes of all parts of a workbook, unpacked."""
SPAN_MAX: Final = 20_000_000
"""Cells from the first to the last: a reader holds the empty ones between them too."""
_BLOCK_BYTES: Final = 1_000_000
_REFERENCE_BYTES: Final = 64
_SHEET: Final = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_REFERENCE: Final = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,3})([0-9]{1,7})["']""")


def is_unbounded(content: bytes) -> bool:
    """Whether a workbook unpacks beyond `UNPACKED_MAX`, or spans more cells than `SPAN_MAX`.

    What is no workbook at all is not: whoever opens it says so.

    >>> is_unbounded(b"no workbook")
    False
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            sheets = [part for part in parts if _SHEET.fullmatch(part.filename)]
            return sum(part.file_size for part in parts) > UNPACKED_MAX or any(
                _span(archive.open(sheet)) > SPAN_MAX for sheet in sheets
            )
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, RuntimeError, EOFError):
        return False  # no workbook at all, which is said where it is opened


def _span(stream: IO[bytes]) -> int:
    """The cells of the rectangle from the first cell of a sheet to the last ones that it names."""
    rows = columns = 0
    rest = b""
    while block := stream.read(_BLOCK_BYTES):
        for letters, figures in _REFERENCE.findall(rest + block):
            rows = max(rows, int(figures))
            number = 0
            for letter in letters.upper():
                number = number * 26 + letter - ord("A") + 1
            columns = max(columns, number)
        # A reference that a block cuts in two is found again with the next one.
        rest = block[-_REFERENCE_BYTES:]
    return rows * columns
