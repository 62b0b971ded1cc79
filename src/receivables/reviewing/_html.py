"""A review as a table of a page: for notebooks, in the creditor's language, every text escaped."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from receivables.i18n import format_amount, format_date, words
from receivables.reviewing._cells import Amount, Shown, shown
from receivables.reviewing._words import COLUMNS, heading
from receivables.reviewing.model import ReviewRow

__all__ = ["as_html"]

_ROWS_SHOWN: Final = 60
_RIGHT: Final = ' style="text-align:right"'
_NUMBERS: Final = frozenset({"amount", "sure", "pays", "residual_amount", "unapplied"})


def as_html(rows: Sequence[ReviewRow], *, as_of: dt.date, locale: str) -> str:
    """The table, with a note where it has more rows than are shown."""
    catalog = words(locale)
    day = format_date(as_of, locale, "long")
    caption = catalog.text("match", "receipts to review as of {date}", date=day)
    if hidden := len(rows) - _ROWS_SHOWN:
        more = catalog.text("match", "{count} more rows are not shown", count=hidden)
        caption += f" · {more}" if hidden > 0 else ""
    head = "".join(
        f'<th scope="col"{_style(column.name)}>{html.escape(heading(column, catalog))}</th>'
        for column in COLUMNS
    )
    body = "\n".join(_line(row, locale) for row in rows[:_ROWS_SHOWN])
    return (
        f'<table lang="{html.escape(locale)}">\n<caption>{html.escape(caption)}</caption>\n'
        f"<thead>\n<tr>{head}</tr>\n</thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    )


def _style(name: str) -> str:
    return _RIGHT if name in _NUMBERS else ""


def _line(row: ReviewRow, locale: str) -> str:
    cells = shown(row, locale)
    said = [(column.name, html.escape(_text(cells[column.name], locale))) for column in COLUMNS]
    (_, receipt), *others = said
    rest = "".join(f"<td{_style(name)}>{text}</td>" for name, text in others)
    return f'<tr><th scope="row">{receipt}</th>{rest}</tr>'


def _text(cell: Shown, locale: str) -> str:
    if isinstance(cell, Amount):
        return format_amount(cell.amount_minor, cell.currency, locale)
    if isinstance(cell, dt.date):
        return format_date(cell, locale, "short")
    if isinstance(cell, Decimal):
        return f"{cell:.2f}"
    return cell or ""
