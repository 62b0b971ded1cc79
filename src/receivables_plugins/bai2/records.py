"""From lines to records: a record begins with its two digits, and its continuations (88) follow it.

Files break the rules of BAI2 in known ways, all of them read: several records on one line, line
breaks inside of a text, a missing slash, blanks after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Final

from receivables.reading import ReadNotes
from receivables.texts import line_blocks

__all__ = ["CONTINUATION", "Record", "fields_of", "records_of", "unslashed"]

CONTINUATION: Final = "88,"
_DETAIL: Final = "16"
_DETAIL_HEAD: Final = "16,"
_TRAILERS: Final = frozenset({"49", "98", "99"})
_CODES: Final = {
    f"{code}{mark}": code for code in ("01", "02", "03", _DETAIL, "49", "98", "99") for mark in ",/"
}
_CONTINUATIONS: Final = frozenset({CONTINUATION, "88/"})
_RECORD_MAX: Final = 1_000_000
"""Characters of one record with its continuations; the longest text that is known has some thousand."""

# What follows a slash must have the shape of a record, because a text may have slashes and digits.
_SHAPES: Final = (
    r"(?:01,[^,/]*,[^,/]*,\d{6},|02,[^,/]*,[^,/]*,[1-4]?,\d{6},|03,[^,/]+,(?:[A-Za-z]{3})?[,/]"
    r"|16,\d{3},\d*,|88,|49,[+-]?\d*,\d+|9[89],[+-]?\d*,\d+,\d+)"
)
_NEXT_AFTER_TEXT: Final = re.compile(rf"/[ \t]+(?={_SHAPES})")
_NEXT: Final = re.compile(rf"/[ \t]*(?={_SHAPES})")
_WITH_TEXT: Final = frozenset({_DETAIL, "88"})


class Record:
    """A record with its continuations: its code, its lines as they stood, and where it began."""

    __slots__ = ("code", "is_odd", "line", "lines")

    def __init__(self, code: str, text: str, line: int) -> None:
        self.code = code
        self.line = line
        self.lines = [text]
        self.is_odd = False
        """Whether one of its lines was not read as a line of its own that begins with its code."""

    @property
    def is_broken(self) -> bool:
        """Whether one of its lines was made by a line break inside of a text."""
        return self.is_odd and any(line[:3] not in _CONTINUATIONS for line in self.lines[1:])

    @property
    def count(self) -> int:
        """Physical records, as the trailers count them: itself and its continuations."""
        if self.is_odd:
            return 1 + sum(line[:2] == "88" for line in self.lines[1:])
        return len(self.lines)


def records_of(stream: BinaryIO, notes: ReadNotes) -> Iterator[Record]:
    """The records of a file, each once the next one has begun; at the end only a trailer is whole."""
    record: Record | None = None
    number = size = 0
    for lines in line_blocks(stream, notes=notes):
        for line in lines:
            number += 1
            head = line[:3]
            # These two decide on nearly every line of a file.
            if head == CONTINUATION and "/ " not in line and record is not None:
                record.lines.append(line)
                size += len(line)
                if size > _RECORD_MAX:
                    _note_size(notes, number)
                    return
            elif head == _DETAIL_HEAD and "/ " not in line:
                if record is not None:
                    yield record
                record = Record(_DETAIL, line, number)
                size = 0
            else:
                *complete, record = _added(record, line, number)
                yield from complete
                size = 0 if complete else size + len(line)
                if size > _RECORD_MAX:
                    _note_size(notes, number)
                    return
    if record is not None and record.code in _TRAILERS:
        yield record


def _note_size(notes: ReadNotes, number: int) -> None:
    msg = f"a record must have at most {_RECORD_MAX} characters, got more"
    notes.error("file.too-large", msg, line=number)


def _added(record: Record | None, line: str, number: int) -> list[Any]:
    """The records that a line completes, and at last the one that is under way, or None."""
    found: list[Record | None] = []
    for text in _parts(line):
        code = _CODES.get(text[:3])
        if code is not None:
            if record is not None:
                found.append(record)
            record = Record(code, text, number)
            record.is_odd = True
        elif record is not None:
            record.lines.append(text)
            record.is_odd = True
        else:
            # It belongs to no record: a line before the first one.
            found.append(Record("", text, number))
    return [*found, record]


def _parts(line: str) -> Iterable[str]:
    """The records of a line, which are more than one where a file breaks no lines between them."""
    if not line or line.isspace():
        return ()
    line = line if line[:3] in _CODES or line[:3] in _CONTINUATIONS else _indented(line)
    if "/" not in line[:-1]:
        return (line,)
    found: list[str] = []
    while match := (_NEXT_AFTER_TEXT if line[:2] in _WITH_TEXT else _NEXT).search(line):
        found.append(line[: match.start() + 1])
        line = line[match.end() :]
    return (*found, line)


def _indented(line: str) -> str:
    """A line without the blanks before it, where a record follows them."""
    stripped = line.lstrip()
    return stripped if stripped[:3] in _CODES or stripped[:3] in _CONTINUATIONS else line


def unslashed(body: str) -> str:
    """A body without the slash that ends its record, and without blanks after that."""
    stripped = body.rstrip()
    return stripped[:-1] if stripped.endswith("/") else body


def fields_of(record: Record) -> list[str]:
    """The fields of a record that has no text, its continuations included."""
    bodies = [unslashed(line[3:] if line[2:3] == "," else "") for line in record.lines]
    return [field.strip() for body in bodies for field in body.split(",")]
