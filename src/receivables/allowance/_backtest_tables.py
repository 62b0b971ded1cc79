"""A back-test of a provision matrix as a table for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from receivables.aging.labels import bucket_cell
from receivables.tables import Cell, CellKind, Phrase, ResultTable, TableColumn

if TYPE_CHECKING:
    from receivables.allowance.backtesting import BackTest, BackTestRow

__all__ = ["backtest_table"]


def backtest_table(test: BackTest) -> ResultTable:
    """A row per currency, segment and bucket, one total per currency."""
    amounts = {
        "gross_minor": "open",
        "allowance_minor": "allowance",
        "lost_minor": "lost",
        "still_open_minor": "still open",
    }
    return ResultTable(
        title="back-test of the loss allowance",
        as_of=test.as_of,
        subtitle=Phrase("seen until {day}", {"day": test.until}),
        columns=[
            *(TableColumn(name=name) for name in ("currency", "segment", "kind", "bucket")),
            *(
                TableColumn(name=name, heading=Phrase(heading), kind=CellKind.MONEY)
                for name, heading in amounts.items()
            ),
            TableColumn(name="ratio", heading=Phrase("lost of allowance"), kind=CellKind.SHARE),
            TableColumn(name="items", kind=CellKind.COUNT),
        ],
        rows=[
            [row.currency, row.segment, Phrase(row.kind.value), _label(row), *_cells(row)]
            for row in test.rows
        ],
        totals=[[row.currency, Phrase("total"), None, None, *_cells(row)] for row in test.totals],
    )


def _label(row: BackTestRow) -> Cell:
    if row.bucket < 0:
        return None
    return bucket_cell(row.label)


def _cells(row: BackTestRow) -> list[Cell]:
    amounts = (row.gross_minor, row.allowance_minor, row.lost_minor, row.still_open_minor)
    return [*amounts, row.ratio, row.items]
