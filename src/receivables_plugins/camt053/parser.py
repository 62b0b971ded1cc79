"""From chunks of bytes to records: expat checks every byte, and the tags are taken by splitting.

Expat, the parser of the standard library, sees the whole file first, chunk by chunk: what it refuses
is never looked at, and what it has passed is well formed, has no document type and so no entity but
the five of XML.  Such text splits at each ``<`` into a tag and what follows it, which is much faster
than a call from expat for each of them (`benchmarks/camt053.py`): a busy account has millions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple
from xml.parsers import expat

from receivables import limits
from receivables_plugins.camt053.characters import Decoder, unescape
from receivables_plugins.camt053.elements import OUTSIDE, Element
from receivables_plugins.camt053.records import LINE, MORE, REFERENCES, Record
from receivables_plugins.camt053.values import RefusedError

__all__ = ["RECORD_BYTES_MAX", "Parser"]

RECORD_BYTES_MAX: Final = 64_000_000
"""Bytes between two entries: one entry for a hundred thousand transactions has that many."""

_CUT_OFF: Final = frozenset(
    expat.errors.codes[message]
    for message in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
)
_NO_TAG: Final = re.compile(r"<!--.*?-->|<\?.*?\?>|<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_OPEN_CDATA: Final = b"<![CDATA["
_TAG: Final = re.compile(r"([^\s/>]+)((?:[^>\"']|\"[^\"]*\"|'[^']*')*?)(/?)>")
_CURRENCY: Final = re.compile(r"\sCcy\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_TAGS_MAX: Final = 10_000
"""Tags with attributes that are kept by their text: one for each currency, and a bound on memory."""


class _Tag(NamedTuple):
    """A start tag that is more than a name."""

    name: str
    currency: str
    is_empty: bool
    length: int


class Parser:
    """Reads one file; calls `complete[group](record, parent)` for each group that is complete.

    A group without such a function is kept in its parent's record, in a list under its name.
    """

    def __init__(self, complete: Mapping[str, Callable[[Record, Record], None]]) -> None:
        self._complete = complete
        self._decoder = Decoder()
        self._expat = expat.ParserCreate("UTF-8")
        self._expat.StartDoctypeDeclHandler = _refuse_doctype
        self._fed = 0
        self._unchecked = b""
        """What expat has been given, from the first byte that it has not passed."""
        self._checked = ""
        """What expat has passed, from the last tag on: what follows the tag may go on."""
        self._element = OUTSIDE
        self._record: Record = {}
        self._outer_records: list[Record] = []
        self._passed: list[Element] = []
        self._tags: dict[str, _Tag] = {}
        self._lines_before = 1
        self._completed_at = 0
        self.has_elements = False

    @property
    def line(self) -> int:
        """The line that expat has come to."""
        return self._expat.CurrentLineNumber

    @property
    def path(self) -> str:
        """The names of the known elements that are open."""
        return self._element.path

    def feed(self, chunk: bytes, *, is_last: bool = False) -> None:
        """Read on; raises `RefusedError` where the file cannot be read any further.

        What stands before that place has been read then.
        """
        data = self._decoder.decode(chunk, is_last=is_last).encode()
        self._unchecked += data
        start = self._fed - len(self._unchecked) + len(data)
        self._fed += len(data)
        try:
            self._expat.Parse(data, is_last)
        except expat.ExpatError as error:
            self._take(max(self._expat.CurrentByteIndex - start, 0), is_last=True)
            raise self._refusal(error) from None
        passed = self._fed if is_last else max(self._expat.CurrentByteIndex, 0)
        self._take(passed - start, is_last=is_last)
        self._check_sizes()

    def _take(self, count: int, *, is_last: bool) -> None:
        """Take the bytes that expat has passed, up to the last tag or to the very last."""
        passed = self._unchecked[:count]
        has_others = b"<!" in passed or b"<?" in passed
        if has_others and not is_last:
            opened = passed.rfind(_OPEN_CDATA)
            if opened >= 0 and b"]]>" not in passed[opened:]:
                passed = passed[:opened]
        self._unchecked = self._unchecked[len(passed) :]
        text = passed.decode()
        if has_others:
            text = _NO_TAG.sub(_tagless, text)
        text = self._checked + text
        end = len(text) if is_last else max(text.rfind("<"), 0)
        self._checked = text[end:]
        if end:
            self._split(text[:end])

    def _split(self, text: str) -> None:
        """Go through the tags of checked text; comments and the like are no longer in it."""
        before, *pieces = text.split("<")
        self._lines_before += before.count("\n")
        counted = 0
        for index, piece in enumerate(pieces):
            element = self._element
            if piece[0] == "/":
                if element.group is not None:
                    self._close(element.group)
                self._element = element.outer
                continue
            tag, _, content = piece.partition(">")
            child = element.get(tag)
            if child is None:
                child, content = self._found(piece)
            self._element = child
            if child.leaf is not None:
                if content:
                    self._keep(child.leaf, content)
            elif child.group is not None:
                self._lines_before += "<".join(pieces[counted:index]).count("\n")
                counted = index
                self._open()
            elif child.reference is not None:
                self._refer(child.reference, content)
        self._lines_before += "<".join(pieces[counted:]).count("\n")
