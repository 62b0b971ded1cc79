"""The segments of a file as they stream, each with its line and as it stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final, TypeAlias

from receivables import limits
from receivables.reading import ReadNotes
from receivables.receipts.x12 import Delimiters, find_delimiters
from receivables.texts import text_chunks

__all__ = ["Segment", "segments"]

_HEAD_LENGTH: Final = 4096
"""Characters by which two segments have come, so that their delimiters show."""


Segment: TypeAlias = tuple[list[str], int, str]
"""Its elements, the first its name; the line that it begins in; its text.  No class: they are many."""


def segments(stream: BinaryIO, notes: ReadNotes) -> Iterator[Segment]:
    """Every segment; each ISA may bring delimiters of its own.

    Notes ``file.empty`` or ``file.format`` where there is none, and ``file.too-large`` for a segment
    beyond `limits.LINE_BYTES_MAX`.
    """
    chunks = text_chunks(stream)
    text = ""
    for chunk in chunks:
        text += chunk
        if len(text) >= _HEAD_LENGTH:
            break
    delimiters = find_delimiters(text)
    if delimiters is None:
        if text.strip():
            notes.error("file.format", "file must begin with a segment of X12, got other text")
        else:
            notes.error("file.empty", "file must hold a segment, got nothing")
        return
    cutter = _Cutter(delimiters)
    while True:
        yield from cutter.cut(text)
        chunk = next(chunks, "")
        text = cutter.rest + chunk
        if not chunk:
            break
        if len(cutter.rest) > limits.LINE_BYTES_MAX:
            msg = f"a segment must have at most {limits.LINE_BYTES_MAX} characters, got more"
            notes.error("file.too-large", msg, line=cutter.line)
            return
    yield from cutter.cut(text, is_last=True)
    yield from cutter.last()


class _Cutter:
    """Cuts texts at the ends of segments, and keeps what has no end yet."""

    def __init__(self, delimiters: Delimiters) -> None:
        self._delimiters = delimiters
        self._is_between = False
        """Whether an interchange has ended, so that the next may have other marks."""
        self._taken = 0
        """How many pieces the interchange took that ended."""
        self.line = 1
        self.rest = ""

    def cut(self, text: str, *, is_last: bool = False) -> Iterator[Segment]:
        """The segments that end in a text."""
        while True:
            if self._is_between:
                if len(text) < _HEAD_LENGTH and not is_last:
                    break
                self._is_between = False
                self._delimiters = find_delimiters(text[:_HEAD_LENGTH]) or self._delimiters
            pieces = text.split(self._delimiters.segment)
            text = pieces.pop()
            yield from self._segments(pieces)
            if not self._is_between:
                break
            text = self._delimiters.segment.join([*pieces[self._taken :], text])
        self.rest = text

    def _segments(self, pieces: list[str]) -> Iterator[Segment]:
        """The segment of each piece, up to the end of an interchange."""
        mark = self._delimiters.element
        by_line = self._delimiters.segment == "\n"
        line = self.line
        for index, piece in enumerate(pieces, start=1):
            raw = piece.strip()
            ends = piece.count("\n")
            if ends == 1 and piece[0] == "\n":
                # The usual case: a line end after the mark that ended the segment before.
                line += 1
                begin = line
            elif ends:
                begin = line + piece[: piece.find(raw[:1] or "\n")].count("\n")
                line += ends
            else:
                begin = line
            if by_line:
                line += 1
            if raw:
                is_wrapped = ends > 1 or "\r" in raw or (ends == 1 and piece[0] != "\n")
                whole = _whole(raw) if is_wrapped else raw
                yield whole.split(mark), begin, raw
                if raw[:3] == "IEA":
                    self._is_between = True
                    self._taken = index
                    break
        self.line = line

    def last(self) -> tuple[Segment, ...]:
        """The last segment, which nothing ends."""
        return tuple(self._segments([self.rest]))


def _whole(raw: str) -> str:
    """A segment without the line ends that a program put into it, every 80 characters or so."""
    return raw.replace("\r", "").replace("\n", "")
