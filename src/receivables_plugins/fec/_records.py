"""From the receivable lines of an export to customers, documents, receipts and allocations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

import attrs

from receivables.adapters import LedgerRecord
from receivables.allocation import SourceAllocation
from receivables.documents import CreditNote, DebitNote, Document, Invoice, ItemId, ItemKind
from receivables.money import from_minor
from receivables.parties import Customer, CustomerId
from receivables.problems import Place
from receivables.reading import ReadNotes
from receivables.receipts import Payer, Receipt, Remittance
from receivables_plugins.fec._entries import EntryBook, EntryKey, entry_key
from receivables_plugins.fec._rows import FecLine
from receivables_plugins.fec.settings import FecSettings

__all__ = ["Posting", "identities", "posting_of", "records"]

_DOCUMENTS: Final[dict[ItemKind, type[Document]]] = {
    ItemKind.INVOICE: Invoice,
    ItemKind.DEBIT_NOTE: DebitNote,
    ItemKind.CREDIT_NOTE: CreditNote,
}


@attrs.frozen(kw_only=True)
class Posting:
    """One receivable line with its dates read; `net_minor` is debit less credit, never zero."""

    line: FecLine
    customer: CustomerId
    net_minor: int
    posting_date: dt.date
    document_date: dt.date
    lettered_on: dt.date | None

    @property
    def name(self) -> str:
        """The name of the customer, or its identifier where the export has none."""
        line = self.line
        name = line.auxiliary_name if line.auxiliary else line.account_name
        return name or self.customer


def posting_of(line: FecLine, notes: ReadNotes) -> Posting | None:
    """Read the dates of a receivable line; None where one is wrong, or where it moves nothing."""
    posted = _date(line, "EcritureDate", line.posted, notes)
    dated = _date(line, "PieceDate", line.dated or line.posted, notes)
    lettered = _date(line, "DateLet", line.lettered, notes) if line.lettered else None
    net = line.debit_minor - line.credit_minor
    if not posted or not dated or (line.lettered and not lettered) or not net:
        return None
    return Posting(
        line=line,
        customer=CustomerId(line.auxiliary or line.account),
        net_minor=net,
        posting_date=posted,
        document_date=dated,
        lettered_on=lettered,
    )


def _date(line: FecLine, field: str, text: str, notes: ReadNotes) -> dt.date | None:
    try:
        if len(text) == 8 and text.isascii() and text.isdigit():  # noqa: PLR2004  # YYYYMMDD
            return dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        pass
    notes.error(
        "date.invalid", f"{field} must be YYYYMMDD, got {text!r}", line=line.line, field=field
    )
    return None


def identities(postings: list[Posting], entries: EntryBook) -> list[str]:
    """Name every line for good, in the order of `postings`, each name once.

    *PieceRef* names the document of a sale; where several lines share it, the one posted first
    keeps it.  Every other line is ``PieceRef~JournalCode-EcritureNum`` (with *EcritureDate* where
    *EcritureNum* is 0) and, from the second line of an entry on, its place among them.  None of
    these change when the export is made again, or grows by later entries.
    """
    owners = _owners(postings, entries)
    places: dict[tuple[EntryKey, str], int] = {}
    used = set(owners.values())
    names = []
    for index, posting in enumerate(postings):
        key = (entry_key(posting.line), posting.line.piece)
        places[key] = places.get(key, 0) + 1
        names.append(owners.get(index) or _distinct(posting.line, places[key], used))
    return names


def _owners(postings: list[Posting], entries: EntryBook) -> dict[int, str]:
    """Which line may keep each *PieceRef*: documents of a sale first, then by date and place."""
    first: dict[str, tuple[bool, dt.date, int]] = {}
    for index, posting in enumerate(postings):
        piece = posting.line.piece
        if piece and entries.kind_of(posting.line) is not ItemKind.UNAPPLIED_CASH:
            rank = (not entries.is_sale(posting.line), posting.posting_date, index)
            first[piece] = min(first.get(piece, rank), rank)
    return {index: piece for piece, (_, _, index) in first.items()}


def _distinct(line: FecLine, place: int, used: set[str]) -> str:
    number = line.entry if line.entry.strip("0") else line.posted
    base = f"{line.piece}~{line.journal}-{number}".strip("~")
    name = base if place == 1 else f"{base}.{place}"
    while name in used:
        # Two different lines can only meet here where a PieceRef imitates these names.
        name += "~"
    used.add(name)
    return name


def records(
    postings: list[Posting], entries: EntryBook, *, settings: FecSettings, notes: ReadNotes
) -> Iterator[LedgerRecord]:
    """Give customers, then documents, then receipts, then what the lettering settles."""
    names = identities(postings, entries)
    kinds = [entries.kind_of(posting.line) for posting in postings]
    yield from _customers(postings, settings)
    for posting, name, kind in zip(postings, names, kinds, strict=True):
        if kind is not ItemKind.UNAPPLIED_CASH:
            yield _document(posting, name, kind, settings=settings, source=notes.source)
    for posting, name, kind in zip(postings, names, kinds, strict=True):
        if kind is ItemKind.UNAPPLIED_CASH:
            yield _receipt(posting, name, settings=settings, source=notes.source)
    if settings.lettering == "balanced":
        yield from _allocations(postings, names, settings=settings, notes=notes)


def _customers(postings: list[Posting], settings: FecSettings) -> Iterator[Customer]:
    seen: set[str] = set()
    for posting in postings:
        if posting.customer not in seen:
            seen.add(posting.customer)
            yield Customer(customer=posting.customer, name=posting.name, locale=settings.locale)


def _document(
    posting: Posting, name: str, kind: ItemKind, *, settings: FecSettings, source: str
) -> Document:
    piece = posting.line.piece
    return _DOCUMENTS[kind](
        number=name,
        creditor=settings.creditor,
        customer=posting.customer,
        document_date=posting.document_date,
        posting_date=posting.posting_date,
        total=from_minor(abs(posting.net_minor), settings.currency),
        references=(piece,) if piece and piece != name else (),
        source=Place(source, line=posting.line.line),
    )


def _receipt(posting: Posting, name: str, *, settings: FecSettings, source: str) -> Receipt:
    return Receipt(
        receipt=name,
        creditor=settings.creditor,
        customer=posting.customer,
        amount=from_minor(-posting.net_minor, settings.currency),
        booking_date=posting.posting_date,
        payer=Payer(name=posting.name),
        remittance=Remittance(text=(posting.line.text,) if posting.line.text else ()),
        source=Place(source, line=posting.line.line),
    )


def _allocations(
    postings: list[Posting], names: list[str], *, settings: FecSettings, notes: ReadNotes
) -> Iterator[SourceAllocation]:
    """Give one allocation per lettering group that adds up to zero; note the others.

    A letter is used again for every customer, so a group is account, customer and letter.
    """
    groups: dict[tuple[str, str, str], list[int]] = {}
    for index, posting in enumerate(postings):
        line = posting.line
        if line.letter:
            groups.setdefault((line.account, line.auxiliary, line.letter), []).append(index)
    for (account, auxiliary, letter), members in groups.items():
        group = [postings[index] for index in members]
        if rest := sum(posting.net_minor for posting in group):
            left = from_minor(rest, settings.currency)
            owner = f"{account} {auxiliary}".strip()
            msg = f"lettering {letter} of {owner} must add up to zero, got {left}"
            notes.warn("lettering.unbalanced", msg, line=group[0].line.line, field="EcritureLet")
        else:
            yield SourceAllocation(
                creditor=settings.creditor,
                customer=group[0].customer,
                items=[ItemId(names[index]) for index in members],
                settled_on=_settled_on(group),
                label=letter,
                source=Place(notes.source, line=group[0].line.line),
            )


def _settled_on(group: list[Posting]) -> dt.date:
    """The day of lettering; the day of the last line where that is later, or none is given.

    Nothing can be settled before it is posted, whatever a program has written into *DateLet*.
    """
    days = [posting.lettered_on for posting in group if posting.lettered_on]
    return max(*days, *(posting.posting_date for posting in group))
