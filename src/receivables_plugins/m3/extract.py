"""The ledger source ``m3-extract``: files of FSLEDG, OCUSMA, OINVOH and FGLEDG that sites write.

A file is delimited, with the names of fields as headings (``ESCUAM`` or ``CUAM``), or of fixed
width, by the layout of the settings.  An archive (zip) may hold one file of each kind.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Final, TypeAlias, cast

import attrs

from receivables.documents import CreditNote, Document, Invoice
from receivables.errors import DocumentError, MoneyError
from receivables.money import from_minor, minor_of
from receivables.parties import CustomerId
from receivables.problems import Place
from receivables.reading import Read, ReadNotes
from receivables.tabular import split
from receivables.texts import TextLines, fixed_records, record_pieces
from receivables_plugins.m3._items import Items
from receivables_plugins.m3._masters import customer_of
from receivables_plugins.m3._rows import Identity, LedgerRow, RowReader, bare, m3_day
from receivables_plugins.m3.settings import ExtractSettings, FixedField

if TYPE_CHECKING:
    from receivables.adapters import LedgerRecord

__all__ = ["M3ExtractSource"]

_DELIMITERS: Final = (";", "|", "\t", ",")
_ZIP: Final = b"PK\x03\x04"
_NAMES: Final = re.compile(r"FSLEDG|OCUSMA|OINVOH|FGLEDG", re.IGNORECASE)
_UNPACKED_MAX: Final = 8_000_000_000
"""Bytes of an archive once unpacked: forty million rows of FSLEDG."""
_KINDS: Final[Mapping[str, frozenset[str]]] = {
    "ledger": frozenset({"PYNO", "CINO", "INYR", "TRCD", "CUAM"}),
    "general-ledger": frozenset({"YEA4", "JRNO", "JSNO", "ACAM"}),
    "customers": frozenset({"CUNO", "CUNM"}),
    "heads": frozenset({"IVNO", "CUCD", "IDAT"}),
}
"""The fields by which a file is known for what it holds, the surest first."""
_PREFIX: Final = {"ledger": "ES", "customers": "OK", "heads": "UH", "general-ledger": "EG"}
_ORDER: Final = ("general-ledger", "customers", "heads", "ledger")
_OVERPUNCH: Final = {
    **{mark: ("", str(value)) for value, mark in enumerate("{ABCDEFGHI")},
    **{mark: ("-", str(value)) for value, mark in enumerate("}JKLMNOPQR")},
}
"""The last digit of a zoned number of IBM i, with the sign of the number in it."""

_Cells: TypeAlias = Mapping[str, str]
_Numbered: TypeAlias = tuple[int, _Cells]
_Locals: TypeAlias = dict[tuple[str, str], int]


@attrs.frozen
class _File:
    """A file once its headings are read: what it holds, and its rows."""

    kind: str
    rows: Iterator[_Numbered]


class M3ExtractSource:
    """Reads extracts of M3; obeys `receivables.adapters.LedgerSource`."""

    def __init__(self, settings: ExtractSettings) -> None:
        self._settings = settings

    def recognizes(self, head: bytes, *, name: str) -> bool:
        """Whether the headings are fields of M3, or its name a table's where the width is fixed."""
        if head.startswith(_ZIP):
            return bool(_NAMES.search(head.decode("latin-1")))
        if self._settings.layout:
            return bool(_NAMES.search(name)) and bool(head.strip())
        notes = ReadNotes(name)
        first = next(iter(TextLines(io.BytesIO(head), notes=notes)), "")
        return bool(_told(_headings(first, self._settings)[1]))

    def read(self, stream: BinaryIO, *, name: str) -> Read[LedgerRecord]:
        """Read; problems are noted with their place, and never raised."""
        notes = ReadNotes(name)
        return Read(_Extract(self._settings, notes).records(stream), notes)


class _Extract:
    """One read: the kinds of its files, the local amounts, the rows by identity."""

    def __init__(self, settings: ExtractSettings, notes: ReadNotes) -> None:
        self._settings = settings
        self._notes = notes
        self._reader = RowReader(
            notes,
            codes=settings.transaction_codes,
            company=settings.company,
            decimal=settings.decimal,
            grouping=settings.grouping,
            date_format=settings.date_format,
        )
        self._locals: _Locals = {}
        self._customers: set[str] = set()

    def records(self, stream: BinaryIO) -> Iterator[LedgerRecord]:
        head = stream.read(len(_ZIP))
        whole = cast("BinaryIO", _Rejoined(head, stream))
        if head == _ZIP:
            yield from self._archive(whole)
            return
        file = self._opened(whole)
        if file is not None:
            yield from self._of(file)

    def _archive(self, stream: BinaryIO) -> Iterator[LedgerRecord]:
        """The files of an archive, the general ledger first, whose amounts the others need."""
        try:
            archive = zipfile.ZipFile(io.BytesIO(stream.read()))
            members = [part for part in archive.infolist() if not part.is_dir()]
            if sum(part.file_size for part in members) > _UNPACKED_MAX:
                self._notes.error("file.too-large", f"archive must unpack to {_UNPACKED_MAX} bytes")
                return
            yield from self._members(archive, members)
        except (
            zipfile.BadZipFile,
            zlib.error,
            ValueError,
            OSError,
            RuntimeError,
            EOFError,
        ) as error:
            self._notes.error("file.format", f"archive must be a whole zip file, got {error}")

    def _members(
        self, archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo]
    ) -> Iterator[LedgerRecord]:
        found: dict[str, list[zipfile.ZipInfo]] = {}
        for member in members:
            with archive.open(member) as stream:
                kind = self._kind_of(stream)
            if kind:
                found.setdefault(kind, []).append(member)
            else:
                msg = f"file must have the headings of a table of M3, got {member.filename!r}"
                self._notes.error("file.format", msg)
        if not members:
            self._notes.error("file.empty", "archive must hold files, got none")
        if found.get("heads") and found.get("ledger"):
            msg = "heads of invoices were not read, because rows of the ledger say what is open"
            self._notes.warn("m3.heads-unused", msg)
            del found["heads"]
        for kind in _ORDER:
            rows = (self._rows_of(archive, member) for member in found.get(kind, ()))
            yield from self._of(_File(kind, itertools.chain.from_iterable(rows)))

    def _kind_of(self, stream: IO[bytes]) -> str:
        notes = ReadNotes(self._notes.source)
        first = next(iter(TextLines(cast("BinaryIO", stream), notes=notes)), "")
        return _told(_headings(first, self._settings)[1])

    def _rows_of(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[_Numbered]:
        with archive.open(member) as stream:
            file = self._opened(cast("BinaryIO", stream))
            if file is not None:
                yield from file.rows

    def _opened(self, stream: BinaryIO) -> _File | None:
        if self._settings.layout:
            return _File(self._settings.record, self._fixed(stream))
        lines = TextLines(stream, notes=self._notes, encoding=self._settings.encoding)
        source = iter(lines)
        first = next(source, "")
        if not first.strip():
            self._notes.error("file.empty", "file must have headings on line 1, got none")
            return None
        delimiter, names = _headings(first, self._settings)
        kind = self._settings.record or _told(names)
        missing = sorted(_KINDS[kind] - set(names)) if kind else []
        if not kind or missing:
            self._refuse_headings(names, missing)
            return None
        return _File(
            kind, self._delimited(lines, source, delimiter, _places(names, first, kind, delimiter))
        )

    def _refuse_headings(self, names: Sequence[str], missing: Sequence[str]) -> None:
        if not missing:
            msg = f"headings must be fields of a table of M3, got {', '.join(names[:8])}"
            self._notes.error("file.format", msg, line=1)
        for name in missing:
            self._notes.error(
                "column.missing", f"file must have the column {name!r}", line=1, field=name
            )

    def _delimited(
        self,
        lines: TextLines,
        source: Iterator[str],
        delimiter: str,
        places: tuple[int, Mapping[str, int]],
    ) -> Iterator[_Numbered]:
        width, wanted = places
        names = tuple(wanted)
        where = tuple(wanted.values())
        for line, fields in self._parted(lines, source, delimiter):
            if len(fields) == width:
                yield (
                    line,
                    {name: fields[at].strip() for name, at in zip(names, where, strict=True)},
                )
            elif any(field.strip() for field in fields):
                msg = f"row must have {width} fields, got {len(fields)}"
                self._notes.error("row.length", msg, line=line)

    def _parted(
        self, lines: TextLines, source: Iterator[str], delimiter: str
    ) -> Iterator[tuple[int, list[str]]]:
        if not self._settings.quotes:
            for text in source:
                if lines.number not in lines.damaged:
                    yield lines.number, text.rstrip("\r\n").split(delimiter)
            return
        records = split(source, delimiter)
        while True:
            start = lines.number + 1
            try:
                fields = next(records)
            except StopIteration:
                return
            except csv.Error as error:
                msg = f"row must be quoted as RFC 4180 says, got {error}. Set quotes to false"
                self._notes.error("file.format", msg, line=start)
                continue
            if not lines.damaged or lines.damaged.isdisjoint(range(start, lines.number + 1)):
                yield start, fields

    def _fixed(self, stream: BinaryIO) -> Iterator[_Numbered]:
        number = 0
        for number, text in enumerate(self._fixed_lines(stream), start=1):
            if not text.strip():
                continue
            cells: dict[str, str] = {}
            if not self._cut(text, number):
                for field in self._settings.layout:
                    piece = text[field.start - 1 : field.start - 1 + field.length].strip()
                    cells[bare(field.field)] = _unpunched(piece, field)
                yield number, cells
        if not number and not self._notes.error_count:
            self._notes.error("file.empty", "file must have rows, got none")

    def _fixed_lines(self, stream: BinaryIO) -> Iterator[str]:
        length, encoding = self._settings.record_length, self._settings.encoding
        if length and "\n".encode(encoding) != b"\n":
            yield from self._blocks(stream, length, encoding)
            return
        if length:
            for line in itertools.chain.from_iterable(
                fixed_records(stream, notes=self._notes, length=length)
            ):
                yield from record_pieces(line, length=length)
            return
        extent = max(field.start + field.length - 1 for field in self._settings.layout)
        lines = TextLines(stream, notes=self._notes, encoding=self._settings.encoding)
        for text in lines:
            bare_line = text.rstrip("\r\n")
            if lines.number == 1 and bare_line == text and len(text) >= 2 * extent:
                # More records than the first may follow in it, and none of them would be missed.
                msg = f"record_length must be given for a file without line ends, got {len(text)} characters"
                self._notes.error("settings.invalid", msg, line=1)
                return
            yield bare_line

    def _blocks(self, stream: BinaryIO, length: int, encoding: str) -> Iterator[str]:
        """Records of a file in EBCDIC, which has no line ends."""
        number = 0
        while raw := stream.read(length):
            number += 1
            try:
                yield raw.decode(encoding)
            except UnicodeDecodeError:
                msg = f"record must be text in {encoding}, got other bytes"
                self._notes.error("encoding.invalid", msg, line=number)

    def _cut(self, text: str, line: int) -> bool:
        """Whether a line ends inside an amount, which would say less than it was."""
        for field in self._settings.layout:
            first, last = field.start - 1, field.start - 1 + field.length
            if first < len(text) < last and bare(field.field) in _AMOUNTS:
                msg = f"line must reach position {last}, got {len(text)} characters"
                self._notes.error("row.length", msg, line=line, field=field.field)
                return True
        return False

    def _of(self, file: _File) -> Iterator[LedgerRecord]:
        readers: Mapping[str, Callable[[Iterable[_Numbered]], Iterator[LedgerRecord]]] = {
            "ledger": self._ledger,
            "general-ledger": self._general_ledger,
            "customers": self._customer_records,
            "heads": self._heads,
        }
        yield from readers[file.kind](file.rows)

    def _is_ours(self, cells: _Cells) -> bool:
        wanted, division = self._settings.company.lstrip("0"), self._settings.division
        company = cells.get("CONO", "").lstrip("0")
        in_company = not wanted or not company or company == wanted
        return in_company and (not division or cells.get("DIVI", division) == division)

    def _ledger(self, rows: Iterable[_Numbered]) -> Iterator[LedgerRecord]:
        groups: dict[Identity, list[LedgerRow]] = {}
        for line, cells in rows:
            if not self._is_ours(cells):
                continue
            row = self._reader.row(cells, line=line)
            if row is not None:
                if self._locals or "ACAM" in cells:
                    row = self._with_local(row, cells)
                groups.setdefault(row.identity, []).append(row)
        items = Items(self._settings, self._notes, as_of=self._settings.snapshot_date)
        for identity, found in groups.items():
            if identity not in self._reader.broken:
                yield from items.records(identity, found)

    def _with_local(self, row: LedgerRow, cells: _Cells) -> LedgerRow:
        currency = self._settings.currency
        local = self._locals.get((row.identity.division, row.journal))
        if local is None and currency and cells.get("ACAM"):
            local = self._minor(cells["ACAM"], currency, row.line)
        if local is None:
            return row
        return attrs.evolve(row, local_minor=local, local_currency=currency)

    def _minor(self, text: str, currency: str, line: int | None, field: str = "ACAM") -> int | None:
        amount = self._reader.amount(text)
        try:
            if amount is not None:
                return minor_of(amount, currency)
            msg = f"{field} must be readable in one way, got {text!r}"
        except MoneyError as error:
            msg = f"{field}: {error}"
        self._notes.error("amount.invalid", msg, line=line, field=field)
        return None

    def _general_ledger(self, rows: Iterable[_Numbered]) -> Iterator[LedgerRecord]:
        """Local amounts by division and journal line; FSLEDG has none."""
        currency = self._settings.currency
        if not currency:
            msg = "currency of the books must be given for amounts of FGLEDG, got none"
            self._notes.error("settings.invalid", msg)
        for line, cells in rows if currency else ():
            if not self._is_ours(cells):
                continue
            parts = (cells.get(name, "") for name in ("YEA4", "JRNO", "JSNO"))
            journal = "-".join(
                part if place == 0 else part.lstrip("0") for place, part in enumerate(parts)
            )
            amount = self._minor(cells.get("ACAM", ""), currency, line)
            if amount is not None:
                self._locals[cells.get("DIVI", ""), journal] = amount
        yield from ()

    def _customer_records(self, rows: Iterable[_Numbered]) -> Iterator[LedgerRecord]:
        for line, cells in rows:
            company = self._settings.company.lstrip("0")
            if company and cells.get("CONO", "").lstrip("0") not in {"", company}:
                continue
            customer = customer_of(cells, settings=self._settings, notes=self._notes, line=line)
            if customer is None:
                continue
            if customer.customer in self._customers:
                msg = f"customer must be unique, got {customer.customer!r} again"
                self._notes.error("customer.duplicate", msg, line=line, field="CUNO")
                continue
            self._customers.add(customer.customer)
            yield customer

    def _heads(self, rows: Iterable[_Numbered]) -> Iterator[LedgerRecord]:
        field = self._settings.head_amount
        if not field:
            msg = "head_amount must name the amount of OINVOH that invoices are for, got none"
            self._notes.error("settings.invalid", msg)
        seen: dict[str, int] = {}
        for line, cells in rows if field else ():
            document = self._head(cells, bare(field), line) if self._is_ours(cells) else None
            if document is None:
                continue
            first = seen.setdefault(document.number, line)
            if first != line:
                msg = f"number must be unique, got {document.number!r}, which line {first} has"
                self._notes.error("document.duplicate", msg, line=line, field="IVNO")
                continue
            yield document

    def _head(self, cells: _Cells, field: str, line: int) -> Document | None:
        try:
            issued = m3_day(cells.get("IDAT", ""), format=self._settings.date_format)
            due = m3_day(cells.get("DUDT", ""), format=self._settings.date_format)
        except ValueError as error:
            msg = f"IDAT and DUDT must be days as {self._settings.date_format}, got {error}"
            self._notes.error("date.invalid", msg, line=line, field="IDAT")
            return None
        currency = cells.get("CUCD", "")
        minor = self._minor(cells.get(field, ""), currency, line, field)
        number = cells.get("EXIN") or cells.get("IVNO", "")
        payer = cells.get("PYNO") or cells.get("CUNO", "")
        if issued is None:
            self._notes.error(
                "date.missing", "IDAT must be given, got none", line=line, field="IDAT"
            )
        if issued is None or minor is None:
            return None
        return self._head_document(_Head(number, cells, payer, issued, due, minor), line)

    def _head_document(self, head: _Head, line: int) -> Document | None:
        cells = head.cells
        parts = {
            "DIVI": cells.get("DIVI", ""),
            "PYNO": head.payer,
            "CINO": head.number,
            "INYR": cells.get("YEA4") or str(head.issued.year),
        }
        number = "-".join(parts[part] for part in self._settings.document_number)
        kind: type[Document] = Invoice if head.minor >= 0 else CreditNote
        by_payer = self._settings.account == "payer"
        try:
            return kind(
                number=number,
                creditor=self._settings.creditor,
                customer=CustomerId(head.payer if by_payer else cells.get("CUNO", "")),
                document_date=head.issued,
                due_date=head.due,
                total=from_minor(abs(head.minor), cells["CUCD"]),
                terms=self._settings.terms.get(cells.get("TEPY", ""), ""),
                references=[head.number] if number != head.number else [],
                source=Place(self._notes.source, line=line),
            )
        except DocumentError as error:
            self._notes.error("document.unbalanced", str(error), line=line)
            return None


@attrs.frozen
class _Head:
    """What a row of OINVOH says, read."""

    number: str
    cells: _Cells
    payer: str
    issued: dt.date
    due: dt.date | None
    minor: int


_AMOUNTS: Final = frozenset({"CUAM", "ACAM"})


class _Rejoined:
    """A stream whose first bytes were read already."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = head
        self._rest = rest

    def read(self, size: int = -1) -> bytes:
        head, self._head = self._head, b""
        if size < 0:
            return head + self._rest.read()
        # A short answer would look like the end of the stream.
        self._head = head[size:]
        return head[:size] + self._rest.read(max(0, size - len(head)))

    def readline(self, size: int = -1) -> bytes:
        head, self._head = self._head, b""
        if head.endswith(b"\n") or not head:
            return head or self._rest.readline(size)
        before, mark, after = head.partition(b"\n")
        if mark:
            self._head = after
            return before + mark
        return head + self._rest.readline(size if size < 0 else size - len(head))

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever a stream has besides
        return getattr(self._rest, name)


def _headings(first: str, settings: ExtractSettings) -> tuple[str, list[str]]:
    """The delimiter of a line of headings, and their bare names."""
    text = first.rstrip("\r\n").removeprefix("\ufeff")
    marks = (settings.delimiter,) if settings.delimiter else _DELIMITERS
    delimiter = max(marks, key=text.count)
    return delimiter, [bare(name) for name in text.split(delimiter)]


def _told(names: Sequence[str]) -> str:
    there = set(names)
    return next((kind for kind, needed in _KINDS.items() if needed <= there), "")


def _places(
    names: Sequence[str], first: str, kind: str, delimiter: str
) -> tuple[int, Mapping[str, int]]:
    """How many fields a row has, and where each is; its own table's come before a joined one's."""
    raw = [name.strip().strip('"').upper() for name in first.rstrip("\r\n").split(delimiter)]
    found: dict[str, int] = {}
    for place, name in enumerate(names):
        is_own = raw[place].rpartition(".")[2] == _PREFIX[kind] + name
        if name and (name not in found or is_own):
            found[name] = place
    return len(names), found


def _unpunched(text: str, field: FixedField) -> str:
    """The digits of a fixed field as a number with a point and a sign; any other text as it is.

    >>> _unpunched("000001250}", FixedField(field="CUAM", start=1, length=10, decimals=2))
    '-125.00'
    """
    if field.decimals is None or not text:
        return text
    sign, digits = "", text
    if text[-1] in "+-":
        sign, digits = text[-1], text[:-1].strip()
    elif text[0] in "+-":
        sign, digits = text[0], text[1:].strip()
    elif text[-1] in _OVERPUNCH:
        sign, last = _OVERPUNCH[text[-1]]
        digits = text[:-1] + last
    if not (digits.isascii() and digits.isdigit()):
        return text
    amount = Decimal(int(digits)).scaleb(-field.decimals)
    return f"{'-' if sign == '-' else ''}{amount:f}"
