"""An aging as a table for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from receivables.aging.labels import bucket_phrase
from receivables.tables import Cell, CellKind, Phrase, ResultTable, TableColumn

if TYPE_CHECKING:
    from receivables.aging.model import Aging, AgingRow

__all__ = ["table_of"]


def table_of(aging: Aging) -> ResultTable:
    """A row per customer and currency, one total per currency."""
    buckets = [
        TableColumn(name=f"bucket_{index}", heading=bucket_phrase(label), kind=CellKind.MONEY)
        for index, label in enumerate(aging.scheme.labels)
    ]
    return ResultTable(
        title="aging",
        subtitle=Phrase("by {basis}", {"basis": Phrase(aging.scheme.basis.value)}),
        as_of=aging.as_of,
        columns=[
            *(TableColumn(name=name) for name in ("creditor", "customer", "currency")),
            *buckets,
            TableColumn(name="credits_minor", heading=Phrase("credits"), kind=CellKind.MONEY),
            TableColumn(name="total_minor", heading=Phrase("total"), kind=CellKind.MONEY),
            TableColumn(name="items", kind=CellKind.COUNT),
        ],
        rows=[_line(row, row.creditor) for row in aging.rows],
        totals=[_line(row, Phrase("total")) for row in aging.totals.values()],
    )


def _line(row: AgingRow, name: Cell) -> list[Cell]:
    amounts = (*row.buckets_minor, row.credits_minor, row.total_minor)
    return [name, row.customer, row.currency, *amounts, row.items]
