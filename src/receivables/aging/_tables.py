"""An aging as a table that a person reads: text, and HTML for notebooks.

Numbers are written plainly, with the currency's own decimals; reports for customers go through the
words and number formats of their language instead.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from receivables.money import digits

if TYPE_CHECKING:
    from receivables.aging.model import Aging, AgingRow

__all__ = ["as_html", "as_text"]

_TEXT_COLUMNS: Final = 3
_ROWS_SHOWN: Final = 60
_RIGHT: Final = ' style="text-align:right"'


def as_text(aging: Aging) -> str:
    """The table in plain text: text to the left, numbers to the right, one total per currency."""
    lines = [_headings(aging), *_cells(aging)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    table = "\n".join(_text_line(line, widths) for line in lines)
    return f"{_caption(aging)}\n{table}{_more(aging)}"


def as_html(aging: Aging) -> str:
    """The table in HTML, every text escaped."""
    head = _html_line(_headings(aging), "th")
    body = "\n".join(_html_line(line, "td") for line in _cells(aging))
    caption = html.escape(_caption(aging) + _more(aging))
    return (
        f"<table>\n<caption>{caption}</caption>\n<thead>\n{head}\n</thead>\n"
        f"<tbody>\n{body}\n</tbody>\n</table>"
    )


def _caption(aging: Aging) -> str:
    return f"aging as of {aging.as_of.isoformat()}, by {aging.scheme.basis.value}"


def _more(aging: Aging) -> str:
    hidden = len(aging.rows) - _ROWS_SHOWN
    return f"\n{hidden} more rows in the totals" if hidden > 0 else ""


def _headings(aging: Aging) -> list[str]:
    buckets = aging.scheme.labels
    return ["creditor", "customer", "currency", *buckets, "credits", "total", "items"]


def _cells(aging: Aging) -> list[list[str]]:
    lines = [_line(row) for row in aging.rows[:_ROWS_SHOWN]]
    return lines + [_line(row, name="total") for row in aging.totals.values()]


def _line(row: AgingRow, name: str = "") -> list[str]:
    amounts = (*row.buckets_minor, row.credits_minor, row.total_minor)
    numbers = [_amount(amount_minor, digits(row.currency)) for amount_minor in amounts]
    return [name or row.creditor, row.customer, row.currency, *numbers, str(row.items)]


def _amount(amount_minor: int, places: int) -> str:
    """An integer with its decimal point in place.

    >>> _amount(-123_456_705, 2), _amount(5, 3), _amount(1_200, 0)
    ('-1,234,567.05', '0.005', '1,200')
    """
    whole, rest = divmod(abs(amount_minor), 10**places)
    sign = "-" if amount_minor < 0 else ""
    return f"{sign}{whole:,}" + (f".{rest:0{places}d}" if places else "")


def _text_line(cells: Sequence[str], widths: Iterable[int]) -> str:
    padded = [
        cell.ljust(width) if index < _TEXT_COLUMNS else cell.rjust(width)
        for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join(padded).rstrip()


def _html_line(cells: Sequence[str], tag: str) -> str:
    styled = (
        f"<{tag}{_RIGHT if index >= _TEXT_COLUMNS else ''}>{html.escape(cell)}</{tag}>"
        for index, cell in enumerate(cells)
    )
    return f"<tr>{''.join(styled)}</tr>"
