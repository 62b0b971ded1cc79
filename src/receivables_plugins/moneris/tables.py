"""Exports of Merchant Direct as rows of our fields: found by their headings, wherever these stand."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import BinaryIO, Final

from receivables.cards import holds_card_number, masked
from receivables.errors import InexactAmountError, LimitError, UnknownCurrencyError
from receivables.money import digits, minor_of
from receivables.problems import Place
from receivables.reading import ReadNotes
from receivables.texts import amount_readings, date_readings, line_blocks
from receivables_plugins.moneris.settings import MonerisDirectSettings

__all__ = ["DISPUTES", "RECONCILIATION", "SUMMARY", "Row", "Table", "table_kind"]

SUMMARY: Final = "sales summary"
RECONCILIATION: Final = "bank reconciliation"
DISPUTES: Final = "disputes"

_DELIMITERS: Final = (",", ";", "\t")
_HEADER_LINES_MAX: Final = 30
"""Lines in which the headings must stand: titles, an address and a date range come before them."""
_DAYS_MAX: Final = 10_000
"""Texts of days that are remembered: more than the days of any export."""
_NOISE: Final = re.compile(r"[\s_\-.#/()]+")
_COMPACT: Final = re.compile(r"[0-9]{8}")
_IDENTITIES: Final = frozenset({"merchant", "number", "case"})


def _bare(text: str) -> str:
    return _NOISE.sub("", text).casefold()


def _places(cells: list[str], settings: MonerisDirectSettings) -> dict[str, int]:
    """Where each of our fields stands in a row of headings."""
    found: dict[str, int] = {}
    for index, text in enumerate(cells):
        found.setdefault(_bare(text), index)
    result: dict[str, int] = {}
    for field, names in settings.columns.items():
        place = next((found[_bare(name)] for name in names if _bare(name) in found), None)
        if place is not None:
            result[field] = place
    return result


def table_kind(fields: Iterable[str]) -> str:
    """What a table with some of our fields is; empty where it is none of these.

    >>> table_kind(["date", "merchant", "card-type", "net-total", "net-deposit"])
    'sales summary'
    """
    there = set(fields)
    has_amount = bool(there & {"amount", "amount-cad", "amount-usd"})
    if {"case", "respond-by"} <= there and has_amount:
        return DISPUTES
    if {"date", "net-deposit"} <= there:
        return SUMMARY
    if {"date", "kind", "merchant"} <= there and has_amount:
        return RECONCILIATION
    return ""


class Row:
    """One row by our fields, with its line."""

    __slots__ = ("cells", "headings", "line")

    def __init__(self, cells: dict[str, str], *, line: int, headings: Mapping[str, str]) -> None:
        self.cells = cells
        self.line = line
        self.headings = headings

    def get(self, field: str) -> str:
        """The text of a field, empty where there is none."""
        return self.cells.get(field, "")


class Table:
    """The rows of one export, and the values in them; `kind` says what it is once it is open."""

    def __init__(self, settings: MonerisDirectSettings, notes: ReadNotes) -> None:
        self._settings = settings
        self._notes = notes
        self.kind = ""
        self.is_refused = False
        self._headings: dict[str, str] = {}
        self._days: dict[str, tuple[dt.date, ...]] = {}
        self.lost = 0
        """Rows that could not even be taken apart, so that nobody knows what they belong to."""

    # -- rows -----------------------------------------------------------------------------

    def rows(self, stream: BinaryIO) -> Iterator[Row]:
        """Every row that has a date or says more than a total."""
        blocks = line_blocks(stream, notes=self._notes, encoding=self._settings.encoding)
        lines = itertools.chain.from_iterable(blocks)
        head = list(itertools.islice(lines, _HEADER_LINES_MAX))
        if not any(line.strip() for line in head):
            self._notes.error("file.empty", "file must have headings and rows, got nothing")
            return
        mark = self.open(head)
        if not mark:
            msg = "file must have the headings of an export, got others. Declare columns"
            self._notes.error("column.missing", msg, line=1)
            return
        yield from self._under(itertools.chain(head, lines), mark)

    def open(self, head: list[str]) -> str:
        """The delimiter under which the headings are found; empty where they are not."""
        for mark in _DELIMITERS:
            for line in head:
                if mark in line and (kind := table_kind(self._fields(line, mark))):
                    self.kind = kind
                    return mark
        return ""

    def _fields(self, line: str, mark: str) -> dict[str, int]:
        try:
            return _places(next(csv.reader([line], delimiter=mark)), self._settings)
        except (csv.Error, StopIteration):
            return {}

    def _under(self, lines: Iterable[str], mark: str) -> Iterator[Row]:
        """The rows under the headings."""
        places: dict[str, int] = {}
        names: list[str] = []
        for line, cells in self._parsed(lines, mark):
            if not places:
                found = _places(cells, self._settings)
                if table_kind(found):
                    places, names = found, cells
                    self._headings = {field: cells[at].strip() for field, at in found.items()}
                continue
            row = self._row(cells, line, places, names)
            if row is not None:
                yield row

    def _parsed(self, lines: Iterable[str], mark: str) -> Iterator[tuple[int, list[str]]]:
        parsed = csv.reader(lines, delimiter=mark, strict=True)
        while True:
            line = parsed.line_num + 1
            try:
                cells = next(parsed)
            except StopIteration:
                return
            except csv.Error as error:
                is_cut = "unexpected end" in str(error)
                code = "file.truncated" if is_cut else "file.format"
                self._notes.error(code, f"row must be as RFC 4180 says, got {error}", line=line)
                self.lost += 1
                continue
            if any(cell.strip() for cell in cells):
                yield line, cells

    def _row(
        self, cells: list[str], line: int, places: Mapping[str, int], names: list[str]
    ) -> Row | None:
        first = next(cell.strip() for cell in cells if cell.strip())
        if first.casefold().startswith(("total", "grand total", "sub-total", "subtotal")):
            return None
        if len(cells) < len(names):
            msg = f"row must have {len(names)} cells, got {len(cells)}"
            self._notes.error("row.length", msg, line=line)
            self.lost += 1
            return None
        found = {field: cells[place].strip() for field, place in places.items()}
        is_hit = holds_card_number("\n".join(cells))
        if is_hit and not self._guard(found, dict(zip(names, cells, strict=False)), line):
            self.lost += 1
            return None
        return Row(found, line=line, headings=self._headings)

    def _guard(self, found: dict[str, str], every: Mapping[str, str], line: int) -> bool:
        """Mask every card number of a row, and say whether the row can be taken at all."""
        for name, text in every.items():
            if holds_card_number(text):
                msg = "text must hold no card number, got one, which was masked"
                self._notes.error("card.number", msg, line=line, field=masked(name.strip()))
        hit = [field for field, text in found.items() if holds_card_number(text)]
        found.update({field: masked(found[field]) for field in hit})
        return _IDENTITIES.isdisjoint(hit)

    # -- values ---------------------------------------------------------------------------

    def begin(self) -> None:
        """Begin with a new row."""
        self.is_refused = False

    def place(self, row: Row) -> Place:
        """Where a row stands."""
        return Place(self._notes.source, line=row.line)

    def refuse(self, code: str, message: str, *, row: Row, field: str) -> None:
        """Note an error of a row, which then gives nothing."""
        self.is_refused = True
        self._notes.error(code, message, line=row.line, field=row.headings.get(field, field))

    def warn(self, code: str, message: str, *, row: Row, field: str) -> None:
        """Note something odd about a row."""
        self._notes.warn(code, message, line=row.line, field=row.headings.get(field, field))

    def currency(self, row: Row) -> str:
        """The currency of a row, or that of the settings."""
        code = row.get("currency") or self._settings.currency
        try:
            digits(code)
        except UnknownCurrencyError as error:
            self.refuse("currency.unknown", str(error), row=row, field="currency")
            return ""
        return code

    def amount_minor(self, row: Row, field: str, currency: str) -> int | None:
        """An amount in minor units; None where there is none, or it was refused."""
        text = row.get(field).replace("$", "").strip()
        if not text or not currency:
            return None
        settings = self._settings
        found: tuple[Decimal, ...] = amount_readings(
            text, decimal=settings.decimal, grouping=settings.grouping
        )
        if len(found) != 1:
            msg = f"{field} must be an amount in the declared format, got {text!r}"
            self.refuse("amount.invalid", msg, row=row, field=field)
            return None
        try:
            return minor_of(found[0], currency)
        except InexactAmountError as error:
            self.refuse("amount.inexact", str(error), row=row, field=field)
        except LimitError as error:
            self.refuse("amount.limit", str(error), row=row, field=field)
        return None

    def needed_minor(self, row: Row, field: str, currency: str) -> int:
        """An amount that must be there."""
        if not row.get(field):
            msg = f"{field} must be given, got an empty cell"
            self.refuse("amount.invalid", msg, row=row, field=field)
        return self.amount_minor(row, field, currency) or 0

    def day(self, row: Row, field: str) -> dt.date | None:
        """A day, or None where the cell is empty or was refused."""
        text = row.get(field)
        if not text:
            return None
        found = self._readings(text)
        if len(found) == 1:
            return found[0]
        if found:
            msg = f"{text!r} can be read as {' or '.join(map(str, found))}. Declare date_format"
            self.refuse("locale.ambiguous", msg, row=row, field=field)
        else:
            msg = f"{field} must be a day in the declared format, got {text!r}"
            self.refuse("date.invalid", msg, row=row, field=field)
        return None

    def _readings(self, text: str) -> tuple[dt.date, ...]:
        """What a text can mean as a day; days repeat, so that each is read once."""
        if text not in self._days:
            compact = self._settings.date_format is None and _COMPACT.fullmatch(text)
            format_ = "%Y%m%d" if compact else self._settings.date_format
            if len(self._days) > _DAYS_MAX:
                self._days.clear()
            self._days[text] = date_readings(text, format=format_)
        return self._days[text]

    def needed_day(self, row: Row, field: str) -> dt.date:
        """A day that must be there."""
        if not row.get(field):
            msg = f"{field} must be given, got an empty cell"
            self.refuse("date.missing", msg, row=row, field=field)
        return self.day(row, field) or dt.date.min
