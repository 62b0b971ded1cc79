"""An aging as comma- or semicolon-separated values, for a spreadsheet of the reader's country.

A spreadsheet opens such a file by the settings of its country: where the decimal mark is a comma,
the separator is a semicolon.  Both follow the locale here (Unicode CLDR, by way of Babel).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from typing import Final

from babel.numbers import get_decimal_symbol

from receivables.aging.model import Aging, AgingRow

from ._view import View, in_units, one_line, starts_formula

__all__ = ["CsvWriter", "as_text"]

# A cell that another separator would cut in two must not be a formula in its second half.
_CUT: Final = re.compile(r"([,;|])(?=[\s\"']*[=+\-@\uff1d\uff0b\uff0d\uff20])")


def as_text(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe goes before what looks like one.

    >>> as_text("=HYPERLINK(A1)"), as_text("Acme;=1+1"), as_text("Rock & Fils")
    ("'=HYPERLINK(A1)", "Acme;'=1+1", 'Rock & Fils')
    """
    line = _CUT.sub(r"\1'", one_line(text))
    return f"'{line}" if starts_formula(line) else line


class CsvWriter:
    """Writes one row per customer and currency, then one total per currency."""

    media_type = "text/csv"
    suffix = ".csv"

    def write(self, aging: Aging, *, names: Mapping[str, str], locale: str) -> bytes:
        """Write UTF-8 with a byte order mark, without which Excel reads another encoding."""
        view = View(aging, names=names, locale=locale)
        decimal = get_decimal_symbol(view.region)
        stream = io.StringIO(newline="")
        table = csv.writer(stream, delimiter=";" if decimal == "," else ",", lineterminator="\r\n")
        table.writerow(map(as_text, _headings(view)))
        table.writerows(_rows(view, decimal))
        return stream.getvalue().encode("utf-8-sig")


def _headings(view: View) -> tuple[str, ...]:
    known = (view.as_of.label, view.say("aged by"))
    parties = map(view.heading, ("creditor", "customer", "name", "currency"))
    sums = map(view.heading, ("credits", "total", "items"))
    return (*known, *parties, *view.buckets, *sums)


def _rows(view: View, decimal: str) -> Iterator[list[str]]:
    # A date in ISO 8601 is read as a date in every country, and rows of two months can be stacked.
    known = [view.aging.as_of.isoformat(), as_text(view.basis)]
    for row in view.aging.rows:
        parties = [row.creditor, row.customer, view.name(row.customer), row.currency]
        yield [*known, *map(as_text, parties), *_figures(row, decimal)]
    for currency, total in view.aging.totals.items():
        parties = ["", "", view.total(currency), currency]
        yield [*known, *map(as_text, parties), *_figures(total, decimal)]


def _figures(row: AgingRow, decimal: str) -> Iterator[str]:
    for amount_minor in (*row.buckets_minor, row.credits_minor, row.total_minor):
        yield f"{in_units(amount_minor, row.currency):f}".replace(".", decimal)
    yield str(row.items)
