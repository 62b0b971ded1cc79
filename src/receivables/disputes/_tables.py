"""Statistics of disputes, and an aging with what is disputed, as tables for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from receivables.casework import DisputeReason
from receivables.tables import Cell, CellKind, Phrase, ResultTable, TableColumn

if TYPE_CHECKING:
    from receivables.disputes.model import DisputedAging
    from receivables.disputes.statistics import (
        DisputeGrouping,
        DisputeStatistics,
        DisputeStatisticsRow,
    )

__all__ = ["disputed_aging_table", "statistics_table"]

_REASONS = frozenset(one.value for one in DisputeReason)


def _column(name: str, heading: str, kind: CellKind) -> TableColumn:
    return TableColumn(name=name, heading=Phrase(heading), kind=kind)


def statistics_table(statistics: DisputeStatistics) -> ResultTable:
    """A row per group and currency, totals per currency."""
    count, money, days = CellKind.COUNT, CellKind.MONEY, CellKind.DAYS
    totals: dict[str, list[DisputeStatisticsRow]] = {}
    for row in statistics.rows:
        totals.setdefault(row.currency, []).append(row)
    groups = len(statistics.by)
    return ResultTable(
        title="disputes",
        columns=[
            *(TableColumn(name=one.value) for one in statistics.by),
            TableColumn(name="currency"),
            TableColumn(name="disputes", kind=count),
            TableColumn(name="decided", kind=count),
            _column("stated_minor", "stated", money),
            _column("held_minor", "held back", money),
            _column("accepted_minor", "accepted", money),
            _column("refused_minor", "refused", money),
            _column("median_days", "median days to decide", days),
            _column("most_days", "most days to decide", days),
        ],
        rows=[_line(row, statistics.by) for row in statistics.rows],
        totals=[_total(groups, currency, rows) for currency, rows in sorted(totals.items())]
        if groups
        else (),
    )


def _line(row: DisputeStatisticsRow, by: tuple[DisputeGrouping, ...]) -> list[Cell]:
    groups = [_group(value, one) for value, one in zip(row.group, by, strict=True)]
    return [
        *groups,
        *(row.currency, row.disputes, row.decided, row.stated_minor, row.held_minor),
        *(row.accepted_minor, row.refused_minor, row.median_days, row.most_days),
    ]


def _group(value: str, by: DisputeGrouping) -> Cell:
    if by.value == "customer":
        return value
    return Phrase(value, context="dispute reason" if value in _REASONS else "table")


def _total(groups: int, currency: str, rows: list[DisputeStatisticsRow]) -> list[Cell]:
    first: list[Cell] = [Phrase("total"), *([""] * (groups - 1))]
    return [*first, *_sums(currency, rows)]


def _sums(currency: str, rows: list[DisputeStatisticsRow]) -> list[Cell]:
    names = ("disputes", "decided", "stated_minor", "held_minor", "accepted_minor", "refused_minor")
    sums = [sum(getattr(row, name) for row in rows) for name in names]
    return [currency, *sums, None, None]


def disputed_aging_table(aging: DisputedAging) -> ResultTable:
    """The table of the whole with one more column: what is disputed of each row."""
    whole = aging.whole.to_table()
    apart: dict[tuple[str, str, str], int] = {
        (row.creditor, row.customer, row.currency): row.total_minor for row in aging.disputed.rows
    }
    totals = {code: row.total_minor for code, row in aging.disputed.totals.items()}
    return attrs.evolve(
        whole,
        title="aging with what is disputed",
        columns=[*whole.columns, _column("disputed_minor", "disputed", CellKind.MONEY)],
        rows=[
            [*cells, apart.get((row.creditor, row.customer, row.currency), 0)]
            for cells, row in zip(whole.rows, aging.whole.rows, strict=True)
        ],
        totals=[[*cells, totals.get(str(cells[2]), 0)] for cells in whole.totals],
    )
