"""A statement as a table that a person reads; letters to customers go through their language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from receivables.documents.model import ItemKind
from receivables.money import from_minor
from receivables.tables import Cell, CellKind, Phrase, ResultTable, TableColumn

if TYPE_CHECKING:
    from receivables.statements.model import StatementOfAccount

__all__ = ["as_text", "statement_table"]

_ROWS_SHOWN: Final = 60


def as_text(statement: StatementOfAccount) -> str:
    """The rows in plain text, amounts with the currency's decimals, then the closing balances."""
    names = [name.removesuffix("_minor").replace("_", " ") for name in statement.columns]
    rows = [_cells(statement, row) for row in statement.to_rows()]
    shown = rows[:_ROWS_SHOWN]
    right = {index for index, name in enumerate(statement.columns) if _is_number(name)}
    widths = [max(map(len, column)) for column in zip(names, *shown, strict=True)]
    lines = [_line(cells, widths, right) for cells in (names, *shown)]
    more = [f"{len(rows) - _ROWS_SHOWN} more rows"] if len(rows) > _ROWS_SHOWN else []
    totals = [
        f"balance {code}: {_amount(total.closing_minor, code)}"
        for code, total in statement.totals.items()
    ]
    title = f"{statement.form.value} statement of {statement.customer} as of {statement.as_of}"
    return "\n".join([title, *lines, *more, *totals])


def _is_number(name: str) -> bool:
    return name.endswith("_minor") or name == "days_past_due"


def _cells(statement: StatementOfAccount, row: Sequence[str | int | dt.date | None]) -> list[str]:
    values = dict(zip(statement.columns, row, strict=True))
    currency = str(values["currency"])
    return [
        _amount(value, currency)
        if name.endswith("_minor") and isinstance(value, int)
        else ""
        if value is None
        else str(value)
        for name, value in values.items()
    ]


def _amount(amount_minor: int, currency: str) -> str:
    return f"{from_minor(amount_minor, currency).amount:,}"


def _line(cells: Sequence[str], widths: Sequence[int], right: set[int]) -> str:
    padded = [
        cell.rjust(width) if index in right else cell.ljust(width)
        for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join(padded).rstrip()


_KINDS: Final = MappingProxyType(
    {
        "document_date": CellKind.DATE,
        "due_date": CellKind.DATE,
        "effective_on": CellKind.DATE,
        "days_past_due": CellKind.DAYS,
    }
)


_HEADINGS: Final = MappingProxyType({"effective_on": "effective on"})


def statement_table(statement: StatementOfAccount) -> ResultTable:
    """The open items, or the opening balances and movements, with a balance per currency."""
    names = statement.columns
    return ResultTable(
        title=Phrase("statement of account {customer}", {"customer": statement.customer}),
        as_of=statement.as_of,
        subtitle=Phrase(statement.form.value),
        columns=[_column(name) for name in names],
        rows=[
            [_cell(name, value) for name, value in zip(names, row, strict=True)]
            for row in statement.to_rows()
        ],
        totals=[
            _total(names, currency, total.closing_minor)
            for currency, total in statement.totals.items()
        ],
    )


def _column(name: str) -> TableColumn:
    heading = Phrase(_HEADINGS.get(name, name.removesuffix("_minor").replace("_", " ")))
    kind = CellKind.MONEY if name.endswith("_minor") else _KINDS.get(name, CellKind.TEXT)
    return TableColumn(name=name, heading=heading, kind=kind)


def _cell(name: str, value: str | int | dt.date | None) -> Cell:
    if name != "kind":
        return value
    word = str(value).replace("-", " ")
    if word == "opening balance":
        return Phrase(word)
    return Phrase(word, context="kind" if word in _ITEM_KINDS else "movement")


_ITEM_KINDS: Final = frozenset(kind.value.replace("-", " ") for kind in ItemKind)


def _total(names: Sequence[str], currency: str, closing_minor: int) -> list[Cell]:
    # The last column is what is open, or the running balance.
    cells = dict.fromkeys(names[:-1], None) | {names[0]: Phrase("balance"), "currency": currency}
    return [*cells.values(), closing_minor]
