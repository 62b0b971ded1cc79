"""Reads lists by a map: rows of documents as documents, rows of payments as receipts.

A payment of which something is applied is a receipt in full, of which that part is settled on the
day of the list; where no such day is given, it is a receipt of what is not applied.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from receivables.allocation import SourceAllocation
from receivables.documents import ItemId
from receivables.errors import MoneyError
from receivables.money import minor_of, to_minor
from receivables.reading import Read, ReadNotes
from receivables.receipts import Receipt
from receivables.tabular import DELIMITERS, NEEDED, Row, TableSettings, records_in, split
from receivables.texts import TextLines, amount_readings
from receivables_plugins.column_maps.maps import ColumnMap
from receivables_plugins.column_maps.settings import MapSettings

if TYPE_CHECKING:
    from receivables.adapters import LedgerRecord

__all__ = ["MapSource"]

_RECEIPT: Final = {
    "receipt": "number",
    "customer": "customer",
    "booking-date": "document-date",
    "amount": "amount",
    "currency": "currency",
    "text": "references",
}


class MapSource:
    """Reads the lists of one system."""

    def __init__(self, map_: ColumnMap, settings: MapSettings) -> None:
        self._map = map_
        self._settings = settings

    def recognizes(self, head: bytes, *, name: str) -> bool:
        """Whether the headings are those of the map: all that every document needs."""
        lines = TextLines(io.BytesIO(head), notes=ReadNotes(name), encoding=self._settings.encoding)
        first = next(iter(lines), "")
        return any(self._fits(first, mark) for mark in DELIMITERS)

    def _fits(self, line: str, mark: str) -> bool:
        names = _names(line, mark)
        columns = self._columns(names)
        technical = sum(
            columns.get(field) == names_[0] for field, names_ in self._map.columns.items()
        )
        needed = {*NEEDED["documents"], "type", "open-amount"}
        # Labels such as "Date" are everybody's; technical names are a system's own.
        return needed <= columns.keys() and (technical > len(needed) // 2 or self._is_own(columns))

    def _is_own(self, columns: Mapping[str, str]) -> bool:
        return self._map.system == "dynamics" and columns["number"] == "Document No."

    def read(self, stream: BinaryIO, *, name: str) -> Read[LedgerRecord]:
        """Read a delimited list."""
        notes = ReadNotes(name)
        return Read(self._records(self._rows(stream, notes), notes), notes)

    def read_rows(self, rows: Iterable[Mapping[str, Any]], *, name: str) -> Read[LedgerRecord]:
        """Read rows of another origin (a data frame's, a database's), each by the list's headings."""
        notes = ReadNotes(name)
        return Read(self._records(_texts(rows, notes), notes), notes)

    def _rows(self, stream: BinaryIO, notes: ReadNotes) -> Iterator[tuple[int, Mapping[str, str]]]:
        lines = TextLines(stream, notes=notes, encoding=self._settings.encoding)
        source = iter(lines)
        first = next(source, "")
        if not first.strip():
            notes.error("file.empty", "file must have headings on line 1, got none")
            return
        mark = max(DELIMITERS, key=lambda each: len(self._columns(_names(first, each))))
        names = _names(first, mark)
        if not self._has_all(self._columns(names), notes, 1):
            return
        records = split(source, mark)
        while True:
            line = lines.number + 1
            try:
                cells = next(records)
            except StopIteration:
                return
            except csv.Error as error:
                notes.error(
                    "file.format", f"row must be quoted as RFC 4180 says, got {error}", line=line
                )
                continue
            if len(cells) == len(names):
                yield line, dict(zip(names, cells, strict=True))
            elif any(cells):
                msg = f"row must have {len(names)} fields, got {len(cells)}"
                notes.error("row.length", msg, line=line)

    def _columns(self, names: Iterable[str]) -> dict[str, str]:
        """The heading of each field, by the settings or by the map."""
        there = set(names)
        found = {
            field: next((name for name in candidates if name in there), "")
            for field, candidates in self._map.columns.items()
        }
        found |= {field: name for field, name in self._settings.columns.items() if name in there}
        return {field: name for field, name in found.items() if name}

    def _records(
        self, table: Iterator[tuple[int, Mapping[str, str]]], notes: ReadNotes
    ) -> Iterator[LedgerRecord]:
        first = next(table, None)
        if first is None:
            return
        columns = self._columns(first[1])
        if not notes.error_count and not self._has_all(columns, notes, 1):
            return
        reader = _Reader(self._map, self._settings, columns, notes)
        yield from reader.documents(first, table)
        yield from reader.receipts()

    def _has_all(self, columns: Mapping[str, str], notes: ReadNotes, line: int) -> bool:
        for field in sorted({*NEEDED["documents"], "type"} - columns.keys()):
            names = " or ".join(map(repr, self._map.columns.get(field, (field,))))
            msg = f"list must have a column for the {field}: {names}"
            notes.error("column.missing", msg, line=line, field=field)
        return not notes.error_count


class _Reader:
    """Parts the rows of one list: documents as they come, receipts after them."""

    def __init__(
        self,
        map_: ColumnMap,
        settings: MapSettings,
        columns: Mapping[str, str],
        notes: ReadNotes,
    ) -> None:
        self._map = map_
        self._settings = settings
        self._columns = columns
        self._notes = notes
        self._receipts: list[Row] = []
        self._applied: dict[str, Decimal] = {}
        """What of each receipt is applied, without a sign."""
        self._passed: Counter[str] = Counter()

    def documents(
        self,
        first: tuple[int, Mapping[str, str]],
        table: Iterator[tuple[int, Mapping[str, str]]],
    ) -> Iterator[LedgerRecord]:
        """The documents, each after its customer."""
        settings = self._table("documents", types=self._map.types)
        yield from records_in(self._documents(first, table), settings=settings, notes=self._notes)

    def receipts(self) -> Iterator[LedgerRecord]:
        """Payments, and what of each is applied."""
        settings = self._table("receipts")
        for record in records_in(iter(self._receipts), settings=settings, notes=self._notes):
            yield record
            if isinstance(record, Receipt) and settings.snapshot_date is not None:
                yield from self._settled(record, settings.snapshot_date)
        for kind, count in self._passed.items():
            self._notes.warn(
                f"{self._map.system}.left-out", f"{count} rows of {kind!r} are no receivables"
            )

    def _documents(
        self,
        first: tuple[int, Mapping[str, str]],
        table: Iterator[tuple[int, Mapping[str, str]]],
    ) -> Iterator[Row]:
        yield from self._document(*first)
        for line, cells in table:
            yield from self._document(line, cells)

    def _document(self, line: int, cells: Mapping[str, str]) -> Iterator[Row]:
        """The row where it is a document; payments are kept for later, others passed over."""
        if not self._is_wanted(cells):
            return
        found = {field: cells[name].strip() for field, name in self._columns.items()}
        if "currency" in found:
            found["currency"] = found["currency"] or self._settings.currency
        kind = found["type"]
        if kind in self._map.left_out:
            self._passed[kind] += 1
        elif kind in self._map.receipts:
            self._receipt(line, found)
        else:
            self._unsign(found)
            yield self._row(line, found, self._columns)

    def _is_wanted(self, cells: Mapping[str, str]) -> bool:
        for name, values in self._map.only.items():
            if name in cells and cells[name].strip() not in values:
                self._passed[f"{name} {cells[name].strip()}"] += 1
                return False
        return True

    def _unsign(self, found: dict[str, str]) -> None:
        """Take the minus off a credit's amounts, where the list is signed."""
        if self._map.is_signed and found["type"] in self._map.credit_notes:
            for field in ("amount", "open-amount"):
                if field in found:
                    found[field] = _without_minus(found[field])

    def _receipt(self, line: int, found: dict[str, str]) -> None:
        """Keep a payment for later, with what of it is applied."""
        text = found.get("open-amount") or found["amount"]
        amounts = self._amounts(text)
        if self._map.is_signed and any(amount > 0 for amount in amounts):
            msg = f"a row of {found['type']!r} must be a credit, got {text}; what is owed by an entry is no payment"
            code = f"{self._map.system}.entry-owed"
            self._notes.error(code, msg, line=line, field=self._columns["amount"])
            return
        wholes = self._amounts(found["amount"])
        applied = (
            abs(wholes[0]) - abs(amounts[0]) if len(wholes) == len(amounts) == 1 else Decimal(0)
        )
        if applied > 0 and self._table("receipts").snapshot_date is not None:
            self._applied[found["number"]] = applied
            text = found["amount"]
        if any(amounts) or not amounts or found["number"] in self._applied:
            found["amount"] = _without_minus(text)
            cells = {mine: found[theirs] for mine, theirs in _RECEIPT.items() if theirs in found}
            headings = {
                mine: self._columns[theirs]
                for mine, theirs in _RECEIPT.items()
                if theirs in self._columns
            }
            self._receipts.append(self._row(line, cells, headings))

    def _amounts(self, text: str) -> Sequence[Decimal]:
        said = self._settings
        return tuple(amount_readings(text, decimal=said.decimal, grouping=said.grouping))

    def _settled(self, receipt: Receipt, on: dt.date) -> Iterator[SourceAllocation]:
        """What of a receipt is applied so far, as the list says it of the whole."""
        try:
            minor = minor_of(
                self._applied.get(receipt.receipt, Decimal(0)), receipt.amount.currency.code
            )
        except MoneyError:
            return  # said of the whole amount already
        if minor:
            yield SourceAllocation(
                creditor=receipt.creditor,
                customer=receipt.customer,
                items=[ItemId(receipt.receipt)],
                settled_on=max(on, receipt.booking_date),
                settled_minor=None if minor == to_minor(receipt.amount) else -minor,
                source=receipt.source,
            )

    def _row(self, line: int, cells: Mapping[str, str], headings: Mapping[str, str]) -> Row:
        return Row(line=line, cells=cells, headings=headings, content=hash(tuple(cells.values())))

    def _table(self, record: str, types: Mapping[str, str] | None = None) -> TableSettings:
        said = self._settings
        return TableSettings(
            record=record,
            creditor=said.creditor or "OWN",
            currency=said.currency,
            types=types or {},
            decimal=said.decimal,
            grouping=said.grouping,
            date_format=said.date_format,
            snapshot_date=said.snapshot_date,
        )


def _without_minus(text: str) -> str:
    return text.replace("-", "").replace("\u2212", "").strip("() ")


def _names(line: str, mark: str) -> list[str]:
    try:
        return [name.strip() for name in next(split([line], mark), [])]
    except csv.Error:
        return []


def _texts(
    rows: Iterable[Mapping[str, Any]], notes: ReadNotes
) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Rows with texts in the place of dates and decimals; a float is refused, not rounded."""
    for number, row in enumerate(rows, start=1):
        floats = [name for name, cell in row.items() if type(cell) is float and cell == cell]  # noqa: PLR0124  # a gap of pandas is not itself
        for name in floats:
            msg = f"{name} must be a decimal or a text, got a float"
            notes.error("amount.invalid", msg, line=number, field=name)
        if not floats:
            yield number, {name: _text(cell) for name, cell in row.items()}


def _text(cell: object) -> str:
    return "" if cell is None or cell != cell else str(cell)  # noqa: PLR0124  # a gap of pandas
