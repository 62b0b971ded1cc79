"""The reader: recognizes a message by its content, and streams entries and statements out of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import BinaryIO, Final

from receivables.adapters import StatementRecord
from receivables.reading import Read, ReadNotes
from receivables_plugins.iso20022.elements import OUTSIDE
from receivables_plugins.iso20022.entries import EntryBuilder
from receivables_plugins.iso20022.messages import MessageReading
from receivables_plugins.iso20022.parser import Complete
from receivables_plugins.iso20022.records import LINE, Record
from receivables_plugins.iso20022.statements import StatementUnderWay
from receivables_plugins.iso20022.values import RefusedError

__all__ = ["Camt053Reader"]

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


class _Reading(MessageReading[StatementRecord]):
    """One file under way."""

    OUTSIDE = OUTSIDE
    ENTRY = "Ntry"
    NAME = "a bank-to-customer message (camt.052, .053, .054)"
    HOLDS = "a statement"

    def __init__(self, notes: ReadNotes, *, has_shapes: bool = True) -> None:
        super().__init__(notes, has_shapes=has_shapes)
        self._builder = EntryBuilder(notes.source, values=self.values, note=self.note)
        self._under_way: StatementUnderWay | None = None

    def completions(self) -> Mapping[str, Complete]:
        """Entries and statements."""
        return {"Ntry": self._entry, "statement": self._statement}

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
            self.note(error.code, str(error), line=record[LINE], field=error.field)
            return
        under_way.add(entry)
        self.out.append(entry)

    def _begun(self, record: Record) -> StatementUnderWay:
        is_whole_day = "/Stmt" in self.parser.path
        return StatementUnderWay(record, values=self.values, is_whole_day=is_whole_day)

    def _statement(self, record: Record, parent: Record) -> None:
        under_way = self._under_way or self._begun(record)
        self._under_way = None
        self.has_content = True
        self.out.append(under_way.finish(parent, self.note))
