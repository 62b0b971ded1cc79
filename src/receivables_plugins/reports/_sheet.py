"""One sheet of a workbook and its formats: what is text stays text, what is a number is exact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from babel.dates import get_date_format

from receivables.money import digits

from ._view import View, in_units, starts_formula

__all__ = ["Sheet", "Styles", "is_exact"]

_DIGITS_MAX: Final = 15
"""Significant digits that a double keeps exactly."""

_FIRST_DAY: Final = dt.date(1900, 3, 1)
"""Excel counts a 29 February 1900 that never was, so dates are sound from the day after."""

# Unicode CLDR, supplemental data, measurementData: territories whose paper is US letter.
_LETTER: Final = frozenset("BZ CA CL CO CR GT MX NI PA PH PR SV US VE".split())  # noqa: SIM905  # as CLDR writes it


class Styles:
    """The formats of one workbook, each made once."""

    def __init__(self, book: Any, view: View) -> None:  # noqa: ANN401  # a workbook of XlsxWriter
        self.book = book
        self._made: dict[tuple[tuple[str, object], ...], Any] = {}
        pattern = str(get_date_format("short", locale=view.region).pattern)
        self._date = _excel_date(pattern)

    def make(self, **properties: object) -> Any:  # noqa: ANN401  # a format of XlsxWriter
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self.book.add_format(dict(key))
        return self._made[key]

    @property
    def date_pattern(self) -> str:
        """The short date of the reader as a number format."""
        return self._date

    def date(self) -> Any:  # noqa: ANN401  # a format of XlsxWriter
        return self.make(num_format=self._date, align="left")

    def amount(self, currency: str, **properties: object) -> Any:  # noqa: ANN401  # a format
        places = digits(currency)
        number = f"#,##0.{'0' * places}" if places else "#,##0"
        return self.make(num_format=f"{number};[Red]-{number}", align="right", **properties)

    def heading(self, *, right: bool) -> Any:  # noqa: ANN401  # a format of XlsxWriter
        align = "right" if right else "left"
        look = {"bold": True, "text_wrap": True, "valign": "bottom", "bottom": 1}
        return self.make(align=align, bg_color="#DCE6F1", **look)


def _excel_date(pattern: str) -> str:
    """The short date of a locale (CLDR) as a number format, with four digits of the year.

    >>> _excel_date("dd/MM/y"), _excel_date("M/d/yy"), _excel_date("y-MM-dd")
    ('dd/mm/yyyy', 'm/d/yyyy', 'yyyy-mm-dd')
    """
    year = "yy" if "yy" in pattern else "y"
    return pattern.replace(year, "yyyy").lower()


class Sheet:
    """A sheet that is written downwards, row by row, as constant memory wants it."""

    def __init__(self, name: str, *, view: View, styles: Styles) -> None:
        self.name = name
        self.view = view
        self.styles = styles
        self.row = 0
        self._sheet = styles.book.add_worksheet(name)

    def text(self, column: int, text: str, **look: object) -> None:
        """Write text as text, whatever it looks like; an empty text leaves the cell empty."""
        if not text:
            return
        if starts_formula(text):
            # The mark that Excel itself sets, so that the cell survives being edited.
            look["quote_prefix"] = True
        style = self.styles.make(**look) if look else None
        self._sheet.write_string(self.row, column, _literal(text), style)

    def amount(self, column: int, amount_minor: int, currency: str, **look: object) -> None:
        """Write an amount as a number, or as text where a number would lose its last digits."""
        amount = in_units(amount_minor, currency)
        style = self.styles.amount(currency, **look)
        if is_exact(amount_minor):
            self._sheet.write_number(self.row, column, amount, style)
        else:
            self._sheet.write_string(self.row, column, f"{amount:f}", style)

    def label(self, label: str, currency: str, **look: object) -> None:
        """Write what a row below the table is, over the three empty columns, and its currency."""
        self.text(0, label, **look)
        for column in (1, 2):
            self._sheet.write_blank(self.row, column, None, self.styles.make(**look))
        self.text(3, currency, **look)

    def formula(
        self, column: int, formula: str, *, value: Decimal, currency: str, **look: object
    ) -> None:
        """Write a formula with the value that it has."""
        style = self.styles.amount(currency, **look)
        self._sheet.write_formula(self.row, column, formula, style, value)

    def integer(self, column: int, value: int, **look: object) -> None:
        """Write a count."""
        style = self.styles.make(num_format="#,##0", **look)
        self._sheet.write_number(self.row, column, value, style)

    def date(self, column: int, day: dt.date) -> None:
        """Write a date as a date, or as text where Excel has no such day."""
        if day < _FIRST_DAY:
            self._sheet.write_string(self.row, column, day.isoformat())
        else:
            self._sheet.write_datetime(self.row, column, day, self.styles.date())

    def title(self, *, notes: Sequence[str]) -> None:
        """Write what the sheet shows, then the facts, then the notes and an empty row."""
        view = self.view
        self._sheet.set_row(self.row, 24)
        self.text(0, f"{view.title} · {self.name}", bold=True, font_size=16)
        self.row += 1
        self.text(0, view.as_of.label, bold=True)
        self.date(2, view.aging.as_of)
        self.row += 1
        for fact in view.method:
            self.text(0, fact.label, bold=True)
            self.text(2, fact.value)
            self.row += 1
        for note in notes:
            self.text(0, note, italic=True)
            self.row += 1
        self.row += 1

    def headings(self, headings: Sequence[str], *, right: frozenset[int], rows: int) -> None:
        """Write the headings; freeze them, filter by them and repeat them on every page."""
        # Two lines, because constant memory leaves no row whose height could be fitted.
        self._sheet.set_row(self.row, 32)
        for column, heading in enumerate(headings):
            style = self.styles.heading(right=column in right)
            self._sheet.write_string(self.row, column, heading, style)
        self._sheet.freeze_panes(self.row + 1, 3)
        self._sheet.autofilter(self.row, 0, self.row + rows, len(headings) - 1)
        self._sheet.repeat_rows(self.row)
        self.row += 1

    def widths(self, widths: Sequence[int]) -> None:
        """Set how wide the columns are, in characters."""
        for column, width in enumerate(widths):
            self._sheet.set_column(column, column, width)

    def print_setup(self, *, rows: int, columns: int) -> None:
        """Landscape on the paper of the reader's country, as wide as the page, with page numbers."""
        sheet, view = self._sheet, self.view
        sheet.set_landscape()
        sheet.set_paper(1 if view.region.territory in _LETTER else 9)
        sheet.fit_to_pages(1, 0)
        sheet.print_area(0, 0, max(rows - 1, 0), columns - 1)
        sheet.set_footer(f"&L{view.title} · {view.as_of.value}&R&P / &N")

    def texts_are_meant(self, area: str) -> None:
        """Tell Excel that numbers stand there as text on purpose."""
        self._sheet.ignore_errors({"number_stored_as_text": area})


def _literal(text: str) -> str:
    # XlsxWriter takes a text in these tags for markup of its own and writes it unescaped.
    wrapped = text.startswith("<r>") and text.endswith("</r>")
    return f"{text} " if wrapped else text


def is_exact(amount_minor: int) -> bool:
    """Whether a number of a workbook keeps an amount to its last digit.

    >>> is_exact(-999_999_999_999_999), is_exact(10**17), is_exact(1_234_567_890_123_456)
    (True, True, False)
    """
    return len(str(abs(amount_minor)).rstrip("0")) <= _DIGITS_MAX
