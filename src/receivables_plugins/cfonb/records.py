r"""From a stream to records of a fixed width, with line ends and without.

Some banks put each record on a line, with or without the blanks at its end; others send one line of
records, or break it anywhere.  In the second kind line feeds mean nothing, and the number of a
record stands for the number of its line.

>>> import io
>>> from receivables.reading import ReadNotes
>>> def numbered(content):
...     blocks = records(io.BytesIO(content), width=4, notes=ReadNotes("file"))
...     return [pair for numbers, lines in blocks for pair in zip(numbers, lines)]
>>> numbered(b"01AA\r\n\r\n07\n")
[(1, '01AA'), (2, ''), (3, '07')]
>>> numbered(b"01AA04BB07CC\n")
[(1, '01AA'), (2, '04BB'), (3, '07CC')]
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final

from receivables.reading import ReadNotes
from receivables.texts import line_blocks

__all__ = ["records"]

_HEAD_BYTES: Final = 4_096
_CHUNK_BYTES: Final = 262_144
_LINE_END: Final = re.compile(rb"[\r\n]")
_END_OF_FILE: Final = "\x1a"
"""What DOS programs end a file with."""


class _Peeked:
    """A stream whose first bytes were taken, and are given again."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head = head
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        """The next bytes: first those that were taken."""
        if self._head:
            head, self._head = self._head, b""
            return head
        return self._stream.read(size)


def records(
    stream: BinaryIO, *, width: int, notes: ReadNotes, encoding: str | None = None
) -> Iterator[tuple[Sequence[int], list[str]]]:
    """Blocks of records, with the number of the line of each; a blank line is an empty record.

    A record may be shorter than `width`, where blanks were cut off or the file is damaged, and
    longer where a line holds something else.
    """
    head = _head(stream)
    found = _LINE_END.search(head.lstrip(b"\r\n"))
    if found is not None and found.start() < 2 * width:
        return _from_lines(_Peeked(head, stream), width=width, notes=notes, encoding=encoding)
    return _from_run(_Peeked(head, stream), width=width, encoding=encoding)


def _head(stream: BinaryIO) -> bytes:
    """The first bytes, as many as are wanted even where the stream gives them in small pieces."""
    head = b""
    while len(head) < _HEAD_BYTES and (more := stream.read(_HEAD_BYTES - len(head))):
        head += more
    return head


def _from_lines(
    stream: _Peeked, *, width: int, notes: ReadNotes, encoding: str | None
) -> Iterator[tuple[Sequence[int], list[str]]]:
    number = 1
    for lines in line_blocks(stream, notes=notes, encoding=encoding):  # type: ignore[arg-type]  # it only reads
        numbers = range(number, number + len(lines))
        number += len(lines)
        if max(map(len, lines), default=0) <= width:
            yield numbers, lines
            continue
        pairs = [
            (at, piece)
            for at, line in zip(numbers, lines, strict=True)
            for piece in _pieces(line, width)
        ]
        yield [at for at, _ in pairs], [piece for _, piece in pairs]


def _pieces(line: str, width: int) -> list[str]:
    """A long line as records, where it is several of them or ends in blanks; else as it is."""
    if len(line) <= width:
        return [line]
    if len(line) % width == 0:
        return [line[start : start + width] for start in range(0, len(line), width)]
    return [line[:width]] if not line[width:].strip(f" \t{_END_OF_FILE}") else [line]


def _from_run(
    stream: _Peeked, *, width: int, encoding: str | None
) -> Iterator[tuple[Sequence[int], list[str]]]:
    number = 1
    rest = ""
    for text in _decoded(stream, encoding):
        run = rest + text
        whole = len(run) - len(run) % width
        lines = [run[start : start + width] for start in range(0, whole, width)]
        rest = run[whole:]
        yield range(number, number + len(lines)), lines
        number += len(lines)
    rest = rest.rstrip(_END_OF_FILE)
    if rest.strip():
        yield range(number, number + 1), [rest]


def _decoded(stream: _Peeked, encoding: str | None) -> Iterator[str]:
    """The text of a run of records without its line ends.

    Without an encoding it is UTF-8 up to the first byte that is not, and Windows-1252 from there.
    """
    decoder = codecs.getincrementaldecoder(encoding or "utf-8")(
        "strict" if encoding is None else "replace"
    )
    is_first = True
    while True:
        chunk = stream.read(_CHUNK_BYTES)
        pending = decoder.getstate()[0]
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError:
            # Windows-1252 leaves five bytes undefined; they come as U+FFFD.
            decoder = codecs.getincrementaldecoder("cp1252")("replace")
            text = decoder.decode(pending + chunk)
        if is_first:
            text, is_first = text.removeprefix("\ufeff"), False
        if text:
            yield text.replace("\r", "").replace("\n", "")
        if not chunk:
            return
