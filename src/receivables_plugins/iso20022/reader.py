"""The reader: recognizes a message by its content, and streams entries and statements out of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from receivables.adapters import StatementRecord
from receivables.problems import Place, Problem, Severity
from receivables.reading import Read, ReadNotes
from receivables_plugins.iso20022.entries import EntryBuilder
from receivables_plugins.iso20022.parser import Parser
from receivables_plugins.iso20022.records import LINE, Record
from receivables_plugins.iso20022.statements import StatementUnderWay
from receivables_plugins.iso20022.values import RefusedError, Values

__all__ = ["Camt053Reader"]

_CHUNK_BYTES: Final = 65_536
_OURS: Final = re.compile(
    rb"<([\w.-]+:)?BkToCstmr(Stmt|AcctRpt|DbtCdtNtfctn)(V01)?[\s/>]"
    rb"|[\"']urn:iso:std:iso:20022:tech:xsd:camt\.05[234]\."
    rb"|<([\w.-]+:)?MsgDefIdr>\s*camt\.05[234]\."
)


class Camt053Reader:
    """Reads camt.052, camt.053 and camt.054 in any version, streaming; memory stays flat."""

    def recognizes(self, head: bytes, *, name: str) -> bool:  # noqa: ARG002  # a name proves nothing
        """Whether the first bytes have the message's element, its namespace or its identifier."""
        # UTF-16 writes these characters with a zero byte each.
        return _OURS.search(head.replace(b"\0", b"")) is not None

    def read(self, stream: BinaryIO, *, name: str) -> Read[StatementRecord]:
        """Read; problems are noted with their line and their element, and never raised."""
        notes = ReadNotes(name)
        return Read(_Reading(notes).rows(stream), notes)


class _Reading:
    """One file under way."""

    def __init__(self, notes: ReadNotes) -> None:
        self._notes = notes
        self._values = Values()
        self._builder = EntryBuilder(notes.source, values=self._values, note=self._note)
        self._parser = Parser(
            {"Ntry": self._entry, "statement": self._statement, "message": self._message}
        )
        self._out: list[StatementRecord] = []
        self._under_way: StatementUnderWay | None = None
        self._has_message = False
        self._has_statement = False

    def rows(self, stream: BinaryIO) -> Iterator[StatementRecord]:
        """Entries as they are complete, and after the last one of a statement the statement."""
        is_blank = True
        try:
            while chunk := stream.read(_CHUNK_BYTES):
                is_blank = is_blank and not chunk.strip()
                self._parser.feed(chunk)
                yield from self._taken()
            self._finish(is_blank=is_blank)
        except RefusedError as error:
            self._note(error.code, str(error), line=self._parser.line, field=error.field)
        finally:
            self._parser.release()
        yield from self._taken()

    def _taken(self) -> list[StatementRecord]:
        out, self._out = self._out, []
        return out

    def _finish(self, *, is_blank: bool) -> None:
        if is_blank:
            raise RefusedError("file.empty", "file must hold a message, got nothing")
        self._parser.feed(b"", is_last=True)
        if not self._has_message:
            msg = "file must hold a bank-to-customer message (camt.052, .053, .054), got another"
            raise RefusedError("file.format", msg)
        if not self._has_statement:
            raise RefusedError("file.empty", "message must hold a statement, got none")

    def _note(
        self, code: str, message: str, *, line: int, field: str = "", is_error: bool = True
    ) -> None:
        path = "/".join(filter(None, (self._parser.path, field)))
        self._notes.add(
            Problem(
                code,
                message,
                place=Place(self._notes.source, line=line, field=path or None),
                severity=Severity.ERROR if is_error else Severity.WARNING,
            )
        )

    def _entry(self, record: Record, parent: Record) -> None:
        under_way = self._under_way
        if under_way is None:
            under_way = self._under_way = self._begun(parent)
        under_way.index += 1
        try:
            entry = self._builder.entry(
                record,
                account=under_way.account,
                statement=under_way.statement,
                index=under_way.index,
                currency=under_way.currency,
            )
        except RefusedError as error:
            self._note(error.code, str(error), line=record[LINE], field=error.field)
            return
        under_way.add(entry)
        self._out.append(entry)

    def _begun(self, record: Record) -> StatementUnderWay:
        is_whole_day = "/Stmt" in self._parser.path
        return StatementUnderWay(record, values=self._values, is_whole_day=is_whole_day)

    def _statement(self, record: Record, parent: Record) -> None:
        under_way = self._under_way or self._begun(record)
        self._under_way = None
        self._has_statement = True
        self._out.append(under_way.finish(parent, self._note))

    def _message(self, _record: Record, _parent: Record) -> None:
        self._has_message = True
