"""What kind of entry a line belongs to, and so what kind of record it becomes.

The file has no document types, but the other lines of the same entry say what happened
(classes of the *plan comptable général*, art. 932-1):

===============  ==========================  ======================
the entry has    a debit becomes             a credit becomes
===============  ==========================  ======================
class 7, income  an invoice                  a credit note
class 5, cash    a debit note (money back)   a receipt
both             an invoice                  a receipt
neither          a debit note                a credit note
===============  ==========================  ======================

An opening journal (*à-nouveaux*) brings forward what happened before: its debits become invoices
and its credits credit notes, whatever other accounts it touches.  A journal can be declared by its
code, which goes before the rule.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Final, TypeAlias

from receivables.documents import ItemKind
from receivables_plugins.fec._rows import FecLine

__all__ = ["EntryBook", "EntryKey", "entry_key", "is_opening"]

EntryKey: TypeAlias = tuple[str, str, str]

_SALES: Final = 1
_CASH: Final = 2
_FLAGS: Final = {"7": _SALES, "5": _CASH}
_DECLARED: Final = {"sales": _SALES, "cash": _CASH, "opening": _SALES, "other": 0}
_OPENING_CODES: Final = frozenset({"AN", "ANO", "ANV", "RAN"})


def entry_key(line: FecLine) -> EntryKey:
    """What names the entry of a line within the file.

    *EcritureNum* names it with its journal and date; where it is 0 on every line, as some programs
    write it, *PieceRef* stands in for it.
    """
    if line.entry.strip("0"):
        return (line.journal, line.entry, line.posted)
    return (line.journal, f"~{line.piece}", line.posted)


def is_opening(line: FecLine) -> bool:
    """Whether the journal of a line brings balances forward, by its code or its name."""
    if line.journal.upper() in _OPENING_CODES:
        return True
    plain = unicodedata.normalize("NFKD", line.journal_name).casefold()
    return "nouveau" in plain


class EntryBook:
    """Remembers of every entry which classes it touches; that is all it keeps."""

    def __init__(self, journals: Mapping[str, str]) -> None:
        self._journals = journals
        self._flags: dict[EntryKey, int] = {}

    def note(self, line: FecLine) -> None:
        """Take notice of one line of an entry."""
        flag = _FLAGS.get(line.account[:1], 0)
        if flag:
            key = entry_key(line)
            self._flags[key] = self._flags.get(key, 0) | flag

    def kind_of(self, line: FecLine) -> ItemKind:
        """The kind of item that a receivable line becomes, once every line was noted."""
        flags = self._flags_of(line)
        if line.debit_minor > line.credit_minor:
            return ItemKind.INVOICE if flags & _SALES else ItemKind.DEBIT_NOTE
        return ItemKind.UNAPPLIED_CASH if flags & _CASH else ItemKind.CREDIT_NOTE

    def is_sale(self, line: FecLine) -> bool:
        """Whether the entry of a line sells something, or brings a sale forward."""
        return bool(self._flags_of(line) & _SALES)

    def _flags_of(self, line: FecLine) -> int:
        declared = self._journals.get(line.journal)
        if declared is not None:
            return _DECLARED[declared]
        if is_opening(line):
            return _SALES
        return self._flags.get(entry_key(line), 0)
