"""The reader: recognizes a file by its tags, and streams entries and statements out of its lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

from receivables.adapters import StatementRecord
from receivables.reading import Read, ReadNotes
from receivables.receipts.model import BankEntry
from receivables.texts import line_blocks
from receivables_plugins.mt940.entries import EntryBuilder
from receivables_plugins.mt940.settings import Mt940Settings
from receivables_plugins.mt940.statements import StatementUnderWay
from receivables_plugins.mt940.values import RefusedError

__all__ = ["Mt940Reader"]

_OURS: Final = re.compile(
    rb"(?:\A|[\r\n]|@@):(?:20:[^@]*[\r\n@]:(?:21|25P?|28C?):|25P?:.*[\r\n@]:(?:28C?|60[FM]):)",
    re.DOTALL,
)
"""The reference of a message, and behind it another field of its head."""

_TAG: Final = re.compile(r":(\d\d[A-Z]?|NS):")
_HEAD: Final = frozenset({"21", "25", "25P", "28", "28C", "34F", "13", "13D"})
_OPENING: Final = frozenset({"60F", "60M"})
_NOT_IN_ENTRIES: Final = _HEAD | _OPENING
_AFTER: Final = frozenset({"62F", "62M", "64", "65", "65F", "90C", "90D"})
_NO_STATEMENT: Final = frozenset({"86", "NS"})
_TAGS: Final = frozenset({"20", "61"}) | _NOT_IN_ENTRIES | _AFTER | _NO_STATEMENT
_NUMBERS: Final = frozenset({"28", "28C"})
_TIME: Final = re.compile(r":\d\d:[0-5]\d(?!\d)")
"""How a line begins where a time of the day was cut behind its hours."""
_HEADER: Final = re.compile(r"\{[1-5]:")
_ENTRY: Final = "61"
_REFERENCE: Final = "20"
_MARKS: Final = frozenset(":-{")
"""What a line that is more than text begins with."""
_LINES_MAX: Final = 200
"""Lines of one field; SWIFT allows six, and banks with long details some thirty."""
_HBCI_BREAK: Final = "@@"
"""What German home banking writes for the end of a line."""


class Mt940Reader:
    """Reads MT940 and MT942, streaming; memory stays flat.

    Entries of an interim report are pending, unless the settings say that they are booked.
    """

    def __init__(self, settings: Mt940Settings | None = None) -> None:
        self._settings = settings or Mt940Settings()

    def recognizes(self, head: bytes, *, name: str) -> bool:  # noqa: ARG002  # a name proves nothing
        """Whether the first bytes have the tags of a message's head, each at the start of a line."""
        return _OURS.search(head) is not None

    def read(self, stream: BinaryIO, *, name: str) -> Read[StatementRecord]:
        """Read; problems are noted with their line and their tag, and never raised."""
        notes = ReadNotes(name)
        return Read(_Reading(notes, self._settings).rows(stream), notes)


class _Reading:
    """One file under way: the statement, and the lines of the field that is not complete yet."""

    def __init__(self, notes: ReadNotes, settings: Mt940Settings) -> None:
        self._notes = notes
        self._settings = settings
        self._builder = EntryBuilder(notes)
        self._under_way: StatementUnderWay | None = None
        self._before: StatementUnderWay | None = None
        self._tag = ""
        self._lines: list[str] = []
        self._line = 0
        self._overlong = 0
        self._has_statement = False

    def rows(self, stream: BinaryIO) -> Iterator[StatementRecord]:
        """Entries as they are complete, and after the last one of a statement the statement."""
        pending, before, is_blank = self._lines, 0, True
        blocks = line_blocks(stream, notes=self._notes, encoding=self._settings.encoding)
        for lines in _unbroken(blocks):
            for number, line in enumerate(lines, start=before + 1):
                if line[:1] not in _MARKS or (self._tag == _ENTRY and line[:4] == ":86:"):
                    if len(pending) < _LINES_MAX:
                        pending.append(line)
                    elif self._tag:
                        self._refuse_length(number)
                elif self._tag == _ENTRY and line[:4] == ":61:":
                    if (entry := self._entry()) is not None:
                        yield entry
                    pending[:] = (line,)
                    self._line = number
                else:
                    yield from self._marked(line, number)
            before += len(lines)
            is_blank = is_blank and not any(map(str.strip, lines))
        yield from self._finish(is_blank=is_blank)

    def _refuse_length(self, number: int) -> None:
        """Note once that a field goes on for longer than any does."""
        if self._overlong != self._line:
            self._overlong = self._line
            msg = f"a field must have at most {_LINES_MAX} lines, got more"
            self._notes.error("file.too-large", msg, line=number, field=f":{self._tag}:")

    def _marked(self, line: str, number: int) -> Iterator[StatementRecord]:
        """Take a line that begins as a tag, or the end of a message, does; it may yet be text."""
        found = _TAG.match(line)
        tag = found[1] if found else ""
        if tag in _TAGS and not self._is_text(tag, line, number):
            yield from self._field(tag, line, number)
        elif line[0] != ":" and self._is_end(line):
            yield from self._end(is_copy="{PDE" in line or "{PDM" in line)
        elif len(self._lines) < _LINES_MAX:
            self._lines.append(line)

    def _is_text(self, tag: str, line: str, number: int) -> bool:
        """Whether a tag belongs to the information of an entry, because no field may stand there.

        A reference begins a message only where another field of its head follows.
        """
        under_way = self._under_way
        if self._tag != _ENTRY or under_way is None or under_way.is_closed:
            return False
        if tag in _NOT_IN_ENTRIES and self._lines[-1].startswith(":20:"):
            return False
        if tag in _NOT_IN_ENTRIES and not _TIME.match(line):
            under_way.refuse_order(tag, number)
        return tag in _NOT_IN_ENTRIES or tag in {_REFERENCE, "NS"}

    def _field(self, tag: str, line: str, number: int) -> Iterator[StatementRecord]:
        """Complete the field before, and begin another, with a new message where it is its first."""
        held = ""
        if tag in _NOT_IN_ENTRIES and self._tag == _ENTRY and self._lines[-1].startswith(":20:"):
            held = self._lines.pop()
        yield from self._flush()
        under_way = self._under_way
        if under_way is not None:
            goes_on = under_way.is_closed and tag in _NOT_IN_ENTRIES
            if held or tag == _REFERENCE or goes_on:
                yield self._closed(under_way)
                is_new = held or tag == _REFERENCE
                under_way = self._begun(number, after=None if is_new else under_way)
        elif tag not in _NO_STATEMENT:
            under_way = self._begun(number)
        if under_way is None:
            return
        if held:
            under_way.take(_REFERENCE, held[4:], number - 1)
        if tag == _ENTRY:
            if not under_way.has_head or under_way.is_closed:
                under_way.refuse_order(tag, number)
            under_way.begin()
        self._tag, self._line = tag, number
        self._lines[:] = (line,)

    def _begun(self, line: int, *, after: StatementUnderWay | None = None) -> StatementUnderWay:
        self._has_statement = True
        under_way = StatementUnderWay(
            line=line, settings=self._settings, notes=self._notes, before=self._before
        )
        if after is not None:
            under_way.follow(after)
        self._under_way = under_way
        return under_way

    def _closed(self, under_way: StatementUnderWay) -> StatementRecord:
        self._under_way, self._before = None, under_way
        return under_way.finish()

    def _flush(self) -> Iterator[StatementRecord]:
        """Complete the field under way."""
        tag, lines, under_way = self._tag, self._lines, self._under_way
        self._tag = ""
        if tag == _ENTRY:
            entry = self._entry()
            if entry is not None:
                yield entry
        elif tag and under_way is not None:
            text = lines[0][len(tag) + 2 :]
            if tag in _NUMBERS and len(lines) > 1 and text.strip()[-1:] in {"", "/"}:
                text += lines[1]
            under_way.take(tag, text, self._line)
        lines.clear()

    def _entry(self) -> BankEntry | None:
        """Build the entry under way; one that cannot be read is noted."""
        lines, under_way = self._lines, self._under_way
        if under_way is None:  # An entry begins a statement where there is none.
            return None
        while not lines[-1]:
            lines.pop()
        under_way.index += 1
        try:
            entry = self._builder.entry(lines, self._line, under_way)
        except RefusedError as error:
            self._notes.error(error.code, str(error), line=self._line, field=error.field or ":61:")
            return None
        under_way.add(entry)
        return entry

    def _is_end(self, line: str) -> bool:
        """Whether a line ends a message; text may begin with a dash or a brace as well."""
        under_way = self._under_way
        if line[0] == "{":
            return _HEADER.match(line) is not None
        is_open = under_way is not None and not under_way.is_closed and self._tag == _ENTRY
        return line.strip() == "-" or line.startswith("-}") or not is_open

    def _end(self, *, is_copy: bool) -> Iterator[StatementRecord]:
        yield from self._flush()
        if self._under_way is not None:
            self._under_way.is_copy = is_copy
            yield self._closed(self._under_way)

    def _finish(self, *, is_blank: bool) -> Iterator[StatementRecord]:
        """What the end of the file leaves: an entry may go on, so that one at the end is not read."""
        under_way = self._under_way
        if self._tag == _ENTRY:
            msg = "an entry must be followed by another field, got the end of the file"
            self._notes.error("file.truncated", msg, line=self._line, field=":61:")
        else:
            yield from self._flush()
            if under_way is not None and not under_way.is_closed:
                msg = "a statement must have a closing balance, got the end of the file"
                self._notes.error("file.truncated", msg, line=self._line)
        if under_way is not None:
            yield self._closed(under_way)
        if not self._has_statement:
            code, what = ("file.empty", "nothing") if is_blank else ("file.format", "another text")
            self._notes.error(code, f"file must hold an MT940 or MT942 message, got {what}")


def _unbroken(blocks: Iterable[list[str]]) -> Iterator[list[str]]:
    """Blocks of lines; where the file has the line ends of home banking, each part is a line."""
    is_first, is_hbci = True, False
    for lines in blocks:
        if is_first:
            is_hbci = any(f"{_HBCI_BREAK}:" in line for line in lines[:3])
            is_first = False
        yield [part for line in lines for part in line.split(_HBCI_BREAK)] if is_hbci else lines
