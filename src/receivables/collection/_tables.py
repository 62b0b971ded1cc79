"""A worklist as a table for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from receivables.tables import Cell, CellKind, Phrase, ResultTable, TableColumn

if TYPE_CHECKING:
    from receivables.collection.model import WorkLine, Worklist

__all__ = ["worklist_table"]


def worklist_table(worklist: Worklist) -> ResultTable:
    """A row per line and currency; what does not depend on the currency stands once."""
    sums: dict[str, int] = {}
    for line in worklist:
        for one in line.overdue:
            sums[one.currency] = sums.get(one.currency, 0) + one.amount_minor
    count = CellKind.COUNT
    return ResultTable(
        title="worklist",
        as_of=worklist.as_of,
        subtitle=Phrase("policy {name}", {"name": f"{worklist.policy} {worklist.version}"}),
        columns=[
            TableColumn(name="place", kind=count),
            TableColumn(name="customer"),
            TableColumn(name="reason"),
            TableColumn(name="points", kind=count),
            TableColumn(name="role"),
            TableColumn(name="person"),
            TableColumn(name="channel"),
            TableColumn(name="minutes", kind=count),
            TableColumn(name="currency"),
            TableColumn(name="overdue_minor", heading=Phrase("past due"), kind=CellKind.MONEY),
            TableColumn(name="oldest_days", heading=Phrase("oldest, days"), kind=CellKind.DAYS),
        ],
        rows=[row for line in worklist for row in _rows(line)],
        totals=[
            [Phrase("total"), *([""] * 7), currency, minor, None]
            for currency, minor in sorted(sums.items())
        ],
    )


def _rows(line: WorkLine) -> list[list[Cell]]:
    head: list[Cell] = [line.place, line.customer, Phrase(line.leading.kind.value), line.points]
    head += [line.role, line.person, Phrase(line.channel.value, context="channel"), line.minutes]
    owed: list[list[Cell]] = [
        [one.currency, one.amount_minor, one.oldest_days] for one in line.overdue
    ]
    first, *rest = owed or [["", None, None]]
    blank: list[Cell] = [""] * len(head)
    return [[*head, *first], *([*blank, *more] for more in rest)]
