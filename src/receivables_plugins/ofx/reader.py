"""The reader: recognizes OFX by its content, and streams entries and statements out of it.

There is no opening balance in OFX: the ledger balance (``LEDGERBAL``) is the closing one, and alone
it proves nothing, which each statement says as ``statement.incomplete``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

from receivables.adapters import StatementRecord
from receivables.money import digits
from receivables.reading import Read, ReadNotes
from receivables.receipts.model import BankBalance
from receivables.receipts.tallying import StatementTally, prove
from receivables_plugins.ofx.entries import EntryBuilder, Owner, currency_of
from receivables_plugins.ofx.pieces import Piece, pieces_of
from receivables_plugins.ofx.values import RefusedError, calendar_day, minor_units, unescaped

__all__ = ["OfxReader"]

_OURS: Final = re.compile(rb"OFXHEADER\s*[:=]|<OFX>|<\?OFX\s", re.IGNORECASE)
_TAG: Final = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9_.]*)[^<>]*>([^<]*)")
_STATEMENTS: Final = frozenset({"STMTRS", "CCSTMTRS", "INVSTMTRS"})
_ACCOUNTS: Final = frozenset({"BANKACCTFROM", "CCACCTFROM", "INVACCTFROM"})
_LEDGER: Final = "LEDGERBAL"
_BALANCES: Final = {_LEDGER: "CLBD", "AVAILBAL": "CLAV"}
_STATUS: Final = "STATUS"
_AGGREGATES: Final = _STATEMENTS | _ACCOUNTS | set(_BALANCES) | {_STATUS, "SONRS", "BANKTRANLIST"}
_TEXT_MAX: Final = 200
_NAME_MAX: Final = 40


class OfxReader:
    """Reads OFX 1.x and 2.x and QFX, streaming, by tags; memory stays flat."""

    def recognizes(self, head: bytes, *, name: str) -> bool:  # noqa: ARG002  # a name proves nothing
        """Whether the first bytes have a header of OFX, or its first element."""
        # UTF-16 writes these characters with a zero byte each.
        return _OURS.search(head.replace(b"\0", b"")) is not None

    def read(self, stream: BinaryIO, *, name: str) -> Read[StatementRecord]:
        """Read; problems are noted with their line and tag, and never raised."""
        notes = ReadNotes(name)
        return Read(_Reading(notes).rows(stream), notes)


class _Reading:
    """One file under way."""

    def __init__(self, notes: ReadNotes) -> None:
        self._notes = notes
        self._builder = EntryBuilder(notes)
        self._within = ""
        self._fields: dict[str, str] = {}
        self._server_day = ""
        self._statement: _StatementUnderWay | None = None
        self._names: dict[tuple[str, str], int] = {}
        self._is_ofx = False
        self._is_ended = False
        self._has_statement = False

    def rows(self, stream: BinaryIO) -> Iterator[StatementRecord]:
        """Entries as they are complete, and after the last one of a statement the statement."""
        for piece in pieces_of(stream, self._notes):
            if not piece.is_entry:
                yield from self._other(piece)
                continue
            statement = self._statement
            if not piece.is_whole:
                break
            if statement is None:
                msg = "transaction must stand inside of a statement, got it outside"
                self._notes.error("ofx.order", msg, line=piece.line, field="STMTTRN")
                continue
            entry = self._builder.entry(piece, statement.owner or self._named(statement))
            if entry is not None:
                statement.tally.add(entry.amount_minor, is_booked=entry.is_booked)
                yield entry
        self._finish()

    def _finish(self) -> None:
        if not self._is_ofx:
            what = "file.format", "file must hold OFX, got another"
        elif not self._is_ended:
            what = "file.truncated", "file must end with the tag that ends OFX, got its end before"
        elif not self._has_statement:
            what = "file.empty", "file must hold a statement, got none"
        else:
            return
        self._notes.error(*what)

    def _other(self, piece: Piece) -> Iterator[StatementRecord]:
        """What stands between transactions: statements begin and end, accounts, balances."""
        text = piece.text
        for found in _TAG.finditer(text):
            name = found[2].upper()
            line = piece.line + text.count("\n", 0, found.start())
            if found[1]:
                yield from self._end(name, line)
            elif name in _AGGREGATES:
                yield from self._begin(name, line)
            elif name == "OFX":
                self._is_ofx = True
            elif value := found[3].strip():
                self._leaf(name, value)

    def _begin(self, name: str, line: int) -> Iterable[StatementRecord]:
        self._within = name
        self._fields = {}
        if name not in _STATEMENTS:
            return ()
        found = self._closed(line)
        self._statement = _StatementUnderWay(self._notes, line)
        self._has_statement = True
        return found

    def _end(self, name: str, line: int) -> Iterable[StatementRecord]:
        statement = self._statement
        if name == "OFX":
            self._is_ended = True
        if name in _STATEMENTS:
            return self._closed(line)
        if name == self._within:
            self._within = ""
        if name == _STATUS:
            self._check_status(line)
        elif statement is not None and name in _BALANCES:
            statement.balances[name] = self._fields, line
        return ()

    def _leaf(self, name: str, value: str) -> None:
        statement = self._statement
        if name == "DTSERVER":
            self._server_day = value
        if self._within == _STATUS or self._within in _BALANCES:
            self._fields[name] = value
        elif statement is None:
            return
        elif name == "ACCTID" and self._within in _ACCOUNTS:
            statement.account = statement.account or value
        elif name in {"CURDEF", "DTSTART", "DTEND"}:
            statement.fields.setdefault(name, value)

    def _check_status(self, line: int) -> None:
        """Say what the bank says instead of a statement."""
        fields = self._fields
        if fields.get("SEVERITY", "").upper() == "ERROR":
            said = f"{fields.get('CODE', '')} {unescaped(fields.get('MESSAGE', ''))}".strip()
            msg = f"status must not be an error, got {said[:_TEXT_MAX]!r}"
            self._notes.error("ofx.status-error", msg, line=line, field=_STATUS)

    def _named(self, statement: _StatementUnderWay) -> Owner:
        """Give a statement its name, unlike any other of its account in the file."""
        period = statement.period() or _iso(self._server_day)
        key = (statement.account, period)
        self._names[key] = count = self._names.get(key, 0) + 1
        return statement.begin(period if count == 1 else f"{period}#{count}")

    def _closed(self, line: int) -> list[StatementRecord]:
        statement, self._statement = self._statement, None
        if statement is None:
            return []
        if statement.owner is None:
            self._named(statement)
        return [statement.finish(created_at=_iso(self._server_day), line=line)]


class _StatementUnderWay:
    """A statement while its entries come."""

    def __init__(self, notes: ReadNotes, line: int) -> None:
        self._notes = notes
        self._line = line
        self.account = ""
        self.fields: dict[str, str] = {}
        self.balances: dict[str, tuple[dict[str, str], int]] = {}
        self.owner: Owner | None = None
        self.tally: StatementTally

    def period(self) -> str:
        """From which day to which; empty where neither is said."""
        days = [_iso(self.fields.get(name, "")) for name in ("DTSTART", "DTEND")]
        return "/".join(days) if any(days) else ""

    def begin(self, name: str) -> Owner:
        """Say who the statement is, which is known before its first entry."""
        currency = currency_of(
            self.fields.get("CURDEF", ""), self._notes, line=self._line, field="CURDEF"
        )
        if not self.account:
            msg = "statement must say its account, got none"
            self._notes.error("ofx.account-missing", msg, line=self._line, field="ACCTID")
        self.owner = Owner(self.account, name, currency)
        self.tally = StatementTally(self.account, name, currency)
        return self.owner

    def finish(self, *, created_at: str, line: int) -> StatementRecord:
        """The statement after its last entry."""
        found = {name: self._balance(name) for name in self.balances}
        ledger = found.pop(_LEDGER, None)
        statement = self.tally.finish(
            closing_minor=None if ledger is None else ledger.amount_minor,
            last_day=None if ledger is None else ledger.date,
            created_at=created_at,
            balances=[balance for balance in found.values() if balance is not None],
        )
        prove(statement, self._notes, line=line)
        return statement

    def _balance(self, name: str) -> BankBalance | None:
        fields, line = self.balances[name]
        currency = self.tally.currency
        text = fields.get("BALAMT", "")
        if not text or not currency:
            return None
        day = None
        try:
            minor = minor_units(text, currency, digits(currency))
        except RefusedError as error:
            self._notes.error(error.code, str(error), line=line, field=name)
            return None
        try:
            day = calendar_day(fields.get("DTASOF", ""))
        except RefusedError as error:
            self._notes.error(error.code, str(error), line=line, field=name)
        return BankBalance(type=_BALANCES[name], amount_minor=minor, currency=currency, date=day)


def _iso(text: str) -> str:
    """The day of a date as ISO 8601 has it; what is no day stays as it is, cut."""
    try:
        day = calendar_day(text)
    except RefusedError:
        return text[:_NAME_MAX]
    return "" if day is None else day.isoformat()
