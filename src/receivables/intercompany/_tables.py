"""An agreement between two books of a group as a table for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from receivables.tables import Cell, CellKind, Phrase, ResultTable, TableColumn

if TYPE_CHECKING:
    from receivables.intercompany.model import Agreement, IntercompanyDifference, IntercompanyLine

__all__ = ["agreement_table"]


def agreement_table(agreement: Agreement) -> ResultTable:
    """The differences one by one, and the two balances of each currency below."""
    ours, theirs = agreement.creditor, agreement.counterparty
    return ResultTable(
        title=Phrase("agreement of {ours} and {theirs}", {"ours": ours, "theirs": theirs}),
        as_of=agreement.as_of,
        columns=[
            *(TableColumn(name=name) for name in ("cause", "reference", "currency")),
            TableColumn(name="ours_date", heading=Phrase("date"), kind=CellKind.DATE),
            TableColumn(name="ours_minor", heading=Phrase("our book"), kind=CellKind.MONEY),
            TableColumn(name="theirs_date", heading=Phrase("date"), kind=CellKind.DATE),
            TableColumn(name="theirs_minor", heading=Phrase("their book"), kind=CellKind.MONEY),
            TableColumn(name="difference_minor", heading=Phrase("difference"), kind=CellKind.MONEY),
        ],
        rows=[_difference(one) for one in agreement.differences],
        totals=[
            [
                *(Phrase("balance"), None, row.currency),
                *(None, row.ours_minor, None, row.theirs_minor, row.difference_minor),
            ]
            for row in agreement.rows
        ],
        notes=[Phrase("lines that agree: {count}", {"count": agreement.agreed})],
    )


def _difference(one: IntercompanyDifference) -> list[Cell]:
    return [
        *(Phrase(one.cause.value), one.reference, one.currency),
        *_side(one.ours),
        *_side(one.theirs),
        one.difference_minor,
    ]


def _side(lines: tuple[IntercompanyLine, ...]) -> tuple[Cell, Cell]:
    day = min((line.date for line in lines), default=None)
    return day, sum(line.amount_minor for line in lines)
