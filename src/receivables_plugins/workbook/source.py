"""The ledger source ``excel``: finds the headings, reads the rows below them, checks the totals."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from receivables.errors import MissingExtraError
from receivables.reading import Read, ReadNotes
from receivables.tabular import TYPES, TableSettings, records_of
from receivables.texts import amount_readings
from receivables.workbooks import is_unbounded
from receivables_plugins.workbook.headings import KINDS, TOTALS, Heading, find, plain
from receivables_plugins.workbook.settings import WorkbookSettings

if TYPE_CHECKING:
    from receivables.adapters import LedgerRecord

__all__ = ["WorkbookSource"]

_BEGINNINGS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
"""A zip archive (xlsx, xlsb, ods), and a compound file (xls)."""
_SUFFIXES: Final = (".xlsx", ".xls", ".xlsb", ".ods", ".xlsm")
_HEADING_ROWS: Final = 50
"""Rows from the top among which the headings are looked for."""
_NEEDED: Final = 3
"""Fields that a row must name to be one of headings."""
_CUSTOMER: Final = "customer"
_DECIMALS_OF_THOUSANDS: Final = 3

Cells = Sequence[Any]


class WorkbookSource:
    """Reads open items from a workbook."""

    def __init__(self, settings: WorkbookSettings) -> None:
        self._settings = settings

    def recognizes(self, head: bytes, *, name: str) -> bool:
        """Whether it is a workbook by its first bytes and its name; what is in it, only reading tells."""
        is_book = any(head.startswith(each) for each in _BEGINNINGS)
        return is_book and name.casefold().endswith(_SUFFIXES)

    def read(self, stream: BinaryIO, *, name: str) -> Read[LedgerRecord]:
        """Read the documents and the customers of the sheet that has headings."""
        notes = ReadNotes(name)
        return Read(self._records(stream.read(), notes), notes)

    def _records(self, content: bytes, notes: ReadNotes) -> Iterator[LedgerRecord]:
        sheets = _sheets(content, notes)
        found = self._chosen(sheets, notes) if sheets else None
        if found is None:
            return
        rows, heading = found
        if not self._is_sound(rows[heading.row], heading, notes):
            return
        table = _Table(rows, heading, self._settings, notes)
        yield from table.records()

    def _chosen(
        self, sheets: Sequence[tuple[str, Sequence[Cells]]], notes: ReadNotes
    ) -> tuple[Sequence[Cells], Heading] | None:
        """The sheet to read with its headings; two that could be it are a doubt."""
        wanted = self._settings.sheet
        candidates = [
            (name, rows, heading)
            for name, rows in sheets
            if (not wanted or name == wanted) and (heading := self._heading(rows))
        ]
        if not candidates:
            names = ", ".join(name for name, _ in sheets) or "none"
            msg = f"a sheet must have known headings, got {names}; name them in columns"
            notes.error("excel.headings-unknown", msg)
            return None
        if len(candidates) > 1:
            names = ", ".join(name for name, _, _ in candidates)
            msg = f"sheet must be named, because several have headings, got {names}"
            notes.error("excel.sheet-ambiguous", msg)
            return None
        _, rows, heading = candidates[0]
        return rows, heading

    def _heading(self, rows: Sequence[Cells]) -> Heading | None:
        """The row among the first ones that names most fields, and at least what is needed."""
        found = [
            find(place, [_shown(cell) for cell in cells], self._settings.columns)
            for place, cells in enumerate(rows[:_HEADING_ROWS])
        ]
        best = max(found, key=lambda each: each.weight, default=None)
        if best is None or best.weight < _NEEDED:
            return None
        known = {*best.columns, *best.doubts}
        return best if known & {"amount", "open-amount"} and "number" in known else None

    def _is_sound(self, cells: Cells, heading: Heading, notes: ReadNotes) -> bool:
        line = heading.row + 1
        for field, places in heading.doubts.items():
            names = " and ".join(repr(_shown(cells[place])) for place in places)
            msg = f"{field} must be one column, got {names}; say which in columns"
            notes.error("excel.heading-ambiguous", msg, line=line, field=field)
        for place in heading.unknown:
            name = _shown(cells[place])
            msg = f"{name!r} is no heading that is known, and was not read"
            notes.warn("excel.heading-unknown", msg, line=line, field=name)
        for field in ("customer", "number", "document-date"):
            if field not in heading.columns and field not in heading.doubts:
                msg = f"a heading must say which column is the {field}"
                notes.error("column.missing", msg, line=line, field=field)
        return not notes.error_count


class _Table:
    """The rows below the headings, as texts, with what only a workbook can get wrong."""

    def __init__(
        self,
        rows: Sequence[Cells],
        heading: Heading,
        settings: WorkbookSettings,
        notes: ReadNotes,
    ) -> None:
        self._rows = rows
        self._settings = settings
        self._notes = notes
        columns = dict(heading.columns)
        if "amount" not in columns:
            columns["amount"] = columns.pop("open-amount")
        self._heading = heading
        self._columns = columns
        shown = [_shown(cell) for cell in rows[heading.row]]
        # A heading may stand there twice where neither is read, so that places are told apart.
        self._names = {field: f"{shown[place]}" for field, place in columns.items()}
        self._whole = self._group = Decimal(0)
        self._currencies: set[str] = set()
        self._totals: list[tuple[int, str]] = []
        self._customer = ""
        self._has_numbers = self._has_zeros = False

    def records(self) -> Iterator[LedgerRecord]:
        """The records, and then what the totals say."""
        settings = TableSettings(
            creditor=self._settings.creditor or "OWN",
            currency=self._settings.currency,
            columns=self._names,
            types=self._types(),
            decimal=self._settings.decimal,
            grouping=self._settings.grouping,
            date_format=self._settings.date_format,
            snapshot_date=self._settings.snapshot_date,
            duplicates=self._settings.duplicates,
        )
        yield from records_of(self._table(), settings=settings, notes=self._notes)
        self._tell_totals()
        if self._has_numbers and self._has_zeros:
            msg = "some numbers of documents are texts with leading zeros and some are numbers, which may have lost theirs"
            self._notes.warn("excel.zeros-lost", msg)

    def _types(self) -> dict[str, str]:
        """The words of the type column that are known, and those of the settings."""
        place = self._columns.get("type")
        if place is None:
            return {}
        found = dict(self._settings.types)
        for cells in self._rows[self._heading.row + 1 :]:
            text = _shown(cells[place]) if place < len(cells) else ""
            if text and text not in found and plain(text) in KINDS:
                found[text] = KINDS[plain(text)]
        return found or dict.fromkeys(TYPES, "invoice")

    def _table(self) -> Iterator[tuple[int, dict[str, str]]]:
        for place in range(self._heading.row + 1, len(self._rows)):
            cells = self._rows[place]
            texts = {
                field: self._text(cells[column], field, place + 1) if column < len(cells) else ""
                for field, column in self._columns.items()
            }
            if self._is_item(cells, texts, place + 1):
                self._count(texts)
                yield place + 1, {self._names[field]: text for field, text in texts.items()}

    def _is_item(self, cells: Cells, texts: dict[str, str], line: int) -> bool:
        """Whether a row is an open item: no blank one, no total, no heading again, no group's name."""
        shown = [_shown(cell) for cell in cells]
        if not any(shown):
            return False
        is_total = any(_is_total(plain(one)) for one in shown)
        if is_total and (not texts["number"] or plain(texts["number"]) in TOTALS):
            self._check_total(texts["amount"], line)
            return False
        again = find(line - 1, shown, self._settings.columns)
        if again.weight >= _NEEDED and again.columns == self._heading.columns:
            return False
        if not texts["number"] and not texts["amount"]:
            self._customer = texts[_CUSTOMER] or self._customer
            return False
        if self._settings.fill_down:
            self._customer = texts[_CUSTOMER] or self._customer
            texts[_CUSTOMER] = self._customer
        return True

    def _count(self, texts: dict[str, str]) -> None:
        """Add a row to what totals are held against."""
        amount = self._reading(texts["amount"])
        self._currencies.add(texts.get("currency", ""))
        self._whole += amount or 0
        self._group += amount or 0

    def _check_total(self, text: str, line: int) -> None:
        """Hold a total against all rows so far, and against those since the total before it."""
        total = self._reading(text)
        if total is not None and total not in {self._whole, self._group}:
            msg = f"rows above must come to {total}, got {self._group} in the group and {self._whole} in all"
            self._totals.append((line, msg))
        self._group = Decimal(0)

    def _reading(self, text: str) -> Decimal | None:
        found = amount_readings(
            text, decimal=self._settings.decimal, grouping=self._settings.grouping
        )
        return found[0] if len(found) == 1 else None

    def _tell_totals(self) -> None:
        """Say which totals do not hold; those over several currencies mean nothing."""
        for line, message in self._totals if len(self._currencies) <= 1 else ():
            self._notes.error("excel.total-differs", message, line=line)

    def _text(self, cell: Any, field: str, line: int) -> str:  # noqa: ANN401  # any cell
        """A cell as a text that reads back as what it is."""
        if isinstance(cell, bool):
            return str(cell)
        if isinstance(cell, dt.datetime | dt.date):
            return self._day(cell, field, line)
        if isinstance(cell, int | float):
            return self._number(cell, field, line)
        text = str(cell).strip()
        if text.startswith("#") and text.endswith(("!", "?", "A", "0!")):
            msg = f"a cell must hold a value, got the error {text}"
            self._notes.error("excel.cell-error", msg, line=line, field=field)
            return ""
        if field == "number" and text[:1] == "0":
            self._has_zeros = True
        return text

    def _day(self, cell: dt.date, field: str, line: int) -> str:
        day = cell.date() if isinstance(cell, dt.datetime) else cell
        if "date" not in field:
            msg = f"{field} must be no date, got {day}"
            self._notes.error("excel.cell-error", msg, line=line, field=field)
            return ""
        return day.strftime(self._settings.date_format) if self._settings.date_format else str(day)

    def _number(self, cell: float, field: str, line: int) -> str:
        # What the program shows of a number has fifteen figures; more are noise of its binary form.
        value = Decimal(f"{cell:.15g}")
        text = f"{value:f}"
        if "date" in field:
            msg = f"{field} must be a date, got the number {text}, whose first day nobody knows"
            self._notes.error("date.invalid", msg, line=line, field=field)
            return ""
        if field in {"amount", "open-amount"}:
            # Three decimals could be read as thousands; this is a number, and four cannot.
            text += "0" * (len(text.partition(".")[2]) == _DECIMALS_OF_THOUSANDS)
            return text.replace(".", self._settings.decimal or ".")
        if field == "number":
            self._has_numbers = True
        return text.removesuffix(".0")


def _is_total(text: str) -> bool:
    """Whether a text is that of a total; the program's own subtotals have the word at their end."""
    return text in TOTALS or text.startswith("total ") or text.endswith(" total")


def _sheets(content: bytes, notes: ReadNotes) -> list[tuple[str, Sequence[Cells]]]:
    """Every sheet with its rows; nothing of a workbook that is damaged, locked or too large."""
    if not content:
        notes.error("file.empty", "file must be a workbook, got no bytes")
        return []
    if is_unbounded(content):
        notes.error("file.too-large", "workbook must be smaller when unpacked")
        return []
    try:
        import python_calamine  # noqa: PLC0415  # an extra
    except ModuleNotFoundError:
        raise MissingExtraError.for_extra("excel", needed_for="reading workbooks") from None
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        return [
            (name, book.get_sheet_by_name(name).to_python(skip_empty_area=False))
            for name in book.sheet_names
        ]
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        notes.error("file.format", f"file must be a workbook, got {type(error).__name__}")
        return []


def _shown(cell: Any) -> str:  # noqa: ANN401  # any cell
    return "" if cell is None else str(cell).strip()
