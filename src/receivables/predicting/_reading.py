"""From a delimited list of invoices to items that can be forecast, with every doubt noted."""

from __future__ import annotations

import csv
import datetime as dt
import functools
import io
import re
from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Final

import attrs

from receivables import limits
from receivables.errors import UnknownCurrencyError
from receivables.forecast.model import ForecastItem
from receivables.money import digits
from receivables.parties import UNIDENTIFIED, CustomerId
from receivables.predicting._headings import Headings, find_headings
from receivables.reading import ReadNotes
from receivables.texts import amount_readings, date_readings

__all__ = ["OpenRow", "read_history", "read_open"]

_DELIMITERS: Final = (",", ";", "\t", "|")
_COMPACT: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:\.0+)?")
_WITH_TIME: Final = re.compile(r"(.*?[0-9]{2})[T ][0-9:.]+(?:Z|[+-][0-9:]+)?")
_WHOLE: Final = re.compile(r"-?[0-9]{1,15}")
_YES: Final = frozenset({"yes", "y", "true", "1", "x"})
_BLANKS: Final = frozenset({"", "nan", "nat", "none", "null", "n/a", "na"})
_NO_DATES: Final = frozenset({"00000000", "0000-00-00", "99991231", "9999-12-31"})
"""What programs write where there is no date."""
_NO_DAYS: Final = ("0000-00-00 ", "9999-12-31 ")
_YEARS: Final = range(1900, 2200)
_DIGITS: Final = 2
"""Minor units of an amount whose currency nobody says."""
_SPAN_DAYS: Final = 36_525
"""A due date or a payment further than a century from the document is a slip of the pen."""


@attrs.frozen(kw_only=True)
class OpenRow:
    """One row of the list of open invoices: the item, what the file calls it, and its own day."""

    line: int
    name: str
    item: ForecastItem
    as_of: dt.date | None = None

    @property
    def is_dated(self) -> bool:
        """Whether the date of its document is known; the first of all days stands in where it is not."""
        return self.item.document_date > dt.date.min


@attrs.define(kw_only=True)
class _Sheet:
    """A file that is being read: its headings, its rows with their lines, and the order of its dates."""

    headings: Headings
    rows: list[tuple[int, list[str]]]
    notes: ReadNotes
    day_first: dict[str, bool | None] = attrs.field(factory=dict)

    def cell(self, row: Sequence[str], field: str) -> str:
        """The first column of a field that says something."""
        for place in self.headings.places.get(field, ()):
            text = row[place].strip() if place < len(row) else ""
            if text.lower() not in _BLANKS:
                return text
        return ""

    def find_orders(self) -> None:
        """Look through every column of dates for one that proves whether the day stands first."""
        for field in ("document_date", "due_date", "paid_on", "known_on", "as_of"):
            if field not in self.headings.places:
                continue
            texts = {self.cell(row, field) for _, row in self.rows}
            orders = {order for text in texts if (order := _order_of(text)) is not None}
            self.day_first[field] = orders.pop() if len(orders) == 1 else None

    def date(self, row: Sequence[str], field: str, line: int) -> dt.date | None:
        """A day, or None where the cell is blank; one that cannot be read is noted."""
        text = self.cell(row, field)
        if not text or _is_no_date(text):
            return None
        readings = tuple(day for day in _days(text) if day.year in _YEARS)
        if len(readings) == 1:
            return readings[0]
        name = self.headings.name(field)
        if not readings:
            self.notes.error("date.invalid", f"{text!r} is no date", line=line, field=name)
            return None
        day_first = self.day_first.get(field)
        if day_first is None:
            ways = " or ".join(str(day) for day in readings)
            msg = f"date must be readable in one way, got {text!r}, which is {ways}"
            self.notes.error("locale.ambiguous", msg, line=line, field=name)
            return None
        return next(
            day for day in readings if (day.day == int(re.split(r"\D", text)[0])) is day_first
        )

    def minor(self, row: Sequence[str], currency: str, line: int) -> int:
        """The amount in minor units; 1 where it is unknown, because an item without one is still paid."""
        whole = self.cell(row, "amount_minor")
        if _WHOLE.fullmatch(whole):
            return int(whole)
        text = self.cell(row, "amount")
        if not text:
            return 1
        readings = amount_readings(text) or _of_float(text)
        if len(readings) != 1:
            ways = " or ".join(str(one) for one in readings) or "no number"
            msg = f"amount must be readable in one way, got {text!r}, which is {ways}; it was not used"
            self.notes.warn("amount.invalid", msg, line=line, field=self.headings.name("amount"))
            return 1
        minor = readings[0].scaleb(_digits(currency)).to_integral_value(ROUND_HALF_EVEN)
        return min(max(int(minor), -limits.AMOUNT_MINOR_MAX), limits.AMOUNT_MINOR_MAX)


def _of_float(text: str) -> tuple[Decimal, ...]:
    """What a program that keeps amounts as floats writes, such as ``1e5`` or seventeen decimals."""
    if not re.fullmatch(r"-?[0-9]{1,20}(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,2})?", text):
        return ()
    return (Decimal(text),)


@functools.lru_cache(maxsize=64)
def _digits(currency: str) -> int:
    try:
        return digits(currency)
    except UnknownCurrencyError:
        return _DIGITS


@functools.lru_cache(maxsize=65_536)
def _days(text: str) -> tuple[dt.date, ...]:
    if match := _COMPACT.fullmatch(text):
        text = "-".join(match.groups())
    elif match := _WITH_TIME.fullmatch(text):
        text = match[1]
    return date_readings(text)


def _is_no_date(text: str) -> bool:
    """Whether a cell says that there is no date, as programs do that must write one."""
    return text.removesuffix(".0") in _NO_DATES or text.replace("T", " ").startswith(_NO_DAYS)


def _order_of(text: str) -> bool | None:
    """Whether the day stands first in a date like ``25/03/2026``; None where it does not prove it."""
    readings = _days(text) if text else ()
    parts = re.split(r"\D", text)
    if len(readings) != 1 or len(parts[0]) > 2 or not parts[0].isdigit():  # noqa: PLR2004  # figures of a day
        return None
    day = readings[0]
    return None if day.day == day.month else int(parts[0]) == day.day


def _sheet(path: Path, notes: ReadNotes, needs: Sequence[str]) -> _Sheet | None:
    """Take a file apart; None where it lacks what must be there, which is noted."""
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
        notes.warn("encoding.invalid", "file is not UTF-8, and was read as Windows-1252")
    first = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    source = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        heading = next(source, [])
        rows = [(source.line_num, row) for row in source if any(row)]
    except csv.Error as error:
        notes.error("file.format", f"file cannot be taken apart: {error}")
        return None
    if not heading:
        notes.error("file.empty", "file must have headings, got nothing")
        return None
    headings = find_headings(heading)
    for field in needs:
        if not headings.has(field):
            msg = f"columns must include one for the {field.replace('_', ' ')}, got {', '.join(heading)}"
            notes.error("column.missing", msg, line=1)
    if not all(headings.has(field) for field in needs):
        return None
    sheet = _Sheet(headings=headings, rows=rows, notes=notes)
    sheet.find_orders()
    return sheet


def _item(
    sheet: _Sheet, row: Sequence[str], line: int, *, features: Sequence[str], stand_in: bool = False
) -> ForecastItem | None:
    """One row as an item; None where it cannot be one, which is noted.

    With a `stand_in` a row without a customer is that of nobody known, and one without a date of its
    document has the first of all days in its place.
    """
    customer = sheet.cell(row, "customer")
    if not customer:
        sheet.notes.error("customer.missing", "row names no customer", line=line)
        if not stand_in:
            return None
    document_date = sheet.date(row, "document_date", line)
    due_date = sheet.date(row, "due_date", line)
    terms = sheet.cell(row, "terms_days").removesuffix(".0")
    if due_date is None and document_date is not None and _WHOLE.fullmatch(terms):
        due_date = document_date + dt.timedelta(days=min(abs(int(terms)), _SPAN_DAYS))
    if document_date is None and due_date is not None and _WHOLE.fullmatch(terms):
        document_date = due_date - dt.timedelta(days=min(abs(int(terms)), _SPAN_DAYS))
    if document_date is None:
        msg = "row has no date of its document that can be read"
        sheet.notes.error("date.missing", msg, line=line)
        if not stand_in:
            return None
        document_date = dt.date.min
    elif due_date is not None and abs((due_date - document_date).days) > _SPAN_DAYS:
        msg = f"due date must be near {document_date}, got {due_date}; it was not used"
        sheet.notes.warn("date.order", msg, line=line)
        due_date = None
    currency = sheet.cell(row, "currency").upper()
    return ForecastItem(
        item=sheet.cell(row, "item") or f"line {line}",
        customer=CustomerId(customer) if customer else UNIDENTIFIED,
        currency=currency,
        amount_minor=sheet.minor(row, currency, line),
        document_date=document_date,
        due_date=due_date,
        known_on=sheet.date(row, "known_on", line) or document_date,
        creditor=sheet.cell(row, "creditor"),
        segment=sheet.cell(row, "segment"),
        is_disputed=sheet.cell(row, "disputed").lower() in _YES,
        features={
            name: _feature(row[place])
            for name in features
            if (place := sheet.headings.features[name]) < len(row)
        },
    )


def _feature(text: str) -> str | int:
    text = text.strip()
    return int(text) if _WHOLE.fullmatch(text) else text


def read_history(path: Path, notes: ReadNotes, *, only: Sequence[str] = ()) -> list[ForecastItem]:
    """The invoices of a history, paid or not; one that stands there twice counts once.

    `only` names the features that are wanted.
    """
    sheet = _sheet(path, notes, ("customer", "document_date", "paid_on"))
    if sheet is None:
        return []
    features = [name for name in only if name in sheet.headings.features]
    found: dict[object, ForecastItem] = {}
    twice = 0
    for line, row in sheet.rows:
        item = _item(sheet, row, line, features=features)
        if item is None:
            continue
        paid_on = sheet.date(row, "paid_on", line)
        paid = sheet.cell(row, "paid_on")
        if paid_on is None and paid and not _is_no_date(paid):
            # It was paid, and nobody can tell when: neither a payment nor an open item.
            continue
        if paid_on is not None:
            item = attrs.evolve(item, paid_on=paid_on)
        key = (item.creditor, item.customer, item.item, item.document_date, item.amount_minor)
        if key in found:
            twice += 1
            # Of two rows the one that is paid was written later, and the later payment last.
            item = max(item, found[key], key=lambda one: one.paid_on or dt.date.min)
        found[key] = item
    if twice:
        notes.warn("document.duplicate", f"{twice} rows stand there twice, and count once")
    return list(found.values())


def read_open(path: Path, notes: ReadNotes) -> tuple[list[OpenRow], Headings | None]:
    """The invoices to be forecast, each row of the file, in their order; and the file's headings."""
    sheet = _sheet(path, notes, ("customer", "document_date"))
    if sheet is None:
        return [], None
    if sheet.headings.has("paid_on"):
        name = sheet.headings.name("paid_on")
        notes.warn(
            "column.ignored",
            f"column {name} says when items were paid, and was not looked at",
            line=1,
        )
    features = list(sheet.headings.features)
    return list(_open_rows(sheet, features)), sheet.headings


def _open_rows(sheet: _Sheet, features: Sequence[str]) -> Iterator[OpenRow]:
    seen: dict[tuple[str, str], int] = {}
    for line, row in sheet.rows:
        item = _item(sheet, row, line, features=features, stand_in=True)
        if item is None:
            continue
        first = seen.setdefault((item.customer, item.item), line)
        if first != line:
            msg = f"item {item.item} stands on line {first} already; both are predicted"
            sheet.notes.warn("document.duplicate", msg, line=line)
        name = sheet.cell(row, "item") if sheet.headings.has("item") else str(line)
        yield OpenRow(line=line, name=name, item=item, as_of=sheet.date(row, "as_of", line))
