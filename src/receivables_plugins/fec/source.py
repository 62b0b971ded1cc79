"""The ledger source ``fec``: one accounting export, read once from its first line to its last."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import attrs

from receivables.adapters import LedgerRecord
from receivables.money import from_minor
from receivables.reading import Read, ReadNotes, ReadReport
from receivables.texts import TextLines
from receivables_plugins.fec._entries import EntryBook
from receivables_plugins.fec._records import Posting, posting_of, records
from receivables_plugins.fec._rows import FecLine, read_lines, split_heading
from receivables_plugins.fec.settings import FecSettings

__all__ = ["FecSource", "FecTotals"]


@attrs.frozen(kw_only=True)
class FecTotals:
    """What an export adds up to, in minor units of its currency, and the report of the reading.

    `receivable_minor` is the balance of the accounts that hold receivables.
    """

    currency: str
    lines: int
    debit_minor: int
    credit_minor: int
    receivable_lines: int
    receivable_minor: int
    report: ReadReport


class _Tally:
    """Adds up while lines go by."""

    def __init__(self, settings: FecSettings) -> None:
        self._settings = settings
        self.lines = self.debit_minor = self.credit_minor = 0
        self.receivable_lines = self.receivable_minor = 0

    def add(self, line: FecLine) -> bool:
        """Count a line in; tell whether it stands on a receivable account."""
        self.lines += 1
        self.debit_minor += line.debit_minor
        self.credit_minor += line.credit_minor
        is_receivable = line.account.startswith(self._settings.accounts)
        if is_receivable:
            self.receivable_lines += 1
            self.receivable_minor += line.debit_minor - line.credit_minor
        return is_receivable

    def check(self, notes: ReadNotes) -> None:
        """Note an export whose debits and credits differ: it is not whole, or not true."""
        if self.debit_minor != self.credit_minor:
            debit = from_minor(self.debit_minor, self._settings.currency)
            credit = from_minor(self.credit_minor, self._settings.currency)
            notes.error(
                "entries.unbalanced", f"debit and credit must agree, got {debit} and {credit}"
            )


class FecSource:
    """Reads a French accounting export (*LPF art. A47 A-1*).

    Amounts are those of *Debit* and *Credit*, in the currency of the accounts; *Montantdevise* is
    another view of the same amount and is left out.
    """

    def __init__(self, settings: FecSettings) -> None:
        self._settings = settings

    def recognizes(self, head: bytes, *, name: str) -> bool:  # noqa: ARG002  # names are often changed
        """Whether the first line has the headings of an accounting export."""
        first = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0]
        return split_heading(first.decode("iso-8859-15")) is not None

    def read(self, stream: BinaryIO, *, name: str) -> Read[LedgerRecord]:
        """Read customers, documents, receipts and lettering, in this order.

        Records come once the whole file was seen, because an entry can stand in several places of
        it; only receivable lines are kept meanwhile, and a mark per entry.
        """
        notes = ReadNotes(name)
        return Read(self._records(stream, notes), notes)

    def totals(self, stream: BinaryIO, *, name: str) -> FecTotals:
        """Add the whole file up: the figures to compare with the books that it comes from."""
        notes = ReadNotes(name)
        tally = _Tally(self._settings)
        for line in self._lines(stream, notes):
            tally.add(line)
        tally.check(notes)
        return FecTotals(
            currency=self._settings.currency,
            lines=tally.lines,
            debit_minor=tally.debit_minor,
            credit_minor=tally.credit_minor,
            receivable_lines=tally.receivable_lines,
            receivable_minor=tally.receivable_minor,
            report=notes.report(tally.lines),
        )

    def _lines(self, stream: BinaryIO, notes: ReadNotes) -> Iterator[FecLine]:
        lines = TextLines(stream, notes=notes, encoding=self._settings.encoding)
        return read_lines(lines, self._settings, notes)

    def _records(self, stream: BinaryIO, notes: ReadNotes) -> Iterator[LedgerRecord]:
        tally = _Tally(self._settings)
        entries = EntryBook(self._settings.journals)
        postings: list[Posting] = []
        for line in self._lines(stream, notes):
            entries.note(line)
            if tally.add(line) and (posting := posting_of(line, notes)):
                postings.append(posting)
        tally.check(notes)
        yield from records(postings, entries, settings=self._settings, notes=notes)
