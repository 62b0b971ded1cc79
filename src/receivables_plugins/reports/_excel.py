"""An aging as a workbook: a summary with totals that check themselves, and every item behind it.

Amounts are numbers with the digits of their currency.  A workbook keeps numbers as IEEE 754
doubles, of which 15 significant digits are exact (ECMA-376 part 1, section 18.3.1.96, and Excel's
specifications and limits); an amount of more digits is written as text, and the sheet says so.
"""

from __future__ import annotations

import datetime as dt
import importlib
import io
import itertools
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables.aging.model import AgedItem, Aging, AgingRow
from receivables.errors import LimitError, MissingExtraError
from receivables.money import digits

from . import ExcelSettings
from ._sheet import Sheet, Styles, is_exact
from ._view import View, in_units, one_line

__all__ = ["OPTIONS", "ExcelWriter", "needed_xlsxwriter"]

_ROWS_MAX: Final = 1_000_000
"""Customers and currencies on the one summary sheet; Excel holds 1,048,576 rows."""

_PARTIES: Final = 4
"""Columns before the buckets: creditor, customer, name, currency."""

_TOTAL: Final[Mapping[str, object]] = MappingProxyType({"bold": True, "top": 1})
"""How the row of a total looks."""

OPTIONS: Final[Mapping[str, object]] = MappingProxyType(
    {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
)


class ExcelWriter:
    """Writes a summary by customer and currency, and a sheet of items where there are any.

    Raises `MissingExtraError` where XlsxWriter is not installed, and `LimitError` where the summary
    has more rows than a sheet holds.
    """

    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    suffix = ".xlsx"

    def __init__(self, settings: ExcelSettings) -> None:
        self._settings = settings
        self._xlsxwriter: Any = needed_xlsxwriter()

    def write(self, aging: Aging, *, names: Mapping[str, str], locale: str) -> bytes:
        """Write; equal agings give equal bytes, because the file is dated on the as-of date."""
        if len(aging.rows) > _ROWS_MAX:
            msg = f"rows of a summary must be at most {_ROWS_MAX}, got {len(aging.rows)}"
            raise LimitError(msg)
        view = View(aging, names=names, locale=locale)
        stream = io.BytesIO()
        with self._xlsxwriter.Workbook(stream, dict(OPTIONS)) as book:
            made = dt.datetime.combine(aging.as_of, dt.time())
            book.set_properties({"title": view.title, "created": made})
            plan = _Plan(
                view=view,
                styles=Styles(book, view),
                inexact=_inexact(aging),
                parts=_parts(view, self._settings.items_per_sheet),
            )
            _write_summary(plan)
            for part in plan.parts:
                _write_items(plan, part)
        return stream.getvalue()


def needed_xlsxwriter() -> Any:  # noqa: ANN401  # a third-party module without types
    """The library that writes workbooks; raises `MissingExtraError` where it is not installed."""
    try:
        return importlib.import_module("xlsxwriter")
    except ModuleNotFoundError:
        raise MissingExtraError.for_extra("excel", needed_for="writing a workbook") from None


@attrs.frozen
class _Part:
    """One sheet of items: its name, and the items on it."""

    name: str
    items: Sequence[AgedItem] = attrs.field(repr=False)


def _parts(view: View, size: int) -> list[_Part]:
    items, name = view.aging.items, view.heading("items")
    starts = range(0, len(items), size)
    return [
        _Part(name if number == 1 else f"{name} {number}", items[start : start + size])
        for number, start in enumerate(starts, start=1)
    ]


def _inexact(aging: Aging) -> frozenset[str]:
    """The currencies in which an amount has more digits than a number keeps."""
    rows = (*aging.rows, *aging.totals.values())
    amounts = itertools.chain(
        ((row.currency, amount) for row in rows for amount in _amounts(row)),
        ((aged.item.currency, aged.item.open_minor) for aged in aging.items),
    )
    return frozenset(currency for currency, amount in amounts if not is_exact(amount))


@attrs.frozen(kw_only=True)
class _Plan:
    """What goes where in one workbook, known before the first row is written."""

    view: View
    styles: Styles
    inexact: frozenset[str]
    parts: Sequence[_Part]

    @property
    def notes(self) -> list[str]:
        """The lines above every table."""
        return [self.view.say("text instead of numbers")] if self.inexact else []

    @property
    def first_item(self) -> int:
        """Rows above the first item: title, three facts, notes, an empty one, the headings."""
        return 6 + len(self.notes)


def _write_summary(plan: _Plan) -> None:
    view, rows = plan.view, plan.view.aging.rows
    sheet = Sheet(view.say("summary"), view=view, styles=plan.styles)
    parties = map(view.heading, ("creditor", "customer", "name", "currency"))
    sums = map(view.heading, ("credits", "total", "items"))
    headings = (*parties, *view.buckets, *sums)
    sheet.widths([12, 14, 34, 9, *([15] * (len(view.buckets) + 2)), 10])
    sheet.title(notes=plan.notes if rows else [view.say("nothing is open")])
    right = frozenset(range(_PARTIES, len(headings)))
    sheet.headings(headings, right=right, rows=len(rows))
    first = sheet.row
    for row in rows:
        _write_row(sheet, row)
    span = range(first, sheet.row)
    sheet.texts_are_meant(f"A{first + 1}:D{sheet.row + 1}")
    for currency, total in view.aging.totals.items():
        _write_total(sheet, total, span=None if currency in plan.inexact else span)
        if currency not in plan.inexact:
            _write_checks(sheet, total, plan=plan)
    sheet.print_setup(rows=sheet.row, columns=len(headings))


@attrs.frozen
class _Check:
    """What must be zero: its name, the formula that says so, and what it comes to."""

    label: str
    formula: str
    difference_minor: int


def _amounts(row: AgingRow) -> tuple[int, ...]:
    return (*row.buckets_minor, row.credits_minor, row.total_minor)


def _write_row(sheet: Sheet, row: AgingRow) -> None:
    name = sheet.view.name(row.customer)
    for column, text in enumerate((row.creditor, row.customer, name, row.currency)):
        sheet.text(column, one_line(text))
    for column, amount_minor in enumerate(_amounts(row), start=_PARTIES):
        sheet.amount(column, amount_minor, row.currency)
    sheet.integer(_PARTIES + len(_amounts(row)), row.items)
    sheet.row += 1


def _write_total(sheet: Sheet, total: AgingRow, *, span: range | None) -> None:
    """Write a total in formulas over the rows of `span`, or without where a number is inexact."""
    currency = total.currency
    sheet.label(sheet.view.total(currency), currency, **_TOTAL)
    for column, amount_minor in enumerate(_amounts(total), start=_PARTIES):
        if span is None:
            sheet.amount(column, amount_minor, currency, **_TOTAL)
            continue
        added = f'SUMIFS({_area(span, column)},{_area(span, _PARTIES - 1)},"{currency}")'
        formula = f"=ROUND({added},{digits(currency)})"
        value = in_units(amount_minor, currency)
        sheet.formula(column, formula, value=value, currency=currency, **_TOTAL)
    sheet.integer(_PARTIES + len(_amounts(total)), total.items, **_TOTAL)
    sheet.row += 1


def _write_checks(sheet: Sheet, total: AgingRow, *, plan: _Plan) -> None:
    """Write what must be zero: buckets and credits less the total, and the items less the total."""
    row, column = sheet.row, _PARTIES + len(total.buckets_minor) + 1
    cell = f"{_letters(column)}{row}"
    across = f"SUM({_letters(_PARTIES)}{row}:{_letters(column - 1)}{row})"
    difference = sum(total.buckets_minor) + total.credits_minor - total.total_minor
    checks = [_Check("check: buckets and credits less total", f"{across}-{cell}", difference)]
    if plan.parts:
        first = plan.first_item
        sums = (_items_sum(part, total.currency, first=first) for part in plan.parts)
        added = "+".join(sums)
        difference = _sum_of_items(sheet.view, total.currency) - total.total_minor
        checks.append(_Check("check: items less total", f"{added}-{cell}", difference))
    for check in checks:
        sheet.label(sheet.view.say(check.label), total.currency, italic=True)
        formula = f"=ROUND({check.formula},{digits(total.currency)})"
        value = in_units(check.difference_minor, total.currency)
        sheet.formula(column, formula, value=value, currency=total.currency, italic=True)
        sheet.row += 1


def _sum_of_items(view: View, currency: str) -> int:
    items = (aged.item for aged in view.aging.items)
    return sum(item.open_minor for item in items if item.currency == currency)


def _letters(column: int) -> str:
    """The letters of a column.

    >>> _letters(0), _letters(25), _letters(26), _letters(71)
    ('A', 'Z', 'AA', 'BT')
    """
    before, here = divmod(column, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + here)


def _area(span: range, column: int) -> str:
    letters = _letters(column)
    return f"${letters}${span.start + 1}:${letters}${span.stop}"


_ITEM_CURRENCY: Final = 9
_ITEM_AMOUNT: Final = 10


def _items_sum(part: _Part, currency: str, *, first: int) -> str:
    span = range(first, first + len(part.items))
    name = part.name.replace("'", "''")
    amounts = f"'{name}'!{_area(span, _ITEM_AMOUNT)}"
    currencies = f"'{name}'!{_area(span, _ITEM_CURRENCY)}"
    return f'SUMIFS({amounts},{currencies},"{currency}")'


def _write_items(plan: _Plan, part: _Part) -> None:
    view, heading = plan.view, plan.view.heading
    sheet = Sheet(part.name, view=view, styles=plan.styles)
    parties = map(heading, ("creditor", "customer", "name", "document", "kind"))
    dates = (view.dated_by, heading("due date"), view.days)
    headings = (*parties, *dates, *map(heading, ("bucket", "currency", "open amount")))
    sheet.widths([12, 14, 34, 18, 16, 12, 12, 10, 22, 9, 16])
    sheet.title(notes=plan.notes)
    sheet.headings(headings, right=frozenset({7, _ITEM_AMOUNT}), rows=len(part.items))
    first = sheet.row
    for aged in part.items:
        _write_item(sheet, aged)
    sheet.texts_are_meant(f"A{first + 1}:K{max(sheet.row, first + 1)}")
    sheet.print_setup(rows=sheet.row, columns=len(headings))


def _write_item(sheet: Sheet, aged: AgedItem) -> None:
    item, view = aged.item, sheet.view
    for column, text in enumerate(_item_texts(view, aged)):
        sheet.text(column, text)
    sheet.date(5, view.own_date(item))
    if item.due_date is not None:
        sheet.date(6, item.due_date)
    sheet.integer(7, aged.days)
    sheet.text(8, view.bucket(aged), indent=1)
    sheet.text(_ITEM_CURRENCY, item.currency)
    sheet.amount(_ITEM_AMOUNT, item.open_minor, item.currency)
    sheet.row += 1


def _item_texts(view: View, aged: AgedItem) -> Iterator[str]:
    item = aged.item
    yield one_line(item.creditor)
    yield one_line(item.customer)
    yield view.name(item.customer)
    yield one_line(item.document or item.item)
    yield view.kind(aged)
