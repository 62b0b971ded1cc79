"""A revaluation as a table for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from receivables.tables import CellKind, Phrase, ResultTable, TableColumn

if TYPE_CHECKING:
    from receivables.currencies.model import Revaluation

__all__ = ["revaluation_table"]


def revaluation_table(found: Revaluation) -> ResultTable:
    """What is open in the currency of the items, the rest in the functional one."""
    functional = {
        "carrying_minor": "in the books",
        "revalued_minor": "at the closing rate",
        "difference_minor": "difference",
    }
    return ResultTable(
        title="revaluation",
        as_of=found.as_of,
        subtitle=Phrase("functional currency {currency}", {"currency": found.functional}),
        columns=[
            *(TableColumn(name=name) for name in ("item", "customer", "currency")),
            TableColumn(name="open_minor", heading=Phrase("open"), kind=CellKind.MONEY),
            *(
                TableColumn(
                    name=name,
                    heading=Phrase(heading),
                    kind=CellKind.MONEY,
                    currency=found.functional,
                )
                for name, heading in functional.items()
            ),
        ],
        rows=[
            [
                *(row.item, row.customer, row.currency, row.open_minor),
                *(getattr(row, name) for name in functional),
            ]
            for row in found.rows
        ],
        totals=[
            [
                *(Phrase("total"), "", code, total.open_minor),
                *(getattr(total, name) for name in functional),
            ]
            for code, total in found.totals.items()
        ],
    )
