"""A message under way: bytes in, records out as they are complete, problems with their place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO, Final, Generic, TypeVar

from receivables.problems import Place, Problem, Severity
from receivables.reading import ReadNotes
from receivables_plugins.iso20022.elements import Element
from receivables_plugins.iso20022.parser import Complete, Parser
from receivables_plugins.iso20022.records import Record
from receivables_plugins.iso20022.values import RefusedError, Values

__all__ = ["MessageReading"]

_CHUNK_BYTES: Final = 65_536

T = TypeVar("T")


class MessageReading(Generic[T]):
    """Reads one file; a subclass completes the groups of its message, and adds to `out`."""

    OUTSIDE: Element
    """The elements of the message."""
    ENTRY: str
    """The group that is repeated most: its lines are kept, and it is read by its shape."""
    HEADS: frozenset[str] = frozenset()
    """Groups around entries whose first lines are kept."""
    NAME: str
    """What the message is called in messages."""
    HOLDS: str
    """What a message must hold."""

    def __init__(self, notes: ReadNotes, *, has_shapes: bool = True) -> None:
        self.notes = notes
        self.values = Values()
        self.out: list[T] = []
        self.parser = Parser(
            {**self.completions(), "message": self._message},
            outside=self.OUTSIDE,
            entry=self.ENTRY,
            heads=self.HEADS,
            has_shapes=has_shapes,
        )
        self.has_content = False
        self._has_message = False

    def completions(self) -> Mapping[str, Complete]:
        """What is called when a group is complete."""
        raise NotImplementedError

    def finish(self, message: Record) -> None:
        """Take a message that is complete."""

    def rows(self, stream: BinaryIO) -> Iterator[T]:
        """What is read, as soon as it is complete."""
        is_blank = True
        try:
            while chunk := stream.read(_CHUNK_BYTES):
                is_blank = is_blank and not chunk.strip()
                self.parser.feed(chunk)
                yield from self._taken()
            self._end(is_blank=is_blank)
        except RefusedError as error:
            self.note(error.code, str(error), line=self.parser.line, field=error.field)
        finally:
            self.parser.release()
        yield from self._taken()

    def note(
        self, code: str, message: str, *, line: int, field: str = "", is_error: bool = True
    ) -> None:
        """Note a problem at a line, in a field below the element that is being completed."""
        path = "/".join(filter(None, (self.parser.path, field)))
        place = Place(self.notes.source, line=line, field=path or None)
        severity = Severity.ERROR if is_error else Severity.WARNING
        self.notes.add(Problem(code, message, place=place, severity=severity))

    def _taken(self) -> list[T]:
        out, self.out = self.out, []
        return out

    def _end(self, *, is_blank: bool) -> None:
        if is_blank:
            raise RefusedError("file.empty", "file must hold a message, got nothing")
        self.parser.feed(b"", is_last=True)
        if not self._has_message:
            raise RefusedError("file.format", f"file must hold {self.NAME}, got another")
        if not self.has_content:
            raise RefusedError("file.empty", f"message must hold {self.HOLDS}, got none")

    def _message(self, record: Record, _parent: Record) -> None:
        self._has_message = True
        self.finish(record)
