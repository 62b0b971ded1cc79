"""Text that no spreadsheet takes for a formula, and the way back to what it was.

An apostrophe goes before what looks like a formula, in the second half of a cell too, because another
separator would cut it there.  Since a text that already has the apostrophe gets another one, `original`
undoes `safe` exactly.
"""

from __future__ import annotations

import re
from typing import Final

from receivables.accounting.writing import one_line

__all__ = ["cell", "original", "safe"]

# What a spreadsheet takes for a formula, in the full width of East Asia too (OWASP, CSV Injection).
_MARKS: Final = "=+\\-@\uff1d\uff0b\uff0d\uff20"
# What most cells are made of, and nothing has to be done about.
_SOUND: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z_:./-]*")
_STARTS: Final = re.compile(rf"(^|[,;|])(?=[\s\"']*[{_MARKS}])")
_STARTED: Final = re.compile(rf"(^|[,;|])'(?=[\s\"']*[{_MARKS}])")


def safe(text: str) -> str:
    """A text on one line that no spreadsheet takes for a formula.

    >>> safe("=HYPERLINK(A1)"), safe("Acme;=1+1"), safe("Rock & Fils")
    ("'=HYPERLINK(A1)", "Acme;'=1+1", 'Rock & Fils')
    """
    if not text or _SOUND.fullmatch(text):
        return text
    return _STARTS.sub(r"\1'", one_line(text))


def cell(text: str) -> str:
    """A safe text as RFC 4180 writes it: in quotes where it has a comma or quotes (rule 6 and 7).

    >>> print(cell('say "hi", twice'))
    "say ""hi"", twice"
    """
    if not text or _SOUND.fullmatch(text):
        return text
    shown = safe(text)
    if "," in shown or '"' in shown:
        doubled = shown.replace('"', '""')
        return f'"{doubled}"'
    return shown


def original(shown: str) -> str:
    """The text that a cell was made of, once a reader has taken its quotes away.

    >>> original("Acme;'=1+1"), original("O'Hara")
    ('Acme;=1+1', "O'Hara")
    """
    return _STARTED.sub(r"\1", shown)
