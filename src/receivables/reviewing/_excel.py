"""The worksheet as a workbook: amounts are numbers, dates are dates, no text is ever a formula.

A workbook keeps numbers with 15 significant digits (ECMA-376 part 1, section 18.3.1.96); an amount
of more digits is written as text.  What is needed for the way back is on a hidden sheet.
"""

from __future__ import annotations

import datetime as dt
import importlib
import io
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from receivables.errors import MissingExtraError
from receivables.i18n import words
from receivables.money import digits
from receivables.reading import ReadNotes
from receivables.reviewing._cells import Amount, Shown, in_units, shown
from receivables.reviewing._grid import Cell, Grid, grid_of
from receivables.reviewing._keys import Key
from receivables.reviewing._words import (
    COLUMNS,
    EDITED,
    RESIDUALS,
    decision_word,
    heading,
    marks_of,
    residual_word,
)
from receivables.reviewing.model import Decision, ReviewRow
from receivables.workbooks import SPAN_MAX, UNPACKED_MAX, is_unbounded

__all__ = ["read_excel", "to_excel"]

_KEYS_SHEET: Final = "keys"
_CELL_MAX: Final = 32_000
"""Characters of a text in a cell; Excel keeps 32,767."""
_LIST_MAX: Final = 255
"""Characters of a list of choices inside a validation rule (Excel's own bound)."""
_DIGITS_MAX: Final = 15
_FIRST_DAY: Final = dt.date(1900, 3, 1)
"""Excel counts a 29 February 1900 that never was, so dates are sound from the day after."""
_AT: Final = MappingProxyType({column.name: at for at, column in enumerate(COLUMNS)})
_RIGHT: Final = frozenset({"amount", "sure", "pays", "residual_amount", "unapplied"})
_WRAPPED: Final = frozenset({"text", "why", "alternatives"})
_AFTER_NUMBERS: Final = frozenset({"currency", "decision", "residual", "residual_reason", "why"})
_WRAPPED_COLUMNS: Final = tuple(column for column in COLUMNS if column.name in _WRAPPED)
_LINE_POINTS: Final = 15
_LINES_MAX: Final = 5
"""Lines of a row; what is longer is read in the cell itself."""
_EDIT_COLOUR: Final = "#FFF2CC"
_HEAD_COLOUR: Final = "#DCE6F1"
_QUIET: Final = "#8C8C8C"
_OPTIONS: Final = MappingProxyType(
    {
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
)


def to_excel(
    rows: Sequence[ReviewRow], *, keys: Iterable[Key], locale: str, as_of: dt.date
) -> bytes:
    """The workbook; equal reviews give equal bytes, because the file is dated on the as-of date."""
    xlsxwriter = _xlsxwriter()
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, dict(_OPTIONS)) as book:
        book.set_properties({"created": dt.datetime.combine(as_of, dt.time())})
        _Sheet(book, locale).write(rows)
        hidden = book.add_worksheet(_KEYS_SHEET)
        for line, key in enumerate(keys):
            text = key.to_text()
            for column, at in enumerate(range(0, len(text), _CELL_MAX)):
                hidden.write_string(line, column, text[at : at + _CELL_MAX])
        hidden.hide()
    return stream.getvalue()


def _xlsxwriter() -> Any:  # noqa: ANN401  # a third-party module without types
    try:
        return importlib.import_module("xlsxwriter")
    except ModuleNotFoundError:
        raise MissingExtraError.for_extra("excel", needed_for="writing a workbook") from None


class _Sheet:
    """The sheet that a person sees and edits."""

    def __init__(self, book: Any, locale: str) -> None:  # noqa: ANN401  # a workbook of XlsxWriter
        self._book = book
        self._locale = locale
        self._catalog = words(locale)
        self._sheet = book.add_worksheet(self._catalog.text("match", "review"))
        self._formats: dict[tuple[tuple[str, object], ...], Any] = {}

    def write(self, rows: Sequence[ReviewRow]) -> None:
        """Write headings and rows, then what may be chosen."""
        self._headings(len(rows))
        for line, row in enumerate(rows, start=1):
            self._row(line, row)
        self._choices(rows)
        self._sheet.ignore_errors({"number_stored_as_text": f"A1:S{len(rows) + 1}"})
        self._sheet.set_landscape()
        self._sheet.set_paper(9)
        self._sheet.fit_to_pages(1, 0)
        self._sheet.repeat_rows(0)

    def _format(self, **look: object) -> Any:  # noqa: ANN401  # a format of XlsxWriter
        key = tuple(sorted(look.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format({"valign": "top", **look})
        return self._formats[key]

    def _headings(self, count: int) -> None:
        self._sheet.set_row(0, 32)
        for at, column in enumerate(COLUMNS):
            self._sheet.set_column(at, at, column.width)
            look = self._format(
                bold=True,
                text_wrap=True,
                bottom=1,
                valign="bottom",
                align="right" if column.name in _RIGHT else "left",
                indent=1 if column.name in _AFTER_NUMBERS else 0,
                bg_color=_EDIT_COLOUR if column.name in EDITED[1:] else _HEAD_COLOUR,
            )
            self._sheet.write_string(0, at, heading(column, self._catalog), look)
        self._sheet.freeze_panes(1, _AT["payer"] + 1)
        self._sheet.autofilter(0, 0, count, len(COLUMNS) - 1)

    def _row(self, line: int, row: ReviewRow) -> None:
        cells = shown(row, self._locale)
        texts = {name: cell for name, cell in cells.items() if isinstance(cell, str)}
        lines = max(-(-len(texts[column.name]) // column.width) for column in _WRAPPED_COLUMNS)
        most = _LINES_MAX if row.is_first else 1
        self._sheet.set_row(line, _LINE_POINTS * max(1, min(lines, most)))
        for at, column in enumerate(COLUMNS):
            look: dict[str, object] = {"top": 4} if row.is_first else {}
            if not row.is_first and column.name not in EDITED:
                # Said in the row above already: it is there for sorting, and quiet for reading.
                look["font_color"] = _QUIET
            if column.name in _WRAPPED:
                look["text_wrap"] = True
            if column.name in _AFTER_NUMBERS:
                look["indent"] = 1
            self._cell(line, at, cells[column.name], look)

    def _cell(self, line: int, at: int, cell: Shown, look: dict[str, object]) -> None:
        if isinstance(cell, Amount):
            self._amount(line, at, cell, look)
        elif isinstance(cell, Decimal):
            self._sheet.write_number(line, at, cell, self._format(num_format="0.00", **look))
        elif isinstance(cell, dt.date) and cell >= _FIRST_DAY:
            look |= {"num_format": "yyyy-mm-dd", "align": "left"}
            self._sheet.write_datetime(line, at, cell, self._format(**look))
        elif cell:
            text = cell if isinstance(cell, str) else cell.isoformat()
            self._text(line, at, text, look)
        else:
            self._sheet.write_blank(line, at, None, self._format(**look))

    def _amount(self, line: int, at: int, amount: Amount, look: dict[str, object]) -> None:
        places = digits(amount.currency)
        number = f"#,##0.{'0' * places}" if places else "#,##0"
        style = self._format(num_format=number, align="right", **look)
        value = in_units(amount)
        if len(str(abs(amount.amount_minor)).rstrip("0")) <= _DIGITS_MAX:
            self._sheet.write_number(line, at, value, style)
        else:
            text = f"{value:f}".replace(".", marks_of(self._locale).decimal or ".")
            self._sheet.write_string(line, at, text, style)

    def _text(self, line: int, at: int, text: str, look: dict[str, object]) -> None:
        if not text[0].isalnum():
            # The mark that Excel itself sets on a text, so that the cell survives being edited.
            look["quote_prefix"] = True
        if text.startswith("<r>") and text.endswith("</r>"):
            text += " "  # XlsxWriter would take it for markup of its own, unescaped
        clean = "".join(each if each.isprintable() else " " for each in text[:_CELL_MAX])
        self._sheet.write_string(line, at, clean, self._format(**look))

    def _choices(self, rows: Sequence[ReviewRow]) -> None:
        """Lists to choose from: decisions and residuals everywhere, alternatives where there are."""
        last = max(len(rows), 1)
        decided = [decision_word(each, self._catalog) for each in (Decision.APPLY, Decision.LEAVE)]
        kinds = [residual_word(kind, self._catalog) for kind in RESIDUALS]
        for name, choices in (("decision", decided), ("residual", kinds)):
            rule: dict[str, object] = {"validate": "list", "source": choices}
            self._sheet.data_validation(1, _AT[name], last, _AT[name], rule)
        for line, row in enumerate(rows, start=1):
            choices = [" + ".join(items) for items in row.alternatives]
            if choices and _may_be_listed(choices):
                rule = {"validate": "list", "source": choices, "show_error": False}
                self._sheet.data_validation(line, _AT["item"], line, _AT["item"], rule)


def _may_be_listed(choices: Sequence[str]) -> bool:
    """Whether a validation rule can hold some choices: it parts them by commas."""
    said = ",".join(choices)
    return len(said) <= _LIST_MAX and said.count(",") == len(choices) - 1 and said.isprintable()


def read_excel(content: bytes, *, notes: ReadNotes) -> Grid:
    """The rows of a workbook: its first sheet, and the keys of the hidden one."""
    try:
        calamine = importlib.import_module("python_calamine")
    except ModuleNotFoundError:
        raise MissingExtraError.for_extra("excel", needed_for="reading a workbook") from None
    if is_unbounded(content):
        msg = f"a workbook must have at most {UNPACKED_MAX} bytes unpacked and {SPAN_MAX} cells, empty ones included, got more"
        notes.error("file.too-large", msg)
        return Grid()
    faults = (calamine.CalamineError, ValueError, OSError, KeyError, OverflowError)
    try:
        workbook = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows, hidden = _sheets(workbook)
    except faults as error:
        notes.error("file.format", f"review must be a workbook, got {error}")
        return Grid()
    return grid_of(rows, notes=notes, keys=hidden)


def _sheets(workbook: Any) -> tuple[list[tuple[int, list[Cell]]], list[str]]:  # noqa: ANN401  # no types
    """The lines of the visible sheet, and the keys of the hidden one."""
    names = [name for name in workbook.sheet_names if name != _KEYS_SHEET]
    rows = _rows(workbook.get_sheet_by_name(names[0])) if names else iter(())
    keys: list[str] = []
    if _KEYS_SHEET in workbook.sheet_names:
        for _, cells in _rows(workbook.get_sheet_by_name(_KEYS_SHEET)):
            keys.append("".join(map(str, cells)))
    return list(rows), keys


def _rows(sheet: Any) -> Iterator[tuple[int, list[Cell]]]:  # noqa: ANN401  # a third-party class
    for line, values in enumerate(sheet.iter_rows(), start=1):
        yield line, [_cell(value) for value in values]


def _cell(value: object) -> Cell:
    """What a cell holds, without the binary noise of its numbers."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return Decimal(format(value, f".{_DIGITS_MAX}g")) + 0
    return value.isoformat() if isinstance(value, dt.date) else str(value)
