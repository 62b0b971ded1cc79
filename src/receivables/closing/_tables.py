"""The roll-forward and the tie-out as tables for people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.tables import Cell, CellKind, Phrase, ResultTable, TableColumn

if TYPE_CHECKING:
    from receivables.closing.model import (
        Difference,
        GlPosting,
        Movement,
        RollForward,
        RollForwardRow,
        TieOut,
    )

__all__ = ["roll_forward_table", "tie_out_table"]


def _amount(name: str, heading: str) -> TableColumn:
    return TableColumn(name=name, heading=Phrase(heading), kind=CellKind.MONEY)


def roll_forward_table(roll: RollForward) -> ResultTable:
    """Opening, movements and closing in the currency of the items."""
    kinds = roll.kinds

    def cells(row: RollForwardRow) -> list[Cell]:
        moved = [row.movements.get(kind, 0) for kind in kinds]
        return [row.currency, row.opening_minor, *moved, row.closing_minor]

    return ResultTable(
        title=Phrase(
            "roll-forward from {first} to {last}", {"first": roll.first, "last": roll.last}
        ),
        columns=[
            *(TableColumn(name=name) for name in ("creditor", "customer", "currency")),
            _amount("opening_minor", "opening balance"),
            *(_amount(kind.value, kind.value) for kind in kinds),
            _amount("closing_minor", "closing balance"),
        ],
        rows=[[row.creditor, row.customer, *cells(row)] for row in roll.rows],
        totals=[[row.creditor, Phrase("total"), *cells(row)] for row in roll.totals],
    )


def tie_out_table(tie: TieOut) -> ResultTable:
    """The differences one by one, and the two balances of each account below."""
    return ResultTable(
        title=Phrase("tie-out of {creditor}", {"creditor": tie.creditor}),
        as_of=tie.as_of,
        columns=[
            *(TableColumn(name=name) for name in ("cause", "account", "customer")),
            *(TableColumn(name=name) for name in ("document", "currency")),
            TableColumn(name="sub_ledger_date", heading=Phrase("date"), kind=CellKind.DATE),
            _amount("sub_ledger_minor", "sub-ledger"),
            TableColumn(name="general_ledger_date", heading=Phrase("date"), kind=CellKind.DATE),
            _amount("general_ledger_minor", "general ledger"),
            _amount("difference_minor", "difference"),
        ],
        rows=[_difference(one) for one in tie.differences],
        totals=[
            [
                *(Phrase("balance"), row.account, None, None, row.currency),
                *(None, row.sub_ledger_minor, None, row.general_ledger_minor, row.difference_minor),
            ]
            for row in tie.rows
        ],
        notes=[Phrase("lines that agree: {count}", {"count": tie.agreed})],
    )


def _difference(one: Difference) -> list[Cell]:
    return [
        *(Phrase(one.cause.value), one.account, one.customer, one.document, one.currency),
        *(_first_day(one.movements), sum(line.amount_minor for line in one.movements)),
        *(_first_day(one.postings), sum(line.amount_minor for line in one.postings)),
        one.difference_minor,
    ]


def _first_day(lines: Iterable[Movement] | Iterable[GlPosting]) -> dt.date | None:
    return min((line.date for line in lines), default=None)
