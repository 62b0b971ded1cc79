"""The records of a NACHA file: 94 characters each, with line ends or without."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["RECORD_LENGTH", "looks_like_nacha"]

RECORD_LENGTH: Final = 94

# A file header, which some write a place too short or too long, or a batch header where a bank leaves the file header out, or an entry with its return.
_OURS: Final = re.compile(
    rb"\s*(?:1[0-9 ]{2}[^\r\n]{18,21}[0-9 ]{10}[^\r\n]094|5[0-9]{3}[^\r\n]{46}[A-Z]{3}"
    rb"|6[0-9]{11}[^\r\n]{17}[0-9]{10})"
)


def looks_like_nacha(head: bytes) -> bool:
    """Whether the first bytes are a file header, a batch header or an entry.

    >>> looks_like_nacha(b"101 031300012 2313801041908161055A094101")
    True
    >>> looks_like_nacha(b"01,122099999,123456789,040621,0200,1,65,,2/")
    False
    """
    return _OURS.match(head) is not None
