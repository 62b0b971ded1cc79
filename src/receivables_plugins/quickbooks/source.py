"""The ledger source ``quickbooks-objects``: answers of Online that somebody saved, in JSON or XML."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast

from receivables import limits
from receivables.markup import Node, elements
from receivables.parties import Customer, CustomerId
from receivables.reading import Read, ReadNotes
from receivables_plugins.quickbooks.answers import (
    Fault,
    Page,
    faults_in,
    is_answer,
    pages_in,
)
from receivables_plugins.quickbooks.items import Accounts, parts_of
from receivables_plugins.quickbooks.masters import Terms, customer_of
from receivables_plugins.quickbooks.objects import KINDS, Fields, Found, Raw, raw_of
from receivables_plugins.quickbooks.settings import PAGE_MAX, ObjectsSettings
from receivables_plugins.quickbooks.settling import Book, View

if TYPE_CHECKING:
    from receivables.adapters import LedgerRecord

__all__ = ["ObjectsSource"]

_HEAD_BYTES: Final = 4_096
_MARKS: Final = (
    *(b'"QueryResponse"', b'"CDCResponse"', b'"BatchItemResponse"', b'"Fault"', b'"fault"'),
    *(b'"domain":"QBO"', b'"domain": "QBO"', b'domain="QBO"'),
    *(b"schema.intuit.com/finance", b"<Fault"),
)
_VERSION: Final = ("SyncToken", "TotalAmt", "Balance", "UnappliedAmt", "status")
"""What tells one version of an object from another."""
_WANTED: Final = "file must have an answer of QuickBooks Online"
_NAMES: Final = frozenset({"QueryResponse", "BatchItemResponse", "Fault", *KINDS})


class ObjectsSource:
    """Reads saved answers to queries, to questions for changes and for single objects, and batches.

    A file of JSON has one answer, or one on each line; records come once all of it was seen,
    because a payment may stand before or after what it settles.
    """

    def __init__(self, settings: ObjectsSettings) -> None:
        self._settings = settings

    def recognizes(self, head: bytes, *, name: str) -> bool:  # noqa: ARG002  # names say nothing
        """Whether the first bytes are those of an answer of Online."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
        return start in {b"{", b"[", b"<"} and any(mark in head for mark in _MARKS)

    def read(self, stream: BinaryIO, *, name: str) -> Read[LedgerRecord]:
        """Read customers, documents, receipts and what settles what, in this order."""
        notes = ReadNotes(name)
        return Read(self._records(stream, notes), notes)

    def _records(self, stream: BinaryIO, notes: ReadNotes) -> Iterator[LedgerRecord]:
        gathered = _Gathered(self._settings, notes)
        for page in _pages(stream, notes):
            gathered.take(page)
        yield from gathered.records()


def _pages(stream: BinaryIO, notes: ReadNotes) -> Iterator[Page]:
    """Every page of a file; faults go to the notes, and so does what is no answer."""
    head = stream.read(_HEAD_BYTES)
    if not head.strip():
        notes.error("file.empty", "file must have an answer, got nothing")
        return
    whole = cast("BinaryIO", io.BufferedReader(_Rejoined(head, stream)))
    is_xml = head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")
    is_empty = True
    for answer, line in _marked_up(whole, notes) if is_xml else _answers(whole, notes):
        is_empty = False
        if not is_answer(answer):
            notes.error("file.format", f"{_WANTED}, got something else", line=line)
        for fault in faults_in(answer, line=line):
            _note(fault, notes)
        yield from pages_in(answer, line=line)
    if is_empty and not notes.error_count:
        notes.error("file.format", f"{_WANTED}, got none")


def _note(fault: Fault, notes: ReadNotes) -> None:
    field = fault.element or None
    notes.error(
        "service.refused", f"answer must be no fault, got {fault}", line=fault.line, field=field
    )


def _marked_up(stream: BinaryIO, notes: ReadNotes) -> Iterator[tuple[Any, int]]:
    for node in elements(stream, notes=notes, names=_NAMES):
        if node.name in KINDS or node.name == "Fault":
            yield {node.name: raw_of(node)}, node.line
        else:
            yield from _held(node)


def _held(node: Node) -> Iterator[tuple[Any, int]]:
    """What a page of XML holds: its objects, each with the line that it begins on."""
    count = node["totalCount"]
    kinds = {child.name for child in node.children}
    if not node.children:
        yield {node.name: {}}, node.line
    for child in node.children:
        told = {"totalCount": count} if count and len(kinds) == 1 else {}
        yield {node.name: {child.name: raw_of(child), **told}}, child.line


def _answers(stream: BinaryIO, notes: ReadNotes) -> Iterator[tuple[Any, int]]:
    """The answers of a file of JSON: one a line, or one in all."""
    number = 0
    while raw := stream.readline(limits.XML_RECORD_BYTES_MAX + 1):
        number += 1
        if not raw.strip():
            continue
        if len(raw) > limits.XML_RECORD_BYTES_MAX:
            _too_large(notes, number)
            return
        try:
            yield _parsed(raw), number
        except (ValueError, RecursionError):
            # It spans lines: what is left of the file is one answer.
            yield from _spanning(raw, stream, notes, number)
            return


def _spanning(
    first: bytes, stream: BinaryIO, notes: ReadNotes, line: int
) -> Iterator[tuple[Any, int]]:
    raw = first + stream.read(limits.XML_RECORD_BYTES_MAX)
    if len(raw) > limits.XML_RECORD_BYTES_MAX:
        _too_large(notes, line)
        return
    try:
        yield _parsed(raw), line
    except UnicodeDecodeError as error:
        notes.error("encoding.invalid", f"file must be text in UTF-8, got {error}", line=line)
    except json.JSONDecodeError as error:
        code = "file.truncated" if error.pos >= len(error.doc.rstrip()) else "file.format"
        msg = f"file must be JSON, got {error.msg}"
        notes.error(code, msg, line=line + error.lineno - 1)
    except (ValueError, RecursionError) as error:
        notes.error("file.format", f"file must be JSON, got {type(error).__name__}", line=line)


def _parsed(raw: bytes) -> Any:  # noqa: ANN401  # whatever the file says
    return json.loads(raw.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_no_number)


def _no_number(text: str) -> Any:  # noqa: ANN401  # it never returns
    msg = f"a number must be finite, got {text}"
    raise ValueError(msg)


def _too_large(notes: ReadNotes, line: int) -> None:
    msg = f"an answer must have at most {limits.XML_RECORD_BYTES_MAX} bytes, got more"
    notes.error("file.too-large", msg, line=line)


class _Rejoined(io.RawIOBase):
    """A stream whose beginning was read already."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401  # any buffer
        """The beginning, then what follows it."""
        piece = self._head[: len(buffer)] or self._rest.read(len(buffer))
        self._head = self._head[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)


class _Gathered:
    """Everything that the pages of a file hold, until the last of them was seen."""

    def __init__(self, settings: ObjectsSettings, notes: ReadNotes) -> None:
        self._settings = settings
        self._notes = notes
        self._book = Book(notes=notes)
        self._accounts = Accounts(settings)
        self._terms = Terms()
        self._customers: list[Found] = []
        self._journals: list[Found] = []
        self._names: dict[str, str] = {}
        self._seen: dict[tuple[str, str], tuple[int | None, tuple[str, ...]]] = {}
        self._counted: dict[str, int] = {}
        self._totals: dict[str, int] = {}
        self._ends: dict[str, tuple[int, bool]] = {}

    def take(self, page: Page) -> None:
        """Take in one page."""
        if page.total is not None:
            self._totals[page.kind] = max(page.total, self._totals.get(page.kind, 0))
        start = page.start or 1
        if start > self._ends.get(page.kind, (0, False))[0]:
            self._ends[page.kind] = (start, len(page.objects) >= PAGE_MAX)
        for found in page.found():
            if self._is_new(found):
                self._object(found)

    def _is_new(self, found: Found) -> bool:
        raw = found.raw
        identity = (found.kind, str(raw.get("Id", "")))
        self._counted.setdefault(found.kind, 0)
        version = tuple(str(raw.get(name, "")) for name in _VERSION)
        first = self._seen.get(identity)
        if first is None or not identity[1]:
            self._seen[identity] = (found.line, version)
            self._counted[found.kind] += 1
            return True
        msg = f"object must stand once, got {' '.join(identity)} of line {first[0]} again"
        if version == first[1]:
            self._notes.warn("quickbooks.repeated", f"{msg}, the same", line=found.line)
        else:
            self._notes.error("document.duplicate", f"{msg}, with other content", line=found.line)
        return False

    def _object(self, found: Found) -> None:
        self._name(found.raw)
        if str(found.raw.get("status", "")) == "Deleted":
            msg = f"an object that was deleted is no record, got {found.kind} {found.raw.get('Id')}"
            self._notes.warn("quickbooks.deleted", msg, line=found.line)
        elif found.kind == "Customer":
            self._customers.append(found)
        elif found.kind == "Account":
            self._accounts.learn(Fields(found, notes=self._notes))
        elif found.kind == "Term":
            self._terms.learn(Fields(found, notes=self._notes))
        elif found.kind in {"Invoice", "CreditMemo", "Payment"}:
            self._book_in(found)
        else:
            # Which accounts hold receivables may stand further down.
            self._journals.append(found)

    def _name(self, raw: Raw) -> None:
        ref = raw.get("CustomerRef")
        if isinstance(ref, dict) and ref.get("value") and ref.get("name"):
            self._names.setdefault(str(ref["value"]), str(ref["name"]))

    def _book_in(self, found: Found) -> None:
        parts = parts_of(found, settings=self._settings, accounts=self._accounts, notes=self._notes)
        self._book.take(parts)

    def records(self) -> Iterator[LedgerRecord]:
        """The records of the whole file."""
        for found in self._journals:
            self._book_in(found)
        yield from self._described()
        yield from self._book.records(View(is_whole=True))
        self._check_counts()

    def _described(self) -> Iterator[Customer]:
        """Customers of the file, then those of whom documents say no more than the name."""
        told: set[str] = set()
        for found in self._customers:
            customer = customer_of(
                found, settings=self._settings, terms=self._terms, notes=self._notes
            )
            if customer is not None:
                told.add(customer.customer)
                yield customer
        for identity, name in self._names.items():
            if identity not in told:
                yield Customer(
                    customer=CustomerId(identity), name=name, locale=self._settings.locale
                )

    def _check_counts(self) -> None:
        for kind, count in sorted(self._counted.items()):
            total = self._totals.get(kind, 0)
            if total > count:
                msg = f"file must have all {total} objects of kind {kind}, got {count}"
                self._notes.error("service.incomplete", msg)
            elif self._ends[kind][1] and total != count:
                msg = f"the last page of {kind} must have fewer than {PAGE_MAX} objects, got a full one"
                self._notes.error("service.incomplete", f"{msg}. Save the next page as well")
