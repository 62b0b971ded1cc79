"""A dunning run as a table for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from receivables.tables import Cell, CellKind, Phrase, ResultTable, TableColumn

if TYPE_CHECKING:
    from receivables.dunning.model import DunningRun

__all__ = ["run_table"]


def run_table(run: DunningRun) -> ResultTable:
    """Notices, then what goes to somebody else, then what is left out and why."""
    sums: dict[str, int] = {}
    for notice in run.notices:
        sums[notice.currency] = sums.get(notice.currency, 0) + notice.total_minor
    return ResultTable(
        title="dunning run",
        as_of=run.as_of,
        subtitle=Phrase(run.state.value),
        columns=[
            TableColumn(name="customer"),
            TableColumn(name="proposal"),
            TableColumn(name="stage", heading=Phrase("stage or reason")),
            TableColumn(name="level", kind=CellKind.COUNT),
            TableColumn(name="items", kind=CellKind.COUNT),
            TableColumn(name="currency"),
            TableColumn(name="amount_minor", heading=Phrase("amount"), kind=CellKind.MONEY),
        ],
        rows=[*_notices(run), *_referrals(run), *_skipped(run)],
        totals=[
            [Phrase("asked for"), "", "", None, None, currency, minor]
            for currency, minor in sorted(sums.items())
        ],
        notes=[Phrase("debit notes to issue: {count}", {"count": len(run.documents)})]
        if run.documents
        else (),
    )


def _notices(run: DunningRun) -> list[list[Cell]]:
    return [
        [
            *(one.customer, Phrase("notice"), Phrase(one.stage) if one.stage else one.letter),
            *(one.level, len(one.items), one.currency, one.total_minor),
        ]
        for one in run.notices
    ]


def _referrals(run: DunningRun) -> list[list[Cell]]:
    return [
        [
            *(one.customer, Phrase("referral"), Phrase(one.stage.value)),
            *(one.level, len(one.items), one.currency, one.total_minor),
        ]
        for one in run.referrals
    ]


def _skipped(run: DunningRun) -> list[list[Cell]]:
    return [
        [
            *(one.customer, Phrase("left out"), Phrase(one.reason.value)),
            *(one.level or None, len(one.items), one.currency, one.amount_minor),
        ]
        for one in run.skipped
    ]
